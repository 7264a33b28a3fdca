//! Files that are damaged, and say so.

use std::io::Write as _;

use fetch_text::{PageSource, Problem};
use flate2::{Compression, write::ZlibEncoder};

use crate::read;
use crate::sheet::ORDER;

/// A file of pages in which everything but the content is as it should be. Each page is what
/// follows `/Contents 9 0 R` in its dictionary, and the entries and bytes of its content.
fn file(pages: &[(&str, &str, Vec<u8>)]) -> Vec<u8> {
    let numbers: Vec<usize> = (0..pages.len()).map(|page| 4 + 2 * page).collect();
    let kids: String = numbers
        .iter()
        .map(|number| format!("{number} 0 R "))
        .collect();
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Kids[{kids}]/Count {}>>", pages.len()).into_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ];
    for (number, (page, entries, content)) in numbers.iter().zip(pages) {
        let contents = number + 1;
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {contents} 0 R{page}\
                 /Resources<</Font<</F 3 0 R>>>>>>"
            )
            .into_bytes(),
        );
        let head = format!("<<{entries}>>\nstream\n");
        objects.push([head.as_bytes(), content, b"\nendstream"].concat());
    }
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = String::new();
    for (index, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", bytes.len()));
        bytes.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        bytes.extend_from_slice(object);
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let (size, start) = (objects.len() + 1, bytes.len());
    let end = format!(
        "xref\n0 {size}\n0000000000 65535 f \n{places}trailer\n<</Size {size}/Root 1 0 R>>\n\
         startxref\n{start}\n%%EOF\n"
    );
    bytes.extend_from_slice(end.as_bytes());
    bytes
}

fn content() -> Vec<u8> {
    let mut content = String::new();
    for (row, line) in ORDER.iter().enumerate() {
        let top = 700 - 16 * row;
        content.push_str(&format!("BT /F 12 Tf 72 {top} Td ({line}) Tj ET\n"));
    }
    content.into_bytes()
}

fn packed() -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&content()).unwrap();
    encoder.finish().unwrap()
}

fn flate(data: Vec<u8>) -> (&'static str, String, Vec<u8>) {
    (
        "",
        format!("/Filter/FlateDecode/Length {}", data.len()),
        data,
    )
}

#[test]
fn a_page_whose_content_is_damaged_is_named() {
    let whole = packed();
    let cut = whole[..whole.len() / 2].to_vec();
    let mut flipped = whole.clone();
    flipped[5] ^= 0x55;
    let noise = b"this was never packed by anyone ".repeat(9);
    for (what, damaged) in [("cut", cut), ("flipped", flipped), ("noise", noise)] {
        let pages = [flate(whole.clone()), flate(damaged), flate(whole.clone())];
        let pages = pages
            .each_ref()
            .map(|(page, entries, data)| (*page, entries.as_str(), data.clone()));
        let document = read(file(&pages));
        assert_eq!(
            document.problems,
            [Problem::PageDamaged { page: 2 }],
            "{what}"
        );
        assert_eq!(document.pages[0].text, ORDER.join("\n"));
        assert_eq!(document.pages[2].text, ORDER.join("\n"));
    }
}

#[test]
fn a_page_whose_content_is_not_there_is_named() {
    let length = format!("/Length {}", content().len());
    let pages = [("/Contents 99 0 R", length.as_str(), content())];
    let bytes = file(&pages);
    let document = read(bytes);
    // Which of two entries counts is the reader's to say; text without a word about it is not.
    let is_told = document.problems == [Problem::PageDamaged { page: 1 }];
    assert!(is_told != (document.pages[0].source == PageSource::TextLayer));
}

#[test]
fn whole_pages_are_not_called_damaged() {
    let whole = packed();
    let with_line_end = [&whole[..], b"\r\n"].concat();
    let mut other_checksum = whole.clone();
    let end = other_checksum.len() - 1;
    other_checksum[end] ^= 0xff;
    for data in [whole, with_line_end, other_checksum] {
        let (page, entries, data) = flate(data);
        let document = read(file(&[(page, &entries, data)]));
        assert_eq!(document.problems, []);
        assert_eq!(document.pages[0].text, ORDER.join("\n"));
    }
}

#[test]
fn a_stream_that_says_it_is_empty_is_read_to_its_end() {
    for (entries, data) in [
        ("/Length 0", content()),
        ("/Length 0/Filter/FlateDecode", packed()),
        ("/Length 7", content()),
    ] {
        let document = read(file(&[("", entries, data)]));
        assert_eq!(document.problems, [], "{entries}");
        assert_eq!(document.pages[0].text, ORDER.join("\n"), "{entries}");
    }
}

#[test]
fn numbers_that_are_none_lose_no_page() {
    let length = format!("/Length {}", content().len());
    for page in [
        "/Rotate 1e308",
        "/Rotate -1E308",
        "/UserUnit 1e0",
        "/Rotate 9e1",
    ] {
        let pages = ["", page, ""].map(|page| (page, length.as_str(), content()));
        let document = read(file(&pages));
        assert_eq!(document.page_count, 3, "{page}");
        for read in &document.pages {
            assert_eq!(read.text, ORDER.join("\n"), "{page}");
        }
    }
}
