//! What each of several documents may cost, so that the sum stays within what is left.

use fetch_library::quotes::DocumentForPrice;
use fetch_model::{Cents, DocumentId, budget::UNBOUNDED_RESERVE};
use pacer::quote::{Quote, Sheet, Wanted};

/// A document, and what is known of its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PricedDocument {
    id: DocumentId,
    /// The most that it costs, or is assumed to cost.
    most: Cents,
    /// Whether it may cost less.
    may_cost_less: bool,
}

impl PricedDocument {
    /// By what is stored of it. Of one without a bound as much is assumed as is set aside for such a thing.
    pub fn new(id: DocumentId, known: Option<DocumentForPrice>) -> PricedDocument {
        let Some(known) = known.filter(|known| !known.is_held) else {
            return PricedDocument {
                id,
                most: Cents(0),
                may_cost_less: false,
            };
        };
        let quote = Quote::of(Wanted::Document(Sheet {
            description: &known.description,
            entry: &known.entry,
            pages: known.pages,
        }));
        let most = quote
            .at_most_cents()
            .and_then(|cents| i32::try_from(cents).ok());
        PricedDocument {
            id,
            most: most.map_or(UNBOUNDED_RESERVE, Cents),
            may_cost_less: !quote.is_exact(),
        }
    }
}

/// What is shared out among documents, which are offered one after the other.
#[derive(Debug)]
pub(super) struct Shares {
    /// What nobody has yet.
    rest: Cents,
    shared: Vec<(DocumentId, Cents)>,
    /// The first that may cost less than it may at most.
    may_cost_less: Option<DocumentId>,
    /// What the cheapest costs at most.
    least: Option<Cents>,
}

impl Shares {
    /// Nothing is shared out yet of what is left; without a limit there is enough.
    pub fn of(left: Option<Cents>) -> Shares {
        Shares {
            rest: left.unwrap_or(Cents(i32::MAX)),
            shared: Vec::new(),
            may_cost_less: None,
            least: None,
        }
    }

    /// Sets aside for a document what it may cost at most, if that fits.
    pub fn offer(&mut self, document: &PricedDocument) {
        if document.may_cost_less && self.may_cost_less.is_none() {
            self.may_cost_less = Some(document.id);
        }
        let least = self.least.map_or(document.most.0, |least| least.0);
        self.least = Some(Cents(least.min(document.most.0)));
        if document.most.0 <= self.rest.0 {
            self.rest = Cents(self.rest.0 - document.most.0);
            self.shared.push((document.id, document.most));
        }
    }

    /// How many have a share.
    pub fn count(&self) -> usize {
        self.shared.len()
    }

    /// What the cheapest costs at most of those that were offered.
    pub fn least(&self) -> Option<Cents> {
        self.least
    }

    /// Which are asked for now, each with the most that it may cost. If none fits for sure, the first one that
    /// may cost less is tried with all that is left: the court shows its price before it charges.
    pub fn share_out(self) -> Vec<(DocumentId, Cents)> {
        let mut shared = self.shared;
        if shared.is_empty() && self.rest.0 > 0 {
            shared.extend(self.may_cost_less.map(|document| (document, self.rest)));
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(id: i64, most: i32, may_cost_less: bool) -> PricedDocument {
        PricedDocument {
            id: DocumentId(id),
            most: Cents(most),
            may_cost_less,
        }
    }

    fn shares(documents: &[PricedDocument], left: Option<i32>) -> Vec<(i64, i32)> {
        let mut shares = Shares::of(left.map(Cents));
        for document in documents {
            shares.offer(document);
        }
        let shares = shares.share_out().into_iter();
        shares.map(|(id, share)| (id.0, share.0)).collect()
    }

    #[test]
    fn the_sum_of_shares_is_no_more_than_what_is_left() {
        let all = [
            document(1, 300, true),
            document(2, 40, false),
            document(3, 300, true),
            document(4, 0, false),
        ];
        assert_eq!(shares(&all, None), [(1, 300), (2, 40), (3, 300), (4, 0)]);
        assert_eq!(shares(&all, Some(640)).len(), 4);
        assert_eq!(shares(&all, Some(639)), [(1, 300), (2, 40), (4, 0)]);
        assert_eq!(shares(&all, Some(30)), [(4, 0)]);
    }

    #[test]
    fn what_may_cost_less_is_tried_with_all_that_is_left_and_alone() {
        let all = [
            document(1, 140, false),
            document(2, 300, true),
            document(3, 300, true),
        ];
        assert_eq!(shares(&all, Some(120)), [(2, 120)]);
        assert_eq!(shares(&all, Some(0)), []);
        assert_eq!(shares(&all[..1], Some(120)), []);
    }
}
