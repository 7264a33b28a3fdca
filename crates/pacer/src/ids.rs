//! The identifiers that courts give to cases and documents.
//!
//! A string from outside becomes one of these at the door. None of them is checked against a
//! court: an id is well-formed or it is not, and whether the thing exists only PACER knows.

mod docket_number;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use docket_number::{Components, DocketNumber};

/// Why a string is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Nothing but white space.
    #[error("an identifier may not be empty")]
    Empty,
    /// Longer than any identifier of PACER.
    #[error("an identifier may not be longer than 100 characters")]
    TooLong,
    /// A character that would change the meaning of the URL or form it goes into.
    #[error("an identifier may only have ASCII letters, digits and hyphens")]
    BadCharacter,
}

fn check(id: &str) -> Result<&str, InvalidId> {
    let id = id.trim();
    if id.is_empty() {
        return Err(InvalidId::Empty);
    }
    if id.len() > 100 {
        return Err(InvalidId::TooLong);
    }
    if !id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(InvalidId::BadCharacter);
    }
    Ok(id)
}

/// The number of a case inside its court, as in `DktRpt.pl?56120`; a GUID in ACMS. Not unique
/// across courts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PacerCaseId(String);

impl PacerCaseId {
    /// Takes an id, without white space around it.
    pub fn parse(id: &str) -> Result<Self, InvalidId> {
        check(id).map(|id| Self(id.to_owned()))
    }

    /// Whether it has exactly one hyphen, as a docket number that was given by mistake has.
    /// The GUIDs of ACMS have four.
    pub fn looks_like_docket_number(id: &str) -> bool {
        id.bytes().filter(|byte| *byte == b'-').count() == 1
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of a document, as in `/doc1/01712427473`: three digits for the court, one that
/// tells a single document (1) from the entry with its attachment menu (0), and a serial. A GUID
/// in ACMS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PacerDocId(String);

impl PacerDocId {
    /// Takes an id as it is; the fourth digit is left alone.
    pub fn parse(id: &str) -> Result<Self, InvalidId> {
        check(id).map(|id| Self(id.to_owned()))
    }

    /// The form that we store and compare: fourth digit 0. Opening it gives the attachment menu
    /// if the entry has several documents.
    pub fn canonical(&self) -> Self {
        self.with_flag('0')
    }

    /// The form that asks for the document itself, past the menu: fourth digit 1.
    pub fn single_document(&self) -> Self {
        self.with_flag('1')
    }

    /// The three digits of the court, if the id has them.
    pub fn prefix(&self) -> Option<&str> {
        self.is_numeric().then(|| &self.0[..3])
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_numeric(&self) -> bool {
        self.0.len() > 4 && self.0.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn with_flag(&self, flag: char) -> Self {
        if !self.is_numeric() {
            return self.clone();
        }
        Self(format!("{}{flag}{}", &self.0[..3], &self.0[4..]))
    }
}

macro_rules! text_id {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(id: String) -> Result<Self, InvalidId> {
                Self::parse(&id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

text_id!(PacerCaseId, PacerDocId);
