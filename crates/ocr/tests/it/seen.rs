//! What is seen in pictures: nothing where nothing is printed, and columns one after the other.

use ocr::PageSource;
use ocr::choice::Reason;

use crate::fixture::saved;
use crate::paper::{Paper, read};

const PROSE: [&str; 6] = [
    "The council met on Tuesday and",
    "heard eleven speakers about the",
    "harbour. Most of them asked that",
    "the old quay be kept, since the",
    "boats of the inner bay have no",
    "other place to land their catch.",
];
const OTHER: [&str; 6] = [
    "The school will open its library",
    "to all on Saturdays. Readers must",
    "bring a card, which costs nothing",
    "and is made while they wait. The",
    "hours are from nine to four, and",
    "the reading room stays warm then.",
];

#[tokio::test(flavor = "multi_thread")]
async fn blank_paper_is_blank_whatever_its_grey() {
    for (grey, noise) in [(250, 6), (225, 16), (120, 10), (245, 30)] {
        let page = read(&Paper::noisy(grey, noise), 100.0).await;
        assert_eq!(
            page.source,
            PageSource::Blank,
            "{grey}, {noise}: {}",
            page.text
        );
        assert_eq!(page.reason, Reason::NothingPrinted);
        assert_eq!((page.text.as_str(), page.mean_confidence), ("", None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn print_of_the_other_side_is_not_read() {
    for block in [
        &PROSE[..],
        &OTHER[..],
        &["SCHEDULE OF CREDITORS", "filed under seal"],
    ] {
        let page = Paper::printed(1700, 2200, &[(block, 300, 300), (block, 300, 900)]);
        let page = read(&page.shone_through(), 200.0).await;
        assert_eq!(page.text, "", "{block:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn little_print_and_white_print_are_read() {
    let short = Paper::printed(1700, 2200, &[(&["EXHIBIT 12"], 600, 1000)]);
    assert_eq!(read(&short, 200.0).await.text, "EXHIBIT 12");
    let mut negative = Paper::printed(1700, 2200, &[(&PROSE, 300, 300)]);
    negative
        .pixels
        .iter_mut()
        .for_each(|pixel| *pixel = 255 - *pixel);
    let text = read(&negative, 200.0).await.text;
    assert!(text.contains("boats of the inner bay"), "{text}");
    let mut grey = Paper::printed(1700, 2200, &[(&PROSE, 300, 300)]);
    grey.pixels
        .iter_mut()
        .for_each(|pixel| *pixel = 130 + *pixel / 3);
    let page = read(&grey, 200.0).await;
    assert!(
        page.text.contains("boats of the inner bay"),
        "{}",
        page.text
    );
    assert!(page.sure_words > Some(0.8), "{:?}", page.sure_words);
}

#[tokio::test(flavor = "multi_thread")]
async fn faxes_are_read_whose_pixels_are_higher_than_wide() {
    // Every second row, and two of three.
    for (keep, of) in [(1, 2), (2, 3)] {
        let mut fax = Paper::printed(1700, 2200, &[(&PROSE, 300, 300), (&OTHER, 300, 900)]);
        let (width, dots) = (fax.width, 200.0);
        let rows: Vec<&[u8]> = fax.pixels.chunks(width).collect();
        let kept = rows
            .chunks(of)
            .flat_map(|rows| &rows[..keep.min(rows.len())]);
        fax.pixels = kept.copied().flatten().copied().collect();
        fax.height = fax.pixels.len() / width;
        let file = saved(&fax.document_of(width as f32 / dots, 11.0));
        let document = crate::pool(1).read(file.path()).await.unwrap();
        let text = &document.pages[0].text;
        for phrase in [
            "boats of the inner bay",
            "bring a card, which costs nothing",
        ] {
            assert!(text.contains(phrase), "{keep} of {of}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_a_picture_are_read_one_after_the_other() {
    let twice = |lines: &[&'static str]| [lines, lines].concat();
    let (left, right) = (twice(&PROSE), twice(&OTHER));
    // On the same lines, and half a line apart.
    for shift in [0, 9, 22] {
        let blocks: [(&[&str], usize, usize); 2] = [(&left, 20, 200), (&right, 720, 200 + shift)];
        let page = read(&Paper::printed(1500, 1100, &blocks), 200.0).await;
        let text = words(&page.text);
        let [left, right] = [&left, &right].map(|lines| words(&lines.join(" ")));
        let read = [&left, &right].map(|column| text.contains(column.as_str()));
        assert_eq!(read, [true; 2], "{shift}: {}", page.text);
    }
}

const THIRD: [&str; 6] = [
    "Rain kept the ferry in port for",
    "a third day. The master said that",
    "he would not sail before the wind",
    "had turned, whatever the company",
    "told him, and that the mail could",
    "wait as it had waited before now.",
];

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether each of these is read whole, and one after the other.
#[track_caller]
fn follow_each_other(text: &str, parts: &[String], what: &str) {
    let text = words(text);
    let mut rest = text.as_str();
    for part in parts {
        let Some((_, after)) = rest.split_once(part.as_str()) else {
            panic!("{what}: {part:?} is not whole, or not in its place: {text}");
        };
        rest = after;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_columns_of_a_picture_are_read_one_after_the_other() {
    let columns = [&PROSE, &THIRD, &OTHER].map(|column| [&column[..], column].concat());
    let expected: Vec<String> = columns
        .iter()
        .map(|lines| words(&lines.join(" ")))
        .collect();
    let heading = ["THE HARROW LAKE COURIER, an independent paper for the lake and the hills"];
    let print = |shift: usize, has_heading: bool| {
        let mut blocks: Vec<(&[&str], usize, usize)> = columns
            .iter()
            .enumerate()
            .map(|(place, lines)| (&lines[..], 20 + 620 * place, 300 + shift * place))
            .collect();
        if has_heading {
            blocks.push((&heading, 300, 120));
        }
        Paper::printed(1900, 1200, &blocks)
    };
    let mut grey = print(9, false);
    for pixel in &mut grey.pixels {
        *pixel = 60 + *pixel / 3 * 2;
    }
    for (what, paper) in [
        ("side by side", print(0, false)),
        ("half a line apart, under a heading", print(22, true)),
        ("on grey paper", grey),
    ] {
        let page = read(&paper, 200.0).await;
        follow_each_other(&page.text, &expected, what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pages_on_a_sheet_are_read_one_after_the_other() {
    let pages = [&PROSE, &OTHER].map(|page| [&page[..], &THIRD, page].concat());
    let expected: Vec<String> = pages.iter().map(|lines| words(&lines.join(" "))).collect();
    let print = |gap: usize, second: usize, headings: [&str; 2]| {
        let headings = headings.map(|heading| [heading]);
        let mut blocks: Vec<(&[&str], usize, usize)> = Vec::new();
        for (place, lines) in pages.iter().enumerate() {
            let left = 100 + place * (700 + gap);
            let top = 300 + place * second;
            if !headings[place][0].is_empty() {
                blocks.push((&headings[place], left + 150, top - 160));
            }
            blocks.push((lines, left, top));
        }
        // A sheet of letter paper that lies on its side.
        Paper::printed(2200, 1700, &blocks)
    };
    for (what, paper) in [
        ("plain pages", print(300, 0, ["", ""])),
        (
            "with numbers of pages",
            print(250, 0, ["Page 11", "Page 12"]),
        ),
        ("not at one height", print(400, 60, ["- 4 -", "- 5 -"])),
    ] {
        let page = read(&paper, 200.0).await;
        follow_each_other(&page.text, &expected, what);
    }
}
