//! What is under way at once: of a court, of an account there, and of an account everywhere.

use fetch_model::{FetchId, State};
use futures_util::future::join_all;

use super::fixture::{Ask, COURT, Queue};

#[tokio::test]
async fn an_account_has_one_place_at_a_court_and_others_have_the_rest() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(3, 1).await;
    let (ann, ben) = (queue.user("ann").await, queue.user("ben").await);
    let mut own = Vec::new();
    for _ in 0..4 {
        own.push(queue.accept(Ask::of(ann)).await);
    }
    let bulk = queue.accept(Ask::bulk(ann)).await;
    assert_eq!(queue.release().await, [own[0]]);
    let other = queue.accept(Ask::of(ben)).await;
    assert_eq!(queue.release().await, [other], "nobody waits for ann's");
    assert_eq!(
        queue.release().await,
        [],
        "neither lane has more for either"
    );
    queue.finish(own[0]).await;
    assert_eq!(queue.release().await, [own[1]]);
    assert_eq!(queue.state(bulk).await, "accepted");
}

#[tokio::test]
async fn no_race_of_dispatchers_gives_an_account_more_than_its_places() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.store.queue.set_account_cap(3).await.unwrap();
    let user = queue.user("ann").await;
    let courts = ["cand", "nysd", "txed", "flsd", "wawd", "mad", "ilnd", "dcd"];
    for court in courts {
        for _ in 0..2 {
            let ask = Ask {
                court,
                ..Ask::of(user)
            };
            queue.accept(ask).await;
        }
    }
    // Of what is left after three rounds, at least four courts have some: three can always be released.
    for round in 0..4 {
        let released = join_all(courts.map(|court| queue.release_at(court))).await;
        let released: Vec<FetchId> = released.into_iter().flatten().collect();
        // Which of them lose a race is open; that none is too many is not.
        assert!(
            (1..=3).contains(&released.len()),
            "round {round}: {released:?}"
        );
        for court in courts {
            queue.release_at(court).await;
        }
        let live = "select count(*) from fetch_requests where state = 'released'";
        let live: i64 = sqlx::query_scalar(live)
            .fetch_one(&queue.pool)
            .await
            .unwrap();
        assert_eq!(live, 3, "round {round}");
        queue
            .run(&format!(
                "update fetch_requests set {} where state = 'released'",
                testkit::in_state(State::Done)
            ))
            .await;
    }
}

#[tokio::test]
async fn a_court_that_hangs_holds_nothing_but_its_own_places() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let user = queue.user("ann").await;
    let other = "nysd";
    for _ in 0..50 {
        queue.accept(Ask::of(user)).await;
    }
    queue.caps(2, 2).await;
    assert_eq!(queue.release().await.len(), 2);
    // Nothing comes back from it. All others go on at their own pace.
    for _ in 0..20 {
        let ask = Ask {
            court: other,
            ..Ask::of(user)
        };
        let id = queue.accept(ask).await;
        assert_eq!(queue.store.queue.courts_with_work().await.unwrap(), [other]);
        assert_eq!(queue.release_at(COURT).await, []);
        assert_eq!(queue.release_at(other).await, [id]);
        queue.finish(id).await;
    }
}
