//! Releases the next requests of a court.
//!
//! `capacity` counts the room that a court has, and `candidates` chooses who gets it: the order within
//! a lane is the virtual time of the rows, and which lane gets a place is decided by
//! [`fetch_model::fairness`]. The clock is the database's. Which courts have both room and work is told
//! by `with_work`, and what becomes of work that nobody takes by `no_worker`.

mod candidates;
mod capacity;
mod no_worker;
mod with_work;

use std::time::Duration;

use fetch_model::{Fence, FetchId, FetchKind, Lane, UserId};
use kill_point::Point;

use crate::{Error, Queue, row::kind_of, workers};
use candidates::{Candidate, candidates, choose, keep_to_account_cap};
pub(crate) use no_worker::words_of_no_worker;

/// A message that is not claimed within this time is sent again.
pub(crate) const CLAIM_WITHIN: Duration = Duration::from_secs(15);

/// Work whose message is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The request.
    pub id: FetchId,
    /// Whose it is.
    pub user: UserId,
    /// What it is, which decides who gets it.
    pub kind: FetchKind,
    /// The court it goes to.
    pub court: String,
    /// Attempts so far.
    pub attempts: i32,
    /// The token under which it may be claimed.
    pub fence: Fence,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
}

impl Queue {
    /// Releases the next requests of a court, in the order of fairness, up to the room that it and
    /// the accounts have. Empty when there is none, or another dispatcher is at it.
    pub async fn release(&self, court: &str) -> Result<Vec<Released>, Error> {
        let mut transaction = self.db.begin().await?;
        let released = release_in(&mut transaction, court).await?;
        if released.is_empty() {
            // Dropped, it would hold the court's lock until the pool finds out.
            transaction.rollback().await?;
        } else {
            kill_point::reached(Point::InDispatch);
            transaction.commit().await?;
        }
        Ok(released)
    }
}

async fn release_in(
    connection: &mut sqlx::PgConnection,
    court: &str,
) -> Result<Vec<Released>, Error> {
    let away = workers::kinds_without_worker(connection).await?;
    let Some(capacity) = capacity::lock(connection, court, away).await? else {
        return Ok(Vec::new());
    };
    if capacity.room <= 0 {
        return Ok(Vec::new());
    }
    let candidates = candidates(connection, court, &capacity).await?;
    let (unserved, served) = candidates
        .into_iter()
        .partition(|candidate| capacity.away.contains(&candidate.kind));
    let (chosen, interactive_in_a_row) = choose(&capacity, served);
    let idle = no_worker::idle_of(connection, &capacity, &chosen).await?;
    let chosen = keep_to_account_cap(connection, &capacity, chosen, &idle).await?;
    if chosen.is_empty() {
        return no_worker::call_for_workers(connection, court, &capacity, unserved).await;
    }
    no_worker::take_back(connection, &idle).await?;
    let released = mark_released(connection, court, &chosen).await?;
    advance(connection, court, &chosen, interactive_in_a_row).await?;
    Ok(released)
}

async fn mark_released(
    connection: &mut sqlx::PgConnection,
    court: &str,
    chosen: &[Candidate],
) -> Result<Vec<Released>, Error> {
    let ids: Vec<i64> = chosen.iter().map(|it| it.id).collect();
    // What was cancelled since it was looked at is left alone.
    let rows = sqlx::query!(
        "with next as (
             update fetch_requests
             set state = 'released', fence = fence + 1, published_at = clock_timestamp(),
                 lease_until = clock_timestamp() + make_interval(secs => $2),
                 date_modified = clock_timestamp()
             where id = any($1) and state in ('accepted', 'waiting')
             returning id, user_id, request_type, attempts, fence, traceparent, unclaimed),
         noted as (
             insert into fetch_steps (request_id, fence, step)
             select id, fence, 'released' from next
             -- What nobody takes is released again and again; that is told once.
             where unclaimed = 0)
         select id, user_id, request_type, attempts, fence, traceparent from next",
        &ids,
        CLAIM_WITHIN.as_secs_f64()
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Released {
                id: FetchId(row.id),
                user: UserId(row.user_id),
                kind: kind_of(row.request_type)?,
                court: court.to_owned(),
                attempts: row.attempts,
                fence: Fence(row.fence),
                traceparent: row.traceparent,
            })
        })
        .collect()
}

/// Moves the clocks of a court on.
async fn advance(
    connection: &mut sqlx::PgConnection,
    court: &str,
    chosen: &[Candidate],
    interactive_in_a_row: i32,
) -> Result<(), Error> {
    let latest = |lane: Lane| {
        let times = chosen.iter().filter(|it| it.lane == lane as i16);
        times.map(|it| it.virtual_time).fold(0.0, f64::max)
    };
    sqlx::query!(
        "update courts
         set virtual_time = greatest(virtual_time, $2),
             bulk_virtual_time = greatest(bulk_virtual_time, $3),
             interactive_in_a_row = $4, passed_over = null
         where id = $1",
        court,
        latest(Lane::Interactive),
        latest(Lane::Bulk),
        interactive_in_a_row
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}
