//! What failed, for the operator: listed, and tried again once the cause is gone.

use chrono::{DateTime, Utc};
use fetch_db::RequestState;
use fetch_model::{Failure, FetchId, FetchKind, Money, State, UserId};
use sqlx::PgConnection;

use crate::{
    Error, Queue,
    row::{kind_of, malformed, status_of},
};

/// A request that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadRequest {
    /// Its number.
    pub id: FetchId,
    /// Whose it is.
    pub user: UserId,
    /// What was to be fetched.
    pub kind: FetchKind,
    /// Where.
    pub court: String,
    /// Attempts that counted.
    pub attempts: i32,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What its owner is told.
    pub message: String,
    /// When.
    pub date_completed: Option<DateTime<Utc>>,
    /// What the ledger says of trying it again.
    pub money: Money,
}

impl DeadRequest {
    /// Whether it may be tried again at all.
    #[must_use]
    pub fn may_be_replayed(&self) -> bool {
        self.money == Money::Clear && self.failure.as_ref().is_some_and(Failure::may_be_replayed)
    }
}

/// What came of trying a request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// It is in the queue again.
    Queued,
    /// There is no request of that number.
    NotFound,
    /// It has not failed: it is in this state.
    NotFailed(State),
    /// Its failure is final: `Failure::may_be_replayed`.
    Final(Option<Failure>),
    /// It is not known whether a purchase for it was billed, and another try would buy it again:
    /// the doubt has to be settled first.
    InDoubt,
    /// The answer to a purchase for it was lost, and the doubt was settled: PACER did bill it. Its
    /// owner sends a new request if it is to be paid for once more.
    Billed,
}

impl Queue {
    /// The requests that failed, latest first: of one court or of all, at most so many.
    pub async fn dead(&self, court: Option<&str>, most: i64) -> Result<Vec<DeadRequest>, Error> {
        let rows = sqlx::query!(
            r#"select id, user_id, request_type, target_court, attempts, failure, message,
                    date_completed,
                    coalesce(money.in_doubt, false) as "in_doubt!",
                    coalesce(money.billed and not money.captured, false) as "billed!"
             from fetch_requests
             left join lateral (
                 select bool_or(purchases.state = 'intent'
                                or purchases.state = 'doubt' and settled_at is null) as in_doubt,
                        bool_or(purchases.state = 'doubt') as billed,
                        bool_or(purchases.state = 'captured') as captured
                 from purchases where request_id = fetch_requests.id) as money on true
             where state = 'failed' and date_forgotten is null
               and ($1::text is null or target_court = $1)
             order by id desc limit $2"#,
            court,
            most
        )
        .fetch_all(self.db.pool())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(DeadRequest {
                    id: FetchId(row.id),
                    user: UserId(row.user_id),
                    kind: kind_of(row.request_type)?,
                    court: row.target_court,
                    attempts: row.attempts,
                    failure: failure_of(row.failure)?,
                    message: row.message,
                    date_completed: row.date_completed,
                    money: Money::of(row.in_doubt, row.billed),
                })
            })
            .collect()
    }
}

/// A request that may be tried again, locked.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayable {
    /// Where it is.
    pub state: State,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// The court it goes to.
    pub court: String,
}

/// Looks at a request, and keeps everybody from moving it until the transaction ends. `None` if there
/// is none of that number.
pub async fn lock(connection: &mut PgConnection, id: FetchId) -> Result<Option<Replayable>, Error> {
    let row = sqlx::query!(
        r#"select state as "state: RequestState", failure, target_court
             from fetch_requests where id = $1 and date_forgotten is null for update"#,
        id.0
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Replayable {
            state: row.state.into(),
            failure: failure_of(row.failure)?,
            court: row.target_court,
        })
    })
    .transpose()
}

/// Puts a request that failed into the queue again, behind what its owner has there, with all its
/// attempts before it.
pub async fn requeue(connection: &mut PgConnection, id: FetchId, next: State) -> Result<(), Error> {
    sqlx::query!(
        "with again as (
             update fetch_requests r
             set state = $2, status = $3, message = '', failure = null, attempts = 0, snoozes = 0,
                 put_off = 0, put_off_since = null, fence = fence + 1, worker = null, lease_until = null, not_before = null,
                 date_completed = null, court_ms = null, date_modified = clock_timestamp(),
                 virtual_time = greatest(
                     (select case r.lane when 1 then bulk_virtual_time else courts.virtual_time end
                      from courts where courts.id = r.target_court),
                     (select max(q.virtual_time) from fetch_requests q
                      where q.target_court = r.target_court and q.user_id = r.user_id
                        and q.lane = r.lane and q.state in ('accepted', 'waiting')
                        and q.not_before is null)) + 1
             where id = $1
             returning id, fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select id, fence, 'replayed', 'by the operator' from again",
        id.0,
        RequestState::from(next) as RequestState,
        status_of(next, None, 0)
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn failure_of(stored: Option<serde_json::Value>) -> Result<Option<Failure>, Error> {
    let failure = stored.map(serde_json::from_value).transpose();
    failure.map_err(malformed)
}
