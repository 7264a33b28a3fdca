//! The folders of the extra corpus.

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
    folder("case_queries", Kind::CaseQuery, ".html", 25),
    folder("case_queries_advanced", Kind::CaseQueryAdvanced, ".html", 2),
    folder("claims_activity", Kind::ClaimsActivity, ".html", 8),
    folder("claims_registers", Kind::ClaimsRegister, ".html", 7),
    folder("confirmation_pages", Kind::ConfirmationPage, ".html", 13),
    folder("docket_history_reports", Kind::DocketHistory, ".html", 65),
    folder("dockets/acms", Kind::AcmsDocket, ".acms_json", 5),
    folder("dockets/appellate", Kind::AppellateDocket, ".html", 8),
    folder("dockets/bankruptcy", Kind::Docket, ".html", 251),
    folder("dockets/district", Kind::Docket, ".html", 37),
    folder("dockets/fake-rss", Kind::Docket, ".html", 1),
    folder(
        "dockets/not_appellate_dockets",
        Kind::AppellateDocket,
        ".html",
        6,
    ),
    folder("dockets/not_dockets", Kind::Docket, ".html", 10),
    folder("dockets/special", Kind::Docket, ".html", 2),
    folder("dockets_internet_archive", Kind::IaDocket, ".xml", 13),
    folder("free_opinion_report", Kind::FreeOpinionReport, ".html", 2),
    folder("list_of_creditors", Kind::ListOfCreditors, ".html", 2),
    folder("mobile_queries", Kind::MobileQuery, ".html", 1),
    folder("nda", Kind::Email, ".txt", 17),
    folder("nef", Kind::Nef, ".html", 6),
    folder("nef/s3", Kind::Email, ".txt", 76),
    folder(
        "possible_case_numbers",
        Kind::PossibleCaseNumbers,
        ".xml",
        3,
    ),
    folder("rss_feeds", Kind::RssFeed, ".xml", 8),
];
