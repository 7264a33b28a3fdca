//! What a worker does with a request: claim it, keep it, end it.

mod ending;
mod paid_by;

use std::time::Duration;

use fetch_db::RequestState;
use fetch_model::{Fence, FetchId, FetchRequest, State};

use crate::{
    Error, Queue, logins,
    notify::WORK_CHANNEL,
    row::{RequestRow, status_of},
};
use ending::EndColumns;
pub use ending::{Counts, Ended, Ending};
pub use paid_by::PaidBy;

/// What a sign of life was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeartbeatReply {
    /// The claim holds.
    Held,
    /// Its owner has cancelled the request: begin nothing more, and let go.
    Cancelled,
    /// Somebody else has the request: begin nothing more.
    Lost,
}

impl Queue {
    /// Takes a released request. `None` if there is nothing to take: the message was stale,
    /// doubled, or the request was cancelled.
    pub async fn claim(
        &self,
        id: FetchId,
        fence: Fence,
        worker: &str,
        lease: Duration,
    ) -> Result<Option<FetchRequest>, Error> {
        let row = sqlx::query_as!(
            RequestRow,
            r#"update fetch_requests
               set state = 'running', status = $5, message = '', failure = null, login_until = null,
                   worker = $3,
                   lease_until = clock_timestamp() + make_interval(secs => $4),
                   date_started = clock_timestamp(), court_ms = null, unclaimed = 0,
                   date_modified = clock_timestamp()
               where id = $1 and fence = $2 and state = 'released'
               returning id, user_id, request_type, court, docket_id, recap_document_id,
                   pacer_case_id, docket_number, de_date_start, de_date_end, de_number_start,
                   de_number_end, show_parties_and_counsel, show_terminated_parties,
                   show_list_of_member_cases, skip_if_unchanged, message, state as "state: _", failure,
                   target_court, session_key, account_digest, client_code, on_doubt, lane,
                   attempts, fence, traceparent, not_before, date_created, date_modified, date_completed, 0 as "cost_cents!""#,
            id.0,
            fence.0,
            worker,
            lease.as_secs_f64(),
            status_of(State::Running, None, 0)
        )
        .fetch_optional(self.db.pool())
        .await?;
        row.map(FetchRequest::try_from).transpose()
    }

    /// Says that the worker is alive and keeps the lease; of a request that was cancelled, the
    /// place at the court.
    pub async fn beat(
        &self,
        id: FetchId,
        fence: Fence,
        lease: Duration,
    ) -> Result<HeartbeatReply, Error> {
        let state = sqlx::query_scalar!(
            r#"update fetch_requests
             set lease_until = clock_timestamp() + make_interval(secs => $3)
             where id = $1 and fence = $2
               and (state in ('running', 'captured')
                    or (state = 'cancelled' and lease_until is not null))
             returning state as "state: RequestState""#,
            id.0,
            fence.0,
            lease.as_secs_f64()
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(match state {
            Some(RequestState::Cancelled) => HeartbeatReply::Cancelled,
            Some(_) => HeartbeatReply::Held,
            None => HeartbeatReply::Lost,
        })
    }

    /// Notes a step in the life of a request.
    pub async fn step(
        &self,
        id: FetchId,
        fence: Fence,
        step: &str,
        detail: &str,
    ) -> Result<(), Error> {
        note(&mut *self.db.acquire().await?, id, fence, step, detail).await
    }

    /// Moves a request whose bytes were there already past the purchase, so that it cannot be
    /// cancelled or bought any more. `false` when the claim was lost.
    pub async fn mark_captured(&self, id: FetchId, fence: Fence) -> Result<bool, Error> {
        capture(&mut *self.db.acquire().await?, id, fence).await
    }

    /// Ends an attempt and, in the same statement, notes the step and wakes the dispatchers:
    /// the court has room again. `None` when the claim was lost and nothing was written. While the
    /// ledger is in doubt about the request, a failure is written as that.
    pub async fn end(
        &self,
        request: &FetchRequest,
        fence: Fence,
        ending: &Ending,
    ) -> Result<Option<Ended>, Error> {
        let mut connection = self.db.acquire().await?;
        let login_until = match ending {
            Ending::AwaitingLogin { .. } => {
                Some(logins::deadline(&mut connection, request.id).await?)
            }
            Ending::Done { .. } | Ending::Failed(_) | Ending::Waiting { .. } => None,
        };
        let end = EndColumns::of(request, ending, login_until)?;
        let status = sqlx::query_file_scalar!(
            "src/sql/end_attempt.sql",
            request.id.0,
            fence.0,
            RequestState::from(end.state) as RequestState,
            end.status,
            end.message,
            end.failure,
            end.docket,
            end.counted_as(Counts::Attempt),
            end.counted_as(Counts::CourtsPause),
            end.wait_seconds,
            end.counted_as(Counts::PutOff),
            login_until,
            end.state.as_str(),
            WORK_CHANNEL
        )
        .fetch_optional(&mut *connection)
        .await?;
        Ok(status.map(|status| Ended {
            state: end.state,
            status,
        }))
    }
}

/// Notes a step in the life of a request.
pub async fn note(
    connection: &mut sqlx::PgConnection,
    id: FetchId,
    fence: Fence,
    step: &str,
    detail: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into fetch_steps (request_id, fence, step, detail) values ($1, $2, $3, $4)",
        id.0,
        fence.0,
        step,
        detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was asked for is kept; nothing more will be bought. `false` when the claim was lost.
pub async fn capture(
    connection: &mut sqlx::PgConnection,
    id: FetchId,
    fence: Fence,
) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "update fetch_requests set state = 'captured', date_modified = clock_timestamp()
         where id = $1 and fence = $2 and state in ('running', 'captured')",
        id.0,
        fence.0
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(changed == 1)
}

/// Says something more in the answer to a request, after what was said before.
pub async fn add_to_message(
    connection: &mut sqlx::PgConnection,
    id: FetchId,
    words: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "update fetch_requests set message = message || $2, date_modified = clock_timestamp()
         where id = $1",
        id.0,
        words
    )
    .execute(connection)
    .await?;
    Ok(())
}
