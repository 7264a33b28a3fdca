//! Time and memory of a docket of 5 MB and of one of 50 MB, which has more than 20,000 entries.
//!
//! Prints a line of JSON for each: bytes, entries, seconds that the processor worked (the best of
//! three), and the most memory that was in use beyond the page itself while it was read.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(
    unsafe_code,
    reason = "an allocator that counts is written in unsafe code"
)]

#[path = "../tests/it/worked.rs"]
mod worked;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pacer::page::docket;
use serde_json::json;
use worked::worked;

/// Counts what is in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is done by the system's allocator; counting changes nothing about it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A docket whose entries are about as long as those of real ones.
fn docket_of(bytes: usize) -> (String, usize) {
    let mut page = String::with_capacity(bytes + 10_000);
    page.push_str(
        "<html><body><div id=cmecfMainContent><h3>CIVIL DOCKET FOR CASE #: 1:24-cv-00417-ABC</h3>\
         <table><tr><td>Penhallow v. Nimbus Kettle Works<br>Assigned to: Judge Rosalind M. Ferrant</td>\
         <td>Date Filed: 03/05/2024<br>Jury Demand: None</td></tr></table>\
         <table><tr><td>Date Filed</td><th>#</th><td>Docket Text</td></tr>",
    );
    let text = "MEMORANDUM in Opposition re <a href='/doc1/035012340' onClick=\"goDLS('/doc1/035012340','998877','55','','','1','','')\">12</a> \
                MOTION to Compel the Kettle to Boil, filed by Orla Penhallow. (Attachments: # <a href='/doc1/035112341'>1</a> Exhibit A, \
                # <a href='/doc1/035112342'>2</a> Proposed Order)(Quill, Tamsin) "
        .repeat(5);
    let mut entries = 0;
    while page.len() < bytes {
        entries += 1;
        writeln!(
            page,
            "<tr><td width=94 nowrap valign=top>03/05/2024</td><td align=right valign=top nowrap>\
             <a href='https://ecf.cand.uscourts.gov/doc1/0351{entries:07}' onClick=\"goDLS('/doc1/0351{entries:07}','998877','{entries}','','','1','','')\">{entries}</a>&nbsp;</td>\
             <td valign=top>{text}(Entered: 03/06/2024)</td></tr>"
        )
        .expect("strings can be written to");
    }
    page.push_str("</table></div></body></html>");
    (page, entries)
}

fn main() {
    for bytes in [5_000_000, 50_000_000] {
        let (page, entries) = docket_of(bytes);
        let mut best = Duration::MAX;
        let before = IN_USE.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        for _ in 0..3 {
            let start = worked();
            let found = docket::parse(page.as_bytes(), "cand")
                .expect("the page can be read")
                .expect("it is a docket");
            best = best.min(worked() - start);
            assert_eq!(found.docket_entries.len(), entries);
        }
        let peak = PEAK.load(Ordering::Relaxed) - before;
        let line = json!({
            "bytes": page.len(), "entries": entries,
            "seconds": best.as_secs_f64(), "peak_bytes": peak,
        });
        println!("{line}");
    }
}
