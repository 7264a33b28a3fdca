//! Parties, by the rules that all sources of dockets share.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::attorney::fill_see_above;
use super::docket::Party;

/// Parties without repetition.
#[derive(Default)]
pub(crate) struct DistinctParties {
    found: Vec<Party>,
    /// Where parties with a hash are in `found`.
    places: HashMap<u64, Vec<usize>>,
}

impl DistinctParties {
    /// Adds a party unless it is there already.
    pub(crate) fn add(&mut self, party: Party) {
        let mut hasher = DefaultHasher::new();
        party.hash(&mut hasher);
        let places = self.places.entry(hasher.finish()).or_default();
        if !places.iter().any(|place| self.found[*place] == party) {
            places.push(self.found.len());
            self.found.push(party);
        }
    }

    /// The parties in order, with the addresses that the page gives only once.
    pub(crate) fn into_parties(mut self) -> Vec<Party> {
        let attorneys = self
            .found
            .iter_mut()
            .filter_map(|party| party.attorneys.as_mut());
        fill_see_above(attorneys.flatten());
        self.found
    }
}
