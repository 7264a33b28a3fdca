//! Why a court does not give a document, in the words that clients of the RECAP Fetch API match.
//!
//! They name the page's address, which holds no secret, and never more of the page.

use pacer::page::verdict::DocumentRefusal;
use pacer_client::Answer;

pub(crate) fn sentence(refusal: DocumentRefusal, case: &str, answer: &Answer) -> String {
    let url = &answer.url;
    let named = format!("pacer_case_id='{case}', url='{url}'");
    match refusal {
        DocumentRefusal::WrongCase => {
            format!("Cannot locate the case with caseid: {case} at {url}")
        }
        DocumentRefusal::EntryGone => {
            format!("Failed to get docket entry in case: pacer_case_id='{case}' at {url}")
        }
        DocumentRefusal::NotAvailable => {
            format!("Document not available in case: pacer_case_id='{case}' at {url}")
        }
        DocumentRefusal::NoPermission => {
            format!("Permission denied getting document. It's probably sealed. {named}")
        }
        DocumentRefusal::TranscriptRestricted => format!("Unable to get transcript. {named}"),
        DocumentRefusal::NotPublic => {
            format!("No matter of public record has been filed. {named}")
        }
        DocumentRefusal::Sealed => {
            format!("Document is sealed: pacer_case_id='{case}' url='{url}'")
        }
        DocumentRefusal::CourtUsersOnly => {
            format!("Image not available for viewing by non-court users. {named}")
        }
        DocumentRefusal::NatureOfSuit => {
            format!("Permission denied getting document due to nature of suit. {named}")
        }
        DocumentRefusal::ClientCodeRequired => {
            format!("Unable to get document. Client code required: {named}")
        }
        DocumentRefusal::CannotBeDisplayed => "Unable to download PDF.".to_owned(),
    }
}

/// The account happens to be allowed to see what others are not: we do not go on.
pub(crate) fn restricted(case: &str, answer: &Answer) -> String {
    let url = &answer.url;
    format!("Document is restricted and was not fetched: pacer_case_id='{case}' url='{url}'")
}

pub(crate) fn pdf_in_html(case: &str, answer: &Answer) -> String {
    let url = &answer.url;
    format!(
        "Unable to download PDF. PDF content was placed directly in HTML. URL: {url}, \
         caseid: {case}, magic_num: None"
    )
}

pub(crate) fn unrecognised(case: &str, answer: &Answer) -> String {
    let url = &answer.url;
    format!(
        "Unable to download PDF. PDF not served as binary data and unable to find iframe src \
         attribute. URL: {url}, caseid: {case}, magic_num: None"
    )
}
