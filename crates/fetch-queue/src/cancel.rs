//! What an owner does with a request that is not wanted any more.

use fetch_db::RequestState;
use fetch_model::{Fence, FetchId, State, UserId};
use sqlx::PgConnection;

use crate::{Error, Queue, notify::WORK_CHANNEL, row::status_of};

/// What came of a wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelling {
    /// It is cancelled now, or was before.
    Cancelled,
    /// Money has moved, or may be moving at this moment: it will be brought to an end.
    TooLate,
    /// It had ended, in this state.
    Over(State),
}

/// A request that its owner may want to cancel, locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellable {
    /// Where it is.
    pub state: State,
    /// The token of its latest attempt.
    pub fence: Fence,
    /// The court it goes to.
    pub court: String,
}

/// Looks at a request of this user, and keeps everybody from moving it until the transaction ends.
/// `None` if there is none of that number.
pub async fn lock(
    connection: &mut PgConnection,
    user: UserId,
    id: FetchId,
) -> Result<Option<Cancellable>, Error> {
    let row = sqlx::query!(
        r#"select state as "state: RequestState", fence, target_court from fetch_requests
             where id = $1 and user_id = $2 for update"#,
        id.0,
        user.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Cancellable {
        state: row.state.into(),
        fence: Fence(row.fence),
        court: row.target_court,
    }))
}

impl Queue {
    /// The worker that had a cancelled request has stopped: the court has its place back.
    ///
    /// # Errors
    /// When the database cannot answer; the place is free when the lease has run out.
    pub async fn release_place(&self, id: FetchId, fence: Fence) -> Result<(), Error> {
        sqlx::query!(
            "with freed as (
                 update fetch_requests set lease_until = null, worker = null
                 where id = $1 and fence = $2 and state = 'cancelled' and lease_until is not null
                 returning target_court)
             select pg_notify($3, target_court) from freed",
            id.0,
            fence.0,
            WORK_CHANNEL
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(())
    }
}

/// The move into the final state. Only a running request keeps its lease: its worker has yet to
/// stop.
pub async fn end_as_cancelled(
    connection: &mut PgConnection,
    id: FetchId,
    message: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "with ended as (
             update fetch_requests
             set lease_until = case when state = 'running' then lease_until end,
                 state = 'cancelled', status = $3, message = $2, not_before = null, login_until = null,
                 failure = null,
                 date_completed = clock_timestamp(), date_modified = clock_timestamp()
             where id = $1
             returning id, fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select id, fence, 'cancelled', $2 from ended",
        id.0,
        message,
        status_of(State::Cancelled, None, 0)
    )
    .execute(connection)
    .await?;
    Ok(())
}
