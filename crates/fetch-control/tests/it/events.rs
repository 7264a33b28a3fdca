//! What became of requests: each change once, in order, and nothing that is committed late is missed.

use std::time::Duration;

use fetch_model::{FetchId, UserId};
use fetch_queue::{
    Queue,
    events::{Event, EventRange, Watermark},
};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use testkit::TestStore;

const ALL: EventRange = EventRange {
    after: 0,
    up_to: i64::MAX,
    limit: 100,
};

/// Two requests of each of two users.
async fn built() -> Option<TestStore> {
    let built = testkit::store(6).await?;
    run(
        &built.pool,
        "insert into users (id, name) overriding system value values (1, 'ann'), (2, 'ben');
         insert into fetch_requests (user_id, request_type, show_parties_and_counsel, show_terminated_parties,
             show_list_of_member_cases, on_doubt, target_court, session_key, account_digest, lane, virtual_time)
         select number % 2 + 1, 1, true, false, false, 'stop', 'cand', 'k', 'd', 0, 0
         from generate_series(0, 3) as number",
    )
    .await;
    Some(built)
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .unwrap();
}

async fn say(connection: &mut PgConnection, id: i64, message: &str) {
    sqlx::query("update fetch_requests set message = $2 where id = $1")
        .bind(id)
        .bind(message)
        .execute(connection)
        .await
        .unwrap();
}

/// Raises the watermark until nothing is pending: transactions of other tests on this server are waited for, too.
async fn raise(queue: &Queue, watermark: &mut Watermark) {
    let raised = testkit::until("the watermark", Duration::from_secs(60), async || {
        queue.advance(watermark).await?;
        Ok((!watermark.has_pending()).then_some(()).ok_or("pending"))
    });
    raised.await.unwrap();
}

fn told(events: &[Event]) -> Vec<(i64, &str)> {
    events
        .iter()
        .map(|event| (event.request.0, event.message.as_str()))
        .collect()
}

#[tokio::test]
async fn what_is_committed_late_is_neither_missed_nor_overtaken() {
    let Some(TestStore { store, pool, .. }) = built().await else {
        return;
    };
    let queue = &store.queue;
    let mut watermark = Watermark::default();
    raise(queue, &mut watermark).await;
    assert_eq!(watermark.up_to(), Some(0), "there is none yet");
    let mut late = pool.begin().await.unwrap();
    say(&mut late, 1, "late").await;
    let mut later = pool.begin().await.unwrap();
    say(&mut later, 2, "later").await;
    say(&mut pool.acquire().await.unwrap(), 3, "soon").await;
    for _ in 0..3 {
        queue.advance(&mut watermark).await.unwrap();
        assert_eq!(watermark.up_to(), Some(0), "the first is not there yet");
        assert!(watermark.has_pending());
    }
    later.commit().await.unwrap();
    queue.advance(&mut watermark).await.unwrap();
    assert_eq!(watermark.up_to(), Some(0));
    late.commit().await.unwrap();
    raise(queue, &mut watermark).await;
    let up_to = watermark.up_to().unwrap();
    let range = EventRange { up_to, ..ALL };
    let events = queue.events(range).await.unwrap();
    assert_eq!(told(&events), [(1, "late"), (2, "later"), (3, "soon")]);

    // What is rolled back leaves a gap that nobody waits for.
    let mut regretted = pool.begin().await.unwrap();
    say(&mut regretted, 1, "never").await;
    queue.advance(&mut watermark).await.unwrap();
    assert!(watermark.has_pending());
    regretted.rollback().await.unwrap();
    raise(queue, &mut watermark).await;
    assert_eq!(watermark.up_to(), Some(up_to + 1));
    let rest = EventRange {
        after: up_to,
        ..ALL
    };
    assert_eq!(told(&queue.events(rest).await.unwrap()), []);
}

/// Whoever asked for what comes from now on would be told all that ever was.
#[tokio::test]
async fn what_is_known_is_not_said_before_it_is_known() {
    let Some(TestStore { store, pool, .. }) = built().await else {
        return;
    };
    let (queue, mut watermark) = (&store.queue, Watermark::default());
    say(&mut pool.acquire().await.unwrap(), 1, "before").await;
    let mut open = pool.begin().await.unwrap();
    say(&mut open, 2, "open").await;
    queue.advance(&mut watermark).await.unwrap();
    assert_eq!(watermark.up_to(), None);
    open.commit().await.unwrap();
    raise(queue, &mut watermark).await;
    assert_eq!(watermark.up_to(), Some(2));
    assert_eq!(queue.last_event_given().await.unwrap(), 2);
}

#[tokio::test]
async fn each_has_the_events_of_their_requests_with_the_state_and_number_of_then() {
    let Some(TestStore { store, pool, .. }) = built().await else {
        return;
    };
    let queue = &store.queue;
    let failure = r#"'{"code": "case_not_found"}'"#;
    for change in [
        "state = 'released', lease_until = now() + interval '1 minute'",
        "state = 'running', status = 4",
        "state = 'waiting', status = 5, lease_until = null, attempts = 1, message = 'again'",
        // Of no interest to whoever listens.
        "not_before = now(), snoozes = 3",
        &format!(
            "state = 'failed', status = 3, message = 'no', date_completed = now(), failure = {failure}"
        ),
    ] {
        run(
            &pool,
            &format!("update fetch_requests set {change} where id = 1"),
        )
        .await;
    }
    let mut connection = pool.acquire().await.unwrap();
    say(&mut connection, 2, "of ben").await;
    say(&mut connection, 3, "of ann").await;
    let request = queue.events_of_request(FetchId(1), 0).await.unwrap();
    let moves = |events: &[Event]| -> Vec<(String, i16, bool)> {
        let told = |event: &Event| (event.state.clone(), event.status, event.is_final());
        events.iter().map(told).collect()
    };
    let expected = [
        ("released", 1, false),
        ("running", 4, false),
        ("waiting", 5, false),
        ("failed", 3, true),
    ]
    .map(|(state, status, is_final)| (state.to_owned(), status, is_final));
    assert_eq!(moves(&request), expected);
    assert_eq!(request[3].message, "no");
    assert!(request.is_sorted_by_key(|event| event.id));
    let rest = queue.events_of_request(FetchId(1), request[1].id).await;
    assert_eq!(moves(&rest.unwrap()), expected[2..]);
    let ann = queue.events_of(UserId(1), ALL).await.unwrap();
    assert_eq!(ann.len(), 5);
    assert!(ann.iter().all(|event| event.user == UserId(1)));
    let ben = queue.events_of(UserId(2), ALL).await.unwrap();
    assert_eq!(told(&ben), [(2, "of ben")]);

    // What is forgotten is forgotten here.
    run(
        &pool,
        "update fetch_requests set date_forgotten = now() where id = 1",
    )
    .await;
    assert_eq!(queue.events_of_request(FetchId(1), 0).await.unwrap(), []);
    run(&pool, "delete from fetch_requests where id = 3").await;
    assert_eq!(queue.events_of(UserId(1), ALL).await.unwrap(), []);
}
