//! Events with groups: what is told beside them, to whom, and what it costs.

use std::time::Duration;

use axum::{body::BodyDataStream, http::StatusCode};
use futures_util::{StreamExt, future::join_all};
use gateway::dialect::auth;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::expand::statements;
use crate::house::House;

const LIST: &str = "/api/rest/v4/recap-fetch/";
const ALL: &str = "money,life,queue,changes,plan";
const PATIENCE: Duration = Duration::from_secs(60);

/// What the events of a stream have in `data`.
fn told(text: &str) -> Vec<Value> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
    lines
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn keys(object: &Value) -> Vec<&str> {
    let keys = object.as_object().unwrap().keys();
    let mut keys: Vec<&str> = keys.map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Reads a stream until so many events have come.
async fn until_told(stream: &mut BodyDataStream, count: usize) -> Vec<Value> {
    let mut text = String::new();
    let reading = async {
        while told_whole(&text).len() < count {
            let piece = stream.next().await.expect("the stream goes on").unwrap();
            text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    };
    timeout(PATIENCE, reading).await.expect("events come");
    told_whole(&text)
}

/// Of messages that have come to their end.
fn told_whole(text: &str) -> Vec<Value> {
    told(text.rsplit_once("\n\n").map_or("", |(whole, _)| whole))
}

/// Ends these requests, each with one event.
async fn end(house: &House, ids: &[i64]) {
    let ids = ids
        .iter()
        .map(i64::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    house
        .execute(&format!(
            "update fetch_requests set state = 'done', status = 2, date_completed = now() where id in ({ids})"
        ))
        .await;
}

#[tokio::test]
async fn events_are_told_with_what_is_asked_for() {
    let house = house!();
    let id = house.request("ann", 5).await;
    end(&house, &[id]).await;
    let of_one = format!("{LIST}{id}/events/");
    let plain = house.begun("GET", &of_one).await;
    let plain = until_told(&mut plain.into_body().into_data_stream(), 1).await;
    let mut usual = [
        "event", "id", "at", "state", "status", "message", "is_final",
    ];
    usual.sort_unstable();
    assert_eq!(keys(&plain[0]), usual, "no key of ours");
    for path in [
        format!("{of_one}?expand={ALL}"),
        format!("{LIST}events/?after=0&expand=money&expand=life,queue,changes,plan"),
    ] {
        let stream = house.begun("GET", &path).await;
        assert_eq!(stream.status(), StatusCode::OK, "{path}");
        let events = until_told(&mut stream.into_body().into_data_stream(), 1).await;
        let event = &events[0];
        assert_eq!(event["event"], plain[0]["event"], "{path}");
        assert_eq!(event["money"]["cost_cents"], 0, "{event}");
        assert_eq!(event["life"]["state"], "done", "{event}");
        let nothing = (&event["queue"], &event["changes"], &event["plan"]);
        assert_eq!(
            nothing,
            (&Value::Null, &Value::Null, &Value::Null),
            "{event}"
        );
        assert_eq!(keys(event).len(), usual.len() + 5, "{event}");
    }
    for path in [of_one.clone(), format!("{LIST}events/")] {
        let refused = house.ann("GET", &format!("{path}?expand=monney")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(refused.json()["expand"].is_array(), "{}", refused.text());
    }

    // A token may ask by itself, and a call has the last word.
    house
        .execute(
            "update api_tokens set expand = 'money' where user_id = (select id from users where name = 'ann')",
        )
        .await;
    let token = auth::hash("token-of-ann");
    house.api.guard.tokens.forget(&token).await;
    for (query, expected) in [("", json!(0)), ("?expand=", Value::Null)] {
        let stream = house.begun("GET", &format!("{of_one}{query}")).await;
        let events = until_told(&mut stream.into_body().into_data_stream(), 1).await;
        assert_eq!(events[0]["money"]["cost_cents"], expected, "{query}");
    }
}

/// Twenty who hear of thirty requests cost about what one does that reads a page.
#[tokio::test]
async fn groups_are_read_once_for_all_listeners_of_a_burst() {
    let house = house!();
    let burst = async |query: &str| {
        let mut ids = Vec::new();
        for _ in 0..30 {
            ids.push(house.request("ann", 5).await);
        }
        let mut streams = Vec::new();
        for _ in 0..20 {
            let stream = house.begun("GET", &format!("{LIST}events/{query}")).await;
            assert_eq!(stream.status(), StatusCode::OK);
            streams.push(stream.into_body().into_data_stream());
        }
        let before = statements();
        end(&house, &ids).await;
        let heard = join_all(streams.iter_mut().map(|stream| until_told(stream, 30))).await;
        for events in heard {
            let all = |key: &str| -> Vec<i64> {
                let numbers = events.iter().map(|event| event[key].as_i64().unwrap());
                numbers.collect()
            };
            // One statement ends them in an order of its own.
            let mut heard = all("id");
            heard.sort_unstable();
            assert_eq!(heard, ids);
            let numbers = all("event");
            assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
            let has_groups = events.iter().all(|event| event["life"]["state"] == "done");
            assert_eq!(has_groups, !query.is_empty(), "{events:?}");
        }
        statements() - before
    };
    burst("").await;
    let plain = burst("").await;
    let with_groups = burst(&format!("?expand={ALL}")).await;
    assert!(plain > 0, "they are counted");
    // One reading is nine statements. What came first may have been told alone, and tokens are looked at again meanwhile.
    assert!(
        with_groups <= plain + 50,
        "{plain} without groups, {with_groups} with"
    );
}
