//! Saved pages beside what they should be read as: our own fixtures, and those of the extra corpus.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;
use serde::Deserialize;
use serde_json::Value;

/// A page `COURT_NAME.SUFFIX`.
pub(crate) struct SavedPage {
    pub(crate) kind: Kind,
    pub(crate) court: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) stem: String,
    pub(crate) path: PathBuf,
}

/// What a lookup was asked with, beside the name of the case.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AnswerTo {
    case_name: Option<String>,
    office_number: Option<String>,
    docket_number_letters: Option<String>,
}

impl SavedPage {
    fn of(kind: Kind, suffix: &str, path: PathBuf) -> Option<Self> {
        let stem = path.file_name()?.to_str()?.strip_suffix(suffix)?.to_owned();
        Some(Self {
            kind,
            court: stem.split(['_', '.']).next().unwrap_or_default().to_owned(),
            bytes: fs::read(&path).expect("pages can be read"),
            stem,
            path,
        })
    }

    /// The file beside the page with that suffix.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        self.path.with_file_name(format!("{}{suffix}", self.stem))
    }

    fn read(&self) -> Result<Value, String> {
        let asked: AnswerTo = fs::read(self.beside(".hints")).map_or_else(
            |_| AnswerTo::default(),
            |text| serde_json::from_slice(&text).expect("hints are JSON"),
        );
        let hints = Hints {
            case_name: Some(asked.case_name.as_deref().unwrap_or(&self.stem)),
            office_number: asked.office_number.as_deref(),
            docket_number_letters: asked.docket_number_letters.as_deref(),
        };
        let json = self
            .kind
            .to_json(&self.bytes, &self.court, hints)
            .map_err(|error| error.to_string())?;
        Ok(serde_json::from_str(&json).expect("kinds print JSON"))
    }

    /// What the page should be read as; the error, where it should be one.
    fn expected(&self) -> Result<Value, String> {
        if let Ok(error) = fs::read_to_string(self.beside(".error")) {
            return Err(error.trim_end().to_owned());
        }
        let text = fs::read(self.beside(".json"));
        Ok(text.map_or(Value::Null, |text| {
            serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", self.stem))
        }))
    }

    /// How what is read differs from what is expected; none if it is exactly that.
    pub(crate) fn mistake(&self) -> Option<String> {
        match (self.expected(), self.read()) {
            (Ok(expected), Ok(got)) => difference("", &expected, &got),
            (Err(expected), Err(got)) if expected == got => None,
            (expected, got) => Some(format!("{expected:?} became {got:?}")),
        }
    }
}

/// The pages of a folder, by name.
pub(crate) fn pages_in(folder: &Path, kind: Kind, suffix: &str) -> Vec<SavedPage> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = listed
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| SavedPage::of(kind, suffix, path))
        .collect()
}

/// The moment that a string stands for, whatever its offset; without one it is read as UTC.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.replacen(' ', "T", 1);
    DateTime::parse_from_rfc3339(&text)
        .or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")))
        .ok()
        .map(|moment| moment.to_utc())
}

fn same(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            expected.len() == got.len()
                && expected
                    .iter()
                    .all(|(key, value)| got.get(key).is_some_and(|found| same(value, found)))
        }
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len()
                && expected
                    .iter()
                    .zip(got)
                    .all(|(one, other)| same(one, other))
        }
        (Value::String(expected), Value::String(got)) => {
            expected == got
                || moment(expected).is_some_and(|expected| moment(got) == Some(expected))
        }
        _ => expected == got,
    }
}

/// Where two values differ first, for whoever has to mend it.
fn difference(path: &str, expected: &Value, got: &Value) -> Option<String> {
    match (expected, got) {
        _ if same(expected, got) => None,
        (Value::Object(expected), Value::Object(got)) => {
            let keys: BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
            keys.into_iter()
                .find_map(|key| match (expected.get(key), got.get(key)) {
                    (Some(expected), Some(got)) => {
                        difference(&format!("{path}/{key}"), expected, got)
                    }
                    (expected, got) => Some(format!("{path}/{key}: {expected:?} became {got:?}")),
                })
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => expected
            .iter()
            .zip(got)
            .enumerate()
            .find_map(|(index, (one, other))| difference(&format!("{path}/{index}"), one, other)),
        _ => Some(format!("{path}: {expected} became {got}")),
    }
}
