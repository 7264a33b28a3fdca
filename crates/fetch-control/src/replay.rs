//! How the operator tries a request again that failed: the ledger is asked first.

use fetch_db::Error;
use fetch_ledger::of_request;
use fetch_model::{Failure, FetchId, Money, Transition};
use fetch_queue::{Replay, dead, notify::wake, plans};

use crate::Control;

impl Control {
    /// Puts a request that failed into the queue again, behind what its owner has there, with all
    /// its attempts before it; should its session have ended, it waits for a login from there. What was
    /// captured for it is used. Nothing is tried again that may have been billed, whatever the failure
    /// says. A step of a request for several documents may cost what the limit of that leaves.
    pub async fn replay(&self, id: FetchId) -> Result<Replay, Error> {
        let mut transaction = self.db.begin().await?;
        // First, as everybody locks them in this order.
        let set = plans::lock_set_of(&mut transaction, id).await?;
        let Some(request) = dead::lock(&mut transaction, id).await? else {
            return Ok(Replay::NotFound);
        };
        let Some(next) = request.state.after(Transition::Replay) else {
            return Ok(Replay::NotFailed(request.state));
        };
        match of_request::money_of(&mut transaction, id).await? {
            Money::Clear => {}
            Money::InDoubt => return Ok(Replay::InDoubt),
            Money::Billed => return Ok(Replay::Billed),
        }
        if !request
            .failure
            .as_ref()
            .is_some_and(Failure::may_be_replayed)
        {
            return Ok(Replay::Final(request.failure));
        }
        dead::requeue(&mut transaction, id, next).await?;
        plans::hold_again(&mut transaction, id).await?;
        if let Some(set) = set {
            plans::cap_again(&mut transaction, set, id).await?;
        }
        wake(&mut transaction, &request.court).await?;
        transaction.commit().await?;
        Ok(Replay::Queued)
    }
}
