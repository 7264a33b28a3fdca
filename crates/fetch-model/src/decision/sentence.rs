//! What is said about answers that are not about one document.

use pacer::court::Court;

use super::About;
use crate::{Failure, FetchKind};

/// The court could not be asked, or did not answer.
pub(super) fn network(about: &About<'_>) -> Failure {
    match about.kind {
        FetchKind::Docket if is_appellate(about) => Failure::AppealNetwork {
            request: about.request,
        },
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

/// The court gives no docket, and says why.
pub(super) fn no_docket(about: &About<'_>, reason: &str) -> Failure {
    let reason = reason.to_owned();
    if is_appellate(about) {
        let request = about.request;
        return Failure::AppealRefused { request, reason };
    }
    Failure::DocketRefused { reason }
}

/// What came is nothing that our reader understands.
pub(super) fn unread_docket(about: &About<'_>, reason: &str) -> Failure {
    let reason = reason.to_owned();
    if is_appellate(about) {
        let request = about.request;
        return Failure::AppealNotBought { request, reason };
    }
    Failure::DocketNotRecognised { reason }
}

fn is_appellate(about: &About<'_>) -> bool {
    Court::by_cl_id(about.court).is_some_and(Court::is_appellate)
}

pub(super) fn several(about: &About<'_>) -> Failure {
    Failure::CaseAmbiguous {
        candidates: about.candidates.to_vec(),
    }
}
