//! Requests, and lists of them.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::numbers;

#[tokio::test]
async fn a_request_is_seen_by_its_owner_only() {
    let house = house!();
    let id = house.request("ann", 2).await;
    for path in [
        format!("/api/rest/v4/recap-fetch/{id}/"),
        format!("/api/rest/v3/recap-fetch/{id}"),
        format!("/api/rest/v4/recap-fetch/{id}.json"),
    ] {
        let own = house.ann("GET", &path).await;
        assert_eq!(own.status, StatusCode::OK, "{path}");
        assert_eq!(own.header("content-type"), Some("application/json"));
        assert_eq!(own.header("allow"), Some("GET, HEAD, OPTIONS"));
        assert_eq!(own.header("vary"), Some("Accept"));
        let foreign = house.ben("GET", &path).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{path}");
        let text = "No PacerFetchQueue matches the given query.";
        assert_eq!(foreign.json(), json!({ "detail": text }));
    }
    for query in [
        "",
        "?status=2",
        "?docket=1",
        "?count=on",
        "?order_by=zzz",
        "?request_type!=3",
    ] {
        let foreign = house
            .ben("GET", &format!("/api/rest/v4/recap-fetch/{query}"))
            .await
            .json();
        assert!(
            foreign["results"] == json!([]) || foreign == json!({"count": 0}),
            "{foreign}"
        );
    }
    let word = house.ann("GET", "/api/rest/v4/recap-fetch/abc/").await;
    assert_eq!(word.json(), json!({"detail": "Not found."}));
}

#[tokio::test]
async fn a_request_has_all_keys_in_order() {
    let house = house!();
    let id = house.request("ann", 2).await;
    let failed = house.request("ann", 3).await;
    let answer = house
        .ann("GET", &format!("/api/rest/v4/recap-fetch/{id}/"))
        .await;
    assert_eq!(
        answer.text(),
        format!(
            concat!(
                r#"{{"id":{id},"court":"cand","docket":1,"recap_document":null,"#,
                r#""date_created":"2026-11-20T09:15:02.114380-08:00","#,
                r#""date_modified":"2026-11-20T09:15:07.902191-08:00","#,
                r#""date_completed":"2026-11-20T09:15:07-08:00","status":2,"request_type":1,"#,
                r#""message":"said","pacer_case_id":"","docket_number":"3:24-cv-09876","#,
                r#""de_date_start":null,"de_date_end":"2026-11-01","de_number_start":null,"#,
                r#""de_number_end":null,"show_parties_and_counsel":true,"#,
                r#""show_terminated_parties":false,"show_list_of_member_cases":false}}"#
            ),
            id = id
        )
    );
    let failed = house
        .ann("GET", &format!("/api/rest/v4/recap-fetch/{failed}/"))
        .await
        .json();
    assert_eq!(
        (&failed["status"], &failed["date_completed"]),
        (&json!(3), &Value::Null)
    );
    let head = house
        .ann("HEAD", &format!("/api/rest/v4/recap-fetch/{id}/"))
        .await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn vectors_30_to_35_lists_without_rows() {
    let house = house!();
    let v4 = house.ann("GET", "/api/rest/v4/recap-fetch/").await;
    assert_eq!(
        v4.text(),
        concat!(
            r#"{"count":"http://api.example.org/api/rest/v4/recap-fetch/?count=on","#,
            r#""next":null,"previous":null,"results":[]}"#
        )
    );
    let v3 = house.ann("GET", "/api/rest/v3/recap-fetch/").await;
    assert_eq!(
        v3.text(),
        r#"{"count":0,"next":null,"previous":null,"results":[]}"#
    );
    let unknown = house
        .ann("GET", "/api/rest/v4/recap-fetch/?foo=1&bar=2")
        .await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(unknown.json()["unknown_params"], json!(["bar", "foo"]));
    let detail = |text: &str| json!({ "detail": text });
    for (path, text) in [
        ("v4/recap-fetch/?cursor=xxx", "Invalid cursor"),
        (
            "v3/recap-fetch/?page=101",
            "Invalid page: Deep API pagination is not allowed. Please review API documentation.",
        ),
        ("v3/recap-fetch/?page=2", "Invalid page."),
        ("v3/recap-fetch/?page=0", "Invalid page."),
        (
            "v3/recap-fetch/?page=x",
            "Invalid page: That page number is not an integer",
        ),
    ] {
        let answer = house.ann("GET", &format!("/api/rest/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.json(), detail(text), "{path}");
    }
    let by_number = house
        .ann("GET", "/api/rest/v4/recap-fetch/?order_by=zzz")
        .await;
    assert_eq!(
        by_number.text(),
        r#"{"count":0,"next":null,"previous":null,"results":[]}"#
    );
}

#[tokio::test]
async fn forty_five_rows_are_walked_by_page_number() {
    let house = house!();
    let ids = house.requests("ann", 45).await;
    let base = "http://api.example.org/api/rest/v3/recap-fetch/";
    let first = house.ann("GET", "/api/rest/v3/recap-fetch/").await.json();
    assert_eq!(first["count"], 45);
    assert_eq!(first["next"], format!("{base}?page=2"));
    assert_eq!(first["previous"], Value::Null);
    let second = house.follow(&first["next"]).await;
    assert_eq!(second["previous"], base);
    let third = house.follow(&second["next"]).await;
    assert_eq!(
        (&third["next"], &third["previous"]),
        (&Value::Null, &json!(format!("{base}?page=2")))
    );
    let mut walked = numbers(&first);
    walked.extend(numbers(&second));
    walked.extend(numbers(&third));
    let newest_first: Vec<i64> = ids.iter().rev().copied().collect();
    assert_eq!(walked, newest_first);
    let last = house
        .ann("GET", "/api/rest/v3/recap-fetch/?page=last&order_by=id")
        .await
        .json();
    assert_eq!(numbers(&last), ids[40..]);
}

#[tokio::test]
async fn forty_five_rows_are_walked_by_cursor_there_and_back() {
    let house = house!();
    let ids = house.requests("ann", 45).await;
    // A third of the rows have no date of completion.
    for order in [
        "",
        "id",
        "-date_created",
        "date_modified",
        "date_completed",
        "-date_completed",
    ] {
        let start = format!("/api/rest/v4/recap-fetch/?order_by={order}");
        let (forth, last) = house
            .walk(house.ann("GET", &start).await.json(), "next")
            .await;
        let mut sorted = forth.concat();
        sorted.sort_unstable();
        assert_eq!(sorted, ids, "{order}: every row once");
        assert_eq!(
            forth.iter().map(Vec::len).collect::<Vec<_>>(),
            [20, 20, 5],
            "{order}"
        );
        let (mut back, first) = house.walk(last, "previous").await;
        back.reverse();
        assert_eq!(back, forth, "{order}: the same pages backwards");
        assert_eq!(first["previous"], Value::Null);
    }
    let count = house
        .ann("GET", "/api/rest/v4/recap-fetch/?status=5&count=on")
        .await;
    assert_eq!(count.text(), r#"{"count":15}"#);
    let page = house
        .ann("GET", "/api/rest/v4/recap-fetch/?order_by=id")
        .await
        .json();
    let cursor = page["next"]
        .as_str()
        .unwrap()
        .replace("order_by=id", "order_by=date_created");
    assert_eq!(
        house.follow(&json!(cursor)).await,
        json!({"detail": "Invalid cursor"})
    );
}

#[tokio::test]
async fn requests_are_filtered_and_what_a_filter_names_must_exist() {
    let house = house!();
    let ids = house.requests("ann", 6).await;
    let list = |query: &str| format!("/api/rest/v4/recap-fetch/?order_by=id&{query}");
    for (query, expected) in [
        ("status=5", vec![ids[2], ids[5]]),
        ("status!=5", vec![ids[0], ids[1], ids[3], ids[4]]),
        ("status__in=1,5", vec![ids[2], ids[5]]),
        ("status=", ids.clone()),
        ("docket=1&court=cand&request_type=1", ids.clone()),
        ("docket!=1", vec![]),
        ("docket_number=3:24-cv-09876&pacer_case_id__in=a,b", vec![]),
        ("page_size=2&fields=status&omit=id", ids.clone()),
    ] {
        assert_eq!(
            numbers(&house.ann("GET", &list(query)).await.json()),
            expected,
            "{query}"
        );
    }
    let choice = "Select a valid choice. That choice is not one of the available choices.";
    for name in ["docket", "court", "recap_document", "recap_document__in"] {
        let answer = house.ann("GET", &list(&format!("{name}=99"))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(answer.json(), json!({ name: [choice] }));
    }
}

#[tokio::test]
async fn an_answer_waits_for_the_end_of_its_request() {
    let house = house!();
    let ended = house.request("ann", 2).await;
    let waiting = house.request("ann", 5).await;
    let path = |id, wait| format!("/api/rest/v4/recap-fetch/{id}/?wait={wait}");

    // What is over is not waited for, and what is not is told when the time is over.
    let begun = Instant::now();
    let answer = house.ann("GET", &path(ended, "60")).await;
    assert_eq!(answer.json()["status"], 2);
    assert!(begun.elapsed() < Duration::from_secs(30));
    let begun = Instant::now();
    let answer = house.ann("GET", &path(waiting, "1")).await;
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (StatusCode::OK, &json!(1))
    );
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let at_once = house.ann("GET", &path(waiting, "0")).await;
    assert_eq!(at_once.json()["status"], 1);

    // Without the message server, the row is looked at all the same.
    let begun = Instant::now();
    let path_of_waiting = path(waiting, "60");
    let ends = async {
        house
            .execute(&format!(
                "update fetch_requests set state = 'done', status = 2, date_completed = now()
                 where id = {waiting}"
            ))
            .await;
    };
    let (answer, ()) = tokio::join!(house.ann("GET", &path_of_waiting), ends);
    assert_eq!(answer.json()["status"], 2);
    assert!(begun.elapsed() < Duration::from_secs(30));

    for wrong in ["61", "-1", "1.5", "soon", "99999999999999999999"] {
        let refused = house.ann("GET", &path(waiting, wrong)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
        let text = "Send how many seconds to wait, from 0 to 60.";
        assert_eq!(refused.json(), json!({ "wait": [text] }));
    }
    let foreign = house.ben("GET", &path(waiting, "60")).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let misspelt = house
        .ann(
            "GET",
            &format!("/api/rest/v4/recap-fetch/{waiting}/?waitt=9"),
        )
        .await;
    assert_eq!(misspelt.status, StatusCode::BAD_REQUEST);
}
