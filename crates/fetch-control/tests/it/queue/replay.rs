//! What failed is tried again by the operator, as far as that makes sense.

use fetch_model::{Failure, FetchId, FetchKind, State};
use fetch_queue::{Ending, Replay, SweepReport};

use super::fixture::{Ask, Queue};

async fn fail(queue: &Queue, id: FetchId, failure: Failure) {
    let running = queue.claim(id).await;
    let ending = Ending::Failed(failure);
    let end = queue
        .store
        .queue
        .end(&running, running.fence, &ending)
        .await;
    let ended = end.unwrap().unwrap();
    let told = queue.store.queue.request(id).await.unwrap().unwrap();
    assert_eq!(ended.state, State::Failed);
    assert_eq!(
        ended.status,
        i16::from(told.public_status()),
        "as the row says"
    );
}

#[tokio::test]
async fn a_failed_request_goes_back_into_the_queue_with_all_its_attempts() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    let other = queue.accept(Ask::of(user)).await;
    fail(&queue, id, Failure::PdfNetwork).await;
    let dead = queue.store.queue.dead(None, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].id), (1, id));
    assert!(dead[0].may_be_replayed());
    assert_eq!(dead[0].message, "Failed to get PDF from network.");
    assert!(
        queue
            .store
            .queue
            .dead(Some("nysd"), 10)
            .await
            .unwrap()
            .is_empty()
    );

    assert_eq!(
        queue.store.replay(other).await.unwrap(),
        Replay::NotFailed(State::Accepted)
    );
    assert_eq!(
        queue.store.replay(FetchId(999)).await.unwrap(),
        Replay::NotFound
    );
    assert_eq!(queue.store.replay(id).await.unwrap(), Replay::Queued);
    let again = queue.request(id).await;
    assert_eq!((again.state, again.attempts), (State::Accepted, 0));
    assert_eq!((again.failure, again.date_completed), (None, None));
    assert!(queue.store.queue.dead(None, 10).await.unwrap().is_empty());
    assert_eq!(
        queue.serve_one().await.unwrap().id,
        other,
        "behind what was there"
    );
    assert_eq!(queue.serve_one().await.unwrap().id, id);
}

#[tokio::test]
async fn a_final_failure_stays() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let being_opened = Failure::DocketRefused {
        reason: "The case is being opened; try again tomorrow.".to_owned(),
    };
    for failure in [Failure::CaseNotFound, being_opened] {
        let id = queue.accept(Ask::of(user)).await;
        fail(&queue, id, failure.clone()).await;
        let replayed = queue.store.replay(id).await.unwrap();
        assert_eq!(replayed, Replay::Final(Some(failure)));
        assert_eq!(queue.state(id).await, "failed");
    }
    let id = queue.accept(Ask::of(user)).await;
    queue.store.cancel(user, id).await.unwrap();
    let cancelled = queue.store.replay(id).await.unwrap();
    assert_eq!(cancelled, Replay::NotFailed(State::Cancelled));
}

#[tokio::test]
async fn what_ended_for_want_of_a_login_is_tried_again_and_waits_for_one() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let gone = Failure::SessionGone {
        kind: FetchKind::Docket,
        user,
    };
    let id = queue.accept(Ask::of(user)).await;
    let after = Box::new(gone.clone());
    fail(&queue, id, Failure::NoLogin { after }).await;
    queue
        .run("update fetch_requests set begins_at = now() - interval '30 days'")
        .await;
    assert_eq!(queue.store.replay(id).await.unwrap(), Replay::Queued);
    let running = queue.claim(id).await;
    let ending = Ending::AwaitingLogin {
        failure: gone,
        counts: None,
    };
    let ended = queue
        .store
        .queue
        .end(&running, running.fence, &ending)
        .await;
    assert_eq!(ended.unwrap().unwrap().state, State::Waiting);
    // It is old, and the operator wanted it tried again: it has a day all the same.
    assert_eq!(
        queue.store.sweep().await.unwrap(),
        Some(SweepReport::default())
    );
    assert_eq!(queue.state(id).await, "waiting");
}
