//! What the lookup said, before anything is chosen.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::page::{PageError, clean};

/// What the lookup found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// No case has the number.
    NotFound,
    /// The case exists, and nobody may see it.
    Sealed,
    /// The session was lost.
    NotLoggedIn,
    /// At least one case, in the order of the answer.
    Cases(Vec<PossibleCase>),
}

/// A case that has the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PossibleCase {
    /// The number without padding, `3:12-cv-3879`; that of a defendant ends in `-1` and so on.
    pub number: String,
    /// The case's id.
    pub id: String,
    /// Padded number with judges' initials, a space, the name, and `(closed …)`.
    pub title: String,
    /// In criminal cases, the defendant; 0 is the case itself.
    pub defendant: Option<String>,
}

impl PossibleCase {
    /// The division's digit.
    pub fn office(&self) -> Option<&str> {
        self.number.split_once(':').map(|(office, _)| office)
    }

    /// Letters of the kind of case, lower-case.
    pub fn letters(&self) -> Option<String> {
        let letters = self.number.split('-').nth(1)?;
        let is_letters = letters.starts_with(|letter: char| !letter.is_ascii_digit());
        is_letters.then(|| letters.to_lowercase())
    }

    /// The number without that of the defendant.
    pub(super) fn main_number(&self) -> String {
        self.number
            .split('-')
            .take(3)
            .collect::<Vec<_>>()
            .join("-")
            .to_lowercase()
    }
}

static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"<(case|message)((?:\s+[^\s=<>"'/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*/?>"#)
        .expect("pattern is tested")
});
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')"#).expect("pattern is tested")
});
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|(amp|lt|gt|quot|apos));").expect("pattern is tested")
});

/// Reads the answer. An answer with neither a case nor a message that we know is an error.
pub fn lookup(page: &[u8]) -> Result<Lookup, PageError> {
    let text = clean::decode(page);
    let mut cases = Vec::new();
    let mut message: Option<String> = None;
    for element in ELEMENT.captures_iter(&text) {
        let attributes = element.get(2).map_or("", |attributes| attributes.as_str());
        if &element[1] == "case" {
            cases.push(case(attributes)?);
        } else if message.is_none() {
            message = attribute(attributes, "text");
        }
    }
    if !cases.is_empty() {
        return Ok(Lookup::Cases(cases));
    }
    let message = message.ok_or(PageError::Missing("case or message"))?;
    if message.contains("Cannot find case") {
        Ok(Lookup::NotFound)
    } else if message.contains("Case Under Seal") {
        Ok(Lookup::Sealed)
    } else if message.contains("Not logged in") {
        Ok(Lookup::NotLoggedIn)
    } else {
        Err(PageError::Bad("message"))
    }
}

fn case(attributes: &str) -> Result<PossibleCase, PageError> {
    Ok(PossibleCase {
        number: attribute(attributes, "number").ok_or(PageError::Missing("number of a case"))?,
        id: attribute(attributes, "id").ok_or(PageError::Missing("id of a case"))?,
        title: attribute(attributes, "title").ok_or(PageError::Missing("title of a case"))?,
        defendant: attribute(attributes, "defendant"),
    })
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let found = ATTRIBUTE
        .captures_iter(attributes)
        .find(|attribute| &attribute[1] == name)?;
    let value = found.get(2).or_else(|| found.get(3))?.as_str();
    Some(REFERENCE.replace_all(value, referenced).into_owned())
}

/// The character that a reference stands for; one that stands for none stays.
fn referenced(found: &Captures<'_>) -> String {
    let number = |index: usize, radix: u32| {
        found
            .get(index)
            .and_then(|digits| u32::from_str_radix(digits.as_str(), radix).ok())
    };
    if let Some(letter) = number(1, 10)
        .or_else(|| number(2, 16))
        .and_then(char::from_u32)
    {
        return letter.to_string();
    }
    match found.get(3).map(|name| name.as_str()) {
        Some("amp") => "&",
        Some("lt") => "<",
        Some("gt") => ">",
        Some("quot") => "\"",
        Some("apos") => "'",
        _ => &found[0],
    }
    .to_owned()
}
