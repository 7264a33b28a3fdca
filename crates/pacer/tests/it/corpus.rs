//! Reads every page of the shared corpus and counts those that come out exactly as expected.

#![allow(
    clippy::print_stdout,
    reason = "a skipped or counted corpus must be seen in the test's output"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;
use pacer::page::verdict::{
    DocketAnswer, DocumentAnswer, MenuAnswer, docket_answer, document_answer, menu_answer,
};
use pacer::page::{confirmation_page, docket, receipt};
use serde_json::Value;

use crate::folders::{FOLDERS, Folder};

fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "the shared corpus is missing, and CI must not skip it"
    );
    println!("skipped: no shared corpus beside the workspace");
    None
}

/// A page of the corpus.
pub(crate) struct SavedPage {
    pub(crate) kind: Kind,
    pub(crate) court: String,
    pub(crate) bytes: Vec<u8>,
    stem: String,
    path: PathBuf,
}

impl SavedPage {
    fn of(folder: &Folder, path: PathBuf) -> Option<Self> {
        let stem = path.file_name()?.to_str()?.strip_suffix(folder.suffix)?;
        let (stem, bytes) = (stem.to_owned(), fs::read(&path).expect("pages can be read"));
        Some(Self {
            kind: folder.kind,
            court: stem.split(['_', '.']).next().unwrap_or_default().to_owned(),
            bytes,
            stem,
            path,
        })
    }

    fn read(&self) -> Result<Value, String> {
        let hints = Hints {
            case_name: Some(&self.stem),
            ..Hints::default()
        };
        let json = self
            .kind
            .to_json(&self.bytes, &self.court, hints)
            .map_err(|error| error.to_string())?;
        Ok(serde_json::from_str(&json).expect("kinds print JSON"))
    }

    fn expected(&self) -> Value {
        let file = self.path.with_file_name(format!("{}.json", self.stem));
        fs::read(file).map_or(Value::Null, |text| serde_json::from_slice(&text).unwrap())
    }
}

fn pages_in(corpus: &Path, folder: &Folder) -> Vec<SavedPage> {
    let mut paths: Vec<PathBuf> = fs::read_dir(corpus.join(folder.path))
        .expect("the corpus has the folder")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| SavedPage::of(folder, path))
        .collect()
}

/// All pages of the corpus; none where it is missing and may be.
pub(crate) fn saved_pages() -> Option<Vec<SavedPage>> {
    let corpus = corpus()?;
    let pages = FOLDERS.iter().flat_map(|folder| pages_in(&corpus, folder));
    Some(pages.collect())
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

#[test]
fn corpus_reads_as_expected() {
    let Some(corpus) = corpus() else { return };
    let (mut total, mut regressions) = (0, Vec::new());
    for folder in FOLDERS {
        let mut exact = 0;
        for page in pages_in(&corpus, folder) {
            match page.read() {
                Ok(got) => match difference("", &page.expected(), &got) {
                    None => exact += 1,
                    Some(difference) => println!("{}/{}: {difference}", folder.path, page.stem),
                },
                Err(error) => println!("{}/{}: {error}", folder.path, page.stem),
            }
        }
        total += exact;
        if exact < folder.exact {
            regressions.push(format!("{}: {exact} of {}", folder.path, folder.exact));
        }
    }
    println!("{total} pages are exact");
    assert!(
        regressions.is_empty(),
        "fewer pages are exact: {regressions:?}"
    );
}

/// What a page says comes back from its own JSON, so that it can be stored and read again.
#[test]
fn dockets_survive_their_own_json() {
    let Some(pages) = saved_pages() else { return };
    for page in pages_of(&pages, "dockets/district") {
        let found = docket::parse(&page.bytes, "nysd").unwrap();
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(
            serde_json::from_str::<Option<docket::Docket>>(&json).unwrap(),
            found
        );
    }
}

fn pages_of<'a>(pages: &'a [SavedPage], folder: &'a str) -> impl Iterator<Item = &'a SavedPage> {
    pages.iter().filter(move |page| {
        page.path
            .parent()
            .is_some_and(|parent| parent.ends_with(folder))
    })
}

/// The verdict and the reader must agree on what a docket is, and receipts must be complete.
#[test]
fn verdicts_fit_the_corpus() {
    let Some(pages) = saved_pages() else { return };
    let (mut dockets, mut billed) = (0, 0);
    for folder in ["dockets/bankruptcy", "dockets/district", "dockets/special"] {
        for SavedPage {
            court,
            bytes,
            path: page,
            ..
        } in pages_of(&pages, folder)
        {
            let is_docket = docket::parse(bytes, court).unwrap().is_some();
            let answer = docket_answer(bytes);
            assert_eq!(
                matches!(answer, DocketAnswer::Docket | DocketAnswer::EmptyDocket),
                is_docket,
                "{page:?} is {answer:?}"
            );
            dockets += usize::from(is_docket);
            // Donors have scrubbed some receipts, so not every one has everything.
            billed += usize::from(receipt::read(bytes).is_some_and(|receipt| {
                receipt.time.is_some()
                    && receipt.billable_pages.is_some()
                    && receipt.cost_cents.is_some()
                    && receipt.description.is_some()
            }));
        }
    }
    assert!(dockets >= 280, "only {dockets} dockets");
    assert!(billed >= 270, "only {billed} complete receipts");
    let mut recognised = 0;
    for SavedPage {
        bytes, path: page, ..
    } in pages_of(&pages, "dockets/not_dockets")
    {
        let answer = docket_answer(bytes);
        recognised += usize::from(answer != DocketAnswer::Unrecognised);
        assert!(
            !matches!(answer, DocketAnswer::Docket | DocketAnswer::EmptyDocket),
            "{page:?} is no docket"
        );
    }
    // One page was written into by a browser extension.
    assert!(
        recognised >= 9,
        "only {recognised} pages in place of a docket are recognised"
    );
    for SavedPage {
        bytes, path: page, ..
    } in pages_of(&pages, "attachment_pages")
    {
        let answer = menu_answer(Some("text/html"), bytes);
        assert_eq!(answer, MenuAnswer::Menu, "{page:?}");
    }
    for SavedPage {
        bytes, path: page, ..
    } in pages_of(&pages, "confirmation_pages")
    {
        let has_price = confirmation_page::parse(bytes, "cand").unwrap().is_some();
        let answer = document_answer(Some("text/html"), bytes);
        match answer {
            DocumentAnswer::PricePage(price) => {
                assert!(
                    has_price && price.accept.is_some() && price.receipt.cost_cents.is_some(),
                    "{page:?}: {price:?}"
                );
            }
            other => assert!(!has_price, "{page:?} is {other:?}"),
        }
    }
    for SavedPage {
        bytes, path: page, ..
    } in pages_of(&pages, "authentication_samples")
    {
        assert_eq!(docket_answer(bytes), DocketAnswer::LoginPage, "{page:?}");
    }
}
