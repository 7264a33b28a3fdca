//! The fast lookup of documents.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::numbers;

const LOOKUP: &str = "/api/rest/v4/recap-query/";

#[tokio::test]
async fn of_documents_that_are_asked_for_those_that_are_stored_are_told() {
    let house = house!();
    let id = house.document_with_file().await;
    let base = "http://api.example.org";
    for version in ["v3", "v4"] {
        let path = format!(
            "/api/rest/{version}/recap-query/?docket_entry__docket__court=cand&pacer_doc_id__in=035099000001,\
             035099000002,035099000003"
        );
        for path in [path.clone(), path.replace("recap-query/", "recap-query")] {
            let answer = house.ann("GET", &path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(
                answer.text(),
                format!(
                    concat!(
                        r#"{{"count":1,"next":null,"previous":null,"results":[{{"#,
                        r#""pacer_doc_id":"035099000001","#,
                        r#""filepath_local":"recap/gov.uscourts.cand.990123/gov.uscourts.cand.990123.1.0.pdf","#,
                        r#""acms_document_guid":"","id":{id}}}]}}"#
                    ),
                    id = id
                ),
                "{path}"
            );
            assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
    let count = async |query: &str| {
        let answer = house.ann("GET", &format!("{LOOKUP}?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        answer.json()["count"].as_i64().unwrap()
    };
    assert_eq!(count("pacer_doc_id=035099000001").await, 1);
    // What is not stored is not found, whatever else is asked for; nor is a number as courts write it
    // in links, nor a document of another court.
    for none in [
        "pacer_doc_id=035099000002",
        "pacer_doc_id=035099000002&is_available=false",
        "pacer_doc_id=035199000001",
        "pacer_doc_id=035099000001&docket_entry__docket__court=cob",
    ] {
        assert_eq!(count(none).await, 0, "{none}");
    }
    let index = house.call("GET", "/api/rest/v4/", "").await.json();
    assert_eq!(index["recap-query"], format!("{base}{LOOKUP}"));
}

#[tokio::test]
async fn who_asks_for_nothing_or_for_what_is_not_there_is_told_so() {
    let house = house!();
    let nothing = house.ann("GET", LOOKUP).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
    assert_eq!(nothing.text(), r#"["pacer_doc_id is a required filter."]"#);
    assert_eq!(nothing.header("content-type"), Some("application/json"));
    let unknown = house.ann("GET", &format!("{LOOKUP}?doc=1&expand=x")).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(unknown.json()["unknown_params"], json!(["doc", "expand"]));
    let court = house
        .ann(
            "GET",
            &format!("{LOOKUP}?docket_entry__docket__court=nowhere"),
        )
        .await;
    assert_eq!(court.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        house.call("GET", LOOKUP, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let write = house.ann("POST", LOOKUP).await;
    assert_eq!(write.status, StatusCode::FORBIDDEN);
    let told = house.ann("OPTIONS", LOOKUP).await.json();
    let fields = told["actions"]["POST"].as_object().unwrap();
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort_unstable();
    let keys = ["acms_document_guid", "filepath_local", "id", "pacer_doc_id"];
    assert_eq!(names, keys);
    assert_eq!(
        told["filters"]["pacer_doc_id"]["lookup_types"],
        json!(["exact", "in"])
    );
}

#[tokio::test]
async fn a_page_of_the_lookup_has_three_hundred_rows() {
    let house = house!();
    house
        .execute(
            "insert into recap_documents (docket_entry_id, document_type, pacer_doc_id, is_available,
                 sha256, filepath_local)
             select 2, 1, '0350' || lpad(number::text, 8, '0'), true, repeat('a', 64), 'recap/' || number
             from generate_series(1, 650) as number",
        )
        .await;
    let first = house
        .ann("GET", &format!("{LOOKUP}?is_available=true&order_by=id"))
        .await
        .json();
    assert_eq!(first["count"], 651);
    let (pages, last) = house.walk(first, "next").await;
    let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [300, 300, 51]);
    let mut ids = pages.concat();
    ids.dedup();
    assert_eq!(ids.len(), 651, "each once");
    assert_eq!(last["next"], Value::Null);
    // The newest first unless said otherwise.
    let newest = house
        .ann("GET", &format!("{LOOKUP}?page=last&is_available=true"))
        .await
        .json();
    assert_eq!(numbers(&newest)[0], ids[50]);
    let only = house
        .ann("GET", &format!("{LOOKUP}?is_available=true&fields=id"))
        .await;
    assert!(
        only.text().contains(r#""results":[{"id":"#),
        "{}",
        &only.text()[..200]
    );
}
