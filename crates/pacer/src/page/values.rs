//! What the header of a case says, looked up by label.

use chrono::NaiveDate;
use regex::Regex;

use super::date;
use super::judge::judge_name;
use super::strings::squeeze;
use super::tree::{Page, Tag};

/// The strings of a header, piece by piece, and at last all of them as one: a label and its value
/// may be different pieces.
pub(crate) struct Values(Vec<String>);

/// Patterns, each of which captures what stands beside a label.
macro_rules! labels {
    ($($name:ident = $pattern:expr;)*) => {$(
        pub(crate) static $name: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
            regex::Regex::new($pattern).expect("pattern is tested")
        });
    )*};
}
pub(crate) use labels;

labels! {
    DATE_TERMINATED = r"(?i)terminated:\s+([0-9/\-–—]+)";
    DATE_DISCHARGED = r"(?:Date|Debtor)\s+[Dd]ischarged:\s+([0-9/\-–—]+)";
}

/// The date after `terminated:`, which parties have too.
pub(crate) fn date_terminated(text: &str) -> Option<NaiveDate> {
    date::after(&DATE_TERMINATED, text)
}

impl Values {
    /// Adds to the pieces what they are as one.
    pub(crate) fn new(mut pieces: Vec<String>) -> Self {
        pieces.push(pieces.join(" "));
        Self(pieces)
    }

    /// The pieces alone.
    pub(crate) fn pieces(&self) -> &[String] {
        &self.0[..self.0.len() - 1]
    }

    /// The first string that matches decides, even if it has no date.
    pub(crate) fn date(&self, label: &Regex) -> Option<NaiveDate> {
        let found = self.0.iter().find_map(|value| label.captures(value))?;
        date::date(&found[1])
    }

    /// What a label's pattern captures, or nothing.
    pub(crate) fn string(&self, label: &Regex) -> String {
        squeeze(self.capture(label))
    }

    /// Judges stand in the header, or else somewhere in the page.
    pub(crate) fn judge(&self, page: &Page, label: &Regex) -> String {
        let name = self.capture(label);
        // What no part of the page can match is not worth asking each of them.
        if !name.is_empty() || !label.is_match(page.text(0)) {
            return judge_name(name);
        }
        let texts = page.all_of(Tag::Text).map(|text| page.text(text));
        judge_name(capture(texts, label).unwrap_or_default())
    }

    fn capture(&self, label: &Regex) -> &str {
        capture(self.0.iter().map(String::as_str), label).unwrap_or_default()
    }
}

/// What the first match captures, passing over what belongs to the date of filing.
fn capture<'a>(values: impl Iterator<Item = &'a str>, label: &Regex) -> Option<&'a str> {
    values
        .filter_map(|value| label.captures(value)?.get(1))
        .map(|found| found.as_str())
        .find(|text| !text.to_ascii_lowercase().contains("date filed"))
}
