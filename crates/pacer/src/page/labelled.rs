//! Labels of an element's own, and the values after them: `<b>Chapter:</b> 13`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::date;
use super::selection::tail;
use super::strings::squeeze;
use super::tree::{NodeId, Page};

/// Longer than any label. It keeps bold text inside bold text from being read again and again.
const MOST_LABEL_BYTES: usize = 200;

/// A label as the name of a field, and its value as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labelled<'a> {
    pub(crate) field: String,
    pub(crate) value: &'a str,
}

/// Whether a text is a label only if it ends in a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colon {
    Required,
    Optional,
}

impl<'a> Labelled<'a> {
    /// Reads an element as a label. None if it is too long for one, or lacks a colon that it needs.
    pub(crate) fn of(page: &'a Page, element: NodeId, colon: Colon) -> Option<Self> {
        let label = page.text(element).trim();
        let has_end = colon == Colon::Optional || label.ends_with(':');
        (has_end && label.len() <= MOST_LABEL_BYTES).then(|| Self {
            field: field_name(label),
            value: value_after(page, element),
        })
    }

    /// The value as a date; none if it is empty or no date.
    pub(crate) fn date(&self) -> Option<NaiveDate> {
        date::date(self.value)
    }
}

/// What stands after a label. Some courts put the colon there.
pub(crate) fn value_after(page: &Page, label: NodeId) -> &str {
    let tail = tail(page, label).unwrap_or_default().trim();
    tail.trim_start_matches(':').trim()
}

/// `Last Date to file (Govt):` becomes `last_date_to_file_govt`.
pub(crate) fn field_name(label: &str) -> String {
    let label = label.trim_end_matches(':');
    let mut name = String::with_capacity(label.len());
    for word in label.split_whitespace() {
        if !name.is_empty() {
            name.push('_');
        }
        let letters = word.chars().filter(|letter| !matches!(letter, '(' | ')'));
        name.extend(letters.flat_map(char::to_lowercase));
    }
    name
}

/// What a page says under labels that have no field of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Option<String>>")]
pub struct OtherLabels(pub BTreeMap<String, LabelValue>);

/// A value after a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LabelValue {
    /// A date, for labels that begin with one; none if there is none.
    Date(Option<NaiveDate>),
    /// Anything else, which may be empty.
    Text(String),
}

fn is_date(field: &str) -> bool {
    field.starts_with("date_")
}

impl TryFrom<BTreeMap<String, Option<String>>> for OtherLabels {
    type Error = chrono::ParseError;

    fn try_from(fields: BTreeMap<String, Option<String>>) -> Result<Self, Self::Error> {
        let typed = fields.into_iter().map(|(field, value)| {
            let value = if is_date(&field) {
                LabelValue::Date(value.map(|date| date.parse()).transpose()?)
            } else {
                LabelValue::Text(value.unwrap_or_default())
            };
            Ok((field, value))
        });
        typed.collect::<Result<_, _>>().map(Self)
    }
}

impl OtherLabels {
    /// Keeps a label, unless its name would hide what the page says elsewhere.
    fn add(&mut self, label: Labelled<'_>) {
        let is_taken = label.field.starts_with("federal_")
            || matches!(
                label.field.as_str(),
                "court_id" | "docket_number" | "case_name" | "case_name_raw" | "claims" | ""
            );
        if is_taken {
            return;
        }
        let value = if is_date(&label.field) {
            LabelValue::Date(label.date())
        } else {
            LabelValue::Text(squeeze(label.value))
        };
        self.0.insert(label.field, value);
    }
}

/// A case of which a page says what it says, label by label.
pub(crate) trait LabelledCase {
    /// The field for dates with that name.
    fn date_field(&mut self, name: &str) -> Option<&mut Option<Option<NaiveDate>>>;
    /// The field for text with that name.
    fn text_field(&mut self, name: &str) -> Option<&mut Option<String>>;
    /// All other labels.
    fn other(&mut self) -> &mut OtherLabels;

    /// Takes over what a label says; the last one with a name wins.
    fn add(&mut self, label: Labelled<'_>) {
        if let Some(date) = self.date_field(&label.field) {
            *date = Some(label.date());
        } else if let Some(text) = self.text_field(&label.field) {
            *text = Some(squeeze(label.value));
        } else {
            self.other().add(label);
        }
    }
}
