//! What callers have used of their limits.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use gateway::{file_access::FileRules, guard::Limits, lists::ListRules};
use serde_json::{Value, json};

use crate::house::House;

const USAGE: &str = "/api/rest/v4/api-usage/";
const REQUESTS: &str = "/api/rest/v4/recap-fetch/";

async fn limited() -> Option<House> {
    let limits = Limits {
        fetch: "3/hour".parse().unwrap(),
        read: "4/day,100/hour".parse().unwrap(),
        usage: "100/day".parse().unwrap(),
        ..Limits::unmetered()
    };
    House::limited(FileRules::default(), ListRules::default(), limits).await
}

/// Scope, rate, used and left, in the order in which they are told.
fn told(usage: &Value) -> Vec<(String, String, u64, u64)> {
    let rates = usage["current_usage"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rates
        .map(|rate| {
            let limit = rate["limit"].as_u64().unwrap();
            let (used, left) = (&rate["used"], &rate["remaining"]);
            let (used, left) = (used.as_u64().unwrap(), left.as_u64().unwrap());
            assert_eq!(used + left, limit, "{rate}");
            (text(&rate["scope"]), text(&rate["rate"]), used, left)
        })
        .collect()
}

fn rate(scope: &str, rate: &str, used: u64, left: u64) -> (String, String, u64, u64) {
    (scope.to_owned(), rate.to_owned(), used, left)
}

#[tokio::test]
async fn what_is_left_is_told_even_to_who_has_nothing_left() {
    let Some(house) = limited().await else {
        return;
    };
    let before = house.ann("GET", USAGE).await;
    let keys = ["current_usage", "historical_usage", "membership"];
    assert_eq!(before.keys(), keys);
    assert_eq!(before.header("allow"), Some("GET, HEAD, OPTIONS"));
    // To ask is no call of the kinds that are told, but for its own.
    assert_eq!(
        told(&before.json()),
        [
            rate("api_usage", "100/day", 1, 99),
            rate("fetch", "3/hour", 0, 3),
            rate("user", "4/day", 0, 4),
            rate("user", "100/hour", 0, 100),
        ]
    );
    let own = &before.json()["current_usage"][1];
    let unused = json!({"scope": "fetch", "rate": "3/hour", "used": 0, "limit": 3, "remaining": 3,
                        "window_seconds": 3600, "reset_at": null, "blocked": false});
    assert_eq!(own, &unused);
    for _ in 0..3 {
        assert_eq!(house.ann("GET", REQUESTS).await.status, StatusCode::OK);
    }
    house.ann("GET", "/api/rest/v4/dockets/").await;
    let over = house.ann("GET", REQUESTS).await;
    assert_eq!(over.status, StatusCode::TOO_MANY_REQUESTS);
    for version in ["v3", "v4"] {
        let usage = house.ann("GET", &USAGE.replace("v4", version)).await.json();
        let told = told(&usage);
        // The one that is nearest to its limit comes first.
        assert_eq!(told[0], rate("fetch", "3/hour", 3, 0));
        assert_eq!(told[1], rate("user", "4/day", 1, 3));
        let full = usage["current_usage"][0]["reset_at"].as_str().unwrap();
        let full: DateTime<Utc> = full.parse().unwrap();
        let wait = full - Utc::now();
        assert!(
            wait > TimeDelta::minutes(50) && wait <= TimeDelta::hours(1),
            "{wait}"
        );
    }
    // Of one's own.
    let bens = told(&house.ben("GET", USAGE).await.json());
    assert!(bens.contains(&rate("fetch", "3/hour", 0, 3)), "{bens:?}");
    let nobodys = house.call("GET", USAGE, "").await;
    assert_eq!(nobodys.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.ann("POST", USAGE).await.status, StatusCode::FORBIDDEN);
    let described = house.ann("OPTIONS", USAGE).await.json();
    assert_eq!(described["name"], "Api Usage");
}

#[tokio::test]
async fn where_nothing_is_limited_nothing_is_told_of_limits() {
    let house = house!();
    let usage = house.ann("GET", USAGE).await.json();
    let nothing =
        json!({"current_usage": [], "historical_usage": {"total": 0}, "membership": null});
    assert_eq!(usage, nothing);
}

#[tokio::test]
async fn calls_are_told_by_day_and_those_of_two_weeks_ago_forgotten() {
    let house = house!();
    let days = "insert into api_calls (user_id, day, calls)
                select users.id, (now() at time zone 'America/Los_Angeles')::date - ago, 100 + ago
                from users cross join unnest(array[1, 14, 15, 40]) as ago where users.name <> 'ben'";
    house.execute(days).await;
    for _ in 0..3 {
        house.ann("GET", REQUESTS).await;
    }
    house.ann("GET", "/api/rest/v4/dockets/").await;
    house.ann("GET", USAGE).await;
    house.ben("GET", REQUESTS).await;
    // Two gateways add to the same day.
    for _ in 0..2 {
        house.api.guard.calls.write(&house.api.control).await;
        house.ann("GET", REQUESTS).await;
    }
    house.api.guard.calls.write(&house.api.control).await;

    let today = Utc::now().with_timezone(&house.api.time_zone).date_naive();
    let day = |ago| (today - TimeDelta::days(ago)).to_string();
    let usage = house.ann("GET", USAGE).await.json();
    let expected = json!({ day(14): 114, day(1): 101, day(0): 6, "total": 221 });
    assert_eq!(usage["historical_usage"], expected);
    let bens = house.ben("GET", USAGE).await.json();
    assert_eq!(bens["historical_usage"], json!({ day(0): 1, "total": 1 }));
    let kept = "do $$ begin
                    assert (select count(*) from api_calls
                            where day <= (now() at time zone 'America/Los_Angeles')::date - 15) = 0;
                end $$";
    house.execute(kept).await;
}
