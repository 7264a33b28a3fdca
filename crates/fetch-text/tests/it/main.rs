//! What is written in documents of our own, each made for one thing that can go wrong.

mod columns;
mod damage;
mod enclosures;
mod fonts;
mod hidden;
mod paper;
mod raw;
mod sheet;

use fetch_text::{DocumentText, Limits, PageText, Reader};

/// Reads a document without a recogniser: pages that need one fail, and say why.
fn read(bytes: Vec<u8>) -> DocumentText {
    Reader::new(Limits::default(), None, None)
        .read(bytes)
        .unwrap()
}

/// The only page of a document.
fn page(bytes: Vec<u8>) -> PageText {
    let mut document = read(bytes);
    assert_eq!(document.page_count, 1);
    document.pages.remove(0)
}

/// The text of the only page, its lines parted by slashes and its empty lines left out.
fn lines(bytes: Vec<u8>) -> String {
    let text = page(bytes).text;
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines.join(" / ")
}
