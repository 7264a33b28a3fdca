//! Documents whose text is written in the file.

use crate::collection::{agreement, entries};
use ocr::PageSource;

/// Measured: 1.0000 for all but one file, .9997 for that.
const FLOOR: f64 = 0.999;

#[tokio::test(flavor = "multi_thread")]
async fn typed_documents_are_read_word_for_word() {
    let pool = crate::pool(2);
    for entry in entries("text") {
        let document = pool.read(&entry.path()).await.unwrap();
        let agreement = agreement(&document.plain_text(), &entry.truth().unwrap().concat());
        assert!(
            agreement.recall >= FLOOR && agreement.precision >= FLOOR,
            "{}: {agreement:?}",
            entry.file
        );
        assert_eq!(Some(document.page_count), entry.pages, "{}", entry.file);
        assert_eq!(document.ocr_status, Some(2), "{}", entry.file);
        assert!(
            document
                .pages
                .iter()
                .all(|page| page.source == PageSource::TextLayer),
            "{}: nothing is recognised that is written",
            entry.file
        );
        assert_eq!(document.problems, [], "{}", entry.file);
    }
}
