//! Every function that moves a request, tried on a request in each of the nine states, against the drawn
//! graph: it makes the moves that it is for and no others, nothing is drawn that nobody makes, and clients see
//! the number of what became of it.

use std::{collections::BTreeSet, time::Duration};

use fetch_attempt::FinishedText;
use fetch_model::{DocumentId, Failure, Fence, FetchId, State, UserId, lifecycle::Transition};
use fetch_queue::{Counts, Ending};
use fetch_reparse::rereading::Rereading;
use sqlx::AssertSqlSafe;
use testkit::in_state;

use crate::{
    database::{Database, database},
    merge::documents::pdf,
};

const COURT: &str = "cand";
const FENCE: Fence = Fence(1);

use State::{Accepted, Captured, Failed, Reading, Released, Running, Waiting};

/// A function that moves requests, and what has to be so that it does.
#[derive(Debug, Clone, Copy)]
enum By {
    Release,
    Claim,
    MarkCaptured,
    HandToReaders,
    EndDone,
    EndWaiting,
    EndFailed,
    FinishText,
    GiveUpReading,
    Cancel,
    Replay,
    EndAsDone,
    /// The sweep, of what nobody keeps any more.
    SweepLapsed,
    /// The same in the last attempt.
    SweepLapsedAtLast,
    /// The sweep, of what its court has put off too often.
    SweepSnoozed,
    /// The sweep, of what something of ours has put off too often.
    SweepPutOff,
    /// The sweep, of what nobody logged in for.
    SweepWithoutLogin,
    /// The sweep, of what no worker was there for.
    SweepWithoutWorkers,
    AdoptUnread,
    /// The sweep, of what waits for a step that was forgotten.
    AfterForgottenStep,
    /// The same of one that failed.
    AfterFailedStep,
    /// The same of one that was cancelled.
    AfterCancelledStep,
    /// The sweep, of one for several documents that are all stored.
    GatherSet,
}

const ALL: [By; 23] = [
    By::Release,
    By::Claim,
    By::MarkCaptured,
    By::HandToReaders,
    By::EndDone,
    By::EndWaiting,
    By::EndFailed,
    By::FinishText,
    By::GiveUpReading,
    By::Cancel,
    By::Replay,
    By::EndAsDone,
    By::SweepLapsed,
    By::SweepLapsedAtLast,
    By::SweepSnoozed,
    By::SweepPutOff,
    By::SweepWithoutLogin,
    By::SweepWithoutWorkers,
    By::AdoptUnread,
    By::AfterForgottenStep,
    By::AfterFailedStep,
    By::AfterCancelledStep,
    By::GatherSet,
];

impl By {
    /// The move that it makes, and of requests in which states.
    fn event(self) -> (Transition, &'static [State]) {
        match self {
            By::Release => (Transition::Release, &[Accepted, Waiting]),
            By::Claim => (Transition::Claim, &[Released]),
            By::MarkCaptured => (Transition::Capture, &[Running]),
            By::HandToReaders => (Transition::Read, &[Captured]),
            By::EndDone => (Transition::Finish, &[Running, Captured]),
            By::EndWaiting => (Transition::Postpone, &[Running, Captured]),
            By::EndFailed => (Transition::Fail, &[Running, Captured]),
            By::FinishText | By::GiveUpReading => (Transition::Finish, &[Reading]),
            By::Cancel => (Transition::Cancel, &[Accepted, Released, Running, Waiting]),
            By::Replay => (Transition::Replay, &[Failed]),
            By::EndAsDone => (Transition::ReadAgain, &[Failed]),
            By::SweepLapsed => (Transition::GiveBack, &[Released, Running, Captured]),
            By::SweepLapsedAtLast => (Transition::Fail, &[Running, Captured]),
            By::SweepSnoozed | By::SweepPutOff => (Transition::Fail, &[Accepted, Waiting]),
            By::SweepWithoutLogin => (Transition::Fail, &[Waiting]),
            By::SweepWithoutWorkers => (Transition::Fail, &[Accepted, Released, Waiting]),
            By::AdoptUnread => (Transition::Fail, &[Reading]),
            By::AfterForgottenStep | By::AfterFailedStep => (Transition::Fail, &[Accepted]),
            By::AfterCancelledStep => (Transition::Cancel, &[Accepted]),
            By::GatherSet => (Transition::Gather, &[Accepted]),
        }
    }

    /// What is changed before, of the request or of what is around it.
    fn circumstances(self) -> &'static str {
        match self {
            By::SweepLapsed => {
                "update fetch_requests set unclaimed = 3, lease_until = now() - interval '1 minute'
                 where lease_until is not null"
            }
            By::SweepLapsedAtLast => {
                "update fetch_requests set attempts = 99, lease_until = now() - interval '1 minute'
                 where lease_until is not null"
            }
            By::SweepSnoozed => "update fetch_requests set snoozes = 500",
            By::SweepPutOff => {
                "update fetch_requests set put_off = 500, put_off_since = now() - interval '2 days'"
            }
            By::SweepWithoutLogin => {
                "update fetch_requests set login_until = now() - interval '1 minute'
                 where state = 'waiting'"
            }
            By::SweepWithoutWorkers => {
                "update workers set seen = now() - interval '2 days';
                 update fetch_requests set date_created = now() - interval '2 days',
                     begins_at = now() - interval '2 days'"
            }
            By::GiveUpReading => {
                "update workers set seen = now() - interval '2 days';
                 update fetch_requests set date_modified = now() - interval '2 days'"
            }
            By::AdoptUnread => "update recap_documents set sha256 = null",
            By::FinishText => {
                "insert into texts (sha256, state, lane, pages)
                 select sha256, 'assembling', 0, 1 from recap_documents where sha256 is not null"
            }
            _ => "",
        }
    }
}

struct House {
    database: Database,
    document: DocumentId,
    user: UserId,
}

impl House {
    async fn new() -> Option<House> {
        let database = database().await?;
        let document = database.merge_motion().await;
        let user = database.store.ledger.add_user("ann").await.unwrap();
        Some(House {
            database,
            document,
            user,
        })
    }

    async fn run(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql)
            .execute(&self.database.pool)
            .await
            .unwrap();
    }

    /// The only request there is, for the document's file, as it is in this state after so many attempts.
    async fn put(&self, state: State, attempts: i32) -> FetchId {
        self.run(
            "delete from fetch_requests; delete from texts;
             update workers set has_left = false, seen = now() + interval '1 day'",
        )
        .await;
        let store = &self.database.store;
        store
            .library
            .save_pdf(self.document, &pdf('1'))
            .await
            .unwrap();
        self.insert(state, attempts).await
    }

    async fn insert(&self, state: State, attempts: i32) -> FetchId {
        let sql = format!(
            "insert into fetch_requests (user_id, request_type, recap_document_id,
                 show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases,
                 target_court, session_key, account_digest, on_doubt, lane, virtual_time, fence, attempts)
             values ({}, 2, {}, false, false, false, '{COURT}', 'key', 'digest', 'stop', 0, 0, {FENCE},
                 {attempts}) returning id",
            self.user, self.document,
        );
        let id = FetchId(self.database.one(&sql).await);
        self.run(&format!(
            "update fetch_requests set {} where id = {id}",
            in_state(state)
        ))
        .await;
        id
    }

    async fn state(&self, id: FetchId) -> State {
        let sql = format!("select state::text from fetch_requests where id = {id}");
        self.database.one::<String>(&sql).await.parse().unwrap()
    }

    /// The number that clients see, and the one that belongs to the row.
    async fn statuses(&self, id: FetchId) -> (i16, i16) {
        let status = format!("select status from fetch_requests where id = {id}");
        let request = self
            .database
            .store
            .queue
            .request(id)
            .await
            .unwrap()
            .unwrap();
        let expected = request
            .state
            .public(request.failure.as_ref(), request.attempts);
        (self.database.one(&status).await, expected.into())
    }

    /// Has the function do its work, whatever the request is in.
    async fn act(&self, by: By, id: FetchId) {
        let store = &self.database.store;
        let minute = Duration::from_secs(60);
        match by {
            By::Release => drop(store.queue.release(COURT).await.unwrap()),
            By::Claim => drop(
                store
                    .queue
                    .claim(id, FENCE, "worker", minute)
                    .await
                    .unwrap(),
            ),
            By::MarkCaptured => drop(store.queue.mark_captured(id, FENCE).await.unwrap()),
            By::HandToReaders => drop(crate::readers(store).hand_over(id, FENCE).await.unwrap()),
            By::EndDone => {
                self.end(
                    id,
                    Ending::Done {
                        docket: None,
                        message: "Here it is.".to_owned(),
                    },
                )
                .await;
            }
            By::EndWaiting => {
                self.end(
                    id,
                    Ending::Waiting {
                        wait: minute,
                        message: "Later.".to_owned(),
                        counts: Counts::Attempt,
                    },
                )
                .await;
            }
            By::EndFailed => self.end(id, Ending::Failed(Failure::PdfNetwork)).await,
            By::FinishText => {
                let claim = store
                    .library
                    .claim_text("reader", minute)
                    .await
                    .unwrap()
                    .unwrap();
                let finished = FinishedText {
                    text: None,
                    note: "Read.".to_owned(),
                    detail: String::new(),
                };
                drop(
                    crate::readers(store)
                        .finish_text(&claim, &finished)
                        .await
                        .unwrap(),
                );
            }
            By::GiveUpReading => drop(crate::readers(store).give_up_reading().await.unwrap()),
            By::Cancel => drop(store.cancel(self.user, id).await.unwrap()),
            By::Replay => drop(store.replay(id).await.unwrap()),
            By::EndAsDone => {
                let mut reading = Rereading::begin(&store.db, COURT, "1", &[]).await.unwrap();
                let end = reading.end_as_done(id, FENCE, None, false).await;
                drop(end.unwrap());
                reading.commit().await.unwrap();
            }
            By::AdoptUnread => drop(crate::readers(store).requeue_unread().await.unwrap()),
            By::AfterForgottenStep => self.end_step(id, None).await,
            By::AfterFailedStep => self.end_step(id, Some(State::Failed)).await,
            By::AfterCancelledStep => self.end_step(id, Some(State::Cancelled)).await,
            By::GatherSet => self.gather(id).await,
            By::SweepLapsed
            | By::SweepLapsedAtLast
            | By::SweepSnoozed
            | By::SweepPutOff
            | By::SweepWithoutLogin
            | By::SweepWithoutWorkers => drop(store.sweep().await.unwrap()),
        }
    }

    /// Has the request wait for a step that has ended so, or that is not there, and has it go on.
    async fn end_step(&self, id: FetchId, ended: Option<State>) {
        let step = match ended {
            None => FetchId(id.0 + 1),
            Some(state) => self.insert(state, 0).await,
        };
        let sql = format!(
            "insert into fetch_plans (request_id, address, waits_for) values ({id}, '{{}}', {step})"
        );
        self.run(&sql).await;
        let store = &self.database.store;
        for due in store.queue.plans_due().await.unwrap() {
            store.advance_plan(&due).await.unwrap();
        }
    }

    /// Has the request be for all documents of the entry that the document belongs to.
    async fn gather(&self, id: FetchId) {
        let sql = format!(
            "insert into fetch_plans (request_id, address, waits_for)
             select {id}, jsonb_build_object('court', '{COURT}', 'docket', docket_id, 'pacer_case_id', '',
                 'docket_number', '', 'entries', jsonb_build_array(jsonb_build_array(entry_number, entry_number)),
                 'attachments', false), {id}
             from docket_entries join recap_documents d on d.docket_entry_id = docket_entries.id
             where d.id = {}",
            self.document
        );
        self.run(&sql).await;
        let store = &self.database.store;
        for due in store.queue.sets_due().await.unwrap() {
            store.advance_set(&due).await.unwrap();
        }
    }

    async fn end(&self, id: FetchId, ending: Ending) {
        let store = &self.database.store;
        let request = store.queue.request(id).await.unwrap().unwrap();
        store.queue.end(&request, FENCE, &ending).await.unwrap();
    }
}

#[tokio::test]
async fn each_function_makes_the_moves_that_are_drawn_for_it_and_no_others() {
    let Some(house) = House::new().await else {
        return;
    };
    let mut made = BTreeSet::new();
    let mut wrong = Vec::new();
    let tries = ALL.into_iter().flat_map(|by| [(by, 0), (by, 2)]);
    for (by, attempts) in tries {
        let (event, from) = by.event();
        for state in State::ALL {
            let id = house.put(state, attempts).await;
            house.run(by.circumstances()).await;
            house.act(by, id).await;
            let expected = match from.contains(&state) {
                true => state.after(event),
                false => Some(state),
            };
            let became = house.state(id).await;
            if expected != Some(became) {
                wrong.push(format!("{by:?}: {state} became {became}, not {expected:?}"));
            }
            if became != state {
                let (status, of_the_row) = house.statuses(id).await;
                if status != of_the_row {
                    wrong.push(format!(
                        "{by:?} after {attempts} attempts: {state} became {became} with the status {status}, \
                         not {of_the_row}"
                    ));
                }
                made.insert((state.as_str(), format!("{event:?}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    let drawn: BTreeSet<_> = State::ALL
        .into_iter()
        .flat_map(|state| Transition::ALL.map(|event| (state, event)))
        .filter(|(state, event)| state.after(*event).is_some_and(|after| after != *state))
        .map(|(state, event)| (state.as_str(), format!("{event:?}")))
        .collect();
    assert_eq!(made, drawn, "what is drawn is made by somebody");
}
