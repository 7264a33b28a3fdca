//! Our network in the place of Tesseract's: the same words, and really ours.

use fetch_text::picture::GreyImage;
use fetch_text::recognise::{Recogniser, Segmentation};
use ocr::network::Unused;
use ocr::tesseract::Tesseract;

use crate::fixture;

const LINES: [&str; 6] = [
    "UNITED STATES DISTRICT COURT",
    "Plaintiff moves for summary judgment on 14 March 2024.",
    "The filing fee of $402.00 was paid; see receipt A-1729.",
    "Defendant's brief (Dkt. 27) exceeds the page limit.",
    "IT IS ORDERED that the motion is DENIED without prejudice.",
    "Signed: Judge Quimby Zweifel, No. 1:21-cv-05678",
];

/// Whether our network is in this build, and runs on this processor.
fn has_ours() -> bool {
    #[cfg(target_arch = "x86_64")]
    let is_fast = std::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let is_fast = false;
    cfg!(feature = "line-network") && is_fast
}

/// What the service says at its start is what happens to the lines.
#[test]
fn it_is_told_whether_ours_reads() {
    let unused = ocr::tesseract::unused_network();
    assert_eq!(unused.is_none(), has_ours(), "{unused:?}");
    if cfg!(not(feature = "line-network")) {
        assert_eq!(unused, Some(Unused::NotBuilt));
    }
}

fn picture() -> GreyImage {
    let (width, height, pixels) = fixture::photographed(&LINES);
    GreyImage {
        width: width as u32,
        height: height as u32,
        pixels,
        dots_per_inch: 200.0,
    }
}

#[test]
fn it_says_what_tesseracts_own_says() {
    let mut tesseract = Tesseract::start(None).unwrap();
    let picture = picture();
    let look = |tesseract: &mut Tesseract| tesseract.look(&picture, Segmentation::Block).unwrap();
    let theirs = look(&mut tesseract);
    assert_eq!(tesseract.lines_read_by_ours(), 0);

    tesseract.read_with_ours();
    let ours = look(&mut tesseract);
    let expected = match has_ours() {
        true => LINES.len() as u64,
        false => 0,
    };
    assert_eq!(tesseract.lines_read_by_ours(), expected);
    assert_eq!(ours.text, theirs.text);
    assert!((ours.mean_confidence - theirs.mean_confidence).abs() <= 1.0);
    assert!(
        ours.text
            .contains("IT IS ORDERED that the motion is DENIED")
    );
}

#[test]
fn a_second_engine_in_the_process_keeps_its_own() {
    let picture = picture();
    let mut ours = Tesseract::start(None).unwrap();
    ours.read_with_ours();
    let mut theirs = Tesseract::start(None).unwrap();
    let words = ours.look(&picture, Segmentation::Block).unwrap();
    let other = theirs.look(&picture, Segmentation::Block).unwrap();
    assert_eq!(theirs.lines_read_by_ours(), 0);
    assert_eq!(words.text, other.text);
}
