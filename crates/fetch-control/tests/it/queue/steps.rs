//! Requests that wait until it is known which document they mean: how they go on once a step has ended.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fetch_control::{
    accept::{Acceptance, FirstStep, OnTheWay},
    plans::docket_of,
};
use fetch_model::{
    Cents, DocketOptions, FetchId, FetchKind, FetchRequest, Lane, OnDoubt, RequestSpec, State,
    address::{DocumentAddress, DocumentName},
    budget::Reservation,
};

use super::fixture::{COURT, Queue};

/// A request for entry 1 of a case, the docket of which is fetched first.
struct Waiting {
    queue: Queue,
    id: FetchId,
    step: FetchId,
    accepted: FetchRequest,
}

impl Waiting {
    async fn new(not_before: Option<DateTime<Utc>>) -> Option<Waiting> {
        let queue = Queue::new().await?;
        let address = DocumentAddress {
            court: COURT.to_owned(),
            docket: None,
            pacer_case_id: String::new(),
            docket_number: "24-cv-9876".to_owned(),
            name: DocumentName::Place {
                entry: 1,
                attachment: None,
            },
        };
        let new = RequestSpec {
            user: queue.user("ann").await,
            kind: FetchKind::Pdf,
            court: Some(COURT.to_owned()),
            docket: None,
            document: None,
            pacer_case_id: String::new(),
            docket_number: address.docket_number.clone(),
            options: DocketOptions::default(),
            target_court: COURT.to_owned(),
            session_key: "session".to_owned(),
            account_digest: "account".to_owned(),
            client_code: String::new(),
            lane: Lane::Interactive,
            on_doubt: OnDoubt::Stop,
            traceparent: None,
            skip_if_unchanged: false,
            not_before,
        };
        let reservation = Reservation {
            reserve: Cents(300),
            max_cost: Some(Cents(600)),
        };
        let first = OnTheWay::Step(Box::new(FirstStep {
            spec: docket_of(&new, &address, false),
            reservation,
            address,
        }));
        let written = queue
            .store
            .accept_with_step(&new, &first, None, reservation, None);
        let Acceptance::Accepted(written) = written.await.unwrap() else {
            panic!("it was not accepted");
        };
        let id = written.request.id;
        let step = sqlx::query_scalar("select waits_for from fetch_plans where request_id = $1");
        let step: i64 = step.bind(id.0).fetch_one(&queue.pool).await.unwrap();
        Some(Waiting {
            queue,
            id,
            step: FetchId(step),
            accepted: written.request,
        })
    }

    /// A stored docket with that number, and its first document.
    async fn store(&self, number: &str, case: &str) -> (i64, i64) {
        let ids: (i64, i64) = sqlx::query_as(
            "with docket as (
                 insert into dockets (court_id, docket_number, docket_number_core, pacer_case_id)
                 values ($1, $2, '2409876', $3) returning id),
             entry as (
                 insert into docket_entries (docket_id, entry_number) select id, 1 from docket returning id),
             document as (
                 insert into recap_documents (docket_entry_id, document_type, document_number, pacer_doc_id)
                 select id, 1, '1', '0350' || $3 from entry returning id)
             select docket.id, document.id from docket, document",
        )
        .bind(COURT)
        .bind(number)
        .bind(case)
        .fetch_one(&self.queue.pool)
        .await
        .unwrap();
        ids
    }

    async fn end_step(&self, docket: Option<i64>) {
        self.queue.put(self.step, State::Done).await;
        let docket = docket.map_or("null".to_owned(), |id| id.to_string());
        let sql = format!(
            "update fetch_requests set docket_id = {docket} where id = {}",
            self.step
        );
        self.queue.run(&sql).await;
    }

    /// Has it go on, and gives the state to which it has moved.
    async fn advance(&self) -> Option<State> {
        let due = self.queue.store.queue.plans_due().await.unwrap();
        let due = due.into_iter().find(|due| due.request == self.id)?;
        let moved = self.queue.store.advance_plan(&due).await.unwrap();
        moved.map(|moved| moved.state)
    }
}

#[tokio::test]
async fn the_docket_that_was_bought_is_the_case_whatever_its_number_says() {
    let Some(waiting) = Waiting::new(None).await else {
        return;
    };
    // Without its office the number is that of both.
    waiting.store("3:24-cv-09876", "990001").await;
    let (docket, document) = waiting.store("5:24-cv-09876", "990002").await;
    waiting.end_step(Some(docket)).await;
    assert_eq!(waiting.advance().await, Some(State::Accepted));
    let request = waiting.queue.request(waiting.id).await;
    assert_eq!(request.spec.document.map(|id| id.0), Some(document));
    assert_eq!(waiting.advance().await, None, "it waits for nothing now");
}

#[tokio::test]
async fn where_the_court_names_no_docket_nothing_is_guessed() {
    let Some(waiting) = Waiting::new(None).await else {
        return;
    };
    waiting.store("3:24-cv-09876", "990001").await;
    waiting.end_step(None).await;
    assert_eq!(waiting.advance().await, Some(State::Failed));
}

#[tokio::test]
async fn what_the_steps_cost_is_off_the_limit_for_whoever_knows_nothing_of_steps() {
    let Some(waiting) = Waiting::new(None).await else {
        return;
    };
    let queue = &waiting.queue;
    let (docket, _) = waiting.store("3:24-cv-09876", "990001").await;
    waiting.end_step(Some(docket)).await;
    queue
        .run(&format!(
            "insert into purchases (request_id, user_id, account_digest, court_id, item_key, fence, state,
                 quoted_cents, billed_cents, billed_pages)
             select id, user_id, 'account', '{COURT}', 'docket', 0, 'captured', 300, 240, 24
             from fetch_requests where id = {}",
            waiting.step
        ))
        .await;
    let limit = async || -> Option<i32> {
        let limit = sqlx::query_scalar("select max_cost_cents from fetch_requests where id = $1");
        limit
            .bind(waiting.id.0)
            .fetch_one(&queue.pool)
            .await
            .unwrap()
    };
    assert_eq!(limit().await, Some(600));
    assert_eq!(waiting.advance().await, Some(State::Accepted));
    assert_eq!(limit().await, Some(360));
    // Who knows of them counts them once, and tells what was sent.
    let ledger = &queue.store.ledger;
    let most = ledger.initial_quote(waiting.id, Cents(1000)).await.unwrap();
    assert_eq!(most, Cents(300));
    let user = waiting.accepted.spec.user;
    let money = ledger.money_of_requests(user, &[waiting.id]).await.unwrap();
    assert_eq!(money[0].max_cost, Some(Cents(600)));
}

#[tokio::test]
async fn a_step_that_is_tried_again_ends_nothing() {
    let Some(waiting) = Waiting::new(None).await else {
        return;
    };
    let queue = &waiting.queue;
    queue.put(waiting.step, State::Failed).await;
    let due = queue.store.queue.plans_due().await.unwrap();
    queue.put(waiting.step, State::Accepted).await;
    let moved = queue.store.advance_plan(&due[0]).await.unwrap();
    assert_eq!(moved, None);
    assert_eq!(queue.state(waiting.id).await, "accepted");
    queue.put(waiting.step, State::Failed).await;
    assert_eq!(waiting.advance().await, Some(State::Failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_just_being_tried_again_is_waited_for() {
    let Some(waiting) = Waiting::new(None).await else {
        return;
    };
    let queue = &waiting.queue;
    queue.put(waiting.step, State::Failed).await;
    let due = queue.store.queue.plans_due().await.unwrap();
    // As an operator does it, who has not committed yet.
    let mut replay = queue.pool.begin().await.unwrap();
    sqlx::query("update fetch_requests set state = 'accepted', failure = null, date_completed = null where id = $1")
        .bind(waiting.step.0)
        .execute(&mut *replay)
        .await
        .unwrap();
    let store = queue.store.clone();
    let advancing = tokio::spawn(async move { store.advance_plan(&due[0]).await.unwrap() });
    let within = Duration::from_secs(30);
    let seen = testkit::until(
        "it waits for the lock, or has decided",
        within,
        async || {
            let waits = "select exists (select from pg_stat_activity
                                    where datname = current_database() and wait_event_type = 'Lock')";
            let waits: bool = sqlx::query_scalar(waits).fetch_one(&queue.pool).await?;
            Ok(match waits || advancing.is_finished() {
                true => Ok(()),
                false => Err("neither"),
            })
        },
    );
    seen.await.unwrap();
    replay.commit().await.unwrap();
    assert_eq!(advancing.await.unwrap(), None);
    assert_eq!(queue.state(waiting.id).await, "accepted");
}

#[tokio::test]
async fn a_plan_that_cannot_be_read_ends_alone() {
    let Some(waiting) = Waiting::new(None).await else {
        return;
    };
    let (docket, _) = waiting.store("3:24-cv-09876", "990001").await;
    waiting.end_step(Some(docket)).await;
    let queue = &waiting.queue;
    queue
        .run(r#"update fetch_plans set address = '{"court": 7}'"#)
        .await;
    assert_eq!(waiting.advance().await, Some(State::Failed));
    let request = queue.request(waiting.id).await;
    assert_eq!(request.failure, Some(fetch_model::Failure::Internal));
}

#[tokio::test]
async fn the_time_that_its_owner_has_named_is_told_while_it_waits() {
    let tomorrow = DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).unwrap()
        + TimeDelta::days(1);
    let Some(waiting) = Waiting::new(Some(tomorrow)).await else {
        return;
    };
    assert_eq!(waiting.accepted.spec.not_before, Some(tomorrow));
    let read = waiting.queue.request(waiting.id).await;
    assert_eq!(read.spec.not_before, Some(tomorrow));
    assert!(waiting.queue.release().await.is_empty());
    let Some(soon) = Waiting::new(None).await else {
        return;
    };
    let read = soon.queue.request(soon.id).await;
    assert_eq!(
        (soon.accepted.spec.not_before, read.spec.not_before),
        (None, None)
    );
}
