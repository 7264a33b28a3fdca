//! With very much in the queue, every question is still answered from an index.

use fetch_model::FetchId;
use serde_json::Value;
use sqlx::PgConnection;

use super::fixture::Queue;

/// 200,000 queued requests of all kinds: half of them at one court, a tenth of all of one user there, some
/// that are to begin later, some under way, and a history.
const FILL: &str = "
    set session_replication_role = replica;
    insert into users (name) select 'user ' || n from generate_series(1, 200) n;
    with known as (
        select (select array_agg(id order by id) from users) as users,
            (select array_agg(id order by id) from courts) as courts),
    wanted as (
        select n, users[case when n % 10 = 1 then 1 else 1 + n % 200 end] as who,
            courts[case when n % 2 = 0 then 1 else 1 + n % 190 end] as court
        from known, generate_series(1, 220000) n)
    insert into fetch_requests (user_id, request_type, court, show_parties_and_counsel,
        show_terminated_parties, show_list_of_member_cases, target_court, session_key,
        account_digest, on_doubt, lane, virtual_time, state, lease_until, date_completed, court_ms, not_before)
    select who, 1 + n / 10 % 3, court, false, false, false, court, 'session-' || who, 'account-' || who,
        'stop', (n % 10 = 0)::int, n / 100,
        (case when n > 200000 then 'done' when n > 199400 and n % 2 = 1 then 'released'
              else 'accepted' end)::request_state,
        case when n between 199401 and 200000 and n % 2 = 1 then now() + interval '1 hour' end,
        case when n > 200000 then now() end, 2000,
        case when n % 20 = 0 then now() + interval '1 day' end
    from wanted;
    set session_replication_role = origin;
    analyze;";

/// The plan of a statement with these arguments, as it would be run.
async fn plan(connection: &mut PgConnection, sql: &str, types: &str, arguments: &str) -> Value {
    let run = async |connection: &mut PgConnection, sql: String| {
        let sql = sqlx::AssertSqlSafe(sql);
        sqlx::raw_sql(sql).execute(connection).await.unwrap();
    };
    run(connection, format!("prepare question {types} as {sql}")).await;
    let explain = format!("explain (format json) execute question {arguments}");
    let explained: (Value,) = sqlx::query_as(sqlx::AssertSqlSafe(explain))
        .persistent(false)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    run(connection, "deallocate question".to_owned()).await;
    explained.0
}

/// The nodes of a plan that read requests: what they do, and by which index.
fn reads(node: &Value, found: &mut Vec<(String, String)>) {
    match node {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
            let kind = text("Node Type");
            if text("Relation Name") == "fetch_requests" && kind != "ModifyTable" {
                found.push((kind.to_owned(), text("Index Name").to_owned()));
            }
            fields.values().for_each(|value| reads(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| reads(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn two_hundred_thousand_queued_requests_are_never_read_through() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.run(FILL).await;
    let court: String = sqlx::query_scalar("select id from courts order by id limit 1")
        .fetch_one(&queue.pool)
        .await
        .unwrap();
    let owner = queue.request(FetchId(4001)).await.spec.user;
    // As many as are on a page of requests.
    let page: Vec<String> = (4001..4021).map(|id| id.to_string()).collect();
    let page = format!("array[{}]::bigint[]", page.join(","));
    let mut connection = queue.pool.acquire().await.unwrap();
    let questions = [
        (
            "courts_with_work",
            include_str!("../../../../fetch-queue/src/sql/courts_with_work.sql"),
            "(float8, smallint[], smallint[], text[])",
            "(20, array[1, 2, 3]::smallint[], array[2]::smallint[], null)".to_owned(),
            vec!["fetch_requests_queued_of_a_kind", "fetch_requests_live*"],
        ),
        (
            "candidates",
            include_str!("../../../../fetch-queue/src/sql/candidates.sql"),
            "(text, smallint[], bigint, bigint, text[], smallint[], bigint[])",
            format!(
                "('{court}', array[0, 1]::smallint[], 4, 1, '{{}}', array[1, 2, 3]::smallint[],
                  array[7]::bigint[])"
            ),
            vec!["fetch_requests_queued_of_a_kind", "fetch_requests_live*"],
        ),
        (
            "enqueue_due",
            include_str!("../../../../fetch-queue/src/sql/enqueue_due.sql"),
            "",
            String::new(),
            vec!["fetch_requests_delayed", "fetch_requests_queued_of_a_user"],
        ),
        (
            "place",
            include_str!("../../../../fetch-queue/src/sql/place.sql"),
            "(bigint[], bigint, float8, smallint[])",
            format!("({page}, {owner}, 20, array[2]::smallint[])"),
            vec![
                "fetch_requests_queued",
                "fetch_requests_queued_of_an_account",
                "fetch_requests_live*",
                "fetch_requests_done_at_a_court",
            ],
        ),
        (
            "give_up_snoozed",
            include_str!("../../../../fetch-queue/src/sql/give_up_snoozed.sql"),
            "(int, smallint)",
            "(500, 3)".to_owned(),
            vec!["fetch_requests_snoozed"],
        ),
        (
            "give_up_locked_out",
            include_str!("../../../../fetch-queue/src/sql/give_up_locked_out.sql"),
            "(float8, text[], smallint)",
            "(86400, array['zz'], 3)".to_owned(),
            vec!["fetch_requests_queued*"],
        ),
        (
            "put_off_too_often",
            include_str!("../../../../fetch-queue/src/sql/put_off_too_often.sql"),
            "(int, float8)",
            "(500, 86400)".to_owned(),
            vec!["fetch_requests_put_off"],
        ),
    ];
    for (name, sql, types, arguments, indexes) in questions {
        let plan = plan(&mut connection, sql, types, &arguments).await;
        let mut found = Vec::new();
        reads(&plan, &mut found);
        assert!(!found.is_empty(), "{name}: {plan:#}");
        for (kind, index) in &found {
            assert!(
                kind.starts_with("Index") || kind == "Bitmap Heap Scan",
                "{name} reads requests by {kind} {index}: {found:?}"
            );
        }
        let text = plan.to_string();
        for index in indexes {
            // Where any of several will do, their names go on.
            let used = match index.strip_suffix('*') {
                Some(beginning) => format!("\"Index Name\":\"{beginning}"),
                None => format!("\"Index Name\":\"{index}\""),
            };
            assert!(text.contains(&used), "{name} does not use {index}: {text}");
        }
    }
    drop(connection);

    // And the whole of it works on that many rows.
    let courts = queue.store.queue.courts_with_work().await.unwrap();
    assert!(courts.contains(&court), "{courts:?}");
    let released = queue.store.queue.release(&court).await.unwrap();
    assert_eq!(released.len(), 2, "the court's cap");
    let last: i64 = sqlx::query_scalar(
        "select id from fetch_requests
         where target_court = $1 and lane = 0 and state = 'accepted' and not_before is null
         order by virtual_time desc, id desc limit 1",
    )
    .bind(&court)
    .fetch_one(&queue.pool)
    .await
    .unwrap();
    let request = queue.request(FetchId(last)).await;
    let place = queue
        .store
        .queue
        .place_of(request.spec.user, request.id)
        .await;
    let position = place.unwrap().unwrap().position.unwrap();
    assert!(position > 70_000, "{position}");
}

/// A part of a long scan is found by when it is due, however many others there are.
#[tokio::test]
async fn the_next_part_of_two_hundred_thousand_is_found_at_once() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue
        .run(
            "insert into texts (sha256, state, lane, pages)
             select 'text ' || n, 'recognising', n % 2, 800 from generate_series(1, 2000) n;
             insert into text_parts (sha256, part, pages, lane, due_at)
             select 'text ' || n, part, array[part], n % 2, now() + part * interval '20 seconds'
             from generate_series(1, 2000) n, generate_series(1, 100) part;
             analyze;",
        )
        .await;
    let mut connection = queue.pool.acquire().await.unwrap();
    let sql = include_str!("../../../../fetch-library/src/texts/sql/claim_part.sql");
    let plan = plan(&mut connection, sql, "(text, float8)", "('reader', 60)").await;
    let text = plan.to_string();
    assert!(
        text.contains("\"Index Name\":\"text_parts_due\""),
        "{plan:#}"
    );
    assert!(
        !text.contains("text_parts.due_at"),
        "nothing is sorted: {plan:#}"
    );
}
