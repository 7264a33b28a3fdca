//! Dockets and menus of appellate courts.

use fetch_library::merge::{DocketTarget, MergedDocket, MergedMenu};
use fetch_model::DocumentId;
use pacer::page::{
    appellate_attachment_page::AppellateAttachmentPage, appellate_docket::AppellateDocket,
};
use serde_json::{Value, json};

use crate::{
    database::{Database, database},
    merge::MergeDocket,
};

fn entry(number: &str, pacer_doc_id: Option<&str>) -> Value {
    json!({
        "date_filed": "2026-02-03",
        "date_entered": null,
        "document_number": number,
        "description": format!("MOTION {number}"),
        "pacer_doc_id": pacer_doc_id,
    })
}

fn appeal(entries: Vec<Value>) -> AppellateDocket {
    serde_json::from_value(json!({
        "court_id": "ca5",
        "docket_number": "26-1042",
        "case_name": "Wren Hollow v. Nimbus Kettle Works",
        "panel": ["ABC", "DE"],
        "nature_of_suit": "3440 Other Civil Rights",
        "appeal_from": "Middle District of Nowhere, Upton",
        "fee_status": "Fee Paid",
        "date_filed": "2026-02-03",
        "date_terminated": null,
        "case_type_information": "Civil, Private",
        "originating_court_information": {
            "docket_number": "3:24-cv-09876",
            "RESTRICTED_ALIEN_NUMBER": "A999-111-222",
            "court_id": "azb",
            "assigned_to": "Jane Q. Sample",
            "ordering_judge": "",
            "court_reporter": "",
            "disposition": "",
            "date_filed": "2024-12-30",
            "date_disposed": null,
            "date_judgment": "2026-01-20",
        },
        "parties": [{
            "name": "WREN HOLLOW",
            "type": "Plaintiff - Appellant",
            "unparsed": ["a company"],
            "attorneys": [{ "name": "Ada Example", "contact": "1 Main St", "roles": ["COR NTC Retained"] }],
        }],
        "docket_entries": entries,
    }))
    .unwrap()
}

fn menu(ids: &[&str]) -> AppellateAttachmentPage {
    let attachments: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(place, id)| {
            json!({
                "attachment_number": place + 1,
                "description": format!("Part {}", place + 1),
                "page_count": 3,
                "pacer_doc_id": id,
            })
        })
        .collect();
    serde_json::from_value(json!({
        "pacer_doc_id": ids.iter().min(),
        "pacer_case_id": "4711",
        "pacer_seq_no": "31",
        "attachments": attachments,
    }))
    .unwrap()
}

impl Database {
    async fn merge_appeal(&self, page: &AppellateDocket) -> MergedDocket {
        self.add_court("ca5").await;
        let target = DocketTarget {
            court: "ca5".to_owned(),
            docket: None,
            pacer_case_id: None,
        };
        self.store
            .library
            .merge_appellate_docket(&target, page)
            .await
            .unwrap()
    }

    async fn documents_of_appeals(&self) -> Vec<String> {
        self.lines(
            "select concat_ws('|', document_type, document_number,
                              coalesce(attachment_number::text, '-'), pacer_doc_id, description)
             from recap_documents order by document_number, attachment_number nulls first",
        )
        .await
    }
}

#[tokio::test]
async fn what_only_an_appeal_tells_is_kept_and_an_alien_number_is_not() {
    let Some(database) = database().await else {
        return;
    };
    let page = appeal(vec![entry("1", Some("00507000001"))]);
    let merged = database.merge_appeal(&page).await;
    assert!(merged.is_new);
    let docket = database
        .lines(
            "select concat_ws('|', docket_number, docket_number_core, appeal_from_str,
                              appeal_from_id, panel_str, appellate_fee_status,
                              appellate_case_type_information)
             from dockets",
        )
        .await;
    assert_eq!(
        docket,
        ["26-1042|26001042|Middle District of Nowhere, Upton|arb|ABC DE|Fee Paid|Civil, Private"]
    );
    let below = database
        .lines(
            "select concat_ws('|', docket_number, assigned_to_str, date_filed, date_judgment)
             from originating_court_information",
        )
        .await;
    assert_eq!(
        below,
        ["3:24-cv-09876|Jane Q. Sample|2024-12-30|2026-01-20"]
    );
    let everything = database.everything().await;
    assert!(!format!("{everything:?}").contains("A999-111-222"));

    let again = database.merge_appeal(&page).await;
    assert_eq!((again.docket, again.is_new), (merged.docket, false));
    assert_eq!(database.everything().await, everything);

    // A page that says less erases nothing.
    let mut less = page.clone();
    less.originating_court_information = None;
    less.fee_status.clear();
    less.panel.clear();
    database.merge_appeal(&less).await;
    assert_eq!(database.everything().await, everything);
}

#[tokio::test]
async fn menu_of_an_appeal_makes_the_main_document_an_attachment_for_good() {
    let Some(database) = database().await else {
        return;
    };
    let page = appeal(vec![
        entry("1", Some("00507000001")),
        entry("2", Some("00507000009")),
    ]);
    database.merge_appeal(&page).await;
    let document = DocumentId(
        database
            .one("select id from recap_documents where pacer_doc_id = '00507000001'")
            .await,
    );
    // The main document has the lowest id, wherever the menu lists it.
    let menu = menu(&["00507000002", "00507000001", "00507000003"]);
    let merged = database
        .store
        .library
        .merge_appellate_attachment_page(document, &menu)
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
        "2|1|1|00507000002|Part 1",
        "2|1|2|00507000001|Part 2",
        "2|1|3|00507000003|Part 3",
        "1|2|-|00507000009|",
    ];
    assert_eq!(database.documents_of_appeals().await, expected);
    let id: i64 = database
        .one("select id from recap_documents where pacer_doc_id = '00507000001'")
        .await;
    assert_eq!(DocumentId(id), document, "its file would stay with it");

    let before = database.everything().await;
    database.merge_appeal(&page).await;
    database
        .store
        .library
        .merge_appellate_attachment_page(document, &menu)
        .await
        .unwrap();
    assert_eq!(database.everything().await, before);

    // The document is withdrawn from the docket: its entry gets no nameless one.
    let withdrawn = appeal(vec![entry("1", None), entry("2", Some("00507000009"))]);
    database.merge_appeal(&withdrawn).await;
    assert_eq!(database.documents_of_appeals().await, expected);
}

#[tokio::test]
async fn entries_of_courts_without_numbers_go_by_their_document() {
    let Some(database) = database().await else {
        return;
    };
    let page = appeal(vec![
        entry("00506435537", Some("00506435537")),
        entry("00506435999", Some("00506435999")),
    ]);
    database.merge_appeal(&page).await;
    assert_eq!(
        database.documents_of_appeals().await,
        [
            "1|00506435537|-|00506435537|",
            "1|00506435999|-|00506435999|"
        ]
    );
}
