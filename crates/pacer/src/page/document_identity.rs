//! Which document a price page or a stamp belongs to, compared with what the docket says.
//!
//! What differs is worth a word and no more: documents are shared between cases, cases are
//! consolidated, and an exhibit carries the stamp of the court that it comes from.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::case_identity::{Likeness, likeness};
use super::receipt::Receipt;

/// Numbers of a case and of a document in it, as a court shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentShown {
    /// The number of the case.
    pub case: Option<String>,
    /// The number of the document; not that of an attachment, which courts count in two ways.
    pub document: Option<u32>,
}

/// Longer numbers are names of documents inside an appellate court.
const LONGEST_NUMBER: usize = 5;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

static CASE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:[0-9a-z]{1,2}:)?[0-9]{2}-(?:[a-z]{1,5}-)?[0-9]{2,10}\b"));
static IMAGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:image|transcript|audio):?\s*([0-9]+)-[0-9]+$"));
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix) \b (?:case|appeal) :? \s+
        ( (?:[0-9a-z]{1,2}:)? [0-9]{2}-(?:[a-z]{1,5}-)? [0-9]{2,10} ) [^\s]* \s+
        (?:document|doc|ecf\ no) [.:\#]* \s* ([0-9]+)(?:-[0-9]+)? \s+
        (?:filed|entered|page|date|pg)",
    )
});

impl DocumentShown {
    /// What a receipt is about.
    pub fn of_receipt(receipt: &Receipt) -> DocumentShown {
        let criteria = receipt.search_criteria.as_deref().unwrap_or_default();
        let description = receipt.description.as_deref().unwrap_or_default();
        DocumentShown {
            case: CASE.find(criteria).map(|found| found.as_str().to_owned()),
            document: IMAGE
                .captures(description.trim())
                .and_then(|found| number(&found[1])),
        }
    }

    /// What the stamps in the text of a page say, in their order. A page that was filed before has
    /// several.
    pub fn of_stamps(text: &str) -> Vec<DocumentShown> {
        let stamps = STAMP.captures_iter(text);
        stamps
            .map(|found| DocumentShown {
                case: Some(found[1].to_owned()),
                document: number(&found[2]),
            })
            .collect()
    }

    /// Whether it contradicts what the docket says. An empty number there says nothing.
    pub fn differs(&self, docket_number: &str, document_number: &str) -> bool {
        let other_case = self
            .case
            .as_deref()
            .is_some_and(|case| likeness(docket_number, case) == Likeness::Other);
        let known = number(document_number);
        let other_document = self.document.is_some() && known.is_some() && self.document != known;
        other_case || other_document
    }
}

impl fmt::Display for DocumentShown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.case, self.document) {
            (Some(case), Some(document)) => write!(formatter, "document {document} of {case}"),
            (Some(case), None) => write!(formatter, "a document of {case}"),
            (None, Some(document)) => write!(formatter, "document {document}"),
            (None, None) => formatter.write_str("a document"),
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    (text.len() <= LONGEST_NUMBER)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(description: &str, criteria: &str) -> DocumentShown {
        DocumentShown::of_receipt(&Receipt {
            description: Some(description.to_owned()),
            search_criteria: Some(criteria.to_owned()),
            ..Receipt::default()
        })
    }

    #[test]
    fn a_receipt_of_the_document_that_was_asked_for_does_not_differ() {
        for (description, criteria) in [
            ("Image12-0", "5:16-cv-00432-R"),
            ("Image12-3", "5:16-cv-00432"),
            ("TRANSCRIPT:12-0", "5:16-cv-00432"),
            ("Image:12-0", "16-00432"),
            ("PDF Document", "Case: 16-432, Document: 00512345678"),
            ("", ""),
        ] {
            let shown = receipt(description, criteria);
            assert!(!shown.differs("5:16-cv-00432-R", "12"), "{shown:?}");
        }
        assert!(!receipt("Image12-0", "5:16-cv-00432").differs("", ""));
    }

    #[test]
    fn a_receipt_of_another_document_differs() {
        assert!(receipt("Image13-0", "5:16-cv-00432").differs("5:16-cv-00432", "12"));
        assert!(receipt("Image12-0", "5:16-cv-00433").differs("5:16-cv-00432", "12"));
        assert!(receipt("PDF Document", "Case: 16-433, Document: 7").differs("16-432", "7"));
    }

    #[test]
    fn stamps_of_all_kinds_of_courts_are_read() {
        for (stamp, case, document) in [
            (
                "Case 1:20-cv-00001-ABC-DEF Document 5 Filed 01/02/20 Page 1 of 3",
                "1:20-cv-00001",
                Some(5),
            ),
            (
                "Case 20-10001-abc Doc 12-1 Filed 01/02/20 Entered 01/02/20 10:11:12 Page 1 of 3",
                "20-10001",
                Some(12),
            ),
            (
                "Case: 20-10001 Document: 00512345678 Page: 1 Date Filed: 01/02/2020",
                "20-10001",
                None,
            ),
            (
                "USCA4 Appeal: 20-1001 Doc: 17 Filed: 01/02/2020 Pg: 1 of 1",
                "20-1001",
                Some(17),
            ),
        ] {
            let shown = DocumentShown {
                case: Some(case.to_owned()),
                document,
            };
            assert_eq!(DocumentShown::of_stamps(stamp), [shown], "{stamp}");
        }
        let prose = "In case 20-10001 the document 5 was filed.";
        assert_eq!(DocumentShown::of_stamps(prose), []);
    }
}
