//! The folders of the shared corpus.

use pacer::page::kind::Kind;

/// A folder of the corpus.
pub(crate) struct Folder {
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    /// What the name of a page ends in.
    pub(crate) suffix: &'static str,
    /// How many of its pages come out exactly. That number may only rise.
    #[allow(dead_code, reason = "benchmarks do not judge")]
    pub(crate) exact: usize,
}

const fn folder(path: &'static str, kind: Kind, suffix: &'static str, exact: usize) -> Folder {
    Folder {
        path,
        kind,
        suffix,
        exact,
    }
}

pub(crate) const FOLDERS: &[Folder] = &[
    folder(
        "appellate_attachment_pages",
        Kind::AppellateAttachmentPage,
        ".html",
        9,
    ),
    folder(
        "appellate_attachment_pages/acms",
        Kind::AcmsAttachmentPage,
        ".compare.json",
        4,
    ),
    folder("attachment_pages", Kind::AttachmentPage, ".html", 112),
    folder("authentication_samples", Kind::LoginCheck, ".html", 1),
    folder("confirmation_pages", Kind::ConfirmationPage, ".html", 13),
    folder("dockets/acms", Kind::AcmsDocket, ".acms_json", 5),
    folder("dockets/appellate", Kind::AppellateDocket, ".html", 8),
    folder(
        "dockets/not_appellate_dockets",
        Kind::AppellateDocket,
        ".html",
        6,
    ),
    folder("dockets/bankruptcy", Kind::Docket, ".html", 251),
    folder("dockets/district", Kind::Docket, ".html", 37),
    folder("dockets/fake-rss", Kind::Docket, ".html", 1),
    folder("dockets/not_dockets", Kind::Docket, ".html", 10),
    folder("dockets/special", Kind::Docket, ".html", 2),
    folder(
        "possible_case_numbers",
        Kind::PossibleCaseNumbers,
        ".xml",
        3,
    ),
];
