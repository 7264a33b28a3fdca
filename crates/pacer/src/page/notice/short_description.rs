//! What the subject of a message calls a filing, without the names and numbers of its cases.

use std::sync::LazyLock;

use regex::Regex;

use super::{Form, Reading};
use crate::page::PageError;
use crate::page::strings::clean;

/// Longer than any mail server lets pass. Names are looked for all over the subject.
const MAX_BYTES: usize = 10_000;
/// How much of a name bankruptcy courts show.
const SHOWN_LETTERS: usize = 18;

/// The subject of a message, cleaned.
pub(super) struct Subject(String);

/// What a subject says.
#[derive(Default)]
pub(super) struct Found {
    /// The description, or empty.
    pub(super) text: String,
    /// The number of the document, which only ACMS has in its subjects.
    pub(super) number: Option<String>,
}

impl Subject {
    pub(super) fn read(subject: &str) -> Result<Self, PageError> {
        match subject.len() {
            ..=MAX_BYTES => Ok(Self(clean(subject))),
            _ => Err(PageError::Bad("subject")),
        }
    }

    pub(super) fn describe(&self, reading: &Reading<'_>, court: &str) -> Found {
        let mut number = None;
        let text = match reading.form {
            Form::District => self.end(reading).to_owned(),
            Form::Bankruptcy => self.of_bankruptcy(reading, court),
            Form::Appellate => self.of_appeal(reading),
            Form::Acms => {
                let found = self.of_acms(reading);
                number = found.number;
                found.text
            }
        };
        Found {
            text: clean(&text),
            number,
        }
    }

    /// What comes after the name of a case.
    fn end(&self, reading: &Reading<'_>) -> &str {
        reading
            .cases
            .iter()
            .find_map(|case| self.0.rsplit_once(&case.raw_name))
            .map_or(&*self.0, |(_, end)| end)
            .trim()
    }

    /// The quoted part, or how the notice describes its document, whichever says more.
    fn of_appeal(&self, reading: &Reading<'_>) -> String {
        let mut quotes = self.end(reading).splitn(3, '"').skip(1);
        // A quote that is not closed quotes nothing.
        let quoted = match (quotes.next(), quotes.next()) {
            (Some(quoted), Some(_)) => quoted,
            _ => "",
        };
        let label = reading.document_label.unwrap_or_default().replace('_', " ");
        let says_more = label.chars().count() > quoted.chars().count();
        match says_more && label != "Main document" {
            true => label,
            false => quoted.to_owned(),
        }
    }

    /// `25-2120 - 030 - Notice of Appearance - 490133`.
    fn of_acms(&self, reading: &Reading<'_>) -> Found {
        let number = reading
            .cases
            .first()
            .and_then(|case| case.docket_number.as_deref());
        let after = number
            .and_then(|number| self.end(reading).split_once(number.trim()))
            .and_then(|(_, after)| dash(after));
        after.map_or_else(Found::default, after_docket_number)
    }

    fn of_bankruptcy(&self, reading: &Reading<'_>, court: &str) -> String {
        if let Some(found) = CLOSE_ADVERSARY_CASE.find(&self.0) {
            return found.as_str().to_owned();
        }
        let mut text = self.0.clone();
        for name in names_and_numbers(reading) {
            remove(&mut text, name);
        }
        for case in &reading.cases {
            remove(&mut text, first_letters(&case.raw_name).trim());
            if let Some((first, _)) = case.raw_name.split_once(" and ") {
                remove(&mut text, first);
            }
        }
        let text = remove_chapter(&text, court);
        let text = text.trim_matches(|letter| matches!(letter, ' ' | ';' | ':' | ',' | '-'));
        let text = text.strip_suffix(" Re").unwrap_or(text);
        let start = text.strip_prefix("Re ").or(text.strip_prefix("Re: "));
        start.unwrap_or(text).to_owned()
    }
}

static CLOSE_ADVERSARY_CASE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i)close adversary case").expect("pattern is tested"));
static NOTICE_MARK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("NEF:? ").expect("pattern is tested"));
static SHORT_CHAPTER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"C[Hh][\s-]?(?:7|9|11|13)").expect("pattern is tested"));
static SHORT_CHAPTER_LAST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"C[Hh][\s-]*$").expect("pattern is tested"));
static CHAPTER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"Chapter[\s-]?(?:7|9|11|13)").expect("pattern is tested"));
static LAST_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s*-\s*[0-9]+$").expect("pattern is tested"));

/// All that the subject may call the cases, what is printed first and longest first: a number is
/// part of what is printed.
fn names_and_numbers<'a>(reading: &'a Reading<'_>) -> Vec<&'a str> {
    let cases = &reading.cases;
    let mut names: Vec<&str> = cases
        .iter()
        .flat_map(|case| &case.number_texts)
        .filter_map(|text| text.trim().split(' ').next())
        .collect();
    names.sort_by_key(|text| std::cmp::Reverse(text.chars().count()));
    names.extend(
        cases
            .iter()
            .filter_map(|case| case.docket_number.as_deref()),
    );
    names.extend(cases.iter().map(|case| case.raw_name.as_str()));
    names
}

fn remove(text: &mut String, words: &str) {
    if !words.is_empty() && text.contains(words) {
        *text = text.replace(words, " ");
    }
}

fn first_letters(name: &str) -> &str {
    let end = name.char_indices().nth(SHOWN_LETTERS);
    &name[..end.map_or(name.len(), |(end, _)| end)]
}

fn remove_chapter(text: &str, court: &str) -> String {
    let text = NOTICE_MARK.replace_all(text, " ");
    let text = SHORT_CHAPTER.replace_all(&text, " ");
    let text = SHORT_CHAPTER_LAST.replace(text.trim_end(), " ");
    match court {
        // New Hampshire spells it out.
        "nhb" => CHAPTER.replace(&text, " ").into_owned(),
        _ => text.into_owned(),
    }
}

/// What follows a hyphen, with or without spaces around it.
fn dash(text: &str) -> Option<&str> {
    Some(text.trim_start().strip_prefix('-')?.trim_start())
}

fn after_docket_number(after: &str) -> Found {
    let digits = after.find(|letter: char| !letter.is_ascii_digit());
    let digits = digits.unwrap_or(after.len());
    let (number, rest) = match dash(&after[digits..]) {
        Some(rest) if digits > 0 => (Some(&after[..digits]), rest),
        _ => (None, after),
    };
    Found {
        text: LAST_NUMBER.replace(rest, "").into_owned(),
        number: number
            .map(|number| number.trim_start_matches('0').to_owned())
            .filter(|number| !number.is_empty()),
    }
}
