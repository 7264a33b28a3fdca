//! How fast pages are read, and how fast scraper builds its bare tree of the same pages, before any of
//! its selectors looks at it: a reader on top of it cannot be faster. `make bench-parsers` runs this and
//! compares it with juriscraper.
//!
//! `corpus CORPUS read|tree [--once] [FOLDER]` prints a line of JSON for each folder: kind, pages, bytes,
//! and the seconds of the fastest of several passes over all its pages on one core. Seconds are
//! those that the processor worked for us, so that a busy machine does not decide.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../tests/it/folders.rs"]
mod folders;
#[path = "../tests/it/worked.rs"]
mod worked;

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use folders::{FOLDERS, Folder};
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment};
use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;
use scraper::{Html, HtmlTreeSink};
use serde_json::json;
use worked::worked;

/// A folder is read again until this much time has passed.
const ENOUGH: Duration = Duration::from_millis(600);
/// And at least this often.
const LEAST_PASSES: usize = 3;

struct Page {
    bytes: Vec<u8>,
    stem: String,
}

fn pages(corpus: &Path, folder: &Folder) -> Vec<Page> {
    let entries = fs::read_dir(corpus.join(folder.path)).expect("the corpus has the folder");
    entries
        .filter_map(|entry| {
            let path = entry.expect("the corpus can be listed").path();
            let stem = path.file_name()?.to_str()?.strip_suffix(folder.suffix)?;
            Some(Page {
                bytes: fs::read(&path).expect("the corpus can be read"),
                stem: stem.to_owned(),
            })
        })
        .collect()
}

fn read(kind: Kind, page: &Page) {
    let court = page.stem.split(['_', '.']).next().unwrap_or_default();
    let hints = Hints {
        case_name: Some(&page.stem),
        ..Hints::default()
    };
    let _ = black_box(kind.to_json(black_box(&page.bytes), court, hints));
}

fn tree(page: &Page) {
    let text = String::from_utf8_lossy(&page.bytes);
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let parser = parse_fragment(
        HtmlTreeSink::new(Html::new_fragment()),
        ParseOpts::default(),
        context,
        Vec::new(),
        false,
    );
    black_box(parser.one(&*text));
}

/// Seconds of the fastest pass.
fn fastest(once: bool, mut pass: impl FnMut()) -> f64 {
    let begin = worked();
    let mut best = Duration::MAX;
    for number in 1.. {
        let start = worked();
        pass();
        best = best.min(worked() - start);
        if once || (number >= LEAST_PASSES && worked() - begin >= ENOUGH) {
            break;
        }
    }
    best.as_secs_f64()
}

fn main() {
    // Cargo adds a flag of its own.
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (flags, words): (Vec<&str>, Vec<&str>) = arguments
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with("--"));
    let once = flags.contains(&"--once");
    let [corpus, what, only @ ..] = &words[..] else {
        println!("usage: corpus CORPUS read|tree [--once] [FOLDER]");
        return;
    };
    for folder in FOLDERS {
        if !only.is_empty() && !only.contains(&folder.path) {
            continue;
        }
        // Only pages of HTML have a tree to compare with.
        if *what == "tree" && folder.suffix != ".html" {
            continue;
        }
        let pages = pages(Path::new(corpus), folder);
        let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
        let seconds = fastest(once, || {
            for page in &pages {
                if *what == "tree" {
                    tree(page);
                } else {
                    read(folder.kind, page);
                }
            }
        });
        let line = json!({
            "folder": folder.path, "kind": folder.kind.name(),
            "pages": pages.len(), "bytes": bytes, "seconds": seconds,
        });
        println!("{line}");
    }
}
