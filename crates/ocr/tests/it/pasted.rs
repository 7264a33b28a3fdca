//! Pages of which a part is typed and a part is a scan, as exhibits are pasted into filings.

use ocr::choice::Reason;
use ocr::{DocumentText, PageSource};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use crate::fixture::saved;
use crate::paper::Paper;

const TYPED: [&str; 3] = [
    "The motion of the plaintiff is granted in part. The exhibit below was",
    "received into evidence at the hearing, and neither of the parties has",
    "objected to it. Its second page was not received, and is left out.",
];
const EXHIBIT: [&str; 4] = [
    "Harbour closed to all boats",
    "from the first of October until",
    "the ice has gone. By order of the",
    "harbour master of Port Ansel.",
];
const SECOND: [&str; 2] = [
    "The second page has only text, and more than a line of it, so that",
    "nobody has a reason to look at it as a picture.",
];

/// A place on a page, from its upper left corner in points.
type Place = (f32, f32);

/// A document whose first page has typed lines and pieces of paper, and whose second is typed.
fn pasted(size: (f32, f32), typed: &[(&str, Place)], pieces: &[(Paper, Place)]) -> Vec<u8> {
    let [catalog, tree, first, second, one, two, font] = [1, 2, 3, 4, 5, 6, 7].map(Ref::new);
    let picture = |place: usize| Ref::new(8 + i32::try_from(place).unwrap());
    let name = |place: usize| format!("P{place}");
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([first, second]).count(2);
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    for (page, content) in [(first, one), (second, two)] {
        let mut written = pdf.page(page);
        written
            .parent(tree)
            .media_box(Rect::new(0.0, 0.0, size.0, size.1))
            .contents(content);
        let mut resources = written.resources();
        resources.fonts().pair(Name(b"F"), font);
        let mut pictures = resources.x_objects();
        for place in 0..pieces.len() {
            pictures.pair(Name(name(place).as_bytes()), picture(place));
        }
        pictures.finish();
        resources.finish();
        written.finish();
    }
    let mut drawn = Content::new();
    write(&mut drawn, size.1, typed);
    for (place, (paper, (left, top))) in pieces.iter().enumerate() {
        // Scanned at 200 dots to the inch.
        let [wide, high] = [paper.width, paper.height].map(|side| side as f32 * 72.0 / 200.0);
        drawn.save_state();
        drawn.transform([wide, 0.0, 0.0, high, *left, size.1 - top - high]);
        drawn.x_object(Name(name(place).as_bytes()));
        drawn.restore_state();
        pdf.image_xobject(picture(place), &paper.pixels)
            .width(paper.width as i32)
            .height(paper.height as i32)
            .bits_per_component(8)
            .color_space()
            .device_gray();
    }
    pdf.stream(one, &drawn.finish());
    let mut drawn = Content::new();
    write(&mut drawn, size.1, &below((72.0, 100.0), &SECOND));
    pdf.stream(two, &drawn.finish());
    pdf.finish()
}

fn write(drawn: &mut Content, height: f32, lines: &[(&str, Place)]) {
    for (line, (left, top)) in lines {
        drawn.begin_text();
        drawn.set_font(Name(b"F"), 11.0);
        drawn.next_line(*left, height - top);
        drawn.show(Str(line.as_bytes()));
        drawn.end_text();
    }
}

/// Lines below each other.
fn below<'a>((left, top): Place, lines: &[&'a str]) -> Vec<(&'a str, Place)> {
    let rows = lines.iter().enumerate();
    rows.map(|(row, line)| (*line, (left, top + 15.0 * row as f32)))
        .collect()
}

fn exhibit(width: usize, height: usize, lines: &[&str]) -> Paper {
    Paper::printed(width, height, &[(lines, 60, 60)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_on_a_typed_page_is_recognised_and_the_typed_part_is_not() {
    let (letter, lying) = ((612.0, 792.0), (792.0, 612.0));
    let halves = [&EXHIBIT[..2], &EXHIBIT[2..]].map(|lines| exhibit(1400, 400, lines));
    let [upper, lower] = halves;
    let files = [
        (
            "below the text",
            pasted(
                letter,
                &below((72.0, 90.0), &TYPED),
                &[(exhibit(1400, 1000, &EXHIBIT), (54.0, 200.0))],
            ),
        ),
        (
            "above the text",
            pasted(
                letter,
                &below((72.0, 600.0), &TYPED),
                &[(exhibit(1400, 1000, &EXHIBIT), (54.0, 100.0))],
            ),
        ),
        (
            "in two strips, as some scanners write them",
            pasted(
                letter,
                &below((72.0, 90.0), &TYPED),
                &[(upper, (54.0, 200.0)), (lower, (54.0, 344.0))],
            ),
        ),
        (
            "beside the text, on a sheet that lies",
            pasted(
                lying,
                &[
                    below(
                        (40.0, 120.0),
                        &["The motion of the plaintiff is granted", "in part."],
                    ),
                    below((40.0, 160.0), &["The exhibit was received."]),
                ]
                .concat(),
                &[(exhibit(1000, 1000, &EXHIBIT), (400.0, 120.0))],
            ),
        ),
    ];
    for (what, bytes) in files {
        let file = saved(&bytes);
        let read = crate::pool(1).read(file.path()).await.unwrap();
        check(&read, what);
    }
}

fn check(read: &DocumentText, what: &str) {
    let [first, second] = &read.pages[..] else {
        panic!("{what}: {} pages", read.page_count);
    };
    assert_eq!(first.source, PageSource::TextLayerPlusOcr, "{what}");
    assert_eq!(first.reason, Reason::MixedPage, "{what}");
    let count = |line: &str| first.text.matches(line).count();
    for line in [&["The motion of the plaintiff is granted"][..], &EXHIBIT].concat() {
        assert_eq!(count(line), 1, "{what}: {line}: {}", first.text);
    }
    assert_eq!(second.source, PageSource::TextLayer, "{what}");
    assert_eq!(second.text, SECOND.join("\n"), "{what}");
}
