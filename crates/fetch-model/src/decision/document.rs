//! Why a court does not give a document, in the words that clients of the RECAP Fetch API match.
//!
//! They name the page's address, which holds no secret, and never more of the page.

use super::{About, Then, refuse, sentence};
use crate::{Failure, FetchKind};

/// Ends the request with this reason; what is said depends on what was asked for.
fn refused(about: &About<'_>, reason: String) -> Then {
    refuse(match (about.kind, about.document) {
        (FetchKind::Pdf, Some(document)) => Failure::DocumentRefused {
            reason,
            court: about.court.to_owned(),
            document,
        },
        (FetchKind::Pdf, None) => Failure::PdfNetwork,
        (FetchKind::Attachments, _) => Failure::NoMenu,
        (FetchKind::Docket, _) => sentence::no_docket(about, &reason),
    })
}

fn named(about: &About<'_>) -> String {
    format!("pacer_case_id='{}', url='{}'", about.case, about.url)
}

pub(super) fn wrong_case(about: &About<'_>) -> Then {
    let (case, url) = (about.case, about.url);
    refused(
        about,
        format!("Cannot locate the case with caseid: {case} at {url}"),
    )
}

pub(super) fn entry_gone(about: &About<'_>) -> Then {
    let (case, url) = (about.case, about.url);
    let reason = format!("Failed to get docket entry in case: pacer_case_id='{case}' at {url}");
    refused(about, reason)
}

pub(super) fn not_available(about: &About<'_>) -> Then {
    let (case, url) = (about.case, about.url);
    let reason = format!("Document not available in case: pacer_case_id='{case}' at {url}");
    refused(about, reason)
}

pub(super) fn no_permission(about: &About<'_>) -> Then {
    let named = named(about);
    let reason = format!("Permission denied getting document. It's probably sealed. {named}");
    refused(about, reason)
}

pub(super) fn transcript(about: &About<'_>) -> Then {
    refused(about, format!("Unable to get transcript. {}", named(about)))
}

pub(super) fn not_public(about: &About<'_>) -> Then {
    let named = named(about);
    let reason = format!("No matter of public record has been filed. {named}");
    refused(about, reason)
}

pub(super) fn sealed(about: &About<'_>) -> Then {
    let (case, url) = (about.case, about.url);
    let reason = format!("Document is sealed: pacer_case_id='{case}' url='{url}'");
    refused(about, reason)
}

pub(super) fn court_users(about: &About<'_>) -> Then {
    let named = named(about);
    let reason = format!("Image not available for viewing by non-court users. {named}");
    refused(about, reason)
}

pub(super) fn nature_of_suit(about: &About<'_>) -> Then {
    let named = named(about);
    let reason = format!("Permission denied getting document due to nature of suit. {named}");
    refused(about, reason)
}

pub(super) fn cannot_be_displayed(about: &About<'_>) -> Then {
    let reason = match about.kind {
        FetchKind::Pdf | FetchKind::Attachments => "Unable to download PDF.",
        FetchKind::Docket => "The court cannot display the docket.",
    };
    refused(about, reason.to_owned())
}

const ASKS_FOR_CODE: &str = "The court requires a client code; send one as client_code.";

pub(super) fn client_code(about: &About<'_>) -> Then {
    match about.kind {
        FetchKind::Pdf => {
            let named = named(about);
            let reason = format!("Unable to get document. Client code required: {named}");
            refused(about, reason)
        }
        FetchKind::Docket => refuse(sentence::no_docket(about, ASKS_FOR_CODE)),
        FetchKind::Attachments => refuse(Failure::MenuRefused {
            reason: ASKS_FOR_CODE.to_owned(),
        }),
    }
}

/// The account happens to be allowed to see what others are not: we do not go on.
pub(super) fn restricted(about: &About<'_>) -> Then {
    let (case, url) = (about.case, about.url);
    let reason =
        format!("Document is restricted and was not fetched: pacer_case_id='{case}' url='{url}'");
    refused(about, reason)
}

pub(super) fn audio(about: &About<'_>) -> Then {
    let named = named(about);
    refused(
        about,
        format!("Audio recordings are not supported. {named}"),
    )
}

pub(super) fn pdf_in_html(about: &About<'_>) -> Then {
    let (case, url) = (about.case, about.url);
    let reason = format!(
        "Unable to download PDF. PDF content was placed directly in HTML. URL: {url}, \
         caseid: {case}, magic_num: None"
    );
    refused(about, reason)
}

pub(super) fn not_a_pdf(about: &About<'_>) -> Then {
    let named = named(about);
    let reason = format!(
        "Unable to download PDF. The court labelled its answer a PDF, but it is not one. {named}"
    );
    refused(about, reason)
}

pub(super) fn unrecognised(about: &About<'_>) -> Then {
    let (case, url) = (about.case, about.url);
    match about.kind {
        FetchKind::Pdf => {
            let reason = format!(
                "Unable to download PDF. PDF not served as binary data and unable to find iframe \
                 src attribute. URL: {url}, caseid: {case}, magic_num: None"
            );
            refused(about, reason)
        }
        FetchKind::Docket => refuse(sentence::unread_docket(
            about,
            "The court's page was not recognised. It was kept; please tell the operator of this \
             service.",
        )),
        FetchKind::Attachments => refuse(Failure::MenuNotRecognised),
    }
}

/// The court charged for an answer that only time or another request can mend.
pub(super) fn billed_in_vain(about: &About<'_>) -> Failure {
    let reason = "The court charged for an answer that is not what was requested; the answer was \
                  kept";
    match (about.kind, about.document) {
        (FetchKind::Docket, _) => sentence::no_docket(about, &format!("{reason}.")),
        (FetchKind::Attachments, _) => Failure::NoMenu,
        (FetchKind::Pdf, None) => Failure::PdfNetwork,
        (FetchKind::Pdf, Some(document)) => Failure::DocumentRefused {
            reason: reason.to_owned(),
            court: about.court.to_owned(),
            document,
        },
    }
}
