//! Attachments, files and text.

use fetch_library::merge::{DocketTarget, MergedMenu, NewPdf};
use fetch_model::DocumentId;
use serde_json::json;

use crate::{
    database::{Database, database, target},
    merge::{
        MergeDocket,
        pages::{attachment, changed_docket, docket, entry, menu, motion},
    },
};

impl Database {
    async fn document(&self, pacer_doc_id: &str) -> DocumentId {
        let sql = format!(
            "select id from recap_documents where pacer_doc_id = '{pacer_doc_id}' order by id limit 1"
        );
        DocumentId(self.one(&sql).await)
    }

    async fn documents(&self) -> Vec<String> {
        self.lines(
            "select concat_ws('|', document_type, document_number, coalesce(attachment_number::text, '-'),
                              pacer_doc_id, description, coalesce(page_count::text, '-'))
             from recap_documents order by document_number, attachment_number nulls first",
        )
        .await
    }

    /// A docket with one document, which has no file.
    pub async fn merge_motion(&self) -> DocumentId {
        let page = docket(vec![motion(1, "2024-12-30")], vec![]);
        self.store
            .library
            .merge_docket(&target(), &page)
            .await
            .unwrap();
        self.document("03500000001").await
    }
}

/// A file whose name is all one digit.
pub fn pdf(digit: char) -> NewPdf {
    NewPdf {
        sha256: digit.to_string().repeat(64),
        sha1: digit.to_string().repeat(40),
        byte_count: 184_213,
        page_count: Some(6),
    }
}

#[tokio::test]
async fn menu_adds_attachments_and_passes_over_sealed_ones() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    let page = menu(
        "03500000001",
        vec![
            attachment(1, Some(6), Some("03500000051")),
            attachment(2, None, Some("03500000052")),
            attachment(3, Some(2), None),
            attachment(4, Some(1), Some("03500000054")),
        ],
    );
    let merged = database
        .store
        .library
        .merge_attachment_page(document, &page)
        .await
        .unwrap();
    assert!(
        matches!(
            merged,
            MergedMenu::Merged {
                documents_new: 2,
                documents_changed: 1,
                ..
            }
        ),
        "{merged:?}"
    );
    let expected = [
        "1|1|-|03500000001||9",
        "2|1|1|03500000051|Exhibit 1|6",
        "2|1|4|03500000054|Exhibit 4|1",
    ];
    assert_eq!(database.documents().await, expected);

    let before = database.everything().await;
    let again = database
        .store
        .library
        .merge_attachment_page(document, &page)
        .await
        .unwrap();
    assert!(
        matches!(
            again,
            MergedMenu::Merged {
                documents_new: 0,
                documents_changed: 0,
                ..
            }
        ),
        "{again:?}"
    );
    assert_eq!(database.everything().await, before);
    database.merge_motion().await;
    assert_eq!(
        database.everything().await,
        before,
        "a docket report leaves attachments alone"
    );
}

#[tokio::test]
async fn menu_without_a_main_row_finds_the_entry_that_was_asked_for() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    let first = menu(
        "03500000051",
        vec![
            attachment(1, Some(6), Some("03500000051")),
            attachment(2, Some(1), Some("03500000001")),
        ],
    );
    let merged = database
        .store
        .library
        .merge_attachment_page(document, &first)
        .await
        .unwrap();
    assert!(matches!(merged, MergedMenu::Merged { .. }), "{merged:?}");
    assert_eq!(database.documents().await[0], "1|1|-|03500000001||-");
}

#[tokio::test]
async fn menu_of_an_unknown_document_is_not_found() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    let before = database.everything().await;
    let other = menu(
        "03500000077",
        vec![attachment(1, Some(6), Some("03500000078"))],
    );
    let merged = database
        .store
        .library
        .merge_attachment_page(document, &other)
        .await
        .unwrap();
    assert_eq!(merged, MergedMenu::DocumentNotFound);
    let nobody = database
        .store
        .library
        .merge_attachment_page(DocumentId(0), &other)
        .await
        .unwrap();
    assert_eq!(nobody, MergedMenu::DocumentNotFound);
    assert_eq!(database.everything().await, before);
}

#[tokio::test]
async fn menu_that_fits_two_entries_is_refused_unless_one_was_asked_for() {
    let Some(database) = database().await else {
        return;
    };
    let shared = json!({ "pacer_doc_id": "03500000009" });
    let rows = vec![
        motion(1, "2024-12-30"),
        entry(Some(8), "2024-12-31", "ORDER", shared.clone()),
        entry(Some(9), "2024-12-31", "ORDER again", shared),
    ];
    database
        .store
        .library
        .merge_docket(&target(), &docket(rows, vec![]))
        .await
        .unwrap();
    let page = menu(
        "03500000009",
        vec![attachment(1, Some(6), Some("03500000051"))],
    );
    let asked_elsewhere = database.document("03500000001").await;
    let merged = database
        .store
        .library
        .merge_attachment_page(asked_elsewhere, &page)
        .await
        .unwrap();
    assert_eq!(merged, MergedMenu::TooManyDocuments);
    let asked = database.document("03500000009").await;
    let merged = database
        .store
        .library
        .merge_attachment_page(asked, &page)
        .await
        .unwrap();
    assert!(
        matches!(
            merged,
            MergedMenu::Merged {
                documents_new: 1,
                ..
            }
        ),
        "{merged:?}"
    );
}

#[tokio::test]
async fn file_gets_the_path_of_the_contract_and_reaches_the_twin_in_another_case() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    let page = menu(
        "03500000001",
        vec![attachment(2, Some(6), Some("03500000052"))],
    );
    database
        .store
        .library
        .merge_attachment_page(document, &page)
        .await
        .unwrap();
    let consolidated = DocketTarget {
        pacer_case_id: Some("990124".to_owned()),
        ..target()
    };
    let other = changed_docket(
        vec![motion(1, "2024-12-30")],
        vec![],
        json!({ "docket_number": "3:24-cv-09877" }),
    );
    database
        .store
        .library
        .merge_docket(&consolidated, &other)
        .await
        .unwrap();

    let saved = database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    assert_eq!(saved.len(), 2);
    assert_eq!(saved[0], document);
    let paths = database
        .lines("select filepath_local from recap_documents where is_available order by 1")
        .await;
    assert_eq!(
        paths,
        [
            "recap/gov.uscourts.cand.990123/gov.uscourts.cand.990123.1.0.pdf",
            "recap/gov.uscourts.cand.990124/gov.uscourts.cand.990124.1.0.pdf",
        ]
    );
    let attachment = database.document("03500000052").await;
    database
        .store
        .library
        .save_pdf(attachment, &pdf('b'))
        .await
        .unwrap();
    let path = "recap/gov.uscourts.cand.990123/gov.uscourts.cand.990123.1.2.pdf";
    let file = database.store.library.file_at(path).await.unwrap().unwrap();
    let owner = database
        .one(&format!(
            "select id from recap_documents where filepath_local = '{path}' and is_available"
        ))
        .await;
    assert_eq!(
        (DocumentId(owner), file.sha256),
        (attachment, "b".repeat(64))
    );
    assert_eq!(
        database
            .store
            .library
            .file_at("recap/nothing.pdf")
            .await
            .unwrap(),
        None
    );

    let before = database.everything().await;
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    assert_eq!(database.everything().await, before);
    let stored = database
        .store
        .library
        .document(document)
        .await
        .unwrap()
        .unwrap();
    assert!(stored.is_available);
    assert_eq!(
        (stored.court.as_str(), stored.sha256),
        ("cand", Some("a".repeat(64)))
    );
    assert_eq!(
        database
            .store
            .library
            .document(DocumentId(0))
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn taken_path_gets_a_suffix() {
    let Some(database) = database().await else {
        return;
    };
    let rows =
        ["ORDER", "SEALED", "ERRATUM"].map(|text| entry(Some(2), "2024-12-30", text, json!({})));
    database
        .store
        .library
        .merge_docket(&target(), &docket(rows.to_vec(), vec![]))
        .await
        .unwrap();
    let ids: Vec<String> = database
        .lines("select id::text from recap_documents order by id")
        .await;
    for (id, digit) in ids.iter().zip('a'..) {
        database
            .store
            .library
            .save_pdf(DocumentId(id.parse().unwrap()), &pdf(digit))
            .await
            .unwrap();
    }
    let paths = database
        .lines("select right(filepath_local, 10) from recap_documents order by id")
        .await;
    assert_eq!(paths, ["23.2.0.pdf", ".2.0_1.pdf", ".2.0_2.pdf"]);
}
