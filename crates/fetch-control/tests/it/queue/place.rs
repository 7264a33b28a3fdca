//! Where a request stands, and about when it is its turn.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use fetch_model::FetchId;
use fetch_queue::{Place, WaitReason};

use super::fixture::{Ask, Queue};

async fn place(queue: &Queue, id: FetchId) -> Place {
    let user = queue.request(id).await.spec.user;
    queue.store.queue.place_of(user, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn positions_are_the_order_of_release() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let (ann, ben) = (queue.user("ann").await, queue.user("ben").await);
    let mut ids = Vec::new();
    ids.push(queue.accept(Ask::bulk(ann)).await);
    for user in [ann, ann, ann, ben, ben] {
        ids.push(queue.accept(Ask::of(user)).await);
    }
    let mut expected = Vec::new();
    for id in &ids {
        expected.push((place(&queue, *id).await.position.unwrap(), *id));
    }
    expected.sort();
    assert_eq!(expected[5], (6, ids[0]), "bulk work comes last");
    let mut served = Vec::new();
    while let Some(released) = queue.serve_one().await {
        served.push((i64::try_from(served.len()).unwrap() + 1, released.id));
    }
    assert_eq!(served, expected);
    let gone = queue.store.queue.place_of(ann, ids[1]).await.unwrap();
    assert_eq!(gone, None, "what is over stands nowhere");
    assert_eq!(queue.store.queue.place_of(ben, ids[1]).await.unwrap(), None);
}

#[tokio::test]
async fn the_estimate_knows_the_caps_and_how_long_the_court_took_lately() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(2, 2).await;
    let user = queue.user("ann").await;
    // Ten requests that kept the court busy for two seconds each.
    for _ in 0..10 {
        queue.accept(Ask::of(user)).await;
        queue.serve_one().await.unwrap();
    }
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(queue.accept(Ask::of(user)).await);
    }
    assert_eq!(place(&queue, ids[0]).await.wait, Some(Duration::ZERO));
    assert_eq!(queue.release().await.len(), 2);
    assert_eq!(place(&queue, ids[0]).await.position, Some(0));
    let third = place(&queue, ids[2]).await;
    assert_eq!((third.position, third.under_way), (Some(1), 2));
    assert_eq!(third.wait, Some(Duration::from_secs(2)));
    let last = place(&queue, ids[7]).await;
    assert_eq!(last.wait, Some(Duration::from_secs(6)), "{last:?}");
    queue.caps(2, 1).await;
    let last = place(&queue, ids[7]).await;
    assert_eq!(
        last.wait,
        Some(Duration::from_secs(14)),
        "its account has one place"
    );
}

#[tokio::test]
async fn what_keeps_a_request_back_is_named() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let tomorrow = Utc::now() + TimeDelta::days(1);
    let later = Ask {
        not_before: Some(tomorrow),
        ..Ask::of(user)
    };
    let later = place(&queue, queue.accept(later).await).await;
    assert_eq!(later.position, None);
    assert!(matches!(later.waits_for, Some(WaitReason::NotBefore(_))));
    assert!(later.wait > Some(Duration::from_secs(86_000)), "{later:?}");

    let id = queue.accept(Ask::bulk(user)).await;
    assert_eq!(place(&queue, id).await.waits_for, None);
    queue
        .run(
            "update courts set
                 bulk_from = (now() at time zone 'America/Chicago')::time + interval '2 h',
                 bulk_until = (now() at time zone 'America/Chicago')::time + interval '3 h'",
        )
        .await;
    let night = place(&queue, id).await;
    assert!(
        matches!(night.waits_for, Some(WaitReason::BulkWindow(_))),
        "{night:?}"
    );
    queue
        .run("update courts set paused_until = now() + interval '6 h', openings = 1")
        .await;
    let failing = place(&queue, id).await;
    assert!(matches!(failing.waits_for, Some(WaitReason::CourtFails(_))));
    assert!(
        failing.wait > Some(Duration::from_secs(21_000)),
        "{failing:?}"
    );
    queue
        .store
        .queue
        .pause_courts(None, None, "")
        .await
        .unwrap();
    let paused = place(&queue, id).await;
    assert_eq!(paused.waits_for, Some(WaitReason::CourtPaused(None)));
    assert_eq!(paused.wait, None, "nobody knows");
}
