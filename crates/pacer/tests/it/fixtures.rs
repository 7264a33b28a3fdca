//! Our own pages, `fixtures/KIND/COURT_NAME.SUFFIX`, each beside what it should be read as: `.json`, or
//! `.error` with the sentence of a page that cannot be read. A lookup may have `.hints`.
//!
//! People, cases and courts' words in them are invented; the markup is that of courts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pacer::court::Court;
use pacer::page::answer::{Answer, CourtPage, docket_page, document_page, menu_page};
use pacer::page::docket;
use pacer::page::kind::Kind;

use crate::saved::{SavedPage, pages_in};

/// What a page of that kind is called, after its name.
fn suffix(kind: Kind) -> &'static str {
    match kind {
        Kind::AcmsDocket | Kind::AcmsAttachmentPage => ".acms.json",
        Kind::PossibleCaseNumbers | Kind::RssFeed | Kind::IaDocket => ".xml",
        Kind::Email => ".eml",
        _ => ".html",
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn of_kind(kind: Kind) -> Vec<SavedPage> {
    pages_in(&root().join(kind.name()), kind, suffix(kind))
}

/// All of them.
pub(crate) fn fixture_pages() -> Vec<SavedPage> {
    Kind::ALL.iter().flat_map(|kind| of_kind(*kind)).collect()
}

#[test]
fn fixtures_read_as_expected() {
    let mistakes: Vec<String> = fixture_pages()
        .iter()
        .filter_map(|page| {
            let mistake = page.mistake()?;
            Some(format!("{}/{}: {mistake}", page.kind.name(), page.stem))
        })
        .collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

/// The fixtures of a kind that are read as something, and those that are nothing of the kind.
fn read_and_refused(kind: Kind) -> (Vec<SavedPage>, Vec<SavedPage>) {
    let pages = of_kind(kind)
        .into_iter()
        .filter(|page| page.beside(".json").is_file());
    let is_read = |page: &SavedPage| {
        let text = fs::read_to_string(page.beside(".json")).expect("expectations can be read");
        text.trim() != "{}"
    };
    pages.partition(is_read)
}

/// What decides which kind of page came back, and the reader of that kind, agree.
#[test]
fn verdicts_fit_the_fixtures() {
    let is_docket = |page: &SavedPage| {
        let answer = docket_page(&page.bytes);
        matches!(answer, CourtPage::Is(Answer::Docket | Answer::EmptyDocket))
    };
    let (dockets, others) = read_and_refused(Kind::Docket);
    for page in &dockets {
        assert!(
            is_docket(page),
            "{}: {:?}",
            page.stem,
            docket_page(&page.bytes)
        );
        let found = docket::parse(&page.bytes, &page.court).unwrap();
        let json = serde_json::to_string(&found).unwrap();
        let again: Option<docket::Docket> = serde_json::from_str(&json).unwrap();
        assert_eq!(again, found, "{}", page.stem);
    }
    for page in &others {
        assert!(!is_docket(page), "{}", page.stem);
    }
    for page in &read_and_refused(Kind::AttachmentPage).0 {
        let answer = menu_page(Some("text/html"), &page.bytes);
        assert_eq!(answer, CourtPage::Is(Answer::Menu), "{}", page.stem);
    }
    for page in &read_and_refused(Kind::ConfirmationPage).0 {
        let answer = document_page(Some("text/html"), &page.bytes);
        let CourtPage::Price(price) = answer else {
            panic!("{}: {answer:?}", page.stem);
        };
        assert!(
            price.accept.is_some() && price.receipt.cost_cents.is_some(),
            "{price:?}"
        );
    }
}

/// The fewest pages of a kind, of pages that are nothing of the kind, and of courts.
const LEAST: usize = 3;

/// Each kind has pages of several courts, at least one that is read, and every file is of some page.
#[test]
fn every_kind_has_fixtures_of_several_courts() {
    let mut folders: BTreeSet<PathBuf> = listed(&root());
    for kind in Kind::ALL {
        let folder = root().join(kind.name());
        assert!(folders.remove(&folder), "{}", kind.name());
        let pages = of_kind(*kind);
        let mut files = listed(&folder);
        let mut courts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut read = 0;
        for page in &pages {
            assert!(
                is_court(&page.court),
                "{}: a name begins with a court",
                page.stem
            );
            *courts.entry(&page.court).or_default() += 1;
            let (json, error) = (page.beside(".json"), page.beside(".error"));
            assert!(
                json.is_file() != error.is_file(),
                "{}: one of both",
                page.stem
            );
            read += usize::from(json.is_file());
            for file in [&page.path, &json, &error, &page.beside(".hints")] {
                files.remove(file);
            }
        }
        let name = kind.name();
        assert!(pages.len() >= LEAST, "{name} has {} fixtures", pages.len());
        assert!(read >= LEAST - 1, "{name}: {read} are read");
        assert!(courts.len() > 1, "{name} has only {courts:?}");
        assert!(files.is_empty(), "{name}: no page has {files:?}");
    }
    folders.retain(|path| path.is_dir());
    assert!(folders.is_empty(), "no kind has {folders:?}");
}

fn is_court(id: &str) -> bool {
    Court::by_pacer_id(id).is_some()
}

fn listed(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect()
}
