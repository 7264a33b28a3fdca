//! Reads every page of the extra corpus and counts those that come out exactly as expected.

#![allow(
    clippy::print_stdout,
    reason = "a counted corpus must be seen in the test's output"
)]

use pacer::page::answer::{Answer, CourtPage, docket_page, document_page, menu_page};
use pacer::page::{confirmation_page, docket, receipt};

use crate::extra::extra;
use crate::folders::FOLDERS;
use crate::saved::{SavedPage, pages_in};

/// All pages of the corpus; none where it is not.
pub(crate) fn corpus_pages() -> Option<Vec<SavedPage>> {
    let corpus = extra("corpus")?;
    let pages = FOLDERS
        .iter()
        .flat_map(|folder| pages_in(&corpus.join(folder.path), folder.kind, folder.suffix));
    Some(pages.collect())
}

#[test]
fn corpus_reads_as_expected() {
    let Some(corpus) = extra("corpus") else {
        return;
    };
    let (mut total, mut regressions) = (0, Vec::new());
    for folder in FOLDERS {
        let mut exact = 0;
        for page in pages_in(&corpus.join(folder.path), folder.kind, folder.suffix) {
            match page.mistake() {
                None => exact += 1,
                Some(mistake) => println!("{}/{}: {mistake}", folder.path, page.stem),
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
    let Some(pages) = corpus_pages() else { return };
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
    let Some(pages) = corpus_pages() else { return };
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
            let answer = docket_page(bytes);
            assert_eq!(
                matches!(answer, CourtPage::Is(Answer::Docket | Answer::EmptyDocket)),
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
        let answer = docket_page(bytes);
        recognised += usize::from(answer != CourtPage::Is(Answer::Unrecognised));
        assert!(
            !matches!(answer, CourtPage::Is(Answer::Docket | Answer::EmptyDocket)),
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
        let answer = menu_page(Some("text/html"), bytes);
        assert_eq!(answer, CourtPage::Is(Answer::Menu), "{page:?}");
    }
    for SavedPage {
        bytes, path: page, ..
    } in pages_of(&pages, "confirmation_pages")
    {
        let has_price = confirmation_page::parse(bytes, "cand").unwrap().is_some();
        let answer = document_page(Some("text/html"), bytes);
        match answer {
            CourtPage::Is(Answer::Audio) => assert!(has_price, "{page:?}"),
            CourtPage::Price(price) => {
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
        assert_eq!(
            docket_page(bytes),
            CourtPage::Is(Answer::LoginPage),
            "{page:?}"
        );
    }
}
