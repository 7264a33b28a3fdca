//! Files that are damaged, and say so.

use fetch_text::{PageSource, Problem};

use crate::raw::{Index, body, content, numbered, order, packed, stream};
use crate::sheet::ORDER;
use crate::{raw, read};

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
    raw::file(&objects, Index::Table)
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
    let whole = packed(&content());
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
    let whole = packed(&content());
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
        ("/Length 0/Filter/FlateDecode", packed(&content())),
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

#[test]
fn a_file_that_goes_on_after_its_end_is_whole() {
    let servers: [&[u8]; 3] = [
        b"\0",
        b" \r\n",
        b"<!-- sent by the server of the court -->\n",
    ];
    for index in [Index::Table, Index::Stream] {
        for written in servers {
            let mut bytes = raw::file(&order(), index);
            bytes.extend_from_slice(&written.repeat(1 + 5000 / written.len()));
            let document = read(bytes);
            let what = String::from_utf8_lossy(written);
            assert_eq!(
                document.pages[0].text,
                ORDER.join("\n"),
                "{index:?}, {what}"
            );
            assert_eq!(document.problems, [], "{index:?}, {what}");
        }
    }
}

#[test]
fn a_file_without_its_index_is_read_from_its_objects() {
    let objects = order();
    let forwards = numbered(&objects);
    let backwards: Vec<(usize, &[u8])> = forwards.iter().rev().copied().collect();
    let files = [
        ("ends of lines of Unix", body(&forwards, "\n").0),
        ("of an old Macintosh", body(&forwards, "\r").0),
        ("backwards", body(&backwards, "\r\n").0),
        (
            "packed objects",
            without_index(&objects, &[0, 1, 2, 3], true),
        ),
        (
            "objects in a stream",
            without_index(&objects, &[0, 1, 2], false),
        ),
        (
            "the catalog last",
            without_index(&objects, &[2, 3, 1, 0], true),
        ),
    ];
    for (what, bytes) in files {
        let document = read(bytes);
        assert_eq!(document.pages[0].text, ORDER.join("\n"), "{what}");
        // There may have been more.
        assert_eq!(document.problems, [Problem::Truncated], "{what}");
    }
}

/// A file whose objects at those places stand together in a stream, and that ends before its index.
fn without_index(objects: &[Vec<u8>], together: &[usize], is_packed: bool) -> Vec<u8> {
    let (mut heads, mut data) = (String::new(), Vec::new());
    for place in together {
        heads.push_str(&format!("{} {} ", place + 1, data.len()));
        data.extend_from_slice(&objects[*place]);
        data.push(b' ');
    }
    let entries = format!("/Type /ObjStm/N {}/First {}", together.len(), heads.len());
    let whole = [heads.as_bytes(), &data].concat();
    let held = match is_packed {
        true => stream(&format!("{entries}/Filter/FlateDecode"), &packed(&whole)),
        false => stream(&entries, &whole),
    };
    let mut all: Vec<(usize, &[u8])> = numbered(objects);
    all.retain(|(number, _)| !together.contains(&(number - 1)));
    all.push((objects.len() + 1, &held));
    body(&all, "\n").0
}

#[test]
fn a_file_of_which_no_catalog_is_left_is_refused() {
    let objects = order();
    let without_catalog = body(&numbered(&objects)[1..], "\n").0;
    let refused = fetch_text::Reader::new(fetch_text::Limits::default(), None, None)
        .read(without_catalog)
        .unwrap_err();
    assert_eq!(refused, fetch_text::Refusal::Damaged);
}
