//! Files made to break readers: every one ends in pages or in a named refusal, in time, and the
//! pool goes on.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use ocr::{DocumentText, Limits, PageSource, ReadError, Refusal};

use crate::collection::{Entry, agreement, entries};
use crate::{fixture, pool};

/// Shorter than in service, so that the three files that only time stops do not take a minute.
const OPEN_TIME: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn every_broken_file_ends_in_pages_or_a_name_and_the_pool_goes_on() {
    let limits = Limits {
        open_time: OPEN_TIME,
        ..Limits::default()
    };
    let pool = ocr::WorkerPool::new(crate::config(2, limits.clone()));
    stream::iter(entries("bad"))
        .for_each_concurrent(2, async |entry| {
            let started = Instant::now();
            let result = pool.read(&entry.path()).await;
            // One pass, one second reading, one page recognised, each up to six times as long on a
            // crowded machine.
            let most = 18 * limits.recognise_time(1);
            assert!(started.elapsed() < most, "{} took too long", entry.file);
            check(&entry, result);
        })
        .await;
    let sound = fixture::saved(&fixture::typed(&["It is so ordered."]));
    assert!(pool.read(sound.path()).await.is_ok());
}

fn check(entry: &Entry, result: Result<DocumentText, ReadError>) {
    let expected = entry.expect.as_deref().unwrap();
    // Where the set allows both, ending is all that is asked.
    let either = expected.contains(" or ");
    match result {
        Ok(document) => {
            assert!(either || !expected.starts_with("error") || all_failed(&document));
            check_pages(entry, expected, &document);
        }
        Err(ReadError::Refused(_)) => {
            assert!(either || expected.starts_with("error"), "{}", entry.file);
        }
        Err(error) => panic!("{}: {error:?}", entry.file),
    }
}

fn check_pages(entry: &Entry, expected: &str, document: &DocumentText) {
    if let Some(pages) = entry.pages {
        assert_eq!(document.page_count, pages, "{}", entry.file);
    }
    if expected.contains("'hello'") {
        assert_eq!(document.plain_text(), "hello\n", "{}", entry.file);
    }
    if let Some(truth) = entry.truth() {
        let agreement = agreement(&document.plain_text(), &truth.concat());
        assert!(agreement.recall >= 0.999, "{}: {agreement:?}", entry.file);
    }
}

fn all_failed(document: &DocumentText) -> bool {
    let failed = |page: &ocr::PageText| page.source == PageSource::Failed;
    document.pages.iter().all(failed)
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let pool = pool(1);
    for (file, expected) in [
        ("bad/zero.pdf", Refusal::Empty),
        ("bad/one-byte.pdf", Refusal::NotAPdf),
        ("bad/html-login.pdf", Refusal::WebPage),
        ("bad/header-only.pdf", Refusal::Damaged),
        ("bad/enc-user-aes256.pdf", Refusal::PasswordNeeded),
    ] {
        let Some(entry) = crate::collection::entry("bad", file) else {
            return;
        };
        match pool.read(&entry.path()).await {
            Err(ReadError::Refused(refusal)) => assert_eq!(refusal, expected, "{file}"),
            other => panic!("{file}: {other:?}"),
        }
    }
}
