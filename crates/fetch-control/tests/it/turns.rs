//! A turn that was missed.

use fetch_queue::{
    court_settings::CourtChange,
    courts::{LONGEST_SLOT_WAIT, NextSlot, Slot},
};

use crate::database::{Database, database};

const COURT: &str = "cand";

/// Longer than any test takes.
const GAP_MS: i32 = 10_000;

async fn turn(database: &Database) -> Slot {
    match database
        .store
        .queue
        .take_slot(COURT, LONGEST_SLOT_WAIT)
        .await
        .unwrap()
    {
        NextSlot::At(slot) => slot,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_missed_turn_moves_to_now_only_while_nobody_has_the_next() {
    let Some(database) = database().await else {
        return;
    };
    let store = &database.store;
    let gap = CourtChange {
        gap_ms: Some(GAP_MS),
        ..CourtChange::default()
    };
    let set = store.queue.change_courts(Some(COURT), gap).await;
    assert_eq!(set.unwrap(), 1);
    let first = turn(&database).await;
    assert_eq!(first.wait.as_millis(), 0);
    assert_eq!(first.good_for.unwrap().as_millis(), 100);
    let renewed = store
        .queue
        .renew_slot(COURT, &first)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        store.queue.renew_slot(COURT, &first).await.unwrap(),
        None,
        "it is no turn any more"
    );
    let second = turn(&database).await;
    let gap = second.wait.as_millis();
    assert!((10_000..=10_300).contains(&gap), "{gap} ms");
    assert_eq!(
        store.queue.renew_slot(COURT, &renewed).await.unwrap(),
        None,
        "somebody has the next"
    );
}

#[tokio::test]
async fn the_time_of_a_turn_is_told_while_somebody_holds_the_court() {
    let Some(database) = database().await else {
        return;
    };
    let gap = CourtChange {
        gap_ms: Some(GAP_MS),
        ..CourtChange::default()
    };
    let store = &database.store;
    assert_eq!(
        store.queue.change_courts(Some(COURT), gap).await.unwrap(),
        1
    );
    let first = turn(&database).await;
    let second = turn(&database).await;
    let mut holder = database.pool.begin().await.unwrap();
    sqlx::query("select from courts where id = $1 for update")
        .bind(COURT)
        .execute(&mut *holder)
        .await
        .unwrap();
    let passed = store.queue.seconds_until(&first).await.unwrap();
    assert!((-5.0..=0.0).contains(&passed), "{passed} s");
    let to_come = store.queue.seconds_until(&second).await.unwrap();
    assert!((5.0..=10.3).contains(&to_come), "{to_come} s");
}
