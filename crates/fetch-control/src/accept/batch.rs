//! Accepting many requests in one call: all of them or none, within what their user may spend.

use fetch_db::{Connection, Error, begin_on};
use fetch_ledger::budgets;
use fetch_model::{
    Cents, RequestSpec, TokenId, UserId,
    budget::{LimitExceeded, Reservation},
};
use fetch_queue::{
    accept::{Draft, Unless, Written, write_all},
    repeats::{self, Mark},
};

use super::{OnTheWay, with_step::write_on_the_way};
use crate::{Control, plans::sum_of};

/// So many requests are written with one statement.
const AT_ONCE: usize = 500;

/// So many requests of a batch may wait for others. Each takes several statements under the lock of its user, whose other
/// calls wait meanwhile.
pub const MOST_ON_THE_WAY: usize = 500;

/// A request among many.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem {
    /// The request.
    pub new: RequestSpec,
    /// What it has to wait for.
    pub way: Option<OnTheWay>,
    /// What is set aside for it.
    pub reservation: Reservation,
}

/// Who sends many requests, and how they are known again.
#[derive(Debug, Clone, Copy)]
pub struct BatchSender<'a> {
    /// The user of all of them.
    pub user: UserId,
    /// The token that they came with.
    pub token: Option<TokenId>,
    /// The caller's key for all of them.
    pub mark: Option<&'a Mark>,
}

/// How many requests were received.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchAcceptance {
    /// Each is in the queue, in the order in which they came.
    Accepted {
        /// Their rows.
        written: Vec<Written>,
        /// What is answered to a repetition as well.
        answer: String,
    },
    /// Together they do not fit under a limit, or one of them does not; nothing was written.
    OverBudget(LimitExceeded),
    /// The key stands for something that came first. Nothing was written.
    Repeated,
    /// Their user may not call any more. Nothing was written.
    ShutOut,
}

impl BatchItem {
    fn first(&self) -> Option<Reservation> {
        let first = self.way.as_ref().and_then(OnTheWay::first);
        first.map(|first| first.reservation)
    }

    fn reserves(&self) -> Cents {
        sum_of([self.first(), Some(self.reservation)])
    }
}

impl Control {
    /// Writes many requests down in one transaction, if what all of them may cost fits into the quarter of their user.
    /// `answer` says what is told of them, which is kept with their key.
    ///
    /// # Errors
    /// As [`Control::accept_once`].
    pub async fn accept_batch(
        &self,
        sender: BatchSender<'_>,
        items: &[BatchItem],
        answer: impl FnOnce(&[Written]) -> String + Send,
    ) -> Result<BatchAcceptance, Error> {
        let _turn = self.db.turn_to_write().await?;
        let mut connection = self.db.acquire().await?;
        let mut transaction = begin_on(&mut connection).await?;
        let (user, mark) = (sender.user, sender.mark);
        if !budgets::is_active(&mut transaction, user).await? {
            return Ok(BatchAcceptance::ShutOut);
        }
        if let Some(mark) = mark
            && !repeats::take(&mut transaction, user, mark).await?
        {
            return Ok(BatchAcceptance::Repeated);
        }
        if let Some(shortfall) = shortfall_of(&mut transaction, user, items).await? {
            return Ok(BatchAcceptance::OverBudget(shortfall));
        }
        let Some(written) = write(&mut transaction, sender.token, items).await? else {
            return Ok(BatchAcceptance::ShutOut);
        };
        let answer = answer(&written);
        if let Some(mark) = mark {
            repeats::keep_answer(&mut transaction, user, mark, &answer).await?;
        }
        // Many rows may take longer than a caller's write; what can hang without an end is the commit.
        let commit = async { Ok(transaction.commit().await?) };
        self.db.confirmed(commit).await?;
        Ok(BatchAcceptance::Accepted { written, answer })
    }
}

/// The limit that these exceed, if one is exceeded.
async fn shortfall_of(
    connection: &mut Connection,
    user: UserId,
    items: &[BatchItem],
) -> Result<Option<LimitExceeded>, Error> {
    let limits = budgets::limits_of(connection, user).await?;
    for item in items {
        for reserved in [item.first(), Some(item.reservation)].into_iter().flatten() {
            if let Err(shortfall) = limits.check_request(reserved.reserve, None) {
                return Ok(Some(shortfall));
            }
        }
    }
    let reserve: Cents = items.iter().map(BatchItem::reserves).sum();
    if limits.per_quarter.is_none() || reserve == Cents(0) {
        return Ok(None);
    }
    let usage = budgets::locked_usage(connection, user).await?;
    Ok(limits.check_quarter(reserve, usage).err())
}

/// Writes them down; none of them if their user was shut out meanwhile.
async fn write(
    connection: &mut Connection,
    token: Option<TokenId>,
    items: &[BatchItem],
) -> Result<Option<Vec<Written>>, Error> {
    let mut written = Vec::with_capacity(items.len());
    // Requests with a step go alone, and those between them together: so all keep their order.
    for same in items.chunk_by(|one, next| one.way.is_none() && next.way.is_none()) {
        for some in same.chunks(AT_ONCE) {
            let rows = write_some(connection, token, some).await?;
            for row in rows {
                let Some(row) = row else { return Ok(None) };
                written.push(row);
            }
        }
    }
    Ok(Some(written))
}

/// A single request with a step, or any number without.
async fn write_some(
    connection: &mut Connection,
    token: Option<TokenId>,
    items: &[BatchItem],
) -> Result<Vec<Option<Written>>, Error> {
    if let [item] = items
        && let Some(way) = &item.way
    {
        let row = write_on_the_way(connection, &item.new, way, token, item.reservation).await?;
        return Ok(vec![row]);
    }
    let drafts: Result<Vec<Draft>, Error> = items
        .iter()
        .map(|item| Draft::new(&item.new, token, item.reservation, Unless::Nothing))
        .collect();
    write_all(connection, &drafts?).await
}
