//! Users of a court take turns, and lanes do too.

use chrono::{TimeDelta, Utc};
use fetch_model::{FetchId, Lane, State};

use super::fixture::{Ask, Queue};

#[tokio::test]
async fn ten_thousand_requests_of_one_user_delay_anothers_first_by_at_most_two() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let (many, one) = (queue.user("many").await, queue.user("one").await);
    for lane in [Lane::Interactive, Lane::Bulk] {
        queue.caps(1, 1).await;
        queue.fill(many, lane, 10_000).await;
        for _ in 0..25 {
            assert_eq!(queue.serve_one().await.unwrap().user, many);
        }
        let wanted = queue
            .accept(Ask {
                lane,
                ..Ask::of(one)
            })
            .await;
        let mut before = 0;
        while queue.serve_one().await.unwrap().id != wanted {
            before += 1;
        }
        assert!(before <= 2, "{before} before it in {lane:?}");
        queue
            .run("delete from fetch_steps; delete from fetch_requests")
            .await;
    }
}

#[tokio::test]
async fn two_users_with_many_requests_take_turns() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let (ann, ben) = (queue.user("ann").await, queue.user("ben").await);
    for user in [ann, ann, ann, ann, ben, ben, ben] {
        queue.accept(Ask::of(user)).await;
    }
    let mut order = Vec::new();
    while let Some(served) = queue.serve_one().await {
        order.push(served.user);
    }
    assert_eq!(order, [ann, ben, ann, ben, ann, ben, ann]);
}

#[tokio::test]
async fn bulk_work_waits_for_interactive_work_but_does_not_starve() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(2, 2).await;
    let user = queue.user("ann").await;
    for _ in 0..3 {
        queue.accept(Ask::bulk(user)).await;
    }
    for _ in 0..30 {
        queue.accept(Ask::of(user)).await;
    }
    let mut lanes = String::new();
    loop {
        let released = queue.release().await;
        if released.is_empty() {
            break;
        }
        let mut letters = Vec::new();
        for id in released {
            let lane = queue.request(id).await.spec.lane;
            letters.push(if lane == Lane::Bulk { 'b' } else { 'i' });
            queue.finish(id).await;
        }
        lanes.extend(letters);
    }
    assert_eq!(lanes.len(), 33, "{lanes}");
    let bulk: Vec<usize> = lanes.match_indices('b').map(|(place, _)| place).collect();
    // Two are released together, so each may stand one place earlier in the text.
    assert!((9..=10).contains(&bulk[0]), "{lanes}");
    assert!((19..=21).contains(&bulk[1]), "{lanes}");
}

#[tokio::test]
async fn bulk_work_runs_in_its_window_only() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::bulk(user)).await;
    let window = |from: &str, until: &str| {
        format!(
            "update courts set
                 bulk_from = (now() at time zone 'America/Chicago')::time + interval '{from}',
                 bulk_until = (now() at time zone 'America/Chicago')::time + interval '{until}'"
        )
    };
    queue.run(&window("2 h", "3 h")).await;
    assert_eq!(queue.release().await, []);
    assert!(
        queue
            .store
            .queue
            .courts_with_work()
            .await
            .unwrap()
            .is_empty()
    );
    let interactive = queue.accept(Ask::of(user)).await;
    assert_eq!(queue.release().await, [interactive]);
    queue.finish(interactive).await;
    queue.run(&window("-1 h", "1 h")).await;
    assert_eq!(
        queue.store.queue.courts_with_work().await.unwrap(),
        ["cand"]
    );
    assert_eq!(queue.release().await, [id]);
}

#[tokio::test]
async fn what_is_to_begin_later_queues_only_then() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let (early, late) = (queue.user("early").await, queue.user("late").await);
    let tomorrow = Some(Utc::now() + TimeDelta::days(1));
    let mut parked = Vec::new();
    for _ in 0..5 {
        let ask = Ask {
            not_before: tomorrow,
            ..Ask::of(early)
        };
        parked.push(queue.accept(ask).await);
    }
    queue.store.queue.enqueue_due().await.unwrap();
    assert_eq!(queue.release().await, [], "its time has not come");
    assert!(queue.request(parked[0]).await.spec.not_before.is_some());

    // Others are served meanwhile: the court's clock moves on.
    for _ in 0..20 {
        queue.accept(Ask::of(late)).await;
        queue.serve_one().await.unwrap();
    }
    queue
        .run("update fetch_requests set not_before = now() where not_before is not null")
        .await;
    queue.store.queue.enqueue_due().await.unwrap();
    let other = queue.accept(Ask::of(late)).await;
    let mut order = Vec::new();
    while let Some(served) = queue.serve_one().await {
        order.push(served.id);
    }
    let place = order.iter().position(|id| *id == other);
    assert!(place <= Some(1), "{order:?}");
    order.retain(|id| *id != other);
    assert_eq!(order, parked, "in the order of acceptance");
}

#[tokio::test]
async fn a_request_that_is_tried_again_keeps_its_place() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let user = queue.user("ann").await;
    let mut ids: Vec<FetchId> = Vec::new();
    for _ in 0..3 {
        ids.push(queue.accept(Ask::of(user)).await);
    }
    assert_eq!(queue.release().await, [ids[0]]);
    queue.put(ids[0], State::Waiting).await;
    let due = format!(
        "update fetch_requests set not_before = now() where id = {}",
        ids[0]
    );
    queue.run(&due).await;
    queue.store.queue.enqueue_due().await.unwrap();
    assert_eq!(queue.release().await, [ids[0]]);
}
