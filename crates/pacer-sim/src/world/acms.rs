//! Names of what is in ACMS: there cases, entries and documents each have a GUID.

use std::sync::Arc;

use serde::Serialize;

use super::case::{Case, Entry, Sheet};
use super::{Found, Stub, World};
use crate::dice::{Dice, word};

/// What ACMS calls a document and where it is filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcmsIds {
    /// The case.
    pub case_id: String,
    /// The docket entry, which stands for a document in most programs.
    pub entry_id: String,
    /// The document itself.
    pub document_id: String,
}

impl World {
    /// The GUID of a case, if it is in ACMS.
    pub fn acms_case_id(&self, stub: &Stub) -> Option<String> {
        stub.is_in_acms()
            .then(|| self.guid(&stub.court, "acms case", stub.id))
    }

    /// The GUID of an entry, if its case is in ACMS.
    pub fn acms_entry_id(&self, stub: &Stub, entry: &Entry) -> Option<String> {
        stub.is_in_acms()
            .then(|| self.guid(&stub.court, "acms entry", u64::from(entry.seq)))
    }

    /// The GUID of a document, if its case is in ACMS.
    pub fn acms_document_id(&self, stub: &Stub, sheet: &Sheet) -> Option<String> {
        stub.is_in_acms()
            .then(|| self.guid(&stub.court, "acms document", sheet.serial))
    }

    /// All names of a document, if its case is in ACMS.
    pub fn acms_ids(&self, found: &Found) -> Option<AcmsIds> {
        let stub = &found.case.stub;
        Some(AcmsIds {
            case_id: self.acms_case_id(stub)?,
            entry_id: self.acms_entry_id(stub, found.entry())?,
            document_id: self.acms_document_id(stub, found.sheet())?,
        })
    }

    /// The case with this GUID.
    pub fn acms_stub(&self, court: &str, id: &str) -> Option<&Arc<Stub>> {
        self.moved(court)
            .find(|stub| self.acms_case_id(stub).as_deref() == Some(id))
    }

    /// The case with this docket number, if it is in ACMS.
    pub fn acms_stub_by_number(&self, court: &str, number: &str) -> Option<&Arc<Stub>> {
        self.moved(court)
            .find(|stub| stub.docket_number() == number)
    }

    /// The entry with this GUID: its case, and its index there.
    pub fn acms_entry(&self, court: &str, id: &str) -> Option<(Arc<Case>, usize)> {
        self.moved(court).find_map(|stub| {
            let case = self.case(stub);
            let is_it = |entry: &Entry| self.acms_entry_id(stub, entry).as_deref() == Some(id);
            let index = case.entries.iter().position(is_it)?;
            Some((case, index))
        })
    }

    /// The document with this GUID.
    pub fn acms_document(&self, court: &str, id: &str) -> Option<Found> {
        let serial = self.moved(court).find_map(|stub| {
            let case = self.case(stub);
            let mut sheets = case.entries.iter().flat_map(|entry| &entry.sheets);
            let is_it = |sheet: &&Sheet| self.acms_document_id(stub, sheet).as_deref() == Some(id);
            sheets.find(is_it).map(|sheet| sheet.serial)
        })?;
        self.document(court, serial)
    }

    fn moved(&self, court: &str) -> impl Iterator<Item = &Arc<Stub>> {
        self.stubs(court).iter().filter(|stub| stub.is_in_acms())
    }

    fn guid(&self, court: &str, kind: &str, number: u64) -> String {
        let mut dice = Dice::new(self.seed, &[word(court), word(kind), number]);
        guid(dice.next(), dice.next())
    }
}

/// A GUID made of two numbers.
pub(crate) fn guid(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        0x8000 | ((low >> 48) & 0x3FFF),
        low & 0xFFFF_FFFF_FFFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_has_five_groups_and_says_that_it_is_random() {
        assert_eq!(guid(0, 0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(
            guid(u64::MAX, u64::MAX),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
    }

    #[test]
    fn names_follow_from_the_seed_and_lead_back() {
        let (world, other) = (World::new(1, 3, 5), World::new(2, 3, 5));
        let stub = world.acms_stub_by_number("ca9", "23-90021").unwrap();
        let id = world.acms_case_id(stub).unwrap();
        assert_eq!(world.acms_stub("ca9", &id).unwrap().id, stub.id);
        assert_ne!(other.acms_case_id(stub), Some(id.clone()));
        // Nothing of one court is found at the other.
        assert!(world.acms_stub("ca2", &id).is_none());
        let entry = &world.case(stub).entries[7];
        let id = world.acms_entry_id(stub, entry).unwrap();
        assert_eq!(world.acms_entry("ca9", &id).unwrap().1, 7);
        let found = world.document("ca9", entry.sheets[0].serial).unwrap();
        let ids = world.acms_ids(&found).unwrap();
        let again = world.acms_document("ca9", &ids.document_id).unwrap();
        assert_eq!(again.sheet().serial, found.sheet().serial);
        // What stayed in CM/ECF has no such names.
        assert!(world.acms_stub_by_number("ca9", "23-90025").is_none());
        assert!(world.acms_stub_by_number("ca9", "20-90003").is_none());
    }
}
