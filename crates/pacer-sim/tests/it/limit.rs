use futures_util::future::join_all;
use pacer_sim::{Config, DEMO_PASSWORD};
use serde_json::{Value, json};

use crate::harness::{Court, Reader};

const PATH: &str = "/okwd/cgi-bin/possible_case_numbers.pl?16-00432";

async fn limited(limits: Value) -> Court {
    let court = Court::usual().await;
    court.put("limits", limits).await;
    court
}

/// The rules that were broken, in order.
async fn broken(court: &Court) -> Vec<String> {
    let violations = court.admin("violations").await;
    let violations = violations["violations"].as_array().unwrap().clone();
    let rule = |violation: Value| violation["rule"].as_str().unwrap().to_owned();
    violations.into_iter().map(rule).collect()
}

async fn statuses(reader: &Reader<'_>, requests: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..requests {
        statuses.push(reader.get(PATH).await.status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn requests_that_come_too_fast_are_written_down() {
    let court = limited(json!({"default": {"min_gap_ms": 60_000}})).await;
    let reader = court.reader("demo").await;
    assert_eq!(statuses(&reader, 3).await, [200, 200, 200]);
    assert_eq!(broken(&court).await, ["min_gap", "min_gap"]);
    let violations = court.admin("violations").await;
    let first = &violations["violations"][0];
    assert_eq!(
        (&first["court"], &first["account"]),
        (&json!("okwd"), &json!("demo"))
    );
    assert_eq!(first["allowed"], 60_000);
    assert!(first["measured"].as_u64().unwrap() < 60_000);
    // Another court has its own gap.
    reader
        .get("/canb/cgi-bin/possible_case_numbers.pl?20-30242")
        .await;
    assert_eq!(broken(&court).await.len(), 2);
}

#[tokio::test]
async fn a_violation_can_shut_everybody_out() {
    let limits = json!({"courts": {"okwd": {"min_gap_ms": 60_000, "block_seconds": 600}}});
    let court = limited(limits).await;
    let reader = court.reader("demo").await;
    assert_eq!(statuses(&reader, 3).await, [200, 403, 403]);
    assert_eq!(broken(&court).await, ["min_gap", "blocked"]);
    let other = court.reader("demo-firm").await;
    assert_eq!(statuses(&other, 1).await, [403]);
    let elsewhere = "/canb/cgi-bin/possible_case_numbers.pl?20-30242";
    assert_eq!(reader.get(elsewhere).await.status(), 200);
    for path in ["limits", "violations"] {
        let request = court.client.delete(format!("{}/admin/{path}", court.base));
        assert_eq!(request.send().await.unwrap().status(), 204);
    }
    assert_eq!(statuses(&reader, 2).await, [200, 200]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_in_flight_are_limited_by_court_and_by_account() {
    let limits = json!({"default": {"max_in_flight": 3, "max_in_flight_per_account": 2}});
    let court = limited(limits).await;
    let (one, two) = (court.reader("demo").await, court.reader("demo-firm").await);
    let slow = json!({"court": "okwd", "kind": "delay", "ms": 500, "times": null});
    court.order_fault(slow).await;
    join_all([&one, &one, &two].map(|reader| reader.get(PATH))).await;
    assert!(broken(&court).await.is_empty());
    join_all([&one, &one, &one].map(|reader| reader.get(PATH))).await;
    assert_eq!(broken(&court).await, ["max_in_flight_per_account"]);
    join_all([&one, &one, &two, &two].map(|reader| reader.get(PATH))).await;
    assert_eq!(broken(&court).await[1..], ["max_in_flight"]);
    let traffic = court.admin("traffic?requests=false").await;
    assert_eq!(
        traffic["courts"]["okwd"]["accounts"]["demo"]["peak_in_flight"],
        3
    );
}

#[tokio::test]
async fn a_head_request_at_new_york_southern_is_a_violation() {
    let court = Court::usual().await;
    let status = async |at: &str| {
        let request = court.client.head(format!("{}/{at}/", court.base));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("okwd").await, 405);
    assert!(broken(&court).await.is_empty());
    assert_eq!(status("nysd").await, 403);
    assert_eq!(broken(&court).await, ["head"]);
}

#[tokio::test]
async fn logins_beyond_the_limit_are_refused() {
    let mut config = Config::default();
    config.limits.max_logins_per_hour = Some(2);
    let court = Court::open(config).await;
    let login = json!({"loginId": "demo", "password": DEMO_PASSWORD});
    let mut results = Vec::new();
    for _ in 0..3 {
        results.push(court.sign_on(login.clone()).await["loginResult"].clone());
    }
    assert_eq!(results, ["0", "0", "5"]);
    assert_eq!(broken(&court).await, ["max_logins_per_hour"]);
    court.reader("demo-filer").await;
}

#[tokio::test]
async fn limits_that_make_no_sense_are_refused() {
    let court = Court::usual().await;
    let request = court.client.put(format!("{}/admin/limits", court.base));
    let request = request.json(&json!({"default": {"min_gap": 5}}));
    assert_eq!(request.send().await.unwrap().status(), 400);
    let limits = court.admin("limits").await;
    assert_eq!(limits["default"]["min_gap_ms"], Value::Null);
}
