//! Webhook endpoints and deliveries over HTTP. What is sent, and that it is, `tests/it/webhooks.rs` looks at.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::{Answer, House, numbers};

const ENDPOINTS: &str = "/api/rest/v4/webhooks/";
const EVENTS: &str = "/api/rest/v4/webhook-events/";
const URL: &str = "https://hooks.example.com/3f1c9a52e7";

/// Registers an endpoint of this version.
async fn registered(house: &House, account: &str, version: i16) -> Value {
    let body = json!({"url": URL, "version": version});
    let answer = house.sending(account, "POST", ENDPOINTS, &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()
}

fn at(list: &str, row: &Value, rest: &str) -> String {
    format!("{list}{}/{rest}", row["id"])
}

fn assert_refused(answer: &Answer, status: u16, body: &Value) {
    assert_eq!((answer.status.as_u16(), &answer.json()), (status, body));
}

#[tokio::test]
async fn an_endpoint_is_registered_off_and_its_secret_is_shown_once() {
    let house = house!();
    let body = json!({"url": URL, "event_type": 3, "bogus": 1});
    let answer = house.sending("ann", "POST", ENDPOINTS, &body).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("pacer-fetch-ignored"), Some("bogus"));
    let keys = [
        "id",
        "event_type",
        "version",
        "url",
        "enabled",
        "failure_count",
        "warning",
        "date_disabled",
        "previous_secret_until",
        "date_created",
        "date_modified",
    ];
    let made = answer.json();
    assert_eq!(answer.keys(), [&keys[..], &["secret"]].concat());
    assert_eq!(
        (
            &made["event_type"],
            &made["version"],
            &made["url"],
            &made["enabled"]
        ),
        (&json!(3), &json!(2), &json!(URL), &json!(false))
    );
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"), "{secret}");
    for version in ["v3", "v4"] {
        let path = format!("/api/rest/{version}/webhooks/{}/", made["id"]);
        let read = house.ann("GET", &path).await;
        assert_eq!(read.keys(), keys, "{path}");
        assert_eq!(read.header("allow"), Some("GET, PATCH, DELETE, HEAD"));
        let list = house
            .ann("GET", &format!("/api/rest/{version}/webhooks/"))
            .await
            .json();
        assert_eq!(numbers(&list), [made["id"].as_i64().unwrap()]);
        assert_eq!(list["results"][0], read.json());
    }
    let rotated = house
        .ann("POST", &at(ENDPOINTS, &made, "rotate-secret/"))
        .await;
    assert_eq!(rotated.status, StatusCode::OK);
    let rotated = rotated.json();
    assert_ne!(rotated["secret"], made["secret"]);
    assert!(rotated["previous_secret_until"].is_string(), "{rotated}");
}

#[tokio::test]
async fn an_endpoint_is_told_of_what_it_was_registered_for() {
    let house = house!();
    for event_type in [100, 3] {
        let body = json!({"url": URL, "event_type": event_type});
        let answer = house.sending("ann", "POST", ENDPOINTS, &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let made = answer.json();
        assert_eq!(made["event_type"], event_type);
        let path = at(ENDPOINTS, &made, "");
        assert_eq!(
            house.ann("GET", &path).await.json()["event_type"],
            event_type
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_said_in_the_words_of_the_contract() {
    let house = house!();
    let answer = house.sending("ann", "POST", ENDPOINTS, &json!({})).await;
    assert_refused(&answer, 400, &json!({"url": ["This field is required."]}));
    let plain = json!({"url": "http://hooks.example.com/"});
    let answer = house.sending("ann", "POST", ENDPOINTS, &plain).await;
    assert_refused(
        &answer,
        400,
        &json!({"url": ["Enter a URL that begins with https://."]}),
    );
    let inside = json!({"url": "https://169.254.169.254/latest/meta-data/"});
    let answer = house.sending("ann", "POST", ENDPOINTS, &inside).await;
    let text = "169.254.169.254 is not a public address, and this server sends to no others.";
    assert_refused(&answer, 400, &json!({"url": [text]}));
    let longest = format!("https://hooks.example.com/{}", "é".repeat(2000 - 26));
    let made = house
        .sending("ann", "POST", ENDPOINTS, &json!({"url": longest}))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let twice = house
        .sending("ann", "POST", ENDPOINTS, &json!({"url": URL}))
        .await;
    let text = "The fields user, event_type, version must make a unique set. You have such an endpoint already: \
                change that one.";
    assert_refused(&twice, 400, &json!({"non_field_errors": [text]}));
    // Another version, and somebody else's, are others.
    registered(&house, "ann", 1).await;
    registered(&house, "ben", 2).await;
}

#[tokio::test]
async fn an_endpoint_is_changed_and_removed_by_its_owner_alone() {
    let house = house!();
    let made = registered(&house, "ann", 2).await;
    let path = at(ENDPOINTS, &made, "");
    let on = json!({"enabled": true, "url": "https://other.example.com/"});
    let nobodys = json!({"detail": "No Webhook matches the given query."});
    for (method, rest) in [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "test/"),
        ("POST", "rotate-secret/"),
    ] {
        let foreign = house
            .sending("ben", method, &format!("{path}{rest}"), &on)
            .await;
        assert_refused(&foreign, 404, &nobodys);
    }
    let changed = house.sending("ann", "PATCH", &path, &on).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let changed = changed.json();
    assert_eq!(
        (&changed["enabled"], &changed["url"], changed.get("secret")),
        (&json!(true), &on["url"], None)
    );
    let refused = house
        .sending("ann", "PATCH", &path, &json!({"version": 1}))
        .await;
    let text = "This cannot be changed. Register another endpoint.";
    assert_refused(&refused, 400, &json!({"version": [text]}));
    let refused = house
        .sending("ann", "PATCH", &path, &json!({"url": "https://10.0.0.1/"}))
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(house.ann("GET", &path).await.json()["url"], on["url"]);
    let removed = house.ann("DELETE", &path).await;
    assert_eq!(
        (removed.status, removed.text()),
        (StatusCode::NO_CONTENT, "")
    );
    assert_refused(&house.ann("DELETE", &path).await, 404, &nobodys);
    assert_refused(&house.ann("GET", &path).await, 404, &nobodys);
}

#[tokio::test]
async fn a_token_for_reading_changes_nothing() {
    let house = house!();
    let made = registered(&house, "ann", 2).await;
    let event = house
        .ann("POST", &at(ENDPOINTS, &made, "test/"))
        .await
        .json();
    house
        .execute(
            "insert into api_tokens (user_id, token_hash, label, read_only)
             select id, sha256('reading'), 'reading', true from users where name = 'ann'",
        )
        .await;
    let reading = async |method: &str, path: &str| house.call(method, path, "Token reading").await;
    for (method, path) in [
        ("POST", ENDPOINTS.to_owned()),
        ("PATCH", at(ENDPOINTS, &made, "")),
        ("DELETE", at(ENDPOINTS, &made, "")),
        ("POST", at(ENDPOINTS, &made, "test/")),
        ("POST", at(ENDPOINTS, &made, "rotate-secret/")),
        ("POST", at(EVENTS, &event, "replay/")),
    ] {
        let refused = reading(method, &path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    for path in [
        at(ENDPOINTS, &made, ""),
        at(EVENTS, &event, ""),
        EVENTS.to_owned(),
    ] {
        assert_eq!(reading("GET", &path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_test_is_a_delivery_that_waits_to_be_sent() {
    let house = house!();
    let made = registered(&house, "ann", 2).await;
    let answer = house.ann("POST", &at(ENDPOINTS, &made, "test/")).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(
        answer.keys(),
        [
            "id",
            "webhook",
            "recap_fetch",
            "event_id",
            "event_status",
            "debug",
            "content",
            "retry_counter",
            "next_retry_date",
            "status_code",
            "response",
            "error_message",
            "date_created",
            "date_modified",
        ]
    );
    let event = answer.json();
    assert_eq!(
        (
            &event["webhook"],
            &event["event_status"],
            &event["debug"],
            &event["recap_fetch"]
        ),
        (&made["id"], &json!(0), &json!(true), &Value::Null)
    );
    let read = house.ann("GET", &at(EVENTS, &event, "")).await;
    assert_eq!(read.json(), event);
}

#[tokio::test]
async fn deliveries_are_listed_by_endpoint_and_state_and_sent_again() {
    let house = house!();
    let (one, two) = (
        registered(&house, "ann", 1).await,
        registered(&house, "ann", 2).await,
    );
    registered(&house, "ben", 2).await;
    house
        .execute("update webhook_endpoints set enabled = true")
        .await;
    let request = house.request("ann", 5).await;
    let bens = house.request("ben", 5).await;
    for id in [request, bens] {
        let done = "state = 'done', status = 2, date_completed = now()";
        house
            .execute(&format!("update fetch_requests set {done} where id = {id}"))
            .await;
    }
    house
        .execute(&format!(
            r#"update webhook_events set event_status = 1, retry_counter = 2, status_code = 500, response = 'no',
                   content = '{{"payload": {{"id": {request}}}}}', error_message = 'The answer was 500.'
               where webhook_id = {}"#,
            one["id"]
        ))
        .await;
    let list = house.ann("GET", EVENTS).await.json();
    assert_eq!(numbers(&list).len(), 2, "{list}");
    for (query, count) in [
        (format!("webhook={}", one["id"]), 1),
        ("event_status=1".to_owned(), 1),
        ("event_status__in=0,1".to_owned(), 2),
        ("event_status=2".to_owned(), 0),
        (format!("recap_fetch={request}"), 2),
        (format!("recap_fetch={bens}"), 0),
        ("debug=true".to_owned(), 0),
    ] {
        let list = house.ann("GET", &format!("{EVENTS}?{query}")).await.json();
        assert_eq!(numbers(&list).len(), count, "{query}: {list}");
        let list = house
            .ann("GET", &format!("/api/rest/v3/webhook-events/?{query}"))
            .await
            .json();
        assert_eq!(list["count"], count, "{query}: {list}");
    }
    let unknown = house.ann("GET", &format!("{EVENTS}?state=1")).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    let failed = house
        .ann("GET", &format!("{EVENTS}?webhook={}", one["id"]))
        .await
        .json();
    let failed = &failed["results"][0];
    assert_eq!(
        (&failed["content"]["payload"]["id"], &failed["recap_fetch"]),
        (&json!(request), &json!(request))
    );
    assert!(failed["next_retry_date"].is_string(), "{failed}");
    let warned = house.ann("GET", &at(ENDPOINTS, &one, "")).await.json();
    let warning = warned["warning"].as_str().unwrap();
    assert!(warning.contains("failed 2 times since"), "{warning}");
    assert!(warning.ends_with("The answer was 500."), "{warning}");
    let fine = house.ann("GET", &at(ENDPOINTS, &two, "")).await.json();
    assert_eq!(fine["warning"], Value::Null);

    let path = at(EVENTS, failed, "replay/");
    let nobodys = json!({"detail": "No WebhookEvent matches the given query."});
    assert_refused(&house.ben("POST", &path).await, 404, &nobodys);
    let again = house.ann("POST", &path).await;
    assert_eq!(again.status, StatusCode::OK);
    let again = again.json();
    assert_eq!(
        (
            &again["event_status"],
            &again["retry_counter"],
            &again["event_id"]
        ),
        (&json!(0), &json!(0), &failed["event_id"])
    );
    let off = json!({"enabled": false});
    house
        .sending("ann", "PATCH", &at(ENDPOINTS, &one, ""), &off)
        .await;
    let text = "The endpoint is switched off. Set its field enabled to true first.";
    assert_refused(
        &house.ann("POST", &path).await,
        409,
        &json!({"detail": text}),
    );
}

#[tokio::test]
async fn an_endpoint_that_was_given_up_says_so() {
    let house = house!();
    let made = registered(&house, "ann", 2).await;
    house
        .execute("update webhook_endpoints set date_disabled = '2026-11-20T17:15:02Z'")
        .await;
    let given_up = house.ann("GET", &at(ENDPOINTS, &made, "")).await.json();
    assert_eq!(given_up["date_disabled"], "2026-11-20T09:15:02-08:00");
    let warning = given_up["warning"].as_str().unwrap();
    assert!(
        warning.starts_with("Switched off on 2026-11-20T09:15:02-08:00"),
        "{warning}"
    );
    let on = json!({"enabled": true});
    let on = house
        .sending("ann", "PATCH", &at(ENDPOINTS, &made, ""), &on)
        .await
        .json();
    assert_eq!(
        (&on["date_disabled"], &on["warning"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn the_lists_describe_themselves() {
    let house = house!();
    let told = house.ann("OPTIONS", ENDPOINTS).await.json();
    assert_eq!(told["actions"]["POST"]["url"]["required"], true);
    let told = house.ann("OPTIONS", EVENTS).await.json();
    assert_eq!(
        told["filters"]["event_status"]["choices"][4]["display_name"],
        "Endpoint disabled"
    );
    assert_eq!(told["filters"]["webhook"]["lookup_types"], json!(["exact"]));
    let index = house.ann("GET", "/api/rest/v4/").await.json();
    assert!(
        index["webhooks"].is_string() && index["webhook-events"].is_string(),
        "{index}"
    );
}
