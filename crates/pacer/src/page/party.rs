//! Parties and who represents them, by the rules that all sources of dockets share.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use regex::Regex;

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
        fill_see_above(&mut self.found);
        self.found
    }
}

static SEE_ABOVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)see\s+above").expect("pattern is tested"));

/// Replaces "(See above for address)" by the address that was given for the same name before.
fn fill_see_above(parties: &mut [Party]) {
    let mut known: HashMap<String, String> = HashMap::new();
    for attorney in parties
        .iter_mut()
        .filter_map(|party| party.attorneys.as_mut())
        .flatten()
    {
        if attorney.contact.is_empty() {
            continue;
        }
        if SEE_ABOVE.is_match(&attorney.contact) {
            attorney.contact = known.get(&attorney.name).cloned().unwrap_or_default();
        } else {
            known.insert(attorney.name.clone(), attorney.contact.clone());
        }
    }
}

/// Whether a line names a role of an attorney. The status of a bar membership is none.
pub(crate) fn is_role(line: &str) -> bool {
    let lower = line.to_lowercase();
    !lower.starts_with("bar status") && !lower.starts_with("designation")
}
