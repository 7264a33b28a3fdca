//! What all targets do: read bytes as a page, by the rules of each kind of court.

use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;

/// Reads the page. Its meaning, if it has one, is no longer than a page of that length can be.
pub fn read(kind: Kind, page: &[u8]) {
    let hints = Hints {
        office_number: Some("1"),
        docket_number_letters: Some("cv"),
        case_name: Some("Orla v. Nimbus"),
    };
    for court in ["cand", "nysb", "txnb", "ca9"] {
        if let Ok(meaning) = kind.to_json(page, court, hints) {
            assert!(meaning.len() < 200 * page.len() + 10_000, "the meaning grew");
        }
    }
}
