//! Free looks: who was notified of a filing may see each of its documents once, without an
//! account, by the token in the notice.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use rand::RngExt;

use crate::world::Found;

/// The free looks that were given out.
#[derive(Debug, Default)]
pub struct FreeLooks {
    looks: Mutex<HashMap<String, Look>>,
}

#[derive(Debug)]
struct Look {
    court: String,
    case_id: u64,
    seq: u32,
    /// Serials of documents that were seen.
    seen: HashSet<u64>,
}

/// What a token is worth for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It was not seen yet.
    Fresh,
    /// It was seen.
    UsedUp,
    /// The token is none of ours, or belongs to another entry.
    Nothing,
}

/// The entry a document belongs to.
#[derive(Debug, Clone, Copy)]
pub struct OfEntry<'a> {
    /// PACER id of the court.
    pub court: &'a str,
    /// Id of the case.
    pub case_id: u64,
    /// The entry's sequence number.
    pub seq: u32,
}

impl<'a> OfEntry<'a> {
    /// The entry that this document belongs to.
    pub fn of(found: &'a Found) -> OfEntry<'a> {
        OfEntry {
            court: &found.case.stub.court,
            case_id: found.case.stub.id,
            seq: found.entry().seq,
        }
    }
}

impl FreeLooks {
    /// Gives out a magic number for the documents of an entry.
    pub fn give(&self, entry: OfEntry<'_>) -> String {
        let number: u32 = rand::rng().random_range(10_000_000..100_000_000);
        self.keep(number.to_string(), entry)
    }

    /// Gives out the token that courts of appeals put in its place.
    pub fn give_uid(&self, entry: OfEntry<'_>) -> String {
        self.keep(format!("{:016x}", rand::rng().random::<u64>()), entry)
    }

    fn keep(&self, token: String, entry: OfEntry<'_>) -> String {
        let look = Look {
            court: entry.court.to_owned(),
            case_id: entry.case_id,
            seq: entry.seq,
            seen: HashSet::new(),
        };
        self.lock().insert(token.clone(), look);
        token
    }

    /// What the token is worth.
    pub fn worth(&self, token: &str, entry: OfEntry<'_>, serial: u64) -> Worth {
        match self.lock().get(token) {
            Some(look) => look.worth(entry, serial),
            None => Worth::Nothing,
        }
    }

    /// Uses the token up for a document, and says what it was worth before.
    pub fn take(&self, token: &str, entry: OfEntry<'_>, serial: u64) -> Worth {
        let mut looks = self.lock();
        let Some(look) = looks.get_mut(token) else {
            return Worth::Nothing;
        };
        let worth = look.worth(entry, serial);
        if worth == Worth::Fresh {
            look.seen.insert(serial);
        }
        worth
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Look>> {
        self.looks
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Look {
    fn worth(&self, entry: OfEntry<'_>, serial: u64) -> Worth {
        let own =
            (self.court == entry.court) && (self.case_id, self.seq) == (entry.case_id, entry.seq);
        match (own, self.seen.contains(&serial)) {
            (false, _) => Worth::Nothing,
            (true, true) => Worth::UsedUp,
            (true, false) => Worth::Fresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_of_the_entry_can_be_seen_once() {
        let looks = FreeLooks::default();
        let entry = OfEntry {
            court: "okwd",
            case_id: 1,
            seq: 4,
        };
        let magic = looks.give(entry);
        assert_eq!(looks.take(&magic, entry, 10), Worth::Fresh);
        assert_eq!(looks.take(&magic, entry, 10), Worth::UsedUp);
        assert_eq!(looks.worth(&magic, entry, 11), Worth::Fresh);
        let other = OfEntry { seq: 7, ..entry };
        assert_eq!(looks.take(&magic, other, 20), Worth::Nothing);
        assert_eq!(looks.take("1", entry, 10), Worth::Nothing);
    }
}
