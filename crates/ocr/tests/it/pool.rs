//! The pool and its workers, on documents of our own.

use std::process::Stdio;
use std::time::Duration;

use fetch_text::channel::RequestSender;
use ocr::choice::Reason;
use ocr::wire::{self, Answer, Request};
use ocr::{
    Limits, PageSource, Problem, Program, ReadError, Reader, Refusal, WorkerConfig, WorkerPool,
};

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
        open_time: Duration::ZERO,
        recognise_time_per_page: Duration::ZERO,
        ..Limits::default()
    };
    let pool = WorkerPool::new(crate::config(1, limits));
    let file = saved(&document(&[Page::Scanned(&SCANNED, None)]));
    let pages = pool.recognise(file.path(), &[1]).await.unwrap();
    assert_eq!(pages[0].source, PageSource::Failed);
    assert_eq!(pages[0].reason, Reason::TimeLimit);
}

#[tokio::test]
async fn a_page_without_end_fails_alone() {
    let limits = Limits {
        open_time: Duration::from_secs(2),
        ..Limits::default()
    };
    let pool = WorkerPool::new(crate::config(1, limits));
    let file = saved(&document(&[
        Page::Endless,
        Page::Typed(&["It is so ordered."]),
    ]));
    let read = pool.read(file.path()).await.unwrap();
    assert_eq!(read.pages[0].reason, Reason::TimeLimit);
    assert_eq!(read.pages[1].text, "It is so ordered.");
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_does_not_block_the_next() {
    let pool = crate::pool(1);
    let endless = saved(&document(&[Page::Endless]));
    let patience = Duration::from_millis(500);
    let given_up = tokio::time::timeout(patience, pool.read(endless.path())).await;
    assert!(given_up.is_err());
    let sound = saved(&fixture::typed(&["It is so ordered."]));
    let read = pool.read(sound.path()).await.unwrap();
    assert_eq!(read.ocr_status, Some(2));
}

#[tokio::test]
async fn cut_off_files_and_placeholders_are_read_and_named() {
    let pool = crate::pool(1);
    let mut cut = fixture::typed(&["It is so ordered."]);
    cut.truncate(cut.len() - 8);
    let read = pool.read(saved(&cut).path()).await.unwrap();
    assert_eq!(read.plain_text(), "It is so ordered.\n");
    assert_eq!(read.problems, [Problem::Truncated]);
    let form = fixture::typed(&[
        "Please wait...",
        "Your PDF viewer may not be able to display this type of document.",
    ]);
    let read = pool.read(saved(&form).path()).await.unwrap();
    assert_eq!(read.problems, [Problem::FormPlaceholder]);
}

#[tokio::test]
async fn a_worker_stuck_in_a_page_ends_with_its_parent() {
    let file = saved(&document(&[Page::Endless]));
    let (mut requests, standard_input) = RequestSender::pair().unwrap();
    let mut worker = tokio::process::Command::new(env!("CARGO_BIN_EXE_ocr"))
        .arg("worker")
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(standard_input)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut answers = worker.stdout.take().unwrap();
    let start = Request::Start {
        limits: Limits::default(),
        recognises: false,
        recogniser_data: None,
    };
    requests.send(&start, None).await.unwrap();
    let ready: Answer = wire::receive_async(&mut answers).await.unwrap();
    assert!(matches!(ready, Answer::Ready(_)), "{ready:?}");
    let plan = Request::Plan { pages: Vec::new() };
    requests.send(&plan, Some(file.as_file())).await.unwrap();
    let opened: Answer = wire::receive_async(&mut answers).await.unwrap();
    assert!(matches!(opened, Answer::Opened { pages: 1, .. }));
    drop(requests);
    let ended = tokio::time::timeout(Duration::from_secs(30), worker.wait()).await;
    assert_eq!(ended.unwrap().unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_worker_without_a_thread_limit_does_not_start() {
    let started = tokio::process::Command::new(env!("CARGO_BIN_EXE_ocr"))
        .arg("worker")
        .env_remove("OMP_THREAD_LIMIT")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert!(!started.status.success());
    assert!(String::from_utf8_lossy(&started.stderr).contains("OMP_THREAD_LIMIT"));
}

#[test]
fn a_reader_without_workers_reads_the_same() {
    let bytes = document(&[
        Page::Scanned(&SCANNED, Some(STAMP)),
        Page::Typed(&["It is so ordered."]),
    ]);
    let mut reader = Reader::new(Limits::default(), Some(ocr::tesseract::start), None);
    let read = reader.read(bytes).unwrap();
    assert_eq!(read.pages[0].source, PageSource::TextLayerPlusOcr);
    assert!(read.pages[0].text.ends_with(SCANNED[3]));
    assert_eq!(read.pages[1].text, "It is so ordered.");
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
    assert_eq!(read.problems, [Problem::TextCut { page: 1 }]);
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
        program: Program {
            path: "/bin/sh".into(),
            arguments: vec!["-c".to_owned(), script],
        },
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
    let heap = [
        "MALLOC_ARENA_MAX",
        "MALLOC_TOP_PAD_",
        "MALLOC_TRIM_THRESHOLD_",
    ];
    let expected = [&["LC_ALL"], &heap[..], &["OMP_THREAD_LIMIT"]].concat();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_long_typed_document_with_one_rubber_stamp_is_not_recognised() {
    let lines = [
        "The motion to compel is granted in part and the records shall be",
        "produced by the defendant to counsel for the plaintiff.",
    ];
    let mut pages: Vec<Page<'_>> = (0..99).map(|_| Page::Typed(&lines)).collect();
    pages.push(Page::Stamped(&lines, "FILED"));
    let file = saved(&document(&pages));
    let plan = crate::pool(1).plan(file.path()).await.unwrap();
    assert_eq!(plan.pages.len(), 100);
    assert_eq!(plan.to_recognise(), [0_u32; 0]);
}

#[tokio::test]
async fn of_a_mixed_document_exactly_the_scanned_pages_are_recognised() {
    let typed = ["The parties agree to the schedule that is set out below in this stipulation"];
    let pages: Vec<Page<'_>> = (1..=40)
        .map(|number| match number % 7 {
            0 => Page::Scanned(&SCANNED, Some(STAMP)),
            3 => Page::Scanned(&SCANNED, None),
            _ => Page::Typed(&typed),
        })
        .collect();
    let file = saved(&document(&pages));
    let plan = crate::pool(1).plan(file.path()).await.unwrap();
    let scanned: Vec<u32> = (1..=40)
        .filter(|number| matches!(number % 7, 0 | 3))
        .collect();
    assert_eq!(plan.to_recognise(), scanned);
}

#[tokio::test]
async fn workers_say_what_is_enforced_on_them() {
    let confinement = crate::pool(1).confinement().await.unwrap();
    assert_eq!(
        confinement.memory_bytes,
        Limits::default().worker_memory_bytes
    );
    if cfg!(target_os = "linux") {
        assert!(confinement.is_enforced(), "{confinement}");
        assert_eq!(confinement.system_calls, Ok(()));
    }
}
