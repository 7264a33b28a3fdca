//! A kind of work that nobody does holds nobody else up, says what it waits for, and is begun as soon
//! as somebody comes.

use std::time::Duration;

use fetch_model::{FetchId, FetchKind, UserId};
use fetch_queue::{Notification, SweepReport, WaitReason};

use super::fixture::{Ask, COURT, Queue};

const NOBODY: &str = "No pdf-fetcher is running; the request waits until one is.";

fn pdf(user: UserId) -> Ask {
    Ask {
        kind: FetchKind::Pdf,
        ..Ask::of(user)
    }
}

impl Queue {
    async fn leave(&self, kind: &str) {
        let sql = format!("update workers set has_left = true, seen = now() where kind = '{kind}'");
        self.run(&sql).await;
    }

    async fn come(&self, kind: &str) {
        let announced = self.store.queue.announce_worker(kind, "somebody", 16).await;
        announced.unwrap();
    }

    /// The time passes in which a message should have been taken.
    async fn sweep_later(&self) -> SweepReport {
        self.run(
            "update fetch_requests set lease_until = now() - interval '1 s'
             where state = 'released'",
        )
        .await;
        self.store.sweep().await.unwrap().unwrap()
    }

    async fn message(&self, id: FetchId) -> String {
        self.request(id).await.message
    }
}

#[tokio::test]
async fn a_kind_without_a_worker_takes_no_place_from_another() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.leave("pdf").await;
    let users = [
        queue.user("ann").await,
        queue.user("ben").await,
        queue.user("cal").await,
        queue.user("dan").await,
    ];
    let first = queue.accept(pdf(users[0])).await;
    queue.accept(pdf(users[1])).await;
    // One is released, so that its message calls for a worker.
    assert_eq!(queue.release().await, [first]);
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
    let place = queue
        .store
        .queue
        .place_of(users[0], first)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(place.waits_for, Some(WaitReason::NoWorker));
    assert_eq!(place.wait, None, "nobody knows");

    let docket = queue.accept(Ask::of(users[2])).await;
    let other = queue.accept(Ask::of(users[3])).await;
    let place = queue
        .store
        .queue
        .place_of(users[2], docket)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((place.position, place.waits_for), (Some(1), None));
    assert_eq!(place.wait, Some(Duration::ZERO), "{place:?}");
    assert_eq!(queue.store.queue.courts_with_work().await.unwrap(), [COURT]);
    assert_eq!(queue.release().await, [docket, other], "both places");
    assert_eq!(queue.state(first).await, "waiting");
    assert_eq!(queue.message(first).await, NOBODY);
    assert_eq!(queue.request(first).await.attempts, 0);
    let place = queue
        .store
        .queue
        .place_of(users[0], first)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(place.waits_for, Some(WaitReason::NoWorker));
}

#[tokio::test]
async fn the_call_for_a_worker_takes_no_place_of_its_own_account() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.leave("pdf").await;
    queue.run("update queue_settings set account_cap = 1").await;
    let ann = queue.user("ann").await;
    let elsewhere = Ask {
        court: "nysd",
        ..pdf(ann)
    };
    let document = queue.accept(elsewhere).await;
    assert_eq!(queue.release_at("nysd").await, [document]);
    let docket = queue.accept(Ask::of(ann)).await;
    assert_eq!(queue.release().await, [docket]);
    assert_eq!(queue.state(document).await, "waiting");
}

#[tokio::test]
async fn what_was_released_before_its_workers_died_gives_its_places_back() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let (ann, ben, cal) = (
        queue.user("ann").await,
        queue.user("ben").await,
        queue.user("cal").await,
    );
    let documents = [queue.accept(pdf(ann)).await, queue.accept(pdf(ben)).await];
    assert_eq!(queue.release().await, documents);
    let docket = queue.accept(Ask::of(cal)).await;
    assert_eq!(queue.release().await, [], "no room");
    // Killed without a word.
    queue
        .run("update workers set seen = now() - interval '21 s' where kind = 'pdf'")
        .await;
    assert_eq!(queue.release().await, [docket]);
    for document in documents {
        assert_eq!(queue.state(document).await, "waiting");
        assert_eq!(queue.message(document).await, NOBODY);
    }
}

#[tokio::test]
async fn without_other_work_the_sweeper_takes_back_what_nobody_takes() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let ann = queue.user("ann").await;
    let document = queue.accept(pdf(ann)).await;
    assert_eq!(queue.release().await, [document]);
    queue.leave("pdf").await;
    for _ in 0..20 {
        let swept = queue.sweep_later().await;
        assert_eq!((swept.unserved, swept.unclaimed), (vec![document], vec![]));
        assert_eq!(queue.state(document).await, "waiting");
        assert_eq!(queue.message(document).await, NOBODY);
        // It goes on calling.
        assert_eq!(queue.release().await, [document]);
    }
    let request = queue.request(document).await;
    assert_eq!(request.attempts, 0);
    let snoozes: i32 = sqlx::query_scalar("select snoozes from fetch_requests")
        .fetch_one(&queue.pool)
        .await
        .unwrap();
    assert_eq!(snoozes, 0);
    let life = queue.store.queue.history(document).await.unwrap();
    assert!(life.len() < 8, "it is told once: {life:?}");
}

#[tokio::test]
async fn a_worker_that_comes_is_given_all_that_waits_for_it() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.leave("pdf").await;
    let (ann, ben) = (queue.user("ann").await, queue.user("ben").await);
    let documents = [queue.accept(pdf(ann)).await, queue.accept(pdf(ben)).await];
    assert_eq!(queue.release().await, [documents[0]]);
    let kinds = queue.store.queue.kinds_of_work().await.unwrap();
    let pdfs = kinds.iter().find(|kind| kind.kind == "pdf").unwrap();
    assert_eq!((pdfs.workers, pdfs.waiting), (0, 2));

    let mut notifications = queue.store.queue.notifications().await.unwrap();
    queue.come("pdf").await;
    // Dispatchers look at all courts at once. A second one changes nothing.
    assert_eq!(notifications.next().await.unwrap(), Notification::Anywhere);
    let kinds = queue.store.queue.kinds_of_work().await.unwrap();
    let pdfs = kinds.iter().find(|kind| kind.kind == "pdf").unwrap();
    assert_eq!((pdfs.workers, pdfs.slots, pdfs.waiting), (1, 16, 0));
    assert_eq!(queue.release().await, [documents[1]]);
    queue
        .store
        .queue
        .worker_leaves("pdf", "somebody")
        .await
        .unwrap();
    assert_eq!(queue.sweep_later().await.unserved.len(), 2);
}

#[tokio::test]
async fn workers_that_are_busy_are_not_taken_for_dead_but_let_others_pass() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let (ann, ben, cal) = (
        queue.user("ann").await,
        queue.user("ben").await,
        queue.user("cal").await,
    );
    let documents = [queue.accept(pdf(ann)).await, queue.accept(pdf(ben)).await];
    assert_eq!(queue.release().await, documents);
    let docket = queue.accept(Ask::of(cal)).await;
    for _ in 0..3 {
        let swept = queue.sweep_later().await;
        assert_eq!(swept.unclaimed.len(), 2, "said again");
        assert_eq!(queue.release().await, [], "their places are theirs");
    }
    let swept = queue.sweep_later().await;
    assert_eq!(swept.unserved.len(), 2);
    assert_eq!(
        queue.message(documents[0]).await,
        "All pdf-fetcher workers are busy; the request waits for a free one."
    );
    let place = queue.store.queue.place_of(ann, documents[0]).await;
    assert_eq!(place.unwrap().unwrap().waits_for, None);
    // Another kind comes first, once; and there are workers, so the rest is theirs.
    assert_eq!(queue.release().await, [documents[0], docket]);
    queue.finish(docket).await;
    assert_eq!(queue.release().await, [documents[1]]);
    let request = queue.request(documents[0]).await;
    assert_eq!(request.attempts, 0);
    let lease = Duration::from_secs(15);
    let claim = queue
        .store
        .queue
        .claim(documents[0], request.fence, "worker", lease)
        .await;
    assert!(claim.unwrap().is_some());
}

#[tokio::test]
async fn one_request_calls_for_workers_of_its_kind_in_the_whole_fleet() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    for kind in ["docket", "attachments", "pdf"] {
        queue.leave(kind).await;
    }
    let mut released = 0;
    for court in [COURT, "nysd", "txed"] {
        for name in ["ann", "ben", "cal"] {
            let user = queue.user(&format!("{name} at {court}")).await;
            for ask in [pdf(user), Ask::of(user)] {
                queue.accept(Ask { court, ..ask }).await;
            }
        }
    }
    for court in [COURT, "nysd", "txed", COURT] {
        released += queue.release_at(court).await.len();
    }
    assert_eq!(released, 2, "a document and a docket");
    assert!(
        queue
            .store
            .queue
            .courts_with_work()
            .await
            .unwrap()
            .is_empty()
    );
}

/// Somebody may come just when a place is given away.
#[tokio::test]
async fn a_request_that_is_claimed_at_this_moment_keeps_its_place() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    queue.caps(1, 1).await;
    queue.leave("pdf").await;
    let (ann, ben) = (queue.user("ann").await, queue.user("ben").await);
    let document = queue.accept(pdf(ann)).await;
    assert_eq!(queue.release().await, [document]);
    let docket = queue.accept(Ask::of(ben)).await;
    let mut claiming = queue.pool.begin().await.unwrap();
    sqlx::query("update fetch_requests set state = 'running' where id = $1")
        .bind(document.0)
        .execute(&mut *claiming)
        .await
        .unwrap();
    assert_eq!(queue.release().await, []);
    claiming.commit().await.unwrap();
    assert_eq!(queue.release().await, []);
    queue.finish(document).await;
    assert_eq!(queue.release().await, [docket]);
}

#[tokio::test]
async fn nothing_waits_for_a_worker_for_ever() {
    let Some(queue) = Queue::new().await else {
        return;
    };
    let ann = queue.user("ann").await;
    let (late, fresh) = (queue.accept(pdf(ann)).await, queue.accept(pdf(ann)).await);
    let docket = queue.accept(Ask::of(ann)).await;
    let long_ago = format!(
        "update fetch_requests set date_created = now() - interval '25 h',
             begins_at = now() - interval '25 h' where id <> {fresh}"
    );
    queue.run(&long_ago).await;
    queue
        .run("update workers set seen = now() - interval '23 h' where kind = 'pdf'")
        .await;
    let swept = queue.store.sweep().await.unwrap().unwrap();
    assert_eq!(swept.nobody_came, [], "there was one within the day");
    queue
        .run("update workers set seen = now() - interval '25 h' where kind = 'pdf'")
        .await;
    let swept = queue.store.sweep().await.unwrap().unwrap();
    assert_eq!(swept.nobody_came, [late]);
    assert_eq!(queue.state(late).await, "failed");
    assert_eq!(
        queue.message(late).await,
        "No pdf-fetcher was running for a day, so this request could not go on. Please tell the \
         operator of this service, then send it again."
    );
    for id in [fresh, docket] {
        assert_eq!(queue.state(id).await, "accepted");
    }
}
