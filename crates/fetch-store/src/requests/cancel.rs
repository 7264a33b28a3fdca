//! What an owner does with a request that is not wanted any more.

use fetch_model::{Fence, FetchId, State, UserId};

use super::wakes::WAKE_CHANNEL;
use crate::{Error, Store, requests::state::RequestState};

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

/// What is said of a request that was cancelled.
const CANCELLED: &str = "Cancelled by its owner. Nothing was bought.";

/// The same when an attempt began a purchase and never came back.
const CANCELLED_IN_DOUBT: &str = "Cancelled by its owner. An earlier attempt began a purchase and \
     its answer was lost or not understood, so PACER may have charged for it; check your PACER billing \
     history.";

impl Store {
    /// Cancels a request of this user. `None` if there is none of that number.
    ///
    /// The row decides: whoever begins a purchase holds the row against this, so either the
    /// purchase is seen here, or the cancellation is seen there. A worker that has the request
    /// keeps its place at the court until it has noticed and let go.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing was cancelled, unless it is
    /// [`Error::Unconfirmed`].
    pub async fn cancel(&self, user: UserId, id: FetchId) -> Result<Option<Cancelling>, Error> {
        let _turn = self.turn_to_write().await?;
        self.confirmed(self.cancel_now(user, id)).await
    }

    async fn cancel_now(&self, user: UserId, id: FetchId) -> Result<Option<Cancelling>, Error> {
        let mut transaction = self.pool.begin().await?;
        let row = sqlx::query!(
            r#"select state as "state: RequestState", fence, target_court from fetch_requests
             where id = $1 and user_id = $2 for update"#,
            id.0,
            user.0
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let state = State::from(row.state);
        match state {
            State::Cancelled => return Ok(Some(Cancelling::Cancelled)),
            State::Done | State::Failed => return Ok(Some(Cancelling::Over(state))),
            State::Captured | State::Reading => return Ok(Some(Cancelling::TooLate)),
            State::Accepted | State::Waiting | State::Released | State::Running => {}
        }
        // Bytes that are paid for are worth reading. An intent of the present attempt may be on
        // the wire; one of an earlier attempt is a doubt that cancelling leaves behind.
        let spent = sqlx::query_scalar!(
            r#"select exists (
                   select 1 from purchases where request_id = $1
                     and (state = 'captured' or (state = 'intent' and fence = $2 and $3))) as "spent!""#,
            id.0,
            row.fence,
            state == State::Running
        )
        .fetch_one(&mut *transaction)
        .await?;
        if spent {
            return Ok(Some(Cancelling::TooLate));
        }
        let doubted = leave_in_doubt(&mut transaction, id).await?;
        let message = if doubted {
            CANCELLED_IN_DOUBT
        } else {
            CANCELLED
        };
        end_as_cancelled(&mut transaction, id, message).await?;
        sqlx::query!("select pg_notify($1, $2)", WAKE_CHANNEL, row.target_court)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(Cancelling::Cancelled))
    }

    /// The worker that had a cancelled request has stopped: the court has its place back.
    ///
    /// # Errors
    /// When the database cannot answer; the place is free when the lease has run out.
    pub async fn let_go(&self, id: FetchId, fence: Fence) -> Result<(), Error> {
        sqlx::query!(
            "with freed as (
                 update fetch_requests set lease_until = null, worker = null
                 where id = $1 and fence = $2 and state = 'cancelled' and lease_until is not null
                 returning target_court)
             select pg_notify($3, target_court) from freed",
            id.0,
            fence.0,
            WAKE_CHANNEL
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(())
    }
}

/// Closes what an earlier attempt left open; whether there was anything.
async fn leave_in_doubt(connection: &mut sqlx::PgConnection, id: FetchId) -> Result<bool, Error> {
    sqlx::query!(
        "with doubted as (
             update purchases set state = 'doubt', date_modified = clock_timestamp()
             where request_id = $1 and state = 'intent'
             returning id)
         insert into purchase_events (purchase_id, state, detail)
         select id, 'doubt', 'the request was cancelled before the purchase came back' from doubted",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from purchases
                          where request_id = $1 and state = 'doubt') as "doubt!""#,
        id.0
    )
    .fetch_one(connection)
    .await?)
}

/// The move into the final state. Only a running request keeps its lease: its worker has yet to
/// stop.
async fn end_as_cancelled(
    connection: &mut sqlx::PgConnection,
    id: FetchId,
    message: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "with ended as (
             update fetch_requests
             set lease_until = case when state = 'running' then lease_until end,
                 state = 'cancelled', status = 3, message = $2, not_before = null, login_until = null,
                 failure = null,
                 date_completed = clock_timestamp(), date_modified = clock_timestamp()
             where id = $1
             returning id, fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select id, fence, 'cancelled', $2 from ended",
        id.0,
        message
    )
    .execute(connection)
    .await?;
    Ok(())
}
