//! What was added to the archive and changed there, as callers are told it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

const FEED: &str = "/api/rest/v4/changes/";
const EXPORT: &str = "/api/rest/v4/export/";
const OF_DOCKET: &str = "/api/rest/v4/dockets/1/changes/";

/// Once all that was written so far is known: transactions of other tests on the server are waited for.
async fn settled(house: &House) {
    let library = &house.api.control.library;
    let known = testkit::until(
        "the watermark",
        std::time::Duration::from_secs(60),
        async || {
            let known = library.changes_known().await?;
            let last = library.archive().await?.last_place;
            Ok((known == Some(last))
                .then_some(())
                .ok_or(format!("{known:?}")))
        },
    );
    known.await.unwrap();
}

async fn get(house: &House, path: &str) -> Value {
    settled(house).await;
    let answer = house.ann("GET", path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.json()
}

fn results(page: &Value) -> &[Value] {
    page["results"].as_array().unwrap()
}

fn described(page: &Value) -> Vec<String> {
    let word = |item: &Value, key: &str| item[key].to_string().replace('"', "");
    let described = results(page).iter().map(|item| {
        format!(
            "{} {} {}",
            word(item, "kind"),
            item["id"],
            word(item, "change")
        )
    });
    described.collect()
}

#[tokio::test]
async fn the_feed_tells_all_rows_in_order_by_cursor_as_they_are_read() {
    let house = house!();
    let whole = get(&house, FEED).await;
    assert_eq!(whole["more"], json!(false));
    let told = described(&whole);
    assert_eq!(told[0], "dockets 1 added");
    assert!(
        told.contains(&"recap-documents 4 added".to_owned()),
        "{told:?}"
    );
    assert!(
        told.contains(&"bankruptcy-information 1 added".to_owned()),
        "{told:?}"
    );
    let mut pages = Vec::new();
    let mut path = format!("{FEED}?page_size=4");
    loop {
        let page = get(&house, &path).await;
        pages.extend(results(&page).to_vec());
        path = format!(
            "{FEED}?page_size=4&cursor={}",
            page["cursor"].as_str().unwrap()
        );
        if page["more"] == json!(false) {
            break;
        }
    }
    assert_eq!(&pages[..], results(&whole));
    let after = get(&house, &path).await;
    assert_eq!(described(&after), [""; 0]);
    assert_eq!(after["cursor"], whole["cursor"]);

    house
        .execute("update dockets set cause = 'another' where id = 2")
        .await;
    let page = get(&house, &path).await;
    assert_eq!(described(&page), ["dockets 2 changed"]);
    let item = &results(&page)[0];
    assert_eq!(item["docket_id"], json!(2));
    let docket = house.ann("GET", "/api/rest/v4/dockets/2/").await.json();
    assert_eq!(item["object"], docket);

    house
        .execute("delete from docket_entries where id = 3")
        .await;
    let path = format!("{FEED}?cursor={}", page["cursor"].as_str().unwrap());
    let page = get(&house, &path).await;
    let mut told = described(&page);
    told.sort();
    assert_eq!(
        told,
        ["docket-entries 3 removed", "recap-documents 4 removed"]
    );
    assert_eq!(results(&page)[0]["object"], Value::Null);
}

/// Rows with megabytes of text come a few at a time, and all of them.
#[tokio::test]
async fn an_answer_has_no_more_text_than_can_be_sent_in_time() {
    let house = house!();
    let mut whole = described(&get(&house, FEED).await);
    whole.retain(|line| line.ends_with("added"));
    house
        .execute("update recap_documents set plain_text = repeat('text', 750000)")
        .await;
    settled(&house).await;
    for (rows, object) in [("0", "object"), ("1", "stored")] {
        let (mut told, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{FEED}?rows={rows}{cursor}");
            let answer = house.ann("GET", &path).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            let page = answer.json();
            let bytes = |item: &Value| item[object].to_string().len();
            let bytes: usize = results(&page).iter().map(bytes).sum();
            let alone = results(&page).len() == 1;
            assert!(bytes < 5_000_000 || alone, "{rows}: {bytes} bytes");
            told.extend(described(&page));
            cursor = format!("&cursor={}", page["cursor"].as_str().unwrap());
            if page["more"] == json!(false) {
                break;
            }
        }
        told.retain(|line| line.ends_with("added"));
        assert_eq!(told, whole, "{rows}");
    }
    let export = house.ann("GET", EXPORT).await;
    assert!(export.text().contains(r#""end":true"#));
}

#[tokio::test]
async fn whoever_waits_hears_of_a_change_before_the_time_is_over() {
    let house = house!();
    let cursor = get(&house, FEED).await["cursor"].clone();
    let path = format!("{FEED}?wait=30&cursor={}", cursor.as_str().unwrap());
    let begun = std::time::Instant::now();
    let (answer, ()) = tokio::join!(
        house.ann("GET", &path),
        house.execute("update dockets set cause = 'late' where id = 1")
    );
    assert_eq!(described(&answer.json()), ["dockets 1 changed"]);
    assert!(begun.elapsed().as_secs() < 25);
}

#[tokio::test]
async fn a_docket_tells_its_changes_since_a_cursor_or_a_time() {
    let house = house!();
    let all = get(&house, OF_DOCKET).await;
    let told = described(&all);
    assert!(told.iter().all(|line| line.ends_with(" added")), "{told:?}");
    assert!(!told.contains(&"dockets 2 added".to_owned()), "{told:?}");
    let cursor = all["cursor"].as_str().unwrap();
    house
        .execute("update docket_entries set description = 'corrected', time_filed = '12:00' where id = 1")
        .await;
    let page = get(&house, &format!("{OF_DOCKET}?since={cursor}")).await;
    assert_eq!(described(&page), ["docket-entries 1 changed"]);
    let item = &results(&page)[0];
    assert_eq!(item["columns"], json!(["description", "time_filed"]));
    assert_eq!(item["object"]["description"], json!("corrected"));
    let tomorrow = get(&house, &format!("{OF_DOCKET}?since=2999-01-01T00:00:00Z")).await;
    assert_eq!(described(&tomorrow), [""; 0]);
    let of_old = get(&house, &format!("{OF_DOCKET}?since=2001-01-01")).await;
    assert_eq!(described(&of_old).len(), told.len());
    let first = get(&house, &format!("{OF_DOCKET}?since=2001-01-01&page_size=2")).await;
    assert_eq!(first["more"], json!(true));
    let next = first["cursor"].as_str().unwrap();
    let rest = get(
        &house,
        &format!("{OF_DOCKET}?since=2001-01-01&cursor={next}"),
    )
    .await;
    assert_eq!(described(&rest).len() + 2, told.len());
    let missing = house.ann("GET", "/api/rest/v4/dockets/77/changes/").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_export_has_each_row_once_and_ends_with_where_to_go_on() {
    let house = house!();
    house
        .execute("update dockets set cause = 'another' where id = 1")
        .await;
    settled(&house).await;
    let answer = house.ann("GET", EXPORT).await;
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (end, rows) = lines.split_last().unwrap();
    assert_eq!(end["end"], json!(true));
    let mut names: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["kind"], row["id"]))
        .collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
    assert_eq!(rows[0]["object"]["cause"], json!("another"));
    let cursor = end["cursor"].as_str().unwrap();
    let rest = get(&house, &format!("{FEED}?cursor={cursor}")).await;
    assert_eq!(described(&rest), [""; 0]);
    house
        .execute("insert into docket_entries (docket_id) values (1)")
        .await;
    settled(&house).await;
    let answer = house.ann("GET", &format!("{EXPORT}?cursor={cursor}")).await;
    assert!(
        answer.text().contains(r#""kind":"docket-entries","id":4"#),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn what_is_no_cursor_is_refused_by_name_and_one_of_another_archive_is_gone() {
    let house = house!();
    settled(&house).await;
    for (path, name) in [
        ("changes/?cursor=7", "cursor"),
        ("changes/?cursor=x.0123456789ab", "cursor"),
        ("changes/?page_size=0", "page_size"),
        ("changes/?page_size=101", "page_size"),
        ("changes/?wait=61", "wait"),
        ("changes/?rows=yes", "rows"),
        ("changes/?curser=7", "curser"),
        ("export/?cursor=7", "cursor"),
        ("export/?rows=2", "rows"),
        ("dockets/1/changes/?since=yesterday", "since"),
        ("dockets/1/changes/?page_size=x", "page_size"),
        ("dockets/1/changes/?sinse=2026-01-01", "sinse"),
    ] {
        let answer = house.ann("GET", &format!("/api/rest/v4/{path}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.json()[name].is_array(), "{path}: {}", answer.text());
    }
    let cursor = get(&house, FEED).await["cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let (place, archive) = cursor.split_once('.').unwrap();
    let beyond = format!("{}.{archive}", place.parse::<i64>().unwrap() + 1);
    for gone in [format!("{place}.000000000000"), beyond] {
        for path in [
            format!("{FEED}?cursor={gone}"),
            format!("{EXPORT}?cursor={gone}"),
            format!("{OF_DOCKET}?since={gone}"),
        ] {
            let answer = house.ann("GET", &path).await;
            assert_eq!(answer.status, StatusCode::GONE, "{path}");
            assert!(
                answer.text().contains("export/"),
                "{path}: {}",
                answer.text()
            );
        }
    }
    for path in [FEED, EXPORT, OF_DOCKET] {
        let stranger = house.call("GET", path, "").await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
