//! Trackers over HTTP. What they ask and tell, `tests/it/trackers.rs` and `fetch-control`'s tests look at.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::{House, numbers};

const TRACKERS: &str = "/api/rest/v4/trackers/";

const KEYS: [&str; 18] = [
    "id",
    "docket",
    "court",
    "state",
    "message",
    "every_hours",
    "until",
    "lane",
    "client_code",
    "max_cost_cents",
    "spent_cents",
    "next_due",
    "date_asked",
    "date_found",
    "recap_fetch",
    "is_asking",
    "date_created",
    "date_modified",
];

/// A tracker of docket 1, as if somebody had logged in for it.
async fn tracker(house: &House, account: &str) -> i64 {
    house
        .number(&format!(
            "insert into fetch_trackers (user_id, docket_id, target_court, token_id, session_key, account_digest, lane,
                 every_hours, max_cost_cents, next_due)
             select id, 1, 'cand', 0, 'k', 'd', 1, 24, 900, '2040-03-01T15:00:00Z' from users where name = '{account}'
             returning id"
        ))
        .await
}

#[tokio::test]
async fn a_tracker_is_shown_changed_and_removed_by_its_owner_alone() {
    let house = house!();
    let (anns, bens) = (tracker(&house, "ann").await, tracker(&house, "ben").await);
    let path = format!("{TRACKERS}{anns}/");
    let read = house.ann("GET", &path).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text());
    assert_eq!(read.keys(), KEYS);
    assert_eq!(read.header("allow"), Some("GET, PATCH, DELETE, HEAD"));
    let read = read.json();
    assert_eq!(
        (
            &read["docket"],
            &read["state"],
            &read["spent_cents"],
            &read["lane"]
        ),
        (&json!(1), &json!("active"), &json!(0), &json!("bulk"))
    );
    for version in ["v3", "v4"] {
        let list = house
            .ann("GET", &format!("/api/rest/{version}/trackers/"))
            .await;
        let list = list.json();
        assert_eq!(numbers(&list), [anns]);
        assert_eq!(list["results"][0], read);
    }
    let nobodys = json!({"detail": "No Tracker matches the given query."});
    let paused =
        json!({"paused": true, "max_cost_cents": 500, "until": "2041-01-01T00:00:00Z", "bogus": 1});
    for (method, id) in [
        ("GET", bens),
        ("PATCH", bens),
        ("DELETE", bens),
        ("GET", 99),
    ] {
        let foreign = house
            .sending("ann", method, &format!("{TRACKERS}{id}/"), &paused)
            .await;
        assert_eq!(
            (foreign.status.as_u16(), foreign.json()),
            (404, nobodys.clone()),
            "{method}"
        );
    }
    let changed = house.sending("ann", "PATCH", &path, &paused).await;
    assert_eq!(changed.header("pacer-fetch-ignored"), Some("bogus"));
    let changed = changed.json();
    assert_eq!(
        (
            &changed["state"],
            &changed["next_due"],
            &changed["max_cost_cents"],
            &changed["every_hours"]
        ),
        (&json!("paused"), &Value::Null, &json!(500), &json!(24)),
        "{changed}"
    );
    assert_eq!(changed["message"], "Paused by its owner.");
    // What is not sent stays: it is paused still.
    let changed = house
        .sending("ann", "PATCH", &path, &json!({"every_hours": 6}))
        .await;
    let changed = changed.json();
    assert_eq!(
        (&changed["state"], &changed["every_hours"]),
        (&json!("paused"), &json!(6))
    );
    let on = house
        .sending(
            "ann",
            "PATCH",
            &path,
            &json!({"paused": false, "until": null}),
        )
        .await;
    let on = on.json();
    assert_eq!(
        (&on["state"], &on["until"], &on["message"]),
        (&json!("active"), &Value::Null, &json!(""))
    );
    assert!(on["next_due"].is_string(), "{on}");
    let refused = house
        .sending("ann", "PATCH", &path, &json!({"max_cost_cents": 299}))
        .await;
    let expected =
        json!({"max_cost_cents": ["Ensure this value is greater than or equal to 300."]});
    assert_eq!((refused.status.as_u16(), refused.json()), (400, expected));
    let removed = house.ann("DELETE", &path).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(house.ann("GET", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        house.ben("GET", &format!("{TRACKERS}{bens}/")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_for_reading_tracks_and_changes_nothing() {
    let house = house!();
    let path = format!("{TRACKERS}{}/", tracker(&house, "ann").await);
    house
        .execute(
            "insert into api_tokens (user_id, token_hash, label, read_only)
             select id, sha256('reading'), 'reading', true from users where name = 'ann'",
        )
        .await;
    for (method, path) in [("POST", TRACKERS), ("PATCH", &path), ("DELETE", &path)] {
        let refused = house.call(method, path, "Token reading").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    for path in [TRACKERS, &path] {
        let read = house.call("GET", path, "Token reading").await;
        assert_eq!(read.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_tracker_is_said_before_anybody_is_logged_in() {
    let house = house!();
    let answer = house
        .sending(
            "ann",
            "POST",
            TRACKERS,
            &json!({"max_cost": 5, "docket": 99}),
        )
        .await;
    let errors = answer.json();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{errors}");
    for field in ["max_cost_cents", "pacer_username", "pacer_password"] {
        assert_eq!(
            errors[field],
            json!(["This field is required."]),
            "{errors}"
        );
    }
    assert_eq!(
        errors["max_cost"],
        json!(["There is no field with this name. Did you mean max_cost_cents?"])
    );
    assert!(
        errors["docket"][0]
            .as_str()
            .unwrap()
            .starts_with("Invalid pk \"99\""),
        "{errors}"
    );
    let login =
        json!({"docket": 1, "max_cost_cents": 900, "pacer_username": "u", "pacer_password": "p"});
    let answer = house
        .sending(
            "ann",
            "POST",
            &format!("{TRACKERS}?max_cost_cents=5"),
            &login,
        )
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    // Nothing is wrong, and in this house nobody can be logged in.
    let answer = house.sending("ann", "POST", TRACKERS, &login).await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        answer.text()
    );
    let none = house.ann("GET", TRACKERS).await.json();
    assert_eq!(none["results"], json!([]));
}
