//! What the lookup said, before anything is chosen.

use std::borrow::Cow;

use crate::ids::DocketNumber;
use crate::page::document_number::is_number;
use crate::page::xml::{Document, ElementId, ROOT};
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

    /// Initials of the judge assigned, as the title's number has them.
    pub fn judge(&self) -> Option<String> {
        let (number, _) = self.title.split_once(' ').unwrap_or((&self.title, ""));
        let judge = DocketNumber::parse(number).ok()?.components()?;
        judge.judge_assigned.map(|initials| initials.to_lowercase())
    }

    /// The number of the defendant, as the title's number has it; none for the case itself.
    fn defendant_in_title(&self) -> Option<&str> {
        let number = self.title.split_whitespace().next()?;
        // Office and year, letters, serial, and then any number of judges.
        let last = number.split('-').skip(3).last()?;
        let last = last.trim_end_matches([',', '.']);
        (is_number(last) && !last.trim_start_matches('0').is_empty()).then_some(last)
    }

    /// The number of the defendant, wherever the answer has it; none for the case itself.
    pub(super) fn defendant_number(&self) -> Option<&str> {
        let in_number = self.number.split('-').nth(3).filter(|last| is_number(last));
        self.defendant
            .as_deref()
            .map(str::trim)
            .filter(|number| !number.is_empty() && *number != "0")
            .or(in_number)
            .or_else(|| self.defendant_in_title())
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

/// Reads the answer. An answer with neither a case nor a message that we know is an error.
pub fn lookup(page: &[u8]) -> Result<Lookup, PageError> {
    let text = clean::xml(page);
    let answer = Document::parse(&text);
    let cases = answer
        .below(ROOT, "case")
        .map(|element| case(&answer, element))
        .collect::<Result<Vec<_>, _>>()?;
    if !cases.is_empty() {
        return Ok(Lookup::Cases(cases));
    }
    let message = answer
        .below(ROOT, "message")
        .find_map(|element| answer.attribute(element, "text"))
        .ok_or(PageError::Missing("case or message"))?;
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

fn case(answer: &Document<'_>, element: ElementId) -> Result<PossibleCase, PageError> {
    let attribute = |name| answer.attribute(element, name).map(Cow::into_owned);
    Ok(PossibleCase {
        number: attribute("number").ok_or(PageError::Missing("number of a case"))?,
        id: attribute("id").ok_or(PageError::Missing("id of a case"))?,
        title: attribute("title").ok_or(PageError::Missing("title of a case"))?,
        defendant: attribute("defendant"),
    })
}
