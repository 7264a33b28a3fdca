//! What the operator changes holds at once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fetch_model::BulkWindow;
use fetch_queue::{
    WaitReason,
    court_settings::{CourtChange, CourtSettings},
    courts::{LONGEST_SLOT_WAIT, LONGEST_SLOT_WAIT_OF_PURCHASE, NextSlot},
};

use super::fixture::{Ask, COURT, Queue};

async fn change(queue: &Queue, change: CourtChange) -> u64 {
    let changed = queue.store.queue.change_courts(Some(COURT), change).await;
    changed.unwrap()
}

#[tokio::test]
async fn a_new_cap_holds_at_the_next_release_and_a_new_gap_at_the_next_turn() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let settings = queue.store.queue.court_settings(Some(COURT)).await.unwrap();
    assert_eq!(
        (settings[0].gap_ms, settings[0].cap, settings[0].account_cap),
        (1000, 2, 1),
        "the manners that are used when nobody says otherwise"
    );
    let user = queue.user("ann").await;
    for _ in 0..6 {
        queue.accept(Ask::of(user)).await;
    }
    assert_eq!(queue.release().await.len(), 1);
    let wider = CourtChange {
        cap: Some(4),
        account_cap: Some(4),
        ..CourtChange::default()
    };
    assert_eq!(change(&queue, wider).await, 1);
    assert_eq!(queue.release().await.len(), 3);
    let settings = queue.store.queue.court_settings(Some(COURT)).await.unwrap();
    assert_eq!((settings[0].queued, settings[0].under_way), (2, 4));

    let slow = CourtChange {
        gap_ms: Some(10_000),
        ..CourtChange::default()
    };
    change(&queue, slow).await;
    assert!(matches!(
        queue
            .store
            .queue
            .take_slot(COURT, LONGEST_SLOT_WAIT)
            .await
            .unwrap(),
        NextSlot::At(_)
    ));
    let NextSlot::At(slot) = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap()
    else {
        panic!("a turn within twenty seconds");
    };
    assert!(slot.wait > Duration::from_secs(8), "{slot:?}");
    let window: BulkWindow = "20:00-05:30".parse().unwrap();
    let night = CourtChange {
        bulk_window: Some(window),
        ..CourtChange::default()
    };
    change(&queue, night).await;
    let settings = queue.store.queue.court_settings(Some(COURT)).await.unwrap();
    assert_eq!(settings[0].bulk_window, window);
    assert_eq!(settings[0].cap, 4, "what is not named stays");
    let nowhere = queue
        .store
        .queue
        .change_courts(Some("nowhere"), night)
        .await;
    assert_eq!(nowhere.unwrap(), 0);
}

#[tokio::test]
async fn a_paused_court_is_asked_for_nothing_until_it_is_resumed() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let paused = queue
        .store
        .queue
        .pause_courts(Some(COURT), None, "maintenance");
    assert_eq!(paused.await.unwrap(), 1);
    assert!(
        queue
            .store
            .queue
            .courts_with_work()
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(queue.release().await, []);
    assert_eq!(
        queue
            .store
            .queue
            .take_slot(COURT, LONGEST_SLOT_WAIT)
            .await
            .unwrap(),
        NextSlot::NoneSoon
    );
    // A court that answers what was on its way is not thereby resumed.
    queue.store.queue.record_success(COURT).await.unwrap();
    assert_eq!(queue.release().await, []);
    let shown = queue.store.queue.court_settings(Some(COURT)).await.unwrap();
    assert_eq!(shown[0].pause.as_ref().unwrap().reason, "maintenance");
    queue.store.queue.resume_courts(Some(COURT)).await.unwrap();
    assert!(matches!(
        queue
            .store
            .queue
            .take_slot(COURT, LONGEST_SLOT_WAIT)
            .await
            .unwrap(),
        NextSlot::At(_)
    ));
    assert_eq!(queue.release().await, [id]);
}

#[tokio::test]
async fn a_pause_may_end_by_itself() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let hour = queue.store.queue.pause_courts(None, Some(3600.0), "");
    assert!(hour.await.unwrap() > 100, "all courts");
    assert_eq!(queue.release().await, []);
    queue.run("update courts set held_until = now()").await;
    assert_eq!(queue.release().await, [id]);
}

#[tokio::test]
async fn a_court_that_asks_for_a_pause_gets_it_from_everybody() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let pause = Duration::from_secs(15);
    queue
        .store
        .queue
        .delay_court(COURT, pause, "HTTP 503")
        .await
        .unwrap();
    let NextSlot::At(slot) = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap()
    else {
        panic!("a turn within twenty seconds");
    };
    assert!(slot.wait > Duration::from_secs(13), "{slot:?}");
    let longer = Duration::from_secs(60);
    queue
        .store
        .queue
        .delay_court(COURT, longer, "HTTP 503")
        .await
        .unwrap();
    assert_eq!(
        queue
            .store
            .queue
            .take_slot(COURT, LONGEST_SLOT_WAIT)
            .await
            .unwrap(),
        NextSlot::NoneSoon
    );
    let begun = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT_OF_PURCHASE)
        .await;
    let NextSlot::At(slot) = begun.unwrap() else {
        panic!("a purchase that is under way waits");
    };
    assert!(slot.wait > Duration::from_secs(58), "{slot:?}");
}

async fn shown(queue: &Queue) -> CourtSettings {
    let settings = queue.store.queue.court_settings(Some(COURT)).await;
    settings.unwrap().remove(0)
}

async fn next_free(queue: &Queue) -> TimeDelta {
    let question = "select next_free - clock_timestamp() from courts where id = $1";
    let left: sqlx::postgres::types::PgInterval = sqlx::query_scalar(question)
        .bind(COURT)
        .fetch_one(&queue.pool)
        .await
        .unwrap();
    TimeDelta::days(i64::from(left.months) * 30 + i64::from(left.days))
        + TimeDelta::microseconds(left.microseconds)
}

#[tokio::test]
async fn a_court_that_asks_for_a_year_is_asked_again_within_the_hour() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    for asked in [
        Duration::from_secs(365 * 24 * 3600),
        Duration::from_secs(u64::MAX),
    ] {
        let pushed = queue
            .store
            .queue
            .delay_court(COURT, asked, "HTTP 503")
            .await;
        pushed.unwrap();
        let left = next_free(&queue).await;
        assert!(left <= TimeDelta::hours(1), "{asked:?}: {left}");
        assert!(left > TimeDelta::minutes(59), "{asked:?}: {left}");
    }
}

#[tokio::test]
async fn the_operator_sees_and_ends_a_pause_that_a_court_asked_for() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    // A turn that somebody has when the court asks for the pause.
    let turn = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap();
    assert!(matches!(turn, NextSlot::At(_)));
    let pause = Duration::from_secs(1800);
    let pushed = queue
        .store
        .queue
        .delay_court(COURT, pause, "HTTP 429")
        .await;
    pushed.unwrap();

    let (until, by) = shown(&queue).await.asked_pause.expect("it is shown");
    assert_eq!(by, "HTTP 429");
    assert!(until > Utc::now() + TimeDelta::minutes(29), "{until}");
    assert_eq!(shown(&queue).await.next_turn, None, "that is the reason");
    assert!(
        queue
            .store
            .queue
            .courts_with_work()
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(queue.release().await, [], "it would get no turn");
    let place = queue.store.queue.place_of(user, id).await.unwrap().unwrap();
    let told: Option<DateTime<Utc>> = match place.waits_for {
        Some(WaitReason::CourtAskedForPause(at) | WaitReason::NextTurn(at)) => Some(at),
        _ => None,
    };
    assert_eq!(told, Some(until), "{place:?}");
    assert!(place.wait > Some(Duration::from_secs(1700)), "{place:?}");

    queue.store.queue.resume_courts(Some(COURT)).await.unwrap();
    assert_eq!(shown(&queue).await.asked_pause, None);
    assert_eq!(queue.release().await, [id]);
    let NextSlot::At(slot) = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap()
    else {
        panic!("a turn at once");
    };
    // Not closer to the turn that was given before than the gap allows.
    assert!(slot.wait < Duration::from_millis(1025), "{slot:?}");
    let between: f64 = sqlx::query_scalar(
        "select extract(epoch from last_turn - (select min(at) from fetch_steps))::float8
         from courts where id = $1",
    )
    .bind(COURT)
    .fetch_one(&queue.pool)
    .await
    .unwrap();
    assert!(between >= 1.0, "{between}");
}

#[tokio::test]
async fn a_gap_that_was_very_long_for_a_while_is_taken_back_with_what_it_set_aside() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let gap = |gap_ms| CourtChange {
        gap_ms: Some(gap_ms),
        ..CourtChange::default()
    };
    change(&queue, gap(i32::MAX)).await;
    let turn = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap();
    assert!(matches!(turn, NextSlot::At(_)));
    let turn = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap();
    assert_eq!(turn, NextSlot::NoneSoon);
    change(&queue, gap(1000)).await;
    let NextSlot::At(slot) = queue
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap()
    else {
        panic!("a turn within the new gap");
    };
    assert!(slot.wait <= Duration::from_millis(1025), "{slot:?}");
}

#[tokio::test]
async fn a_turn_that_is_far_away_for_whatever_reason_is_seen_and_repaired() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    // As a clock that was a year ahead for a minute leaves it.
    queue
        .run("update courts set next_free = now() + interval '1 year', last_turn = now() + interval '1 year'")
        .await;
    let far = shown(&queue).await.next_turn.expect("it is shown");
    let place = queue.store.queue.place_of(user, id).await.unwrap().unwrap();
    assert_eq!(place.waits_for, Some(WaitReason::NextTurn(far)));
    queue.store.queue.resume_courts(None).await.unwrap();
    assert_eq!(shown(&queue).await.next_turn, None);
    let left = next_free(&queue).await;
    assert!(left <= TimeDelta::seconds(122), "{left}");
}

/// Each receipt says as much as the column holds; together they are more.
#[tokio::test]
async fn a_request_with_absurd_receipts_can_still_be_read() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    for item in ["one", "two"] {
        let sql = format!(
            "insert into purchases (request_id, user_id, account_digest, client_code, court_id,
                 item_key, fence, state, quoted_cents, billed_cents, billed_pages)
             values ({id}, {user}, 'a', '', '{COURT}', '{item}', 0, 'captured', 30,
                 2147483647, 1)"
        );
        queue.run(&sql).await;
    }
    let request = queue.request(id).await;
    assert_eq!(request.cost.0, i32::MAX);
    let listed = queue.store.queue.requests_of(user, &[id.0]).await.unwrap();
    assert_eq!(listed[0].cost.0, i32::MAX);
}
