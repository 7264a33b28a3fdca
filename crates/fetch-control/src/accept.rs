//! How a request is accepted: at most once for a key, and never beyond what its user may spend.

pub mod batch;
mod with_step;

use fetch_db::{Connection, Error, PooledConnection, begin_on};
use fetch_ledger::budgets;
use fetch_model::{
    Cents, RequestSpec, TokenId,
    budget::{LimitExceeded, Reservation},
};
use fetch_queue::{
    accept::{Draft, Unless, Written, write_one},
    repeats::{self, Mark},
};

use crate::{Control, plans as steps};
use with_step::write_on_the_way;
pub use with_step::{FirstStep, OnTheWay};

/// How a request was received.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptance {
    /// It is in the queue, and what it may cost is set aside.
    Accepted(Box<Written>),
    /// It does not fit under a limit; nothing was written.
    OverBudget(LimitExceeded),
    /// Its key stands for another request, or for the same one that came first: see
    /// [`fetch_queue::Queue::earlier`]. Nothing was written.
    Repeated,
    /// Its user may not call any more, or the token that it came with was revoked or has ended. Nothing was written.
    ShutOut,
}

impl Control {
    /// Writes an accepted request down and sets aside what it may cost, if there is room for it
    /// in the quarter of its user: at most once for a caller's key, if there is one, and only while
    /// the token that it came with opens anything, as it may have been revoked since it was looked at.
    /// Dispatchers are not woken: a `NOTIFY` would make all these commits wait for each other. Whoever
    /// accepts tells the dispatcher of its own process.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing was accepted, unless it is [`Error::Unconfirmed`].
    pub async fn accept_once(
        &self,
        new: &RequestSpec,
        token: Option<TokenId>,
        reservation: Reservation,
        mark: Option<&Mark>,
    ) -> Result<Acceptance, Error> {
        // Most requests have no key and no limit: they are written together with others, in one commit.
        if mark.is_none() {
            let draft = Draft::new(new, token, reservation, Unless::Limited)?;
            if let Some(written) = self.queue.write_in_group(draft).await? {
                return Ok(Acceptance::Accepted(Box::new(written)));
            }
        }
        self.accept_alone(new, None, token, reservation, mark).await
    }

    /// In a transaction of its own.
    async fn accept_alone(
        &self,
        new: &RequestSpec,
        way: Option<&OnTheWay>,
        token: Option<TokenId>,
        reservation: Reservation,
        mark: Option<&Mark>,
    ) -> Result<Acceptance, Error> {
        let _turn = self.db.turn_to_write().await?;
        let connection = self.db.acquire().await?;
        self.db
            .confirmed(accept(connection, new, way, token, reservation, mark))
            .await
    }
}

/// Writes an accepted request down in one transaction with what is to be checked or written with it.
async fn accept(
    mut connection: PooledConnection,
    new: &RequestSpec,
    way: Option<&OnTheWay>,
    token: Option<TokenId>,
    reservation: Reservation,
    mark: Option<&Mark>,
) -> Result<Acceptance, Error> {
    let mut transaction = begin_on(&mut connection).await?;
    let accepted = accept_within(&mut transaction, new, way, token, reservation, mark).await?;
    if matches!(accepted, Acceptance::Accepted(_)) {
        transaction.commit().await?;
    }
    Ok(accepted)
}

/// The same in a transaction of somebody else, who commits it if the request was accepted, and nothing otherwise.
pub(crate) async fn accept_within(
    transaction: &mut Connection,
    new: &RequestSpec,
    way: Option<&OnTheWay>,
    token: Option<TokenId>,
    reservation: Reservation,
    mark: Option<&Mark>,
) -> Result<Acceptance, Error> {
    // Of a user that was deleted there is not even a row to which a key could belong.
    if !budgets::is_active(&mut *transaction, new.user).await? {
        return Ok(Acceptance::ShutOut);
    }
    // Before the budget: who comes second waits here, and is not told that the first has used up
    // the budget.
    if let Some(mark) = mark
        && !repeats::take(&mut *transaction, new.user, mark).await?
    {
        return Ok(Acceptance::Repeated);
    }
    let limits = budgets::limits_of(&mut *transaction, new.user).await?;
    let first = way.and_then(OnTheWay::first);
    let reserves = [Some(reservation), first.map(|first| first.reservation)];
    for reserved in reserves.iter().flatten() {
        if let Err(shortfall) = limits.check_request(reserved.reserve, None) {
            return Ok(Acceptance::OverBudget(shortfall));
        }
    }
    let reserve = steps::sum_of(reserves);
    if limits.per_quarter.is_some() && reserve > Cents(0) {
        let usage = budgets::locked_usage(&mut *transaction, new.user).await?;
        if let Err(shortfall) = limits.check_quarter(reserve, usage) {
            return Ok(Acceptance::OverBudget(shortfall));
        }
    }
    let written = match way {
        None => {
            let draft = Draft::new(new, token, reservation, Unless::Nothing)?;
            write_one(&mut *transaction, &draft).await?
        }
        Some(way) => write_on_the_way(&mut *transaction, new, way, token, reservation).await?,
    };
    let Some(written) = written else {
        return Ok(Acceptance::ShutOut);
    };
    if let Some(mark) = mark {
        repeats::point(&mut *transaction, new.user, mark, written.request.id).await?;
    }
    Ok(Acceptance::Accepted(Box::new(written)))
}
