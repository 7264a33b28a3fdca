//! Courts as the API shows and checks them. They are not rows: the register is part of the
//! program.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use fetch_store::read::{Column, Comparison, DatePart, Kind, Lookup, Test, Value};
use pacer::court::Court;

/// A court that a client may name.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiCourt {
    /// CourtListener's id.
    pub id: &'static str,
    /// The number before all its document ids.
    pub pacer_court_id: Option<i64>,
    /// Where it stands in lists.
    pub position: i64,
    /// The citation form, or empty.
    pub citation_string: &'static str,
    /// Its name without the kind of court.
    pub short_name: &'static str,
    /// Its name.
    pub full_name: &'static str,
    /// Its own site, or empty.
    pub url: String,
    /// CourtListener's code of its class.
    pub jurisdiction: &'static str,
}

/// What a request must know about a court.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourtFacts {
    /// Whether the rules for courts of appeals hold: no case ids, no entry numbers.
    pub appellate: bool,
    /// Whether anything can be bought from it.
    pub purchasable: bool,
}

/// Federal courts that a client may name but that have no PACER site of their own: CourtListener's
/// id and class.
const WITHOUT_PACER: &[(&str, &str)] = &[
    ("scotus", "F"),
    ("cc", "FS"),
    ("ccpa", "FS"),
    ("cusc", "FS"),
    ("tax", "FS"),
];

/// What is known of a court by its id, in whatever class it is.
#[must_use]
pub fn facts(id: &str) -> Option<CourtFacts> {
    if let Some((_, class)) = WITHOUT_PACER.iter().find(|(known, _)| *known == id) {
        return Some(CourtFacts {
            appellate: *class == "F",
            purchasable: false,
        });
    }
    let court = Court::by_cl_id(id)?;
    // A bankruptcy panel runs appellate software, but is no court of appeals.
    let appellate = court.is_appellate() && court.jurisdiction() != "FBP";
    Some(CourtFacts {
        appellate,
        purchasable: court.is_pacer_court(),
    })
}

/// Whether the `court` field of a request takes this id.
#[must_use]
pub fn may_be_named(id: &str) -> bool {
    WITHOUT_PACER.iter().any(|(known, _)| *known == id)
        || Court::by_cl_id(id).is_some_and(Court::is_accepted_by_court_field)
}

static COURTS: LazyLock<Vec<ApiCourt>> = LazyLock::new(|| {
    let known = Court::all().iter().filter(|court| {
        let id = court.cl_id.as_deref();
        // Of courts that share an id, the one that the id leads to.
        id.and_then(Court::by_cl_id)
            .is_some_and(|found| found.id == court.id)
    });
    known
        .enumerate()
        .map(|(place, court)| describe(court, place))
        .collect()
});

fn describe(court: &'static Court, place: usize) -> ApiCourt {
    let id = court.cl_id.as_deref().unwrap_or_default();
    ApiCourt {
        id,
        pacer_court_id: court
            .doc_id_prefix
            .as_deref()
            .and_then(|prefix| prefix.parse().ok()),
        position: i64::try_from(place).unwrap_or(i64::MAX),
        citation_string: court.abbrev.as_deref().unwrap_or_default(),
        short_name: short_name(&court.name),
        full_name: &court.name,
        url: format!("https://www.{}.uscourts.gov/", court.id),
        jurisdiction: court.jurisdiction(),
    }
}

fn short_name(name: &'static str) -> &'static str {
    [
        "District Court, ",
        "United States Bankruptcy Court, ",
        "Court of Appeals for the ",
    ]
    .iter()
    .find_map(|kind| name.strip_prefix(kind))
    .unwrap_or(name)
}

/// All courts, by position.
#[must_use]
pub fn all() -> &'static [ApiCourt] {
    &COURTS
}

/// When the register was compiled.
#[must_use]
pub fn register_date() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_812_800, 0).expect("a fixed time of the year 2026")
}

const TEXT: &[Lookup] = &[
    Lookup::Exact,
    Lookup::In,
    Lookup::SameIgnoringCase,
    Lookup::StartsWith,
    Lookup::StartsWithIgnoringCase,
];
const NUMBER: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
    Lookup::Range,
];
const TIME: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
    Lookup::Range,
    Lookup::Year,
];

/// What courts may be filtered by.
pub static COLUMNS: &[Column] = &[
    Column {
        name: "id",
        kind: Kind::Text,
        lookups: TEXT,
    },
    Column {
        name: "jurisdiction",
        kind: Kind::Text,
        lookups: TEXT,
    },
    Column {
        name: "in_use",
        kind: Kind::Boolean,
        lookups: &[Lookup::Exact],
    },
    Column {
        name: "short_name",
        kind: Kind::Text,
        lookups: TEXT,
    },
    Column {
        name: "full_name",
        kind: Kind::Text,
        lookups: TEXT,
    },
    Column {
        name: "citation_string",
        kind: Kind::Text,
        lookups: TEXT,
    },
    Column {
        name: "parent_court",
        kind: Kind::Text,
        lookups: &[Lookup::Exact],
    },
    Column {
        name: "position",
        kind: Kind::Integer,
        lookups: NUMBER,
    },
    Column {
        name: "start_date",
        kind: Kind::Date,
        lookups: TIME,
    },
    Column {
        name: "end_date",
        kind: Kind::Date,
        lookups: TIME,
    },
    Column {
        name: "date_modified",
        kind: Kind::Instant,
        lookups: TIME,
    },
];

impl ApiCourt {
    /// Whether a test holds of a column; of one without a value none does.
    #[must_use]
    pub fn passes(&self, column: &Column, test: &Test) -> bool {
        self.value(column.name)
            .is_some_and(|value| holds(test, &value))
    }

    fn value(&self, column: &str) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        match column {
            "id" => text(self.id),
            "jurisdiction" => text(self.jurisdiction),
            "in_use" => Some(Value::Boolean(true)),
            "short_name" => text(self.short_name),
            "full_name" => text(self.full_name),
            "citation_string" => text(self.citation_string),
            "position" => Some(Value::Integer(self.position)),
            "date_modified" => Some(Value::Instant(register_date())),
            _ => None,
        }
    }
}

fn holds(test: &Test, value: &Value) -> bool {
    match test {
        Test::OneOf(wanted) => wanted.contains(value),
        Test::Compare(comparison, than) => compares(*comparison, value, than),
        Test::Between(low, high) => {
            compares(Comparison::GreaterOrEqual, value, low)
                && compares(Comparison::LessOrEqual, value, high)
        }
        Test::IsNull(absent) => !absent,
        Test::Part(part, number) => part_of(value, *part) == Some(*number),
        Test::SameIgnoringCase(wanted) => {
            matches!(value, Value::Text(text) if text.to_uppercase() == wanted.to_uppercase())
        }
        Test::StartsWith {
            text: start,
            ignore_case: false,
        } => {
            matches!(value, Value::Text(text) if text.starts_with(start.as_str()))
        }
        Test::StartsWith {
            text: start,
            ignore_case: true,
        } => matches!(value, Value::Text(text)
            if text.to_uppercase().starts_with(&start.to_uppercase())),
    }
}

fn compares(comparison: Comparison, value: &Value, than: &Value) -> bool {
    let order = match (value, than) {
        (Value::Integer(value), Value::Integer(than)) => value.cmp(than),
        (Value::Instant(value), Value::Instant(than)) => value.cmp(than),
        _ => return false,
    };
    match comparison {
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Greater => order.is_gt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Less => order.is_lt(),
    }
}

fn part_of(value: &Value, part: DatePart) -> Option<i64> {
    use chrono::Datelike;

    match (value, part) {
        (Value::Instant(at), DatePart::Year) => Some(i64::from(at.year())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courts_that_a_request_may_name() {
        for id in [
            "cand", "okwd", "ca9", "uscfc", "arb", "nysb", "cit", "bap9", "scotus", "cc",
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

    #[test]
    fn every_court_has_one_place_in_the_list() {
        let mut ids: Vec<_> = all().iter().map(|court| court.id).collect();
        assert_eq!(ids.iter().filter(|id| **id == "nysb").count(), 1);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all().len());
        let cand = all().iter().find(|court| court.id == "cand").unwrap();
        assert_eq!(
            (cand.pacer_court_id, cand.short_name),
            (Some(35), "N.D. California")
        );
    }
}
