//! The kinds of page by name, each read to the JSON that `pacer-fetch parse` prints.

use serde::Serialize;

use super::possible_case_numbers::Hints;
use super::{
    PageError, attachment_page, confirmation_page, docket, email, login_check, nef,
    possible_case_numbers,
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
    /// [`attachment_page`]
    AttachmentPage = "attachment-page",
    /// [`confirmation_page`]
    ConfirmationPage = "confirmation-page",
    /// [`possible_case_numbers`]
    PossibleCaseNumbers = "possible-case-numbers",
    /// [`login_check`]
    LoginCheck = "login-check",
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
    /// of the kind. Only [`Kind::PossibleCaseNumbers`] looks at `hints`.
    pub fn to_json(self, page: &[u8], court: &str, hints: Hints<'_>) -> Result<String, PageError> {
        match self {
            Self::Docket => docket::parse(page, court).map(object),
            Self::AttachmentPage => attachment_page::parse(page, court).map(object),
            Self::ConfirmationPage => confirmation_page::parse(page, court).map(object),
            Self::PossibleCaseNumbers => {
                possible_case_numbers::parse(page, court, hints).map(|found| json(&found))
            }
            Self::LoginCheck => login_check::parse(page, court).map(|found| json(&found)),
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
