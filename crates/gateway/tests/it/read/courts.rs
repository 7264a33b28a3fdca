//! Courts: what their list says of them, and what may be asked of it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

async fn court(house: &House, id: &str) -> Value {
    let path = format!("/api/rest/v4/courts/{id}/");
    let answer = house.call("GET", &path, "").await;
    assert_eq!(answer.status, StatusCode::OK, "{id}");
    answer.json()
}

#[tokio::test]
async fn courts_are_described_as_in_the_reference() {
    let house = house!();
    let cand = court(&house, "cand").await;
    for (key, value) in [
        ("pacer_court_id", json!(35)),
        ("fjc_court_id", json!("71")),
        ("in_use", json!(true)),
        ("position", json!(205.1)),
        ("citation_string", json!("N.D. Cal.")),
        ("short_name", json!("N.D. California")),
        ("full_name", json!("District Court, N.D. California")),
        ("start_date", Value::Null),
        ("end_date", Value::Null),
        ("jurisdiction", json!("FD")),
    ] {
        assert_eq!(cand[key], value, "{key}");
    }
    let highest = court(&house, "scotus").await;
    assert_eq!(highest["position"], json!(1.0));
    assert_eq!(highest["citation_string"], "SCOTUS");
    assert_eq!(highest["start_date"], "1789-09-24");
    assert_eq!(highest["pacer_court_id"], Value::Null);
    // It has ended, and can still be named.
    let claims = court(&house, "cc").await;
    assert_eq!(claims["end_date"], "1992-10-29");
    assert_eq!(court(&house, "michd").await["in_use"], json!(false));
    let panel = court(&house, "jpml").await;
    assert_eq!(
        (&panel["jurisdiction"], &panel["fjc_court_id"]),
        (&json!("C"), &json!(""))
    );
}

#[tokio::test]
async fn courts_stand_in_the_order_of_the_reference() {
    let house = house!();
    let page = house.call("GET", "/api/rest/v4/courts/", "").await.json();
    let ids: Vec<&str> = page["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|court| court["id"].as_str().unwrap())
        .collect();
    assert_eq!(page["count"], 265);
    assert_eq!(&ids[..4], ["scotus", "ca1", "ca2", "ca3"]);
    for (query, expected) in [
        ("position=205.1", &["cand"][..]),
        ("position=205.100", &["cand"]),
        (
            "position__gt=113.04&position__lte=113.1",
            &["afcca", "asbca"],
        ),
        ("position__range=1,101.5", &["scotus", "ca1"]),
        ("position__lt=1", &[]),
    ] {
        let path = format!("/api/rest/v4/courts/?{query}");
        let page = house.call("GET", &path, "").await;
        assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.text());
        let page = page.json();
        let ids: Vec<&str> = page["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|court| court["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, expected, "{query}");
    }
    for bad in ["x", "NaN", "1,5", "1e999999"] {
        let answer = house
            .call("GET", &format!("/api/rest/v4/courts/?position={bad}"), "")
            .await;
        assert_eq!(
            answer.json(),
            json!({"position": ["Enter a number."]}),
            "{bad}"
        );
    }
}

/// Courts are everybody's to read. What was bought is not, nor whether it is there.
#[tokio::test]
async fn courts_are_filtered_by_their_dockets_with_an_account() {
    let house = house!();
    for (query, expected) in [
        ("dockets=1", "cand"),
        ("dockets__docket_number=1:23-bk-00042", "cob"),
        ("dockets__docket_entries__entry_number__isnull=true", "cand"),
        ("dockets__date_filed__month=2", "cob"),
    ] {
        for path in [
            format!("/api/rest/v4/courts/?{query}"),
            format!("/api/rest/v3/courts/{expected}/?{query}"),
        ] {
            let answer = house.ann("GET", &path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
            let answer = answer.json();
            let found = answer.get("results").map_or(&answer, |rows| &rows[0]);
            assert_eq!(found["id"], expected, "{path}");
            let stranger = house.call("GET", &path, "").await;
            assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    let other = house
        .ann("GET", "/api/rest/v4/courts/cand/?dockets=2")
        .await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let unknown = house.ann("GET", "/api/rest/v4/courts/?dockets=99").await;
    let text = "Select a valid choice. That choice is not one of the available choices.";
    assert_eq!(unknown.json(), json!({"dockets": [text]}));
    // Not even whether there is such a docket.
    let stranger = house
        .call("GET", "/api/rest/v4/courts/?dockets=99", "")
        .await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
