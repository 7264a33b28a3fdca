//! The pages of a document's file, an extension of the API.

use axum::http::StatusCode;
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn pages_are_told_while_the_document_is_read_and_after() {
    let Some(house) = House::build().await else {
        return;
    };
    let document = house.document_with_file().await;
    let path = format!("/api/rest/v4/recap-documents/{document}/pages/");

    let before = house.ann("GET", &path).await.json();
    assert_eq!(before["state"], "not read");
    assert_eq!(before["results"], json!([]));

    house
        .execute(&format!(
            "insert into texts (sha256, state, lane, pages, pages_read, problems)
             select sha256, 'recognising', 0, 3, 2, '[{{\"problem\": \"truncated\"}}]'
             from recap_documents where id = {document};
             insert into text_pages (sha256, page, text, source, reason, confidence, millis, cut,
                                     sure_words, hidden_text)
             select sha256, page, 'words of ' || page, case when page < 3 then 'ocr' end,
                    'only-pictures', case when page < 3 then 91.26 end, 700, false,
                    case page when 1 then 0.9 when 2 then 0.5 end,
                    case page when 2 then '[{{\"by\": \"box\"}}]' else '[]' end::jsonb
             from recap_documents, generate_series(1, 3) page where recap_documents.id = {document}"
        ))
        .await;
    // Any account may read it, as it may the document.
    let answer = house.ben("GET", &path).await;
    assert_eq!(answer.status, StatusCode::OK);
    let pages = answer.json();
    assert_eq!(pages["state"], "recognising");
    assert_eq!(
        (&pages["page_count"], &pages["pages_read"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(pages["problems"], json!(["truncated"]));
    assert_eq!(pages["next"], json!(null));
    assert_eq!(
        pages["results"][0],
        json!({"page": 1, "source": "ocr", "reason": "only-pictures", "confidence": 91.3,
               "ms": 700, "cut": false, "sure_words": 0.9, "hidden_text": []})
    );
    assert_eq!(pages["results"][1]["hidden_text"], json!([{"by": "box"}]));
    assert_eq!(pages["results"][2]["source"], json!(null), "not read yet");

    let one = house
        .ann("GET", &format!("{path}?first=2&count=1&text=1"))
        .await
        .json();
    assert_eq!(one["results"][0]["text"], "words of 2");
    let rest = house.follow(&one["next"]).await;
    assert_eq!(rest["results"][0]["page"], 3);
    assert_eq!(rest["next"], json!(null));
    let unsure = house.ann("GET", &format!("{path}?sure_below=0.8")).await;
    let unsure = unsure.json();
    assert_eq!(unsure["results"].as_array().unwrap().len(), 1, "{unsure}");
    assert_eq!(unsure["results"][0]["page"], 2);
    assert_eq!(unsure["next"], json!(null));
    let first = house
        .ann("GET", &format!("{path}?sure_below=1&count=1"))
        .await;
    let rest = house.follow(&first.json()["next"]).await;
    assert_eq!(rest["results"][0]["page"], 2);
}

#[tokio::test]
async fn what_cannot_be_told_is_refused() {
    let Some(house) = House::build().await else {
        return;
    };
    let document = house.document_with_file().await;
    let root = "/api/rest/v4/recap-documents";
    let wrong = house
        .ann(
            "GET",
            &format!("{root}/{document}/pages/?first=0&count=1001&sure_below=2"),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        wrong.json()["count"][0],
        "Enter a whole number from 1 to 1000."
    );
    assert!(wrong.json()["first"].is_array());
    assert_eq!(wrong.json()["sure_below"][0], "Enter a number from 0 to 1.");
    for path in ["999999/pages/", "one/pages/"] {
        let missing = house.ann("GET", &format!("{root}/{path}")).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}");
    }
    let anonymous = house
        .call("GET", &format!("{root}/{document}/pages/"), "")
        .await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    let write = house
        .ann("POST", &format!("{root}/{document}/pages/"))
        .await;
    assert_eq!(write.status, StatusCode::FORBIDDEN);
}
