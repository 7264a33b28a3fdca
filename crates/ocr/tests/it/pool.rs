//! The pool and its workers, on documents of our own.

use ocr::verdict::Reason;
use ocr::{Limits, PageSource, ReadError, Refusal, WorkerConfig, WorkerPool};

use crate::fixture::{self, Page, STAMP, document, saved};

const SCANNED: [&str; 4] = [
    "ORDER GRANTING MOTION TO COMPEL",
    "Before the court is the motion of the plaintiff",
    "Jane Roe to compel the production of records.",
    "The motion is granted in part.",
];

#[tokio::test]
async fn a_stamped_scan_is_its_stamp_and_then_its_picture() {
    let file = saved(&document(&[Page::Scanned(&SCANNED, Some(STAMP))]));
    let read = crate::pool(1).read(file.path()).await.unwrap();
    assert_eq!(read.ocr_status, Some(1));
    let page = &read.pages[0];
    assert_eq!(page.source, PageSource::TextLayerPlusOcr);
    let lines: Vec<&str> = page.text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[0], STAMP);
    assert_eq!(lines[1..], SCANNED);
    assert!(page.mean_confidence > Some(80.0));
}

#[tokio::test]
async fn typed_and_scanned_pages_of_one_document_keep_their_order() {
    let file = saved(&document(&[
        Page::Scanned(&SCANNED, None),
        Page::Typed(&["Certificate of service", "Served on all parties by mail"]),
    ]));
    let read = crate::pool(2).read(file.path()).await.unwrap();
    let text = read.plain_text();
    let (first, second) = text.split_once('\u{c}').unwrap();
    assert!(first.starts_with(SCANNED[0]), "{first}");
    assert_eq!(
        second,
        "Certificate of service\nServed on all parties by mail\n"
    );
    assert_eq!(
        [read.pages[0].source, read.pages[1].source],
        [PageSource::Ocr, PageSource::TextLayer]
    );
}

#[tokio::test]
async fn a_page_that_kills_its_worker_fails_alone() {
    let limits = Limits {
        worker_memory_bytes: 400_000_000,
        ..Limits::default()
    };
    let pool = WorkerPool::new(crate::config(1, limits));
    let file = saved(&document(&[
        Page::Typed(&["Page one"]),
        Page::Bomb(500),
        Page::Typed(&["Page three"]),
    ]));
    let read = pool.read(file.path()).await.unwrap();
    let texts: Vec<&str> = read.pages.iter().map(|page| page.text.as_str()).collect();
    assert_eq!(texts, ["Page one", "", "Page three"]);
    assert_eq!(read.pages[1].source, PageSource::Failed);
    assert_eq!(read.pages[1].reason, Reason::ResourceLimit);
    assert_eq!(read.ocr_status, Some(4));
    let sound = saved(&fixture::typed(&["It is so ordered."]));
    assert_eq!(pool.read(sound.path()).await.unwrap().ocr_status, Some(2));
}

#[tokio::test]
async fn a_page_that_takes_too_long_fails_and_says_so() {
    let limits = Limits {
        open_time: std::time::Duration::ZERO,
        recognise_time_per_page: std::time::Duration::ZERO,
        ..Limits::default()
    };
    let pool = WorkerPool::new(crate::config(1, limits));
    let file = saved(&document(&[Page::Scanned(&SCANNED, None)]));
    let pages = pool.recognise(file.path(), &[1]).await.unwrap();
    assert_eq!(pages[0].source, PageSource::Failed);
    assert_eq!(pages[0].reason, Reason::TimeLimit);
    let slow = saved(&document(&[Page::Bomb(200)]));
    // Whether the millisecond ends before or after the file is open is the machine's business.
    match pool.read(slow.path()).await {
        Ok(read) => assert_eq!(read.pages[0].reason, Reason::TimeLimit),
        Err(error) => assert!(matches!(error, ReadError::Refused(Refusal::TimeLimit))),
    }
}

#[tokio::test]
async fn limits_on_pages_and_text_are_kept() {
    let limits = Limits {
        pages: 1,
        page_text_bytes: 8,
        ..Limits::default()
    };
    let pool = WorkerPool::new(crate::config(1, limits));
    let two = saved(&document(&[Page::Typed(&["one"]), Page::Typed(&["two"])]));
    assert!(matches!(
        pool.read(two.path()).await,
        Err(ReadError::Refused(Refusal::TooManyPages {
            pages: 2,
            limit: 1
        }))
    ));
    let long = saved(&fixture::typed(&["It is so ordered."]));
    let read = pool.read(long.path()).await.unwrap();
    assert_eq!(read.pages[0].text, "It is so");
    assert_eq!(read.problems, [ocr::Problem::TextCut { page: 1 }]);
}

#[tokio::test]
async fn without_recognition_data_pages_fail_and_keep_their_stamp() {
    let nothing = tempfile::tempdir().unwrap();
    let pool = WorkerPool::new(WorkerConfig {
        recogniser_data: Some(nothing.path().to_owned()),
        ..crate::config(1, Limits::default())
    });
    let file = saved(&document(&[Page::Scanned(&SCANNED, Some(STAMP))]));
    let read = pool.read(file.path()).await.unwrap();
    assert_eq!(read.pages[0].reason, Reason::RecognitionFailed);
    assert_eq!(read.pages[0].text, STAMP);
    assert_eq!(read.ocr_status, Some(4));
}

#[tokio::test]
async fn a_missing_file_is_refused_and_a_missing_worker_is_not_the_files_fault() {
    let missing = std::path::Path::new("no-such-file.pdf");
    assert!(matches!(
        crate::pool(1).read(missing).await,
        Err(ReadError::Refused(Refusal::Unreachable { .. }))
    ));
    for program in ["/no/such/program", "/bin/true"] {
        let pool = WorkerPool::new(WorkerConfig::of_program(program.into()));
        assert!(matches!(
            pool.read(missing).await,
            Err(ReadError::NoWorker(_))
        ));
    }
}

#[tokio::test]
async fn a_worker_inherits_nothing_of_our_environment() {
    assert!(std::env::var_os("PATH").is_some());
    let file = tempfile::NamedTempFile::new().unwrap();
    let script = format!("/usr/bin/env > {}", file.path().display());
    let pool = WorkerPool::new(WorkerConfig {
        arguments: vec!["-c".to_owned(), script],
        ..WorkerConfig::of_program("/bin/sh".into())
    });
    let not_a_worker = pool.read(file.path()).await;
    assert!(matches!(not_a_worker, Err(ReadError::NoWorker(_))));
    let environment = std::fs::read_to_string(file.path()).unwrap();
    let mut names: Vec<&str> = environment
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        // The shell's own.
        .filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["LC_ALL", "OMP_THREAD_LIMIT"]);
}
