//! Pages that lie on their side. What finds that is loaded when a page needs it, which is after a
//! worker can open nothing any more.

use fetch_text::picture::GreyImage;
use fetch_text::recognise::{Recogniser, Segmentation};
use ocr::tesseract::{Tesseract, find_data};

use crate::fixture::{self, Page, document, saved};

const LINES: [&str; 12] = [
    "UNITED STATES DISTRICT COURT FOR THE WESTERN DISTRICT",
    "Plaintiff moves for summary judgment on 14 March 2024.",
    "The filing fee of $402.00 was paid; see receipt A-1729.",
    "The defendant answers that the brief exceeds the limit",
    "of pages that the local rules allow, and that nothing in",
    "the record supports the claim for which it is offered.",
    "The court has read the papers of both parties and heard",
    "their counsel, and finds that the facts which matter are",
    "not in dispute. Whether the contract was broken remains",
    "a question for the jury, as the parties agree it does.",
    "IT IS ORDERED that the motion is DENIED without prejudice.",
    "Signed: Judge Quimby Zweifel, No. 1:21-cv-05678",
];

#[tokio::test]
async fn a_page_on_its_side_is_read_by_a_worker_that_can_open_nothing() {
    let file = saved(&document(&[Page::Lying(&LINES)]));
    let read = crate::pool(1).read(file.path()).await.unwrap();
    let page = &read.pages[0];
    for line in [LINES[1], LINES[10]] {
        assert!(page.text.contains(line), "{}", page.text);
    }
}

#[test]
fn what_finds_the_orientation_is_read_from_a_file_that_was_opened_before() {
    let installed = find_data(None).unwrap();
    let data = tempfile::tempdir().unwrap();
    for model in ["eng.traineddata", "osd.traineddata"] {
        std::fs::copy(installed.join(model), data.path().join(model)).unwrap();
    }
    let mut ready = Tesseract::start(Some(data.path())).unwrap();
    ready.make_ready(Segmentation::Automatic).unwrap();
    let mut unready = Tesseract::start(Some(data.path())).unwrap();
    std::fs::rename(
        data.path().join("osd.traineddata"),
        data.path().join("moved"),
    )
    .unwrap();
    let lying = lying();
    let look = |tesseract: &mut Tesseract| {
        let seen = tesseract.look(&lying, Segmentation::Automatic).unwrap();
        seen.text
            .contains("IT IS ORDERED that the motion is DENIED")
    };
    assert!(look(&mut ready));
    assert!(look(&mut unready), "it is kept for all of the process");
}

/// The lines, turned by a quarter.
fn lying() -> GreyImage {
    let (width, height, pixels) = fixture::photographed(&LINES);
    let turned = fixture::turned((width as usize, height as usize), &pixels);
    GreyImage {
        width: height as u32,
        height: width as u32,
        pixels: turned,
        dots_per_inch: 200.0,
    }
}
