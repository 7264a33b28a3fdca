//! Names of files in the public archive: `gov.uscourts.cand.178502/gov.uscourts.cand.178502.12.0.pdf`.

use super::{Address, DocumentName, attachment_number, case_id, entry_number, sold};
use crate::court::Court;

const PREFIX: &str = "gov.uscourts.";

pub(super) fn is_host(host: &str) -> bool {
    host == "archive.org" || host.ends_with(".archive.org")
}

/// What the last part of a path names that has such a name.
pub(super) fn read(path: &str) -> Option<Address> {
    let mut parts = path.rsplit('/');
    let name = parts.find_map(|part| part.strip_prefix(PREFIX))?;
    let mut pieces = name.split('.');
    let court = Court::by_pacer_id(pieces.next()?).and_then(sold)?;
    let address = Address::of_case(court, case_id(pieces.next()?).ok()?).ok()?;
    let document = match pieces.next() {
        // The docket as a file.
        None | Some("docket" | "pdf" | "html" | "xml" | "json") => None,
        Some(entry) => Some(DocumentName::Number {
            entry: entry_number(entry).ok()?,
            attachment: attachment_number(pieces.next()?).ok()?,
        }),
    };
    Some(Address {
        document,
        ..address
    })
}
