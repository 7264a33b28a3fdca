//! Requests for several documents: what their steps may cost, and how they end.

use fetch_control::accept::{Acceptance, OnTheWay};
use fetch_model::{
    Cents, DocketId, DocketOptions, FetchId, FetchKind, Lane, OnDoubt, RequestSpec, State, UserId,
    address::DocumentSet,
    budget::{Limits, Reservation},
};
use fetch_queue::Replay;

use super::fixture::{COURT, Queue};

/// A request for the documents of the entries 1 to 3 of a stored docket, each of which may cost 300 cents.
struct Several {
    queue: Queue,
    user: UserId,
    id: FetchId,
    docket: i64,
}

impl Several {
    async fn new(max_cost: Option<i32>, limits: Limits) -> Option<Several> {
        let queue = Queue::new().await?;
        let user = queue.user("ann").await;
        let ledger = &queue.store.ledger;
        ledger.set_budget(Some(user), limits).await.unwrap();
        let docket: i64 = sqlx::query_scalar(
            "with docket as (
                 insert into dockets (court_id, docket_number, docket_number_core, pacer_case_id)
                 values ($1, '3:24-cv-09876', '2409876', '990001') returning id),
             entry as (
                 insert into docket_entries (docket_id, entry_number)
                 select id, number from docket, generate_series(1, 3) as number
                 returning id, docket_id, entry_number),
             document as (
                 insert into recap_documents (docket_entry_id, document_type, document_number, pacer_doc_id)
                 select id, 1, entry_number::text, '03509900' || entry_number from entry returning id)
             select docket.id from docket, document limit 1",
        )
        .bind(COURT)
        .fetch_one(&queue.pool)
        .await
        .unwrap();
        let new = RequestSpec {
            user,
            kind: FetchKind::Pdf,
            court: Some(COURT.to_owned()),
            docket: None,
            document: None,
            pacer_case_id: String::new(),
            docket_number: "3:24-cv-09876".to_owned(),
            options: DocketOptions::default(),
            target_court: COURT.to_owned(),
            session_key: "session".to_owned(),
            account_digest: "account".to_owned(),
            client_code: String::new(),
            lane: Lane::Interactive,
            on_doubt: OnDoubt::Stop,
            traceparent: None,
            skip_if_unchanged: false,
            not_before: None,
        };
        let set = OnTheWay::Set(DocumentSet {
            court: COURT.to_owned(),
            docket: Some(DocketId(docket)),
            pacer_case_id: String::new(),
            docket_number: new.docket_number.clone(),
            entries: "1-3".parse().unwrap(),
            attachments: false,
        });
        let reservation = Reservation {
            reserve: Cents(300),
            max_cost: max_cost.map(Cents),
        };
        let written = queue
            .store
            .accept_with_step(&new, &set, None, reservation, None);
        let Acceptance::Accepted(written) = written.await.unwrap() else {
            panic!("it was not accepted");
        };
        Some(Several {
            queue,
            user,
            id: written.request.id,
            docket,
        })
    }

    /// Has it go on, and gives the state to which it has moved.
    async fn advance(&self) -> Option<State> {
        let due = self.queue.store.queue.sets_due().await.unwrap();
        let due = due.into_iter().find(|due| due.request == self.id)?;
        let moved = self.queue.store.advance_set(&due).await.unwrap();
        moved.map(|moved| moved.state)
    }

    /// Its steps, and what each may cost.
    async fn steps(&self) -> Vec<(FetchId, Option<i32>)> {
        let rows: Vec<(i64, Option<i32>)> = sqlx::query_as(
            "select r.id, r.max_cost_cents from fetch_plan_steps steps
             join fetch_requests r on r.id = steps.step_id
             where steps.request_id = $1 order by steps.place",
        )
        .bind(self.id.0)
        .fetch_all(&self.queue.pool)
        .await
        .unwrap();
        rows.into_iter()
            .map(|(id, most)| (FetchId(id), most))
            .collect()
    }

    async fn most(&self, place: usize) -> Option<i32> {
        self.steps().await[place].1
    }

    async fn purchase(&self, step: FetchId, state: &str, cents: i32) {
        let sql = format!(
            "insert into purchases (request_id, user_id, account_digest, court_id, item_key, fence, state, quoted_cents)
             values ({step}, {}, 'account', '{COURT}', 'document {step}', 0, '{state}', {cents})",
            self.user
        );
        self.queue.run(&sql).await;
    }

    /// The first entry is stored already.
    async fn store_one(&self) {
        let sql = "update recap_documents set is_available = true where document_number = '1'";
        self.queue.run(sql).await;
    }
}

#[tokio::test]
async fn a_purchase_that_nobody_came_back_from_is_not_handed_out_again() {
    let Some(several) = Several::new(Some(650), Limits::default()).await else {
        return;
    };
    assert_eq!(several.advance().await, Some(State::Accepted));
    let steps = several.steps().await;
    assert_eq!(steps.len(), 2, "a third does not fit for sure: {steps:?}");
    assert!(steps.iter().all(|(_, most)| *most == Some(300)));
    several.purchase(steps[0].0, "intent", 300).await;
    several.queue.put(steps[0].0, State::Failed).await;
    several.purchase(steps[1].0, "captured", 100).await;
    several.queue.put(steps[1].0, State::Done).await;
    assert_eq!(several.advance().await, Some(State::Accepted));
    assert_eq!(several.most(2).await, Some(250));
}

#[tokio::test]
async fn a_step_that_is_tried_again_may_cost_what_the_others_have_left() {
    let Some(several) = Several::new(Some(650), Limits::default()).await else {
        return;
    };
    let (queue, store) = (&several.queue, &several.queue.store);
    several.advance().await;
    let steps = several.steps().await;
    queue.put(steps[0].0, State::Failed).await;
    several.purchase(steps[1].0, "captured", 250).await;
    queue.put(steps[1].0, State::Done).await;
    assert_eq!(several.advance().await, Some(State::Accepted));
    assert_eq!(several.most(2).await, Some(300), "of 400 that are left");
    assert_eq!(store.replay(steps[0].0).await.unwrap(), Replay::Queued);
    assert_eq!(several.most(0).await, Some(100));
    // It has failed again, and the third has bought what it might.
    queue.put(steps[0].0, State::Failed).await;
    let third = several.steps().await[2].0;
    several.purchase(third, "captured", 300).await;
    queue.put(third, State::Done).await;
    several.store_one().await;
    assert_eq!(several.advance().await, Some(State::Done));
    assert_eq!(store.replay(steps[0].0).await.unwrap(), Replay::Queued);
    assert_eq!(several.most(0).await, Some(100), "also once it has ended");
}

#[tokio::test]
async fn without_room_in_the_quarter_it_ends_with_what_came() {
    let limits = Limits {
        per_request: None,
        per_quarter: Some(Cents(300)),
    };
    for has_one in [true, false] {
        let Some(several) = Several::new(None, limits).await else {
            return;
        };
        if has_one {
            several.store_one().await;
        }
        let ended = several.advance().await;
        let request = several.queue.request(several.id).await;
        let said = &request.message;
        assert!(said.contains("per quarter"), "{said}");
        if has_one {
            assert_eq!(ended, Some(State::Done), "{said}");
            assert!(said.contains("1 of 3 documents"), "{said}");
            assert!(said.contains("entry 2 (your budget"), "{said}");
            assert_eq!(request.spec.docket, Some(DocketId(several.docket)));
        } else {
            assert_eq!(ended, Some(State::Failed), "{said}");
        }
    }
}

#[tokio::test]
async fn steps_of_a_set_that_was_cancelled_alone_are_found() {
    let Some(several) = Several::new(Some(600), Limits::default()).await else {
        return;
    };
    let queue = &several.queue.store.queue;
    several.advance().await;
    assert!(queue.orphaned_steps().await.unwrap().is_empty());
    several.queue.put(several.id, State::Cancelled).await;
    let steps = several.steps().await.into_iter();
    let expected: Vec<(UserId, FetchId)> = steps.map(|(id, _)| (several.user, id)).collect();
    assert_eq!(queue.orphaned_steps().await.unwrap(), expected);
    let store = &several.queue.store;
    for (user, step) in expected {
        store.cancel(user, step).await.unwrap();
    }
    assert!(queue.orphaned_steps().await.unwrap().is_empty());
}
