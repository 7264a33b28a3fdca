//! The kinds of page by name, each read to the JSON that `pacer-fetch parse` prints.

use serde::Serialize;

use super::possible_case_numbers::Hints;
use super::seems::Seems;
use super::{
    PageError, acms_attachment_page, acms_docket, acms_index, appellate_attachment_page,
    appellate_docket, attachment_page, case_query, case_query_advanced, claims_activity,
    claims_register, confirmation_page, docket, docket_history, email, free_opinion_report,
    ia_docket, list_of_creditors, login_check, mobile_query, nef, possible_case_numbers, rss_feed,
};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal),* $(,)?) => {
        /// A kind of page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name, as the command line has it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// [`docket`]
    Docket = "docket",
    /// [`docket_history`]
    DocketHistory = "docket-history",
    /// [`attachment_page`]
    AttachmentPage = "attachment-page",
    /// [`case_query`]
    CaseQuery = "case-query",
    /// [`case_query_advanced`]
    CaseQueryAdvanced = "case-query-advanced",
    /// [`claims_register`]
    ClaimsRegister = "claims-register",
    /// [`claims_activity`]
    ClaimsActivity = "claims-activity",
    /// [`list_of_creditors`]
    ListOfCreditors = "list-of-creditors",
    /// [`confirmation_page`]
    ConfirmationPage = "confirmation-page",
    /// [`free_opinion_report`]
    FreeOpinionReport = "free-opinion-report",
    /// [`mobile_query`]
    MobileQuery = "mobile-query",
    /// [`possible_case_numbers`]
    PossibleCaseNumbers = "possible-case-numbers",
    /// [`login_check`]
    LoginCheck = "login-check",
    /// [`appellate_docket`]
    AppellateDocket = "appellate-docket",
    /// [`appellate_attachment_page`]
    AppellateAttachmentPage = "appellate-attachment-page",
    /// [`acms_docket`]
    AcmsDocket = "acms-docket",
    /// [`acms_index`]
    AcmsIndex = "acms-index",
    /// [`acms_attachment_page`]
    AcmsAttachmentPage = "acms-attachment-page",
    /// [`rss_feed`]
    RssFeed = "rss-feed",
    /// [`ia_docket`]
    IaDocket = "ia-docket",
    /// [`nef`]
    Nef = "nef",
    /// [`email`]
    Email = "email",
}

impl Kind {
    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Reads a page and gives its meaning as JSON; `{}` for a page that is recognised as not being
    /// of the kind, and for one of the sign-on, which a court may show in place of any. Only
    /// [`Kind::PossibleCaseNumbers`] looks at `hints`.
    pub fn to_json(self, page: &[u8], court: &str, hints: Hints<'_>) -> Result<String, PageError> {
        let result = self.read(page, court, hints);
        let (is_unread, is_empty) = match &result {
            Ok(data) => (false, data == "[]"),
            Err(_) => (true, false),
        };
        // An empty list says that the court has none, which a page in place of the list does not.
        let is_instead = match is_unread || is_empty {
            true => match Seems::of(page) {
                Seems::SignOn => true,
                Seems::Kind(Self::ConfirmationPage) => is_empty,
                _ => false,
            },
            false => false,
        };
        match is_instead {
            true => Ok("{}".to_owned()),
            false => result,
        }
    }

    fn read(self, page: &[u8], court: &str, hints: Hints<'_>) -> Result<String, PageError> {
        match self {
            Self::Docket => docket::parse(page, court).map(object),
            Self::DocketHistory => docket_history::parse(page, court).map(object),
            Self::AttachmentPage => attachment_page::parse(page, court).map(object),
            Self::CaseQuery => case_query::parse(page, court).map(object),
            Self::CaseQueryAdvanced => case_query_advanced::parse(page, court).map(object),
            Self::ClaimsRegister => claims_register::parse(page, court).map(object),
            Self::ClaimsActivity => claims_activity::parse(page, court).map(object),
            Self::ListOfCreditors => list_of_creditors::parse(page, court).map(object),
            Self::ConfirmationPage => confirmation_page::parse(page, court).map(object),
            Self::FreeOpinionReport => {
                free_opinion_report::parse(page, court).map(|found| json(&found.opinions))
            }
            Self::MobileQuery => mobile_query::parse(page, court).map(object),
            Self::PossibleCaseNumbers => {
                possible_case_numbers::parse(page, court, hints).map(|found| json(&found))
            }
            Self::LoginCheck => login_check::parse(page, court).map(|found| json(&found)),
            Self::AppellateDocket => appellate_docket::parse(page, court).map(object),
            Self::AppellateAttachmentPage => {
                appellate_attachment_page::parse(page, court).map(object)
            }
            Self::AcmsDocket => acms_docket::parse(page, court).map(object),
            Self::AcmsIndex => acms_index::parse(page, court).map(object),
            Self::AcmsAttachmentPage => acms_attachment_page::parse(page, court).map(object),
            Self::RssFeed => rss_feed::parse(page, court).map(|found| json(&found)),
            Self::IaDocket => ia_docket::parse(page, court).map(|found| json(&found)),
            Self::Nef => nef::parse(page, court).map(object),
            Self::Email => email::parse(page, court).map(object),
        }
    }
}

fn object<T: Serialize>(found: Option<T>) -> String {
    found.map_or_else(|| "{}".to_owned(), |found| json(&found))
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("what pages mean has only string keys and finite numbers")
}
