//! Documents that are pictures. Recognition takes a second a page, so single pages stand for
//! their kind; the choice on all pages costs nothing.

use crate::collection::{agreement, entries, entry};
use ocr::PageSource;

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_pages_that_need_it_are_recognised() {
    let pool = crate::pool(2);
    for entry in entries("scanned") {
        let plan = pool.plan(&entry.path()).await.unwrap();
        assert_eq!(
            Some(plan.to_recognise()),
            entry.pages_needing_ocr,
            "{}",
            entry.file
        );
    }
}

/// One page of each kind of picture, with the share of its words that was measured, a little
/// rounded down.
const PAGES: [(&str, u32, f64); 11] = [
    ("scanned/syn-clean-g4-300-a.pdf", 1, 0.97),
    ("scanned/syn-scan-g4-200-a.pdf", 2, 0.96),
    ("scanned/syn-scan-jpg-200-a.pdf", 1, 0.975),
    ("scanned/syn-scan-jpg-300-a.pdf", 1, 0.96),
    ("scanned/syn-scan-jpx-200-a.pdf", 1, 0.975),
    ("scanned/jbig2-mmr.pdf", 1, 0.985),
    ("scanned/sideways-scan-noflag.pdf", 1, 0.985),
    ("scanned/sideways-scan-noflag.pdf", 2, 0.985),
    ("scanned/sideways-scan-noflag.pdf", 3, 0.985),
    ("scanned/rotated-scan-flag.pdf", 1, 0.975),
    ("scanned/rotated-scan-flag.pdf", 2, 0.975),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_picture_is_recognised() {
    let pool = crate::pool(2);
    let read_one = async |(file, number, floor): (&str, u32, f64)| {
        let Some(entry) = entry("scanned", file) else {
            return;
        };
        let pages = pool.recognise(&entry.path(), &[number]).await.unwrap();
        let truth = &entry.truth().unwrap()[number as usize - 1];
        let agreement = agreement(&pages[0].text, truth);
        assert_eq!(pages[0].source, PageSource::Ocr, "{file}");
        assert!(pages[0].mean_confidence > Some(80.0), "{file}");
        assert!(agreement.recall >= floor, "{file}: {agreement:?}");
    };
    futures_util::future::join_all(PAGES.map(read_one)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_is_kept_from_the_text_layer_and_not_recognised_again() {
    let Some(entry) = entry("scanned", "scanned/syn-stamped-g4-300-a.pdf") else {
        return;
    };
    let pool = crate::pool(1);
    let stamp = pool.plan(&entry.path()).await.unwrap().pages[1]
        .text
        .clone();
    assert!(stamp.starts_with("Case "), "{stamp}");
    let pages = pool.recognise(&entry.path(), &[2]).await.unwrap();
    assert_eq!(pages[0].source, PageSource::TextLayerPlusOcr);
    let (first, rest) = pages[0].text.split_once("\n\n").unwrap();
    assert_eq!(first, stamp);
    let recall = agreement(rest, &entry.truth().unwrap()[1]).recall;
    assert!(recall >= 0.97, "{recall}");
    assert!(
        !rest.contains("Filed") || !rest.contains("Document"),
        "{rest}"
    );
}
