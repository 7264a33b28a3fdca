//! What is said about answers that are not about one document.

use super::About;
use crate::{Failure, FetchKind};

/// The court could not be asked, or did not answer.
pub(super) fn network(about: &About<'_>) -> Failure {
    match about.kind {
        FetchKind::Docket => Failure::DocketNetwork {
            request: about.request,
        },
        FetchKind::Pdf => Failure::PdfNetwork,
        FetchKind::Attachments => Failure::MenuNetwork,
    }
}

pub(super) fn blocked(about: &About<'_>) -> Failure {
    Failure::BlockedByCourt {
        court: about.court.to_owned(),
    }
}

/// The court does not accept the session any more.
pub(super) fn session(about: &About<'_>) -> Failure {
    Failure::SessionRefused {
        kind: about.kind,
        request: about.request,
        document: about.document,
    }
}

pub(super) fn too_large(about: &About<'_>) -> Failure {
    Failure::TooLarge {
        limit_bytes: about.limit_bytes,
    }
}

pub(super) fn no_docket(reason: &str) -> Failure {
    Failure::DocketNotRecognised {
        reason: reason.to_owned(),
    }
}

pub(super) fn several(about: &About<'_>) -> Failure {
    Failure::CaseAmbiguous {
        candidates: about.candidates.to_vec(),
    }
}
