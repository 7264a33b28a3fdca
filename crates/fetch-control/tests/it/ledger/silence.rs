//! A buyer who says that he is at it is waited for, one who fell silent is not, and whatever a thing is
//! called, a request settles what it began before.

use std::time::Duration;

use fetch_ledger::purchases::{Intent, SILENT_FOR};
use fetch_model::{Failure, FetchId, FetchKind, PurchaseId, State};
use fetch_queue::{Counts, Ending, Replay};
use tokio::time::timeout;

use super::house::{House, docket};

impl House {
    /// Whoever makes this purchase was last heard of so long ago.
    async fn silent_since(&self, purchase: PurchaseId, seconds: u64) {
        self.run(&format!(
            "update purchases set date_modified = clock_timestamp() - interval '{seconds} s'
             where id = {purchase}"
        ))
        .await;
    }

    async fn states(&self, id: FetchId) -> Vec<String> {
        sqlx::query_scalar("select state from purchases where request_id = $1 order by id")
            .bind(id.0)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

/// The worker was frozen and lost its claim; it has thawed, and its answer is on its way.
#[tokio::test]
async fn a_buyer_without_a_claim_is_waited_for_as_long_as_he_says_that_he_buys() {
    let Some(house) = House::new().await else {
        return;
    };
    let request = house.running(FetchKind::Docket).await;
    let intent = house.granted(&docket(&request)).await;
    house.silent_since(intent, SILENT_FOR.as_secs() + 10).await;
    let other = house.claim(request.id).await;
    assert!(house.store.ledger.still_buying(intent).await.unwrap());
    house.sweep().await;
    assert_eq!(house.states(request.id).await, ["intent"]);
    let open = house
        .store
        .ledger
        .open_intent(other.id)
        .await
        .unwrap()
        .unwrap();
    assert!(open.silent_for < Duration::from_secs(5), "{open:?}");

    house.silent_since(intent, SILENT_FOR.as_secs() + 1).await;
    house.sweep().await;
    assert_eq!(house.states(request.id).await, ["doubt"]);
    assert!(!house.store.ledger.still_buying(intent).await.unwrap());
    let life = house.store.queue.history(request.id).await.unwrap();
    let told = life.iter().find(|(_, step, _)| step == "doubt");
    assert!(told.unwrap().2.contains("never came back"), "{life:?}");
}

/// The database was away: nobody could say anything, and the claim still holds.
#[tokio::test]
async fn a_buyer_who_holds_his_claim_is_not_given_up() {
    let Some(house) = House::new().await else {
        return;
    };
    let request = house.running(FetchKind::Docket).await;
    let intent = house.granted(&docket(&request)).await;
    house.silent_since(intent, 600).await;
    house.sweep().await;
    assert_eq!(house.states(request.id).await, ["intent"]);
}

/// It waits for the night, and somebody else wants the same thing by day.
#[tokio::test]
async fn an_intent_whose_request_cannot_be_worked_on_stops_nobody_for_long() {
    let Some(house) = House::new().await else {
        return;
    };
    let bulk = house.running(FetchKind::Docket).await;
    let intent = house.granted(&docket(&bulk)).await;
    house
        .run("update fetch_requests set lease_until = now() - interval '1 s'")
        .await;
    house.sweep().await;
    assert_eq!(house.request(bulk.id).await.state, State::Waiting);
    let other = house.running(FetchKind::Docket).await;
    assert_eq!(house.begin(&docket(&other)).await, Intent::UnderWay);
    house.silent_since(intent, SILENT_FOR.as_secs() + 1).await;
    house.sweep().await;
    house.granted(&docket(&other)).await;
    // When it is its turn, it finds a doubt and does as it was told.
    let again = house.claim(bulk.id).await;
    assert_eq!(
        house.store.ledger.open_intent(again.id).await.unwrap(),
        None
    );
    assert_eq!(house.store.ledger.doubts(again.id).await.unwrap(), 1);
}

/// The number of an appeal is spelt otherwise on its last page, and so is the key of what is bought.
#[tokio::test]
async fn a_request_settles_what_it_began_under_another_name() {
    let Some(house) = House::new().await else {
        return;
    };
    let request = house.running(FetchKind::Docket).await;
    let mut new = docket(&request);
    new.item_key = "docket/ca1/16-1432/".to_owned();
    let intent = house.granted(&new).await;
    let again = house.claim(request.id).await;
    new.fence = again.fence;
    new.item_key = "docket/ca1/16-01432/".to_owned();
    let open = house.store.ledger.open_intent(again.id).await.unwrap();
    assert_eq!(open.unwrap().id, intent);
    assert_eq!(house.begin(&new).await, Intent::UnderWay);
    house
        .store
        .ledger
        .doubt_purchase(intent, "lost")
        .await
        .unwrap();
    assert_eq!(house.store.ledger.doubts(again.id).await.unwrap(), 1);
    house.granted(&new).await;
}

/// A lock that the commit of an intent waits for.
const AT_COMMIT: &str = "
    create function wait_at_commit() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(77); return null; end $$;
    create constraint trigger wait_at_commit after insert on purchases
        deferrable initially deferred for each row execute function wait_at_commit()";

/// Whoever wrote the intent is told that it failed while its commit goes on.
#[tokio::test]
async fn an_intent_that_is_committed_after_it_was_given_up_is_void_and_no_doubt() {
    let Some(house) = House::new().await else {
        return;
    };
    house.run(AT_COMMIT).await;
    let request = house.running(FetchKind::Docket).await;
    let new = docket(&request);
    let mut hold = house.pool.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(77)")
        .execute(&mut *hold)
        .await
        .unwrap();
    let beginning = tokio::spawn({
        let (store, new) = (house.store.clone(), new.clone());
        async move { store.ledger.begin_purchase(&new).await }
    });
    house.wait_for_blocked(1).await;
    beginning.abort();
    let voiding = house.store.ledger.void_begun(&new, "nothing was sent");
    let (voided, ()) = tokio::join!(voiding, async {
        house.wait_for_blocked(2).await;
        hold.rollback().await.unwrap();
    });
    voided.unwrap();
    assert_eq!(house.states(request.id).await, ["void"]);
    house.granted(&new).await;
    // One that was never written leaves nothing to close.
    let other = house.running(FetchKind::Pdf).await;
    let mut unwritten = docket(&other);
    unwritten.item_key = "docket/cand/2/".to_owned();
    house.store.ledger.void_begun(&unwritten, "").await.unwrap();
    assert!(house.states(other.id).await.is_empty());
}

/// A standby was away, and the sign of life has yet to be committed.
#[tokio::test]
async fn who_is_just_saying_that_he_lives_is_not_taken_for_dead() {
    let Some(house) = House::new().await else {
        return;
    };
    let late = house.running(FetchKind::Docket).await;
    let dead = house.running(FetchKind::Pdf).await;
    house
        .run("update fetch_requests set lease_until = now() - interval '1 s'")
        .await;
    let mut saying = house.pool.begin().await.unwrap();
    // When it is committed, what it says is over too.
    sqlx::query("update fetch_requests set lease_until = now() - interval '1 s' where id = $1")
        .bind(late.id.0)
        .execute(&mut *saying)
        .await
        .unwrap();
    let swept = timeout(Duration::from_secs(20), house.sweep()).await;
    let swept = swept.expect("the sweeper waits for nobody");
    assert_eq!(swept.reclaimed, [dead.id]);
    saying.commit().await.unwrap();
    assert_eq!(house.request(late.id).await.state, State::Running);
}

/// The volume for documents was read-only for a night.
#[tokio::test]
async fn what_is_no_courts_doing_is_not_said_of_the_court() {
    let Some(house) = House::new().await else {
        return;
    };
    let reason = "The store for documents cannot be written; nothing was bought.";
    let put_off = |counts| Ending::Waiting {
        wait: Duration::ZERO,
        message: reason.to_owned(),
        counts,
    };
    let request = house.running(FetchKind::Docket).await;
    house
        .run("update fetch_requests set put_off = 499, snoozes = 499")
        .await;
    house.end(&request, put_off(Counts::PutOff)).await;
    assert_eq!(house.sweep().await.court_closed_too_long, []);
    assert_eq!(house.request(request.id).await.state, State::Waiting);
    let attempts = house.request(request.id).await.attempts;
    assert_eq!(attempts, 0);

    // Often alone does not end it, and neither does a day.
    house
        .run("update fetch_requests set put_off_since = now() - interval '25 h', put_off = 499")
        .await;
    assert_eq!(house.sweep().await.put_off, []);
    let request = house.claim(request.id).await;
    house.end(&request, put_off(Counts::PutOff)).await;
    assert_eq!(house.sweep().await.put_off, [request.id]);
    let told = house.request(request.id).await;
    let failure = Failure::PutOff {
        reason: reason.to_owned(),
    };
    assert_eq!(told.message, failure.to_string());
    assert_eq!(told.failure, Some(failure));
    assert!(told.date_completed.is_some());

    // Once it is mended the operator has it tried again, and nothing is held against it.
    let replayed = house.store.replay(request.id).await.unwrap();
    assert_eq!(replayed, Replay::Queued);
    let request = house.claim(request.id).await;
    house.end(&request, put_off(Counts::PutOff)).await;
    assert_eq!(house.sweep().await.put_off, []);
    // What the court does is counted as before.
    house.run("update fetch_requests set snoozes = 499").await;
    let request = house.claim(request.id).await;
    house.end(&request, put_off(Counts::CourtsPause)).await;
    assert_eq!(house.sweep().await.court_closed_too_long, [request.id]);
}
