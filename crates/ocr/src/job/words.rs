//! The messages about an incomplete text.

use fetch_library::texts::NamedDocument;
use pacer::page::document_identity::DocumentShown;

use crate::{DocumentText, Problem};

use super::rows::word;

/// Failed pages that are named one by one.
const NAMED: usize = 8;

/// What a request says whose document has no text, and why.
pub(super) fn of_refusal(why: &str) -> String {
    format!("The document's text could not be extracted: {why}.")
}

/// What a request says whose document carries the stamp of another one.
pub(super) fn of_stamp(stamp: &DocumentShown, document: &NamedDocument) -> String {
    format!(
        "The file's stamp says {stamp}, but the docket lists it as document {} of {}.",
        document.document_number, document.docket_number
    )
}

/// What a request says whose document was read; empty when nothing is missing.
pub(super) fn of_text(text: &DocumentText) -> String {
    sentences(text).join(" ")
}

fn sentences(text: &DocumentText) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut failed = Vec::new();
    let mut damaged = Vec::new();
    let mut cut = 0;
    for problem in &text.problems {
        match problem {
            Problem::Truncated => {
                sentences.push("The file is truncated; pages may be missing.".to_owned());
            }
            Problem::FormPlaceholder => sentences.push(
                "The file is a form that only its vendor's software can display; its text is a \
                 placeholder."
                    .to_owned(),
            ),
            Problem::TextCut { .. } => cut += 1,
            Problem::PageDamaged { page } => damaged.push(*page),
            Problem::PageFailed { page, reason } => {
                failed.push(format!("{page} ({})", word(reason).replace('-', " ")));
            }
        }
    }
    if !failed.is_empty() {
        let count = failed.len();
        failed.truncate(NAMED);
        let more = match count - failed.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        sentences.push(format!(
            "{count} of {} pages could not be read: {}{more}.",
            text.page_count,
            failed.join(", ")
        ));
    }
    if !damaged.is_empty() {
        let count = damaged.len();
        let named = damaged.iter().take(NAMED).map(u32::to_string);
        let named = named.collect::<Vec<_>>().join(", ");
        let more = match count.saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        sentences.push(format!(
            "{count} of {} pages are damaged in the file, and some of their text may be missing: \
             {named}{more}.",
            text.page_count
        ));
    }
    if cut > 0 {
        sentences.push(format!(
            "The text of {cut} pages exceeds the limit and was truncated."
        ));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PageText, choice::Reason};

    #[test]
    fn a_whole_text_is_a_plain_success() {
        let page = PageText {
            source: crate::PageSource::Ocr,
            ..PageText::failed(1, Reason::OnlyPictures, "ORDER".to_owned())
        };
        let text = DocumentText::new(vec![page], vec![]);
        assert_eq!(of_text(&text), "");
    }

    #[test]
    fn missing_pages_are_counted_and_named() {
        let pages =
            (1..=20).map(|number| PageText::failed(number, Reason::TimeLimit, String::new()));
        let text = DocumentText::new(pages.collect(), vec![Problem::Truncated]);
        let message = of_text(&text);
        assert!(message.contains("The file is truncated"), "{message}");
        let named = "20 of 20 pages could not be read: 1 (time limit), 2 (time limit), ";
        assert!(message.contains(named), "{message}");
        assert!(
            message.ends_with("8 (time limit) and 12 more."),
            "{message}"
        );
    }
}
