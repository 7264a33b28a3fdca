//! A court that fails is left alone, tried again one request at a time, and forgiven.

use std::time::Duration;

use fetch_model::decision::BreakerEvent;
use fetch_queue::courts::{LONGEST_SLOT_WAIT, NextSlot};
use sqlx::PgPool;

use crate::database::{Database, database};

const COURT: &str = "cand";

/// As if the pause were over.
async fn pause_is_over(pool: &PgPool) {
    sqlx::query("update courts set paused_until = clock_timestamp() where id = $1")
        .bind(COURT)
        .execute(pool)
        .await
        .unwrap();
}

async fn struck(database: &Database, breaker_event: BreakerEvent) -> Option<u64> {
    let open = database
        .store
        .queue
        .record_failure(COURT, breaker_event, "HTTP 403")
        .await;
    open.unwrap().map(|open| open.left.as_secs() + 1)
}

async fn turn(database: &Database) -> NextSlot {
    database
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap()
}

#[tokio::test]
async fn three_refusals_in_a_row_open_the_breaker() {
    let Some(database) = database().await else {
        return;
    };
    for _ in 0..2 {
        assert_eq!(struck(&database, BreakerEvent::Refused).await, None);
    }
    database.store.queue.record_success(COURT).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            struck(&database, BreakerEvent::Refused).await,
            None,
            "not in a row"
        );
    }
    assert!(matches!(turn(&database).await, NextSlot::At(_)));
    assert_eq!(struck(&database, BreakerEvent::Refused).await, Some(600));
    assert_eq!(turn(&database).await, NextSlot::NoneSoon);
    let open = database
        .store
        .queue
        .open_breaker(COURT)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(open.reason, "HTTP 403");
    database.store.queue.record_success(COURT).await.unwrap();
    assert_eq!(
        turn(&database).await,
        NextSlot::NoneSoon,
        "a late answer opens no door"
    );
}

#[tokio::test]
async fn five_time_outs_in_five_minutes_open_the_breaker() {
    let Some(database) = database().await else {
        return;
    };
    for _ in 0..4 {
        assert_eq!(struck(&database, BreakerEvent::TimedOut).await, None);
    }
    let earlier = "update courts set time_outs = array(
                       select t - interval '6 minutes' from unnest(time_outs) t)";
    sqlx::query(earlier).execute(&database.pool).await.unwrap();
    assert_eq!(
        struck(&database, BreakerEvent::TimedOut).await,
        None,
        "too long ago"
    );
    for _ in 0..3 {
        assert_eq!(struck(&database, BreakerEvent::TimedOut).await, None);
    }
    assert_eq!(struck(&database, BreakerEvent::TimedOut).await, Some(600));
}

#[tokio::test]
async fn pauses_double_up_to_six_hours_until_the_court_answers_well() {
    let Some(database) = database().await else {
        return;
    };
    for seconds in [600, 1200, 2400, 4800, 9600, 19200, 21600, 21600] {
        assert_eq!(struck(&database, BreakerEvent::Trip).await, Some(seconds));
        let again = struck(&database, BreakerEvent::Trip).await.unwrap();
        assert!(again.abs_diff(seconds) <= 1, "it is open already: {again}");
        pause_is_over(&database.pool).await;
        assert!(matches!(turn(&database).await, NextSlot::AfterProbe(_)));
    }
    database.store.queue.record_success(COURT).await.unwrap();
    assert!(matches!(turn(&database).await, NextSlot::At(_)));
    assert_eq!(struck(&database, BreakerEvent::Trip).await, Some(600));
}

#[tokio::test]
async fn a_court_that_is_tried_again_fails_at_the_first_bad_answer() {
    let Some(database) = database().await else {
        return;
    };
    struck(&database, BreakerEvent::Trip).await;
    pause_is_over(&database.pool).await;
    assert_eq!(struck(&database, BreakerEvent::Refused).await, Some(1200));
}

#[tokio::test]
async fn a_pause_that_the_court_asks_for_moves_everybodys_turn() {
    let Some(database) = database().await else {
        return;
    };
    let wait = Duration::from_secs(120);
    database
        .store
        .queue
        .delay_court(COURT, wait, "HTTP 429")
        .await
        .unwrap();
    assert_eq!(turn(&database).await, NextSlot::NoneSoon);
    assert_eq!(
        database.store.queue.open_breaker(COURT).await.unwrap(),
        None
    );
}

/// The bytes wait at the court for minutes, and asking for them costs nothing.
#[tokio::test]
async fn what_was_paid_for_is_fetched_from_a_court_that_is_left_alone() {
    let Some(database) = database().await else {
        return;
    };
    let store = &database.store;
    let paid = || async { store.queue.take_slot_for_paid(COURT).await.unwrap() };
    assert_eq!(struck(&database, BreakerEvent::Trip).await, Some(600));
    assert_eq!(turn(&database).await, NextSlot::NoneSoon);
    assert!(matches!(paid().await, NextSlot::At(_)));
    pause_is_over(&database.pool).await;
    assert!(matches!(turn(&database).await, NextSlot::AfterProbe(_)));
    assert!(
        matches!(paid().await, NextSlot::At(_)),
        "it is no test of the court"
    );
    store
        .queue
        .pause_courts(Some(COURT), None, "")
        .await
        .unwrap();
    assert_eq!(turn(&database).await, NextSlot::NoneSoon);
    assert!(matches!(paid().await, NextSlot::At(_)));
    // What the court itself asks for, it gets.
    let hour = Duration::from_secs(3600);
    store
        .queue
        .delay_court(COURT, hour, "HTTP 503")
        .await
        .unwrap();
    assert_eq!(paid().await, NextSlot::NoneSoon);
}
