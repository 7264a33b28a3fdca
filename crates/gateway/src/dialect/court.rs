//! Courts that a request names, checked against the register, which is part of the program.

use pacer::court::{Court, Listing};

/// What a request must know about a court.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourtFacts {
    /// Whether the rules for courts of appeals hold: no case ids, no entry numbers.
    pub appellate: bool,
    /// Whether anything can be bought from it.
    pub purchasable: bool,
}

/// What is known of a court by its id, in whatever class it is.
#[must_use]
pub fn facts(id: &str) -> Option<CourtFacts> {
    let class = Listing::by_id(id)?.jurisdiction.as_str();
    let court = Court::by_cl_id(id);
    // A bankruptcy panel runs appellate software, but is no court of appeals.
    let appellate = court.is_some_and(Court::is_appellate) && class != "FBP";
    Some(CourtFacts {
        appellate: appellate || class == "F",
        purchasable: court.is_some_and(Court::is_pacer_court),
    })
}

/// Whether the `court` field of a request takes this id.
#[must_use]
pub fn may_be_named(id: &str) -> bool {
    Listing::by_id(id).is_some_and(Listing::is_accepted_by_court_field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courts_that_a_request_may_name() {
        for id in [
            "cand", "okwd", "ca9", "uscfc", "arb", "nysb", "cit", "bap9", "scotus", "cc", "tax",
            "armfor",
        ] {
            assert!(may_be_named(id), "{id}");
        }
        for id in ["ala", "jpml", "azb", "cofc", "nope", ""] {
            assert!(!may_be_named(id), "{id}");
        }
    }

    #[test]
    fn veterans_appeals_are_appellate_and_the_supreme_court_sells_nothing() {
        let facts = |id| facts(id).unwrap();
        assert_eq!(
            facts("cavc"),
            CourtFacts {
                appellate: true,
                purchasable: true
            }
        );
        assert_eq!(
            facts("scotus"),
            CourtFacts {
                appellate: true,
                purchasable: false
            }
        );
        assert_eq!(
            facts("cc"),
            CourtFacts {
                appellate: false,
                purchasable: false
            }
        );
        assert_eq!(
            facts("jpml"),
            CourtFacts {
                appellate: false,
                purchasable: true
            }
        );
        assert_eq!(
            facts("bap9"),
            CourtFacts {
                appellate: false,
                purchasable: false
            }
        );
    }
}
