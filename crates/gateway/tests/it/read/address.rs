//! What a request means that names a document as people do, where something of it is stored.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

const QUOTE: &str = "/api/rest/v4/recap-fetch/quote/";

async fn quote(house: &House, body: &Value) -> (StatusCode, Value) {
    let answer = house.sending("ann", "POST", QUOTE, body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn what_is_stored_is_found_by_every_name_that_it_has() {
    let house = house!();
    let by = |more: Value| {
        let mut body = json!({"request_type": 2});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let complaint = [
        json!({"url": "https://ecf.cand.uscourts.gov/doc1/035199000001"}),
        json!({"url": "https://ecf.cand.uscourts.gov/doc1/035099000001?caseid=990123"}),
        json!({"url": "https://ecf.cand.uscourts.gov/cgi-bin/show_case_doc?1,990123,,,"}),
        json!({"url": "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?990123", "entry_number": 1}),
        json!({"pacer_doc_id": "035199000001", "court": "cand"}),
        json!({"court": "cand", "docket_number": "3:24-cv-9876", "entry_number": 1}),
        json!({"court": "cand", "pacer_case_id": "990123", "entry_number": 1}),
        json!({"docket": 1, "entry_number": 1}),
    ];
    for more in complaint {
        let (status, told) = quote(&house, &by(more.clone())).await;
        assert_eq!(status, StatusCode::OK, "{more}: {told}");
        assert_eq!(told["address"]["recap_document"], 1, "{more}: {told}");
        assert_eq!(told["steps"][0]["step"], "held", "{more}: {told}");
    }
    let exhibit = json!({"docket": 1, "entry_number": 1, "attachment_number": 1});
    let (_, told) = quote(&house, &by(exhibit)).await;
    assert_eq!(told["address"]["recap_document"], 2, "{told}");
    assert_eq!(told["address"]["docket_number"], "3:24-cv-09876", "{told}");
    assert_eq!(told["address"]["fetched_first"], json!([]), "{told}");
    // Without an address nothing is told of one.
    let (_, told) = quote(&house, &by(json!({"recap_document": 2}))).await;
    assert!(told.get("address").is_none(), "{told}");
}

#[tokio::test]
async fn what_is_missing_on_the_way_is_told_with_its_price() {
    let house = house!();
    let rows = [
        (
            json!({"docket": 1, "entry_number": 9}),
            600,
            vec!["docket_report", "price_page", "document"],
        ),
        (
            json!({"docket": 1, "entry_number": 1, "attachment_number": 7}),
            300,
            vec!["attachment_page", "price_page", "document"],
        ),
        (
            json!({"court": "cand", "docket_number": "24-cv-9876", "entry_number": 1}),
            600,
            vec!["case_lookup", "docket_report", "price_page", "document"],
        ),
        (
            json!({"url": "https://ecf.cand.uscourts.gov/doc1/035199000777?caseid=990123"}),
            600,
            vec!["docket_report", "price_page", "document"],
        ),
        (
            json!({"court": "ca9", "docket_number": "16-1432", "entry_number": 3}),
            600,
            vec!["docket_report", "price_page", "document"],
        ),
    ];
    for (more, cents, steps) in rows {
        let mut body = more.clone();
        body["request_type"] = json!(2);
        let (status, told) = quote(&house, &body).await;
        assert_eq!(status, StatusCode::OK, "{more}: {told}");
        assert_eq!(told["at_most_cents"], cents, "{more}: {told}");
        let found: Vec<&str> = told["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["step"].as_str().unwrap())
            .collect();
        assert_eq!(found, steps, "{more}");
    }
    // More than that is spent only by whoever says so.
    let dear = json!({"request_type": 2, "docket": 1, "entry_number": 9, "max_cost_cents": 4000});
    let (_, told) = quote(&house, &dear).await;
    assert_eq!(told["at_most_cents"], 4000, "{told}");
    let menu = json!({"request_type": 3, "docket": 1, "entry_number": 9});
    let (_, told) = quote(&house, &menu).await;
    assert_eq!(told["at_most_cents"], 300, "{told}");
}

#[tokio::test]
async fn a_docket_is_named_by_its_address() {
    let house = house!();
    for url in [
        "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?990123",
        "https://ecf.cand.uscourts.gov/doc1/035199000001?caseid=990123",
        // Its case is known here.
        "https://ecf.cand.uscourts.gov/doc1/035199000001",
    ] {
        let (status, told) = quote(&house, &json!({"request_type": 1, "url": url})).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        assert_eq!(told["at_most_cents"], 300, "{told}");
        assert_eq!(told["steps"].as_array().unwrap().len(), 1, "{url}: {told}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_with_what_is_missing() {
    let house = house!();
    let rows = [
        (
            json!({"url": "https://example.com/doc1/035199000001"}),
            "'example.com' is not the site of a court",
        ),
        (
            json!({"url": "https://ecf.cand.uscourts.gov/doc1/035199000001", "court": "nysd"}),
            "This address is of the court cand, but 'court' is nysd.",
        ),
        (
            json!({"url": "https://ecf.cand.uscourts.gov/doc1/035199000777"}),
            "No stored docket has this document",
        ),
        (
            json!({"url": "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?990123"}),
            "Send 'entry_number' with it",
        ),
        (
            json!({"docket": 1, "entry_number": 1, "pacer_doc_id": "035099000001"}),
            "Name the document once",
        ),
        (
            json!({"docket": 1, "attachment_number": 1}),
            "Send 'entry_number' with it.",
        ),
        (
            json!({"court": "cand", "entry_number": 1}),
            "every case has such an entry",
        ),
        (
            json!({"pacer_doc_id": "035099000001"}),
            "Send 'court' with 'pacer_doc_id'",
        ),
        (
            json!({"pacer_doc_id": "041099000001", "court": "cand"}),
            "does not begin like the documents",
        ),
        (
            json!({"docket": 1, "court": "nysd", "entry_number": 1}),
            "The docket is in cand, not in nysd.",
        ),
        (
            json!({"docket": 1, "entry_number": 0}),
            "greater than or equal to 1",
        ),
        (
            json!({"court": "cand"}),
            "recap_document is a required field",
        ),
    ];
    for (more, expected) in rows {
        let mut body = more.clone();
        body["request_type"] = json!(2);
        let (status, told) = quote(&house, &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{more}: {told}");
        assert!(told.to_string().contains(expected), "{more}: {told}");
    }
}

/// What an old client may send along is not looked at.
#[tokio::test]
async fn a_row_that_is_named_decides() {
    let house = house!();
    let body = json!({"request_type": 2, "recap_document": 2, "pacer_doc_id": "1", "entry_number": 0,
                      "attachment_number": -1, "url": "nonsense"});
    let (status, told) = quote(&house, &body).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert!(told.get("address").is_none(), "{told}");
    let body = json!({"request_type": 1, "docket": 1, "url": "nonsense", "entry_number": "x"});
    let (status, told) = quote(&house, &body).await;
    assert_eq!(status, StatusCode::OK, "{told}");
}
