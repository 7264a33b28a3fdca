//! Cancelling, in every state of a request.

use std::time::Duration;

use fetch_ledger::{
    captures::Enough,
    purchases::{Intent, NewPurchase},
};
use fetch_model::{Cents, FetchId, FetchRequest, State, UserId};
use fetch_queue::{Cancelling, Counts, Ending, HeartbeatReply};

use super::fixture::{Ask, Queue};

const LEASE: Duration = Duration::from_secs(15);

fn purchase(request: &FetchRequest) -> NewPurchase {
    NewPurchase {
        request: request.id,
        fence: request.fence,
        item_key: format!("docket/cand/{}", request.id),
        quoted: Cents(300),
        flagged: false,
        enough: Enough::Fresh,
    }
}

async fn cancel(queue: &Queue, user: UserId, id: FetchId) -> Cancelling {
    queue.store.cancel(user, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_nobody_works_on_is_cancelled_at_once() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let (user, other) = (queue.user("ann").await, queue.user("ben").await);
    for state in [State::Accepted, State::Waiting, State::Released] {
        let id = queue.accept(Ask::of(user)).await;
        queue.put(id, state).await;
        assert_eq!(
            queue.store.cancel(other, id).await.unwrap(),
            None,
            "{state}"
        );
        assert_eq!(queue.state(id).await, state.as_str());
        let seen = queue.request(id).await;
        assert_eq!(cancel(&queue, user, id).await, Cancelling::Cancelled);
        let ended = queue.request(id).await;
        assert_eq!(ended.state, State::Cancelled, "{state}");
        assert!(ended.date_completed.is_some(), "{state}");
        assert_eq!(ended.message, "Cancelled by its owner. Nothing was bought.");
        assert_eq!(
            cancel(&queue, user, id).await,
            Cancelling::Cancelled,
            "again"
        );
        // The message that released it may still come.
        let claim = queue
            .store
            .queue
            .claim(id, seen.fence, "worker", LEASE)
            .await;
        assert!(claim.unwrap().is_none(), "{state}");
    }
    let next = queue.accept(Ask::of(user)).await;
    assert_eq!(queue.release().await, [next], "no place is held");
}

#[tokio::test]
async fn running_work_buys_nothing_more_and_keeps_its_place_until_it_lets_go() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let next = queue.accept(Ask::of(user)).await;
    let running = queue.claim(id).await;
    assert_eq!(cancel(&queue, user, id).await, Cancelling::Cancelled);
    let beat = queue.store.queue.beat(id, running.fence, LEASE).await;
    assert_eq!(beat.unwrap(), HeartbeatReply::Cancelled);
    let intent = queue.store.ledger.begin_purchase(&purchase(&running)).await;
    assert_eq!(intent.unwrap(), Intent::Lost);
    let ending = Ending::Waiting {
        wait: Duration::ZERO,
        message: String::new(),
        counts: Counts::Attempt,
    };
    let end = queue
        .store
        .queue
        .end(&running, running.fence, &ending)
        .await;
    assert_eq!(end.unwrap(), None, "what is final stays");
    assert_eq!(
        queue.release().await,
        [],
        "something of it may be at the court"
    );
    queue
        .store
        .queue
        .release_place(id, running.fence)
        .await
        .unwrap();
    assert_eq!(queue.release().await, [next]);
    assert_eq!(queue.state(id).await, "cancelled");
}

#[tokio::test]
async fn the_place_of_a_dead_worker_is_free_when_its_lease_runs_out() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let next = queue.accept(Ask::of(user)).await;
    queue.claim(id).await;
    cancel(&queue, user, id).await;
    queue.store.sweep().await.unwrap().unwrap();
    assert_eq!(queue.release().await, []);
    queue
        .run("update fetch_requests set lease_until = now() where state = 'cancelled'")
        .await;
    queue.store.sweep().await.unwrap().unwrap();
    assert_eq!(queue.state(id).await, "cancelled");
    assert_eq!(queue.release().await, [next]);
}

#[tokio::test]
async fn what_has_spent_money_is_brought_to_its_end() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(10, 10).await;
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let running = queue.claim(id).await;
    let intent = queue.store.ledger.begin_purchase(&purchase(&running)).await;
    assert!(matches!(intent.unwrap(), Intent::Granted(_)));
    assert_eq!(cancel(&queue, user, id).await, Cancelling::TooLate);
    for state in [State::Captured, State::Reading] {
        queue.put(id, state).await;
        assert_eq!(
            cancel(&queue, user, id).await,
            Cancelling::TooLate,
            "{state}"
        );
    }
    // An attempt that failed after the capture: the next one has only to read.
    queue.run("update purchases set state = 'captured'").await;
    queue.put(id, State::Waiting).await;
    assert_eq!(cancel(&queue, user, id).await, Cancelling::TooLate);
    for over in [State::Done, State::Failed] {
        queue.put(id, over).await;
        assert_eq!(cancel(&queue, user, id).await, Cancelling::Over(over));
    }
}

#[tokio::test]
async fn a_purchase_that_was_voided_does_not_keep_a_request_from_being_cancelled() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let running = queue.claim(id).await;
    let intent = queue.store.ledger.begin_purchase(&purchase(&running)).await;
    let Intent::Granted(purchase) = intent.unwrap() else {
        panic!("an intent");
    };
    queue
        .store
        .ledger
        .void_purchase(purchase, "busy")
        .await
        .unwrap();
    assert_eq!(cancel(&queue, user, id).await, Cancelling::Cancelled);
    assert!(
        queue
            .request(id)
            .await
            .message
            .ends_with("Nothing was bought.")
    );
}

#[tokio::test]
async fn a_purchase_that_never_came_back_is_left_in_doubt_and_said() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let running = queue.claim(id).await;
    queue
        .store
        .ledger
        .begin_purchase(&purchase(&running))
        .await
        .unwrap();
    // The worker dies; the sweeper takes the request back.
    queue
        .run("update fetch_requests set lease_until = now() - interval '1 s'")
        .await;
    queue.store.sweep().await.unwrap().unwrap();
    assert_eq!(queue.state(id).await, "waiting");
    assert_eq!(cancel(&queue, user, id).await, Cancelling::Cancelled);
    let message = queue.request(id).await.message;
    assert!(message.contains("PACER may have charged"), "{message}");
    assert_eq!(queue.store.ledger.ledger().await.unwrap()[0].state, "doubt");
}

/// Whoever is first at the row wins, and the other one sees it.
#[tokio::test]
async fn a_cancellation_and_a_purchase_never_both_succeed() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(100, 100).await;
    queue
        .run("update queue_settings set account_cap = 100")
        .await;
    let user = queue.user("ann").await;
    let mut won = (0, 0);
    for round in 0..40 {
        let id = queue.accept(Ask::of(user)).await;
        let running = queue.claim(id).await;
        let new = purchase(&running);
        let (cancelled, intent) = if round % 2 == 0 {
            tokio::join!(
                queue.store.cancel(user, id),
                queue.store.ledger.begin_purchase(&new)
            )
        } else {
            let (intent, cancelled) = tokio::join!(
                queue.store.ledger.begin_purchase(&new),
                queue.store.cancel(user, id)
            );
            (cancelled, intent)
        };
        match (cancelled.unwrap().unwrap(), intent.unwrap()) {
            (Cancelling::Cancelled, Intent::Lost) => won.0 += 1,
            (Cancelling::TooLate, Intent::Granted(_)) => won.1 += 1,
            both => panic!("{both:?}"),
        }
    }
    assert_eq!(won.0 + won.1, 40);
}
