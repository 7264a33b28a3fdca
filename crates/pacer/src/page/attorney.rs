//! Who represents a party.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// Someone who represents a party.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attorney {
    /// The name, which may be empty.
    pub name: String,
    /// Address, phones and e-mail as lines, each ended by a line feed. On pages of appellate
    /// courts the last one has none.
    pub contact: String,
    /// `LEAD ATTORNEY`, `PRO HAC VICE`, `TERMINATED: 06/21/2011` and the like, as printed.
    pub roles: Vec<String>,
}

static SEE_ABOVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)see\s+above").expect("pattern is tested"));

/// Replaces "(See above for address)" by the address that was given for the same name before.
pub(crate) fn fill_see_above<'a>(attorneys: impl Iterator<Item = &'a mut Attorney>) {
    let mut known: HashMap<String, String> = HashMap::new();
    for attorney in attorneys {
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
