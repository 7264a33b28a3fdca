//! Lists that take long: they end, leave room for others, and are not counted again and again.

use std::{pin::pin, time::Duration};

use axum::http::StatusCode;
use futures_util::future::join_all;
use gateway::{file_access::FileRules, lists::ListRules};
use serde_json::json;
use tokio::time::{self, timeout};

use crate::house::House;

const DOCUMENTS: &str = "/api/rest/v4/recap-documents/";
const COUNT: &str = "/api/rest/v4/recap-documents/?count=on";

/// Nobody can look at documents until the transaction is over: a list of them takes for ever.
const HOLD: &str = "begin; lock table recap_documents in access exclusive mode";

/// So many lists at once, for so many seconds.
fn at_once(at_once: usize, seconds: u64) -> ListRules {
    ListRules {
        within: Duration::from_secs(seconds),
        at_once,
        ..ListRules::default()
    }
}

async fn house(lists: ListRules) -> Option<House> {
    House::with(FileRules::default(), lists).await
}

#[tokio::test]
async fn a_list_that_takes_too_long_ends_and_says_what_to_do() {
    let within = Duration::from_secs(1);
    let rules = ListRules {
        within,
        ..ListRules::default()
    };
    let Some(house) = house(rules).await else {
        return;
    };
    house.execute(HOLD).await;
    let v3 = DOCUMENTS.replace("v4", "v3");
    for path in [DOCUMENTS, COUNT, &v3] {
        let refused = house.ann("GET", path).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(refused.header("retry-after"), Some("5"), "{path}");
        let sentence = "These rows were not found within 1 s. Ask for fewer of them, with another filter, or \
                        try again later.";
        assert_eq!(refused.json(), json!({"detail": sentence}), "{path}");
    }
    house.execute("rollback").await;
    assert_eq!(house.ann("GET", DOCUMENTS).await.status, StatusCode::OK);
    assert_eq!(house.ann("GET", COUNT).await.json(), json!({"count": 4}));
}

/// The house has two connections to its database.
#[tokio::test]
async fn lists_that_take_long_leave_connections_to_others() {
    let Some(house) = house(at_once(1, 5)).await else {
        return;
    };
    let docket = "/api/rest/v4/dockets/1/";
    assert_eq!(house.ann("GET", docket).await.status, StatusCode::OK);
    house.execute(HOLD).await;
    let lists = (0..6).map(|_| house.ann("GET", DOCUMENTS));
    let mut lists = pin!(join_all(lists));
    tokio::select! {
        biased;
        _ = &mut lists => panic!("the docket had to wait for the lists"),
        docket = house.ann("GET", docket) => assert_eq!(docket.status, StatusCode::OK),
    }
    house.execute("rollback").await;
    for list in lists.await {
        assert_eq!(list.status, StatusCode::OK);
    }
}

/// Postgres looks on for them, by a connection that is missing to others.
#[tokio::test]
async fn whoever_hangs_up_makes_no_room_for_another_list() {
    let Some(house) = house(at_once(1, 20)).await else {
        return;
    };
    house.execute(HOLD).await;
    for path in [DOCUMENTS, COUNT, DOCUMENTS] {
        let hung_up = timeout(Duration::from_millis(300), house.ann("GET", path)).await;
        assert!(hung_up.is_err(), "{path} was answered");
    }
    let docket = house.ann("GET", "/api/rest/v4/dockets/1/");
    let docket = timeout(Duration::from_secs(10), docket).await;
    assert_eq!(docket.expect("a connection is left").status, StatusCode::OK);
    house.execute("rollback").await;
    assert_eq!(house.ann("GET", DOCUMENTS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_caller_takes_half_of_the_room_for_lists() {
    let Some(house) = house(at_once(2, 20)).await else {
        return;
    };
    house.execute(HOLD).await;
    let greedy = (0..4).map(|_| house.ann("GET", DOCUMENTS));
    let mut greedy = pin!(join_all(greedy));
    tokio::select! {
        biased;
        _ = &mut greedy => panic!("nobody can look at documents"),
        () = time::sleep(Duration::from_millis(500)) => {}
    }
    let modest = house.ben("GET", "/api/rest/v4/dockets/");
    tokio::select! {
        biased;
        _ = &mut greedy => panic!("nobody can look at documents"),
        dockets = modest => assert_eq!(dockets.status, StatusCode::OK),
    }
    house.execute("rollback").await;
    for list in greedy.await {
        assert_eq!(list.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_number_that_took_long_to_count_is_remembered_and_no_other() {
    let every = ListRules {
        long: Duration::ZERO,
        ..ListRules::default()
    };
    for (rules, second) in [(every, 4), (ListRules::default(), 5)] {
        let Some(house) = house(rules).await else {
            return;
        };
        let count = async |path: &str| house.ann("GET", path).await.json()["count"].clone();
        assert_eq!(count(COUNT).await, 4);
        let more = "insert into recap_documents (docket_entry_id, document_type) values (2, 1)";
        house.execute(more).await;
        assert_eq!(count(COUNT).await, second);
        assert_eq!(count(&DOCUMENTS.replace("v4", "v3")).await, second);
        // Another question, and another caller's rows.
        assert_eq!(count(&format!("{COUNT}&id__gt=0")).await, 5);
        house.request("ann", 2).await;
        let requests = "/api/rest/v4/recap-fetch/?count=on";
        assert_eq!(count(requests).await, 1);
        assert_eq!(house.ben("GET", requests).await.json(), json!({"count": 0}));
    }
}
