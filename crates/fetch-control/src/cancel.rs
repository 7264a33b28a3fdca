//! How an owner cancels a request: the row and the ledger decide together.

use fetch_db::{Connection, Error};
use fetch_ledger::of_request;
use fetch_model::{FetchId, State, UserId};
use fetch_queue::{Cancelling, cancel, notify::wake, plans};

use crate::Control;

/// What is said of a request that was cancelled.
const CANCELLED: &str = "Cancelled by its owner. Nothing was bought.";

/// The same when an attempt began a purchase and never came back.
const CANCELLED_IN_DOUBT: &str = "Cancelled by its owner. An earlier attempt began a purchase and \
     its answer was lost or not understood, so PACER may have charged for it; check your PACER billing \
     history.";

/// The same of a request whose document was not known yet.
const CANCELLED_ON_THE_WAY: &str = "Cancelled by its owner. Nothing was bought but what was fetched first: \
     a step whose purchase had begun is completed, and says what it cost.";

impl Control {
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
        let _turn = self.db.turn_to_write().await?;
        self.db.confirmed(self.cancel_now(user, id)).await
    }

    async fn cancel_now(&self, user: UserId, id: FetchId) -> Result<Option<Cancelling>, Error> {
        let mut transaction = self.db.begin().await?;
        let cancelling = cancel_in(&mut transaction, user, id).await?;
        // Nobody makes another step of it now. One that cannot be cancelled any more is completed.
        if cancelling == Some(Cancelling::Cancelled) {
            for step in plans::open_steps(&mut transaction, id).await? {
                cancel_in(&mut transaction, user, step).await?;
            }
        }
        transaction.commit().await?;
        Ok(cancelling)
    }
}

async fn cancel_in(
    connection: &mut Connection,
    user: UserId,
    id: FetchId,
) -> Result<Option<Cancelling>, Error> {
    let Some(request) = cancel::lock(connection, user, id).await? else {
        return Ok(None);
    };
    let state = request.state;
    match state {
        State::Cancelled => return Ok(Some(Cancelling::Cancelled)),
        State::Done | State::Failed => return Ok(Some(Cancelling::Over(state))),
        State::Captured | State::Reading => return Ok(Some(Cancelling::TooLate)),
        State::Accepted | State::Waiting | State::Released | State::Running => {}
    }
    // Bytes that are paid for are worth reading. An intent of the present attempt may be on
    // the wire; one of an earlier attempt is a doubt that cancelling leaves behind.
    let is_running = state == State::Running;
    if of_request::has_spent(connection, id, request.fence, is_running).await? {
        return Ok(Some(Cancelling::TooLate));
    }
    let is_in_doubt = of_request::doubt_open_intents(connection, id).await?;
    let has_steps = plans::has_steps(connection, id).await?;
    let message = match (is_in_doubt, has_steps) {
        (true, _) => CANCELLED_IN_DOUBT,
        (false, true) => CANCELLED_ON_THE_WAY,
        (false, false) => CANCELLED,
    };
    cancel::end_as_cancelled(connection, id, message).await?;
    wake(connection, &request.court).await?;
    Ok(Some(Cancelling::Cancelled))
}
