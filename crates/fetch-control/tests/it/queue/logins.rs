//! Requests that wait until their owner logs in again.

use chrono::{TimeDelta, Utc};
use fetch_ledger::tokens::NewToken;
use fetch_model::{Failure, FetchId, FetchKind, State, TokenId, UserId, expand::Groups};
use fetch_queue::{Cancelling, Counts, Ending, LoggedIn, Replay, SweepReport, WaitReason};

use super::fixture::{Ask, COURT, Queue};

fn gone(user: UserId) -> Failure {
    Failure::SessionGone {
        kind: FetchKind::Docket,
        user,
    }
}

/// Leaves a request waiting for a login.
async fn leave_waiting(queue: &Queue, id: FetchId, counts: Option<Counts>) {
    let running = queue.claim(id).await;
    let failure = gone(running.spec.user);
    let ending = Ending::AwaitingLogin { failure, counts };
    let ended = queue
        .store
        .queue
        .end(&running, running.fence, &ending)
        .await;
    assert_eq!(ended.unwrap().unwrap().state, State::Waiting);
}

async fn token(queue: &Queue, user: UserId, letter: u8) -> TokenId {
    let token = NewToken {
        digest: &[letter; 32],
        name: "first",
        expires: None,
        read_only: false,
        expand: Groups::NONE,
    };
    queue.store.ledger.add_token(user, &token).await.unwrap()
}

/// A login with the account of this user.
fn login<'a>(user: UserId, token: TokenId, account: &'a str, session_key: &'a str) -> LoggedIn<'a> {
    LoggedIn {
        user,
        token,
        session_key,
        account_digest: account,
        client_code: "",
    }
}

#[tokio::test]
async fn who_waits_for_a_login_holds_no_place_and_is_in_nobodys_way() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let (ann, ben) = (queue.user("ann").await, queue.user("ben").await);
    let id = queue.accept(Ask::of(ann)).await;
    leave_waiting(&queue, id, None).await;

    let waiting = queue.request(id).await;
    let by = waiting.spec.not_before.unwrap();
    let left = by - Utc::now();
    assert!(
        left > TimeDelta::hours(23) && left <= TimeDelta::hours(24),
        "{left}"
    );
    assert_eq!(waiting.message, gone(ann).until_login(by));
    assert_eq!(
        (waiting.attempts, i16::from(waiting.public_status())),
        (0, 1)
    );
    let place = queue.store.queue.place_of(ann, id).await.unwrap().unwrap();
    assert_eq!(place.waits_for, Some(WaitReason::Login(by)));
    assert_eq!((place.position, place.wait), (None, None));
    assert_eq!(queue.store.queue.waiting_for_login(ann).await.unwrap(), 1);
    assert_eq!(queue.store.queue.waiting_for_login(ben).await.unwrap(), 0);

    let other = queue.accept(Ask::of(ben)).await;
    let place = queue
        .store
        .queue
        .place_of(ben, other)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((place.position, place.under_way), (Some(1), 0));
    assert_eq!(queue.serve_one().await.unwrap().id, other);
    queue.store.queue.enqueue_due().await.unwrap();
    assert_eq!(
        queue.store.sweep().await.unwrap(),
        Some(SweepReport::default())
    );
    assert_eq!(queue.store.queue.courts_with_work().await.unwrap(), [""; 0]);
    assert_eq!(queue.release().await, []);
}

#[tokio::test]
async fn only_the_login_that_it_waits_for_lets_a_request_go_on() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let (ann, ben) = (queue.user("ann").await, queue.user("ben").await);
    let (of_ann, of_ben) = (token(&queue, ann, 1).await, token(&queue, ben, 2).await);
    let revoked = {
        let name = "second";
        let token = NewToken {
            digest: &[3; 32],
            name,
            expires: None,
            read_only: false,
            expand: Groups::NONE,
        };
        queue.store.ledger.add_token(ann, &token).await.unwrap()
    };
    queue
        .run(&format!(
            "update api_tokens set revoked = now() where id = {}",
            revoked.0
        ))
        .await;
    let account = format!("account-{ann}");
    let session = format!("session-{account}");
    let ids = [
        queue.accept(Ask::of(ann)).await,
        queue.accept(Ask::of(ann)).await,
    ];
    for id in ids {
        leave_waiting(&queue, id, None).await;
    }
    let right = login(ann, of_ann, &account, &session);
    for (wrong, what) in [
        (
            LoggedIn {
                user: ben,
                token: of_ben,
                ..right
            },
            "another user",
        ),
        (
            LoggedIn { user: ben, ..right },
            "another user with a token that is not theirs",
        ),
        (
            LoggedIn {
                token: of_ben,
                ..right
            },
            "a token of another user",
        ),
        (
            LoggedIn {
                token: revoked,
                ..right
            },
            "a token that was revoked",
        ),
        (
            LoggedIn {
                account_digest: "account-x",
                ..right
            },
            "another account",
        ),
        (
            LoggedIn {
                client_code: "matter",
                ..right
            },
            "another client code",
        ),
        (
            LoggedIn {
                session_key: "session-x",
                ..right
            },
            "another session",
        ),
    ] {
        assert_eq!(queue.store.queue.take_up(wrong).await.unwrap(), 0, "{what}");
    }
    queue.run("update users set is_active = false").await;
    assert_eq!(
        queue.store.queue.take_up(right).await.unwrap(),
        0,
        "a user who may not call"
    );
    queue.run("update users set is_active = true").await;
    assert_eq!(queue.release().await, []);

    // Others came meanwhile, and were served.
    queue
        .run(&format!(
            "update courts set virtual_time = 50 where id = '{COURT}'"
        ))
        .await;
    let late = queue.accept(Ask::of(ben)).await;
    assert_eq!(queue.store.queue.take_up(right).await.unwrap(), 2);
    assert_eq!(
        queue.store.queue.take_up(right).await.unwrap(),
        0,
        "twice is as good as once"
    );
    let back = queue.request(ids[0]).await;
    assert_eq!((back.message.as_str(), back.failure), ("", None));
    assert_eq!(queue.store.queue.waiting_for_login(ann).await.unwrap(), 0);
    queue.caps(1, 1).await;
    let mut served = Vec::new();
    while let Some(released) = queue.serve_one().await {
        served.push(released.id);
    }
    // In turn with who is there, and in their own order.
    assert_eq!(served, [ids[0], late, ids[1]]);
    let life = queue.store.queue.history(ids[0]).await.unwrap();
    assert!(
        life.iter().any(|(_, step, _)| step == "logged_in"),
        "{life:?}"
    );
}

#[tokio::test]
async fn a_login_that_came_too_early_to_be_seen_is_made_good() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    leave_waiting(&queue, id, None).await;
    let fence = queue.request(id).await.fence;
    let stale = fetch_model::Fence(fence.0 - 1);
    queue
        .store
        .queue
        .has_session_after_all(id, stale)
        .await
        .unwrap();
    assert_eq!(queue.release().await, [], "another attempt's word");
    queue
        .store
        .queue
        .has_session_after_all(id, fence)
        .await
        .unwrap();
    let back = queue.request(id).await;
    assert_eq!((back.state, back.spec.not_before), (State::Waiting, None));
    let running = queue.claim(id).await;
    assert_eq!((running.id, running.failure), (id, None));
}

#[tokio::test]
async fn nobody_is_waited_for_for_longer_than_a_day_or_a_week_in_all() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    let user = queue.user("ann").await;
    let [late, old, cancelled, held] = [
        queue.accept(Ask::of(user)).await,
        queue.accept(Ask::of(user)).await,
        queue.accept(Ask::of(user)).await,
        queue.accept(Ask::of(user)).await,
    ];
    // Somebody logged in for one of them a week ago; another one was held up for longer than that.
    let week = "interval '7 days'";
    queue
        .run(&format!(
            "insert into fetch_steps (request_id, fence, step, at)
             values ({old}, 0, 'logged_in', now() - {week});
             update fetch_requests set begins_at = now() - {week}, date_created = now() - {week}
             where id = {held}"
        ))
        .await;
    for id in [late, old, cancelled, held] {
        leave_waiting(&queue, id, Some(Counts::Attempt)).await;
    }
    assert_eq!(queue.request(late).await.attempts, 1);
    let cancelling = queue.store.cancel(user, cancelled).await.unwrap();
    assert_eq!(cancelling, Some(Cancelling::Cancelled));
    let swept = queue.store.sweep().await.unwrap().unwrap();
    assert_eq!(swept.not_logged_in, [old], "who logs in for ever");
    assert_eq!(queue.state(held).await, "waiting", "it has its day");

    let yesterday = "login_until = now() - interval '1 s', not_before = now() - interval '1 s'";
    let waits = "login_until is not null";
    queue
        .run(&format!(
            "update fetch_requests set {yesterday} where {waits}"
        ))
        .await;
    queue.store.queue.enqueue_due().await.unwrap();
    assert_eq!(queue.release().await, [], "its time is its end");
    let swept = queue.store.sweep().await.unwrap().unwrap();
    let ended = swept.not_logged_in;
    assert!(ended.len() == 2 && [late, held].iter().all(|id| ended.contains(id)));
    let ended = queue.request(late).await;
    let failure = Failure::NoLogin {
        after: Box::new(gone(user)),
    };
    assert_eq!(ended.message, failure.to_string());
    assert_eq!((ended.state, ended.failure), (State::Failed, Some(failure)));
    assert!(ended.date_completed.is_some());
    assert_eq!(queue.state(cancelled).await, "cancelled");
    assert_eq!(queue.store.replay(late).await.unwrap(), Replay::Queued);
    let again = queue.store.sweep().await.unwrap().unwrap();
    assert_eq!(again.not_logged_in, [], "its day begins anew");
}

/// A court that is closed for a day ends what could be asked of it, not what waits for its owner.
#[tokio::test]
async fn what_waits_for_a_login_is_not_ended_for_other_reasons() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let id = queue.accept(Ask::of(user)).await;
    leave_waiting(&queue, id, None).await;
    queue
        .run(
            "update courts set open_since = now() - interval '2 days';
             update workers set seen = now() - interval '2 days';
             update fetch_requests set date_created = now() - interval '2 days',
                 begins_at = now() - interval '2 days', put_off = 500, snoozes = 500,
                 put_off_since = now() - interval '2 days'",
        )
        .await;
    assert_eq!(
        queue.store.sweep().await.unwrap(),
        Some(SweepReport::default())
    );
    let place = queue.store.queue.place_of(user, id).await.unwrap().unwrap();
    assert!(
        matches!(place.waits_for, Some(WaitReason::Login(_))),
        "{place:?}"
    );
}
