//! What the operator changes holds at once.

use std::time::Duration;

use fetch_model::BulkWindow;
use fetch_store::{
    court_settings::CourtChange,
    courts::{HORIZON, HORIZON_OF_PURCHASES, Turn},
};

use crate::queue::{Ask, COURT, Queue};

async fn change(queue: &Queue, change: CourtChange) -> u64 {
    let changed = queue.store.change_courts(Some(COURT), change).await;
    changed.unwrap()
}

#[tokio::test]
async fn a_new_cap_holds_at_the_next_release_and_a_new_gap_at_the_next_turn() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let settings = queue.store.court_settings(Some(COURT)).await.unwrap();
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
    let settings = queue.store.court_settings(Some(COURT)).await.unwrap();
    assert_eq!((settings[0].queued, settings[0].under_way), (2, 4));

    let slow = CourtChange {
        gap_ms: Some(10_000),
        ..CourtChange::default()
    };
    change(&queue, slow).await;
    assert!(matches!(
        queue.store.take_turn(COURT, HORIZON).await.unwrap(),
        Turn::In(_)
    ));
    let Turn::In(slot) = queue.store.take_turn(COURT, HORIZON).await.unwrap() else {
        panic!("a turn within twenty seconds");
    };
    assert!(slot.wait > Duration::from_secs(8), "{slot:?}");
    let window: BulkWindow = "20:00-05:30".parse().unwrap();
    let night = CourtChange {
        bulk_window: Some(window),
        ..CourtChange::default()
    };
    change(&queue, night).await;
    let settings = queue.store.court_settings(Some(COURT)).await.unwrap();
    assert_eq!(settings[0].bulk_window, window);
    assert_eq!(settings[0].cap, 4, "what is not named stays");
    let nowhere = queue.store.change_courts(Some("nowhere"), night).await;
    assert_eq!(nowhere.unwrap(), 0);
}

#[tokio::test]
async fn a_paused_court_is_asked_for_nothing_until_it_is_resumed() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let paused = queue.store.pause_courts(Some(COURT), None, "maintenance");
    assert_eq!(paused.await.unwrap(), 1);
    assert!(queue.store.courts_with_work().await.unwrap().is_empty());
    assert_eq!(queue.release().await, []);
    assert_eq!(
        queue.store.take_turn(COURT, HORIZON).await.unwrap(),
        Turn::TooFar
    );
    // A court that answers what was on its way is not thereby resumed.
    queue.store.answered_well(COURT).await.unwrap();
    assert_eq!(queue.release().await, []);
    let shown = queue.store.court_settings(Some(COURT)).await.unwrap();
    assert_eq!(shown[0].pause.as_ref().unwrap().reason, "maintenance");
    queue.store.resume_courts(Some(COURT)).await.unwrap();
    assert!(matches!(
        queue.store.take_turn(COURT, HORIZON).await.unwrap(),
        Turn::In(_)
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
    let hour = queue.store.pause_courts(None, Some(3600.0), "");
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
    queue.store.push_back(COURT, pause).await.unwrap();
    let Turn::In(slot) = queue.store.take_turn(COURT, HORIZON).await.unwrap() else {
        panic!("a turn within twenty seconds");
    };
    assert!(slot.wait > Duration::from_secs(13), "{slot:?}");
    let longer = Duration::from_secs(60);
    queue.store.push_back(COURT, longer).await.unwrap();
    assert_eq!(
        queue.store.take_turn(COURT, HORIZON).await.unwrap(),
        Turn::TooFar
    );
    let begun = queue.store.take_turn(COURT, HORIZON_OF_PURCHASES).await;
    let Turn::In(slot) = begun.unwrap() else {
        panic!("a purchase that is under way waits");
    };
    assert!(slot.wait > Duration::from_secs(58), "{slot:?}");
}
