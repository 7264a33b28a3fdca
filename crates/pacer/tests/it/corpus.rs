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

/// A folder of the corpus: its kind, the suffix of its pages, and how many come out exactly. That
/// number may only rise.
struct Folder(&'static str, Kind, &'static str, usize);

const FOLDERS: &[Folder] = &[
    Folder("attachment_pages", Kind::AttachmentPage, ".html", 112),
    Folder("authentication_samples", Kind::LoginCheck, ".html", 1),
    Folder("confirmation_pages", Kind::ConfirmationPage, ".html", 13),
    Folder("dockets/bankruptcy", Kind::Docket, ".html", 251),
    Folder("dockets/district", Kind::Docket, ".html", 37),
    Folder("dockets/fake-rss", Kind::Docket, ".html", 1),
    Folder("dockets/not_dockets", Kind::Docket, ".html", 10),
    Folder("dockets/special", Kind::Docket, ".html", 2),
    Folder("nda", Kind::Email, ".txt", 17),
    Folder("nef", Kind::Nef, ".html", 6),
    Folder("nef/s3", Kind::Email, ".txt", 76),
    Folder(
        "possible_case_numbers",
        Kind::PossibleCaseNumbers,
        ".xml",
        3,
    ),
];

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

fn stem(page: &Path) -> String {
    let name = page
        .file_name()
        .expect("pages have names")
        .to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// The court of a page is the first part of its name.
fn read(kind: Kind, page: &Path, stem: &str) -> Result<Value, String> {
    let bytes = fs::read(page).expect("the corpus can be read");
    let court = stem.split('_').next().unwrap_or_default();
    let hints = Hints {
        case_name: Some(stem),
        ..Hints::default()
    };
    let json = kind
        .to_json(&bytes, court, hints)
        .map_err(|error| error.to_string())?;
    Ok(serde_json::from_str(&json).expect("kinds print JSON"))
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
    let mut regressions = Vec::new();
    for Folder(folder, kind, suffix, floor) in FOLDERS {
        let mut exact = 0;
        for entry in fs::read_dir(corpus.join(folder)).expect("the corpus has the folder") {
            let page = entry.expect("the corpus can be listed").path();
            let Some(stem) = page
                .file_name()
                .and_then(|name| name.to_str()?.strip_suffix(suffix))
            else {
                continue;
            };
            let expected = fs::read(page.with_file_name(format!("{stem}.json")))
                .map_or(Value::Null, |text| serde_json::from_slice(&text).unwrap());
            match read(*kind, &page, stem) {
                Ok(got) => match difference("", &expected, &got) {
                    None => exact += 1,
                    Some(difference) => println!("{folder}/{stem}: {difference}"),
                },
                Err(error) => println!("{folder}/{stem}: {error}"),
            }
        }
        println!("{folder}: {exact} exact");
        if exact < *floor {
            regressions.push(format!("{folder}: {exact} instead of {floor}"));
        }
    }
    assert!(
        regressions.is_empty(),
        "fewer pages are exact: {regressions:?}"
    );
}

/// What a page says comes back from its own JSON, so that it can be stored and read again.
#[test]
fn dockets_survive_their_own_json() {
    let Some(corpus) = corpus() else { return };
    for entry in fs::read_dir(corpus.join("dockets/district")).expect("the corpus has the folder") {
        let page = entry.expect("the corpus can be listed").path();
        if page.extension().is_some_and(|suffix| suffix == "html") {
            let bytes = fs::read(&page).expect("the corpus can be read");
            let found = docket::parse(&bytes, "nysd").unwrap();
            let json = serde_json::to_string(&found).unwrap();
            assert_eq!(
                serde_json::from_str::<Option<docket::Docket>>(&json).unwrap(),
                found
            );
        }
    }
}

fn pages_of(folder: &Path) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    fs::read_dir(folder)
        .expect("the corpus has the folder")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|page| page.extension().is_some_and(|suffix| suffix == "html"))
        .map(|page| {
            let bytes = fs::read(&page).expect("the corpus can be read");
            (page, bytes)
        })
}

/// The verdict and the reader must agree on what a docket is, and receipts must be complete.
#[test]
fn verdicts_fit_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let (mut dockets, mut billed) = (0, 0);
    for folder in ["dockets/bankruptcy", "dockets/district", "dockets/special"] {
        for (page, bytes) in pages_of(&corpus.join(folder)) {
            let court = stem(&page).split('_').next().unwrap_or_default().to_owned();
            let is_docket = docket::parse(&bytes, &court).unwrap().is_some();
            let answer = docket_answer(&bytes);
            assert_eq!(
                answer == DocketAnswer::Docket,
                is_docket,
                "{page:?} is {answer:?}"
            );
            dockets += usize::from(is_docket);
            // Donors have scrubbed some receipts, so not every one has everything.
            billed += usize::from(receipt::read(&bytes).is_some_and(|receipt| {
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
    for (page, bytes) in pages_of(&corpus.join("dockets/not_dockets")) {
        let answer = docket_answer(&bytes);
        recognised += usize::from(answer != DocketAnswer::Unrecognised);
        assert_ne!(answer, DocketAnswer::Docket, "{page:?} is no docket");
    }
    // One page was written into by a browser extension.
    assert!(
        recognised >= 9,
        "only {recognised} pages in place of a docket are recognised"
    );
    for (page, bytes) in pages_of(&corpus.join("attachment_pages")) {
        let answer = menu_answer(Some("text/html"), &bytes);
        assert_eq!(answer, MenuAnswer::Menu, "{page:?}");
    }
    for (page, bytes) in pages_of(&corpus.join("confirmation_pages")) {
        let has_price = confirmation_page::parse(&bytes, "cand").unwrap().is_some();
        let answer = document_answer(Some("text/html"), &bytes);
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
    for (page, bytes) in pages_of(&corpus.join("authentication_samples")) {
        assert_eq!(docket_answer(&bytes), DocketAnswer::LoginPage, "{page:?}");
    }
}
