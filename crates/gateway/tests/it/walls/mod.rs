//! Tenants are walls: whatever route there is, somebody else's id is answered like one that was
//! never given out.
//!
//! The routes are those that the router itself tells, and the methods those that the description
//! of the gRPC service tells. Whoever adds one has to say here what it lets strangers see.

pub mod door;
mod grpc;

use axum::http::StatusCode;
use door::{Answer, House, Ids};
use serde_json::Value;

/// What a route shows of what belongs to one account.
enum Wall {
    /// Nothing: what it shows belongs to all accounts, or is no row at all.
    Common,
    /// It takes no id, and sums up the caller's own purchases; `tests/it/quotes.rs` looks at it as
    /// a stranger.
    OwnSums,
    /// A list of the caller's own requests.
    OwnList,
    /// One of the caller's own requests, for these methods.
    Own(&'static [&'static str]),
    /// A list of the caller's own endpoints, or of what they were told.
    OwnWebhooks,
    /// One of the caller's own endpoints, for these methods.
    OwnWebhook(&'static [&'static str]),
    /// One delivery to one of them, for these methods.
    OwnWebhookEvent(&'static [&'static str]),
    /// A list of the caller's own trackers.
    OwnTrackers,
    /// One of the caller's own trackers, for these methods.
    OwnTracker(&'static [&'static str]),
    /// What becomes of one's own requests, without an end: `tests/it/events.rs` listens to it, beside somebody else.
    OwnStream,
}

/// Every route, without its version, its trailing slash and its suffix.
const WALLS: &[(&str, Wall)] = &[
    ("", Wall::Common),
    ("/recap-fetch", Wall::OwnList),
    // It names dockets and documents, which belong to all accounts.
    ("/recap-fetch/quote", Wall::Common),
    // It answers with what it has just accepted.
    ("/recap-fetch/batch", Wall::OwnSums),
    ("/recap-fetch/login", Wall::OwnSums),
    ("/recap-fetch/spend", Wall::OwnSums),
    ("/recap-fetch/spend.csv", Wall::OwnSums),
    ("/recap-fetch/{id}", Wall::Own(&["GET", "HEAD"])),
    ("/recap-fetch/{id}/cancel", Wall::Own(&["POST"])),
    ("/recap-fetch/events", Wall::OwnStream),
    ("/recap-fetch/{id}/events", Wall::OwnStream),
    ("/webhooks", Wall::OwnWebhooks),
    (
        "/webhooks/{id}",
        Wall::OwnWebhook(&["GET", "HEAD", "PATCH"]),
    ),
    ("/webhooks/{id}/test", Wall::OwnWebhook(&["POST"])),
    ("/webhooks/{id}/rotate-secret", Wall::OwnWebhook(&["POST"])),
    ("/webhook-events", Wall::OwnWebhooks),
    (
        "/webhook-events/{id}",
        Wall::OwnWebhookEvent(&["GET", "HEAD"]),
    ),
    (
        "/webhook-events/{id}/replay",
        Wall::OwnWebhookEvent(&["POST"]),
    ),
    ("/trackers", Wall::OwnTrackers),
    (
        "/trackers/{id}",
        Wall::OwnTracker(&["GET", "HEAD", "PATCH"]),
    ),
    ("/dockets", Wall::Common),
    ("/dockets/{id}", Wall::Common),
    ("/docket-entries", Wall::Common),
    ("/docket-entries/{id}", Wall::Common),
    ("/recap-documents", Wall::Common),
    ("/recap-documents/{id}", Wall::Common),
    ("/recap-documents/{id}/pages", Wall::Common),
    ("/parties", Wall::Common),
    ("/parties/{id}", Wall::Common),
    ("/attorneys", Wall::Common),
    ("/attorneys/{id}", Wall::Common),
    ("/bankruptcy-information", Wall::Common),
    ("/bankruptcy-information/{id}", Wall::Common),
    ("/originating-court-information", Wall::Common),
    ("/originating-court-information/{id}", Wall::Common),
    ("/recap-query", Wall::Common),
    // What was bought belongs to all accounts.
    ("/changes", Wall::Common),
    ("/dockets/{id}/changes", Wall::Common),
    ("/export", Wall::Common),
    // What the caller has used, by no id.
    ("/api-usage", Wall::OwnSums),
    ("/courts", Wall::Common),
    ("/courts/{id}", Wall::Common),
    // Files of documents.
    ("/recap/{*path}", Wall::Common),
    // What describes the service, the same to everybody.
    ("/api/schema", Wall::Common),
    ("/docs", Wall::Common),
    ("/docs/docs.js", Wall::Common),
    ("/docs/docs.css", Wall::Common),
    ("/docs/guide.txt", Wall::Common),
    ("/.well-known/security.txt", Wall::Common),
];

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Extensions of an answer may show more: these are all of them.
const QUERIES: [&str; 5] = [
    "",
    "?queue=1&steps=1",
    "?expand=money,life,queue,changes,plan",
    "?format=json",
    "?count=on",
];

/// A number that no row has.
const NOBODYS: i64 = 987_654;

#[tokio::test]
async fn somebody_elses_id_is_answered_like_one_that_was_never_given_out() {
    let Some(house) = House::build().await else {
        return;
    };
    let routes = house.routes();
    assert!(routes.len() > 60, "the router tells its routes: {routes:?}");
    for route in &routes {
        let name = name_of(route);
        let wall = WALLS.iter().find(|(known, _)| *known == name);
        let Some((_, wall)) = wall else {
            panic!("{route} is new: say in this file what it shows to strangers");
        };
        match wall {
            Wall::Common | Wall::OwnSums => {}
            Wall::OwnList => check_list(&house, route).await,
            Wall::Own(methods) => check_own(&house, route, methods, house.requests).await,
            Wall::OwnWebhooks => check_webhooks(&house, route).await,
            Wall::OwnTrackers => check_trackers(&house, route).await,
            Wall::OwnTracker(methods) => check_own(&house, route, methods, house.trackers).await,
            Wall::OwnWebhook(methods) => check_own(&house, route, methods, house.webhooks).await,
            Wall::OwnWebhookEvent(methods) => {
                check_own(&house, route, methods, house.webhook_events).await;
            }
            Wall::OwnStream => check_stream(&house, route).await,
        }
    }
    for (name, _) in WALLS {
        let is_there = routes.iter().any(|route| name_of(route) == *name);
        assert!(is_there, "there is no route {name} any more");
    }
    house.untouched().await;
}

#[tokio::test]
async fn no_route_passes_a_nul_on() {
    let Some(house) = House::build().await else {
        return;
    };
    let has_an_end = |route: &String| !name_of(route).ends_with("/events");
    let (routes, streams): (Vec<_>, Vec<_>) = house.routes().into_iter().partition(has_an_end);
    for route in streams {
        let own = route.replace("{id}", &house.anns.to_string());
        let answer = house.ann("GET", &format!("{own}?after=%00")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{route}");
    }
    for route in routes {
        let own = route.replace("{id}", &house.anns.to_string());
        for query in [
            "webhook=%00",
            "client_code=%00",
            "quarter=%00",
            "id=%00",
            "order_by=%00",
            "%00=1",
            "cursor=%00",
        ] {
            for method in ["GET", "POST", "OPTIONS"] {
                let answer = house.ann(method, &format!("{own}?{query}")).await;
                let status = answer.status.as_u16();
                assert!(status < 500, "{method} {route}?{query}: {}", answer.text);
            }
        }
        for (name, with_nul) in [("{id}", "%00"), ("{*path}", "x%00.pdf")] {
            let answer = house.ann("GET", &route.replace(name, with_nul)).await;
            assert!(answer.status.as_u16() < 500, "{route}: {}", answer.text);
        }
    }
    let refused = house
        .ann("GET", "/api/rest/v4/recap-fetch/spend/?client_code=%00")
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        refused.text,
        r#"{"client_code":["Null characters are not allowed."]}"#
    );
}

/// `/api/rest/v4/recap-fetch/{id}/` is `/recap-fetch/{id}`.
fn name_of(route: &str) -> &str {
    let versioned = ["/api/rest/v3", "/api/rest/v4"];
    let name = versioned.iter().find_map(|root| route.strip_prefix(root));
    let name = name.unwrap_or(route).trim_end_matches('/');
    name.strip_suffix(".json").unwrap_or(name)
}

async fn check_own(house: &House, route: &str, methods: &[&str], ids: Ids) {
    check_foreign(house, route, methods, ids).await;
    // The wall has a door: what is one's own is there.
    for method in methods {
        let own = route.replace("{id}", &ids.anns.to_string());
        let own = house.ann(method, &own).await;
        assert!(
            own.status.is_success() || own.status == StatusCode::CONFLICT,
            "{method} {route}: {}",
            own.text
        );
    }
}

async fn check_stream(house: &House, route: &str) {
    if route.contains("{id}") {
        check_foreign(house, route, &["GET", "HEAD"], house.requests).await;
    }
}

/// Whatever is asked of a list, and however, it shows what belongs to ann's endpoint.
async fn check_webhooks(house: &House, route: &str) {
    let key = match name_of(route) {
        "/webhooks" => "id",
        _ => "webhook",
    };
    let mut seen = 0;
    for query in [
        "".to_owned(),
        "?order_by=-date_created".to_owned(),
        "?version=2&enabled=true".to_owned(),
        format!("?webhook={}", house.webhooks.bens),
        format!("?recap_fetch={}", house.bens),
        "?event_status=0&debug=false".to_owned(),
        "?event_status!=2".to_owned(),
    ] {
        let answer = house.ann("GET", &format!("{route}{query}")).await;
        let page: Value = serde_json::from_str(&answer.text).unwrap();
        for row in page["results"].as_array().into_iter().flatten() {
            assert_eq!(row[key], house.webhooks.anns, "{route}{query}: {page}");
            seen += 1;
        }
        if query.contains("recap_fetch") || query.contains("webhook=") {
            assert!(
                page["results"].as_array().is_none_or(Vec::is_empty),
                "{route}{query}: {page}"
            );
        }
    }
    assert!(seen > 1, "{route} shows one's own");
}

/// Whatever is asked of the list, and however, it shows ann's tracker alone.
async fn check_trackers(house: &House, route: &str) {
    let mut seen = 0;
    for query in [
        "",
        "?order_by=-date_created",
        "?order_by=date_modified",
        "?state=active",
        "?state!=ended",
        "?state__in=active,paused",
        "?court=cand",
        "?docket!=0",
        "?count=on",
    ] {
        let answer = house.ann("GET", &format!("{route}{query}")).await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "{route}{query}: {}",
            answer.text
        );
        let page: Value = serde_json::from_str(&answer.text).unwrap();
        if let Some(count) = page["count"].as_i64() {
            assert_eq!(count, 1, "{route}{query}: {page}");
        }
        for row in page["results"].as_array().into_iter().flatten() {
            assert_eq!(row["id"], house.trackers.anns, "{route}{query}: {page}");
            seen += 1;
        }
    }
    assert!(seen > 5, "{route} shows one's own");
}

async fn check_foreign(house: &House, route: &str, methods: &[&str], ids: Ids) {
    let at = |id: i64| route.replace("{id}", &id.to_string());
    for method in METHODS {
        for query in QUERIES {
            let call = async |id: i64| house.ann(method, &format!("{}{query}", at(id))).await;
            let (foreign, nobodys) = (call(ids.bens).await, call(NOBODYS).await);
            assert_eq!(
                without(&foreign, ids.bens),
                without(&nobodys, NOBODYS),
                "{method} {route}{query} tells whether an id exists"
            );
            let allowed = methods.contains(&method);
            if allowed {
                assert_eq!(
                    foreign.status,
                    StatusCode::NOT_FOUND,
                    "{method} {route}{query}"
                );
            }
        }
    }
}

fn without(answer: &Answer, id: i64) -> (StatusCode, String) {
    (answer.status, answer.text.replace(&id.to_string(), "ID"))
}

/// Every filter that the list says it has, in every form, with the values of somebody else's row.
async fn check_list(house: &House, route: &str) {
    let own = house.ann("OPTIONS", route).await;
    let description: Value = serde_json::from_str(&own.text).unwrap();
    let mut queries: Vec<String> = QUERIES.iter().map(|query| (*query).to_owned()).collect();
    for (name, filter) in description["filters"].as_object().unwrap() {
        let value = match name.as_str() {
            "status" => "1",
            "request_type" | "docket" | "recap_document" => "1",
            "pacer_case_id" => "bens-case",
            "docket_number" => "bens-number",
            "court" => "cand",
            other => panic!("{other} is a new filter: say what somebody else's row has there"),
        };
        for lookup in filter["lookup_types"].as_array().unwrap() {
            let lookup = match lookup.as_str().unwrap() {
                "exact" | "" => String::new(),
                lookup => format!("__{lookup}"),
            };
            queries.push(format!("?{name}{lookup}={value}"));
            queries.push(format!("?{name}{lookup}!=nothing"));
        }
        queries.push(format!("?{name}={value}"));
        queries.push(format!("?{name}={value}&count=on"));
    }
    for ordering in description["ordering"].as_array().unwrap() {
        queries.push(format!("?order_by={}", ordering.as_str().unwrap()));
        queries.push(format!("?order_by=-{}&page=1", ordering.as_str().unwrap()));
    }
    assert!(queries.len() > 20, "{queries:?}");
    let mut seen = 0;
    for query in queries {
        let answer = house.ann("GET", &format!("{route}{query}")).await;
        let page: Value = serde_json::from_str(&answer.text).unwrap();
        // The links repeat what was asked for; the rows must not.
        let rows = page["results"].to_string();
        assert!(!rows.contains("bens"), "{route}{query}: {page}");
        if let Some(count) = page["count"].as_i64() {
            assert!(
                count <= 1,
                "{route}{query} counts what is not ann's: {page}"
            );
        }
        for row in page["results"].as_array().into_iter().flatten() {
            assert_eq!(row["id"], house.anns, "{route}{query}: {page}");
            seen += 1;
        }
    }
    assert!(seen > 5, "{route} shows one's own");
}
