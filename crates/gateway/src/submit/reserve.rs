//! What is set aside for a submission.

use fetch_control::plans::sum_of;
use fetch_model::{
    Cents, UserId,
    budget::{LimitExceeded, Limits, Reservation},
};

use super::Intake;
use crate::{
    dialect::ApiError,
    locate::Located,
    quote::{Price, estimate},
};

/// What is set aside for a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserved {
    /// For what is fetched before its document is known, if anything is.
    pub first: Option<Reservation>,
    /// For the request itself.
    pub last: Reservation,
}

impl Reserved {
    /// For both.
    pub fn whole(self) -> Reservation {
        Reservation {
            reserve: sum_of([self.first, Some(self.last)]),
            ..self.last
        }
    }

    /// By the limits for a single request. What is asked for by its address costs no more than was quoted,
    /// with all that is fetched first.
    fn by(limits: Limits, price: &Price, sent: Option<Cents>) -> Result<Reserved, LimitExceeded> {
        let Some(first) = &price.first else {
            let last = limits.reserve(estimate(&price.last), sent)?;
            return Ok(Reserved { first: None, last });
        };
        let first = limits.reserve(estimate(first), sent)?;
        let last = limits.reserve(estimate(&price.last), sent)?;
        let quoted = estimate(&price.whole()).at_most;
        let max_cost = sent.or(quoted);
        Ok(Reserved {
            first: Some(Reservation { max_cost, ..first }),
            last: Reservation { max_cost, ..last },
        })
    }
}

impl Reserved {
    /// The same for several documents: all is set aside for the request, which hands it on to what is fetched for it. The
    /// limits for a single request hold for the sum.
    fn for_set(
        limits: Limits,
        price: &Price,
        sent: Option<Cents>,
    ) -> Result<Reserved, LimitExceeded> {
        if let Some(first) = &price.first {
            limits.reserve(estimate(first), sent)?;
        }
        let whole = estimate(&price.whole());
        let last = limits.reserve(whole, sent)?;
        let bounds = [sent.or(whole.at_most), limits.per_request];
        let max_cost = bounds.into_iter().flatten().min();
        Ok(Reserved {
            first: None,
            last: Reservation { max_cost, ..last },
        })
    }
}

impl Intake {
    /// What is set aside for a submission, if it fits under every limit as things stand.
    pub(crate) async fn allow(
        &self,
        user: UserId,
        located: &Located,
        price: &Price,
    ) -> Result<Reserved, ApiError> {
        let reserved = self.reserve(user, located, price).await?;
        self.check_quarter(user, reserved.whole().reserve).await?;
        Ok(reserved)
    }

    /// What is set aside for a submission, if it fits under every limit for a single one.
    pub(super) async fn reserve(
        &self,
        user: UserId,
        located: &Located,
        price: &Price,
    ) -> Result<Reserved, ApiError> {
        let by = match located.set {
            None => Reserved::by,
            Some(_) => Reserved::for_set,
        };
        let sent = located.submission.max_cost;
        let (control, budgets) = (&self.api.control, &self.api.guard.budgets);
        let (limits, remembered) = budgets.known(control, user).await?;
        match by(limits, price, sent) {
            Err(_) if remembered => {
                let limits = budgets.present(control, user).await?;
                Ok(by(limits, price, sent)?)
            }
            reserved => Ok(reserved?),
        }
    }

    /// Whether the quarter of a user has room for this, as things stand.
    pub(super) async fn check_quarter(&self, user: UserId, reserve: Cents) -> Result<(), ApiError> {
        let (control, budgets) = (&self.api.control, &self.api.guard.budgets);
        let (limits, _) = budgets.known(control, user).await?;
        if limits.per_quarter.is_some() {
            let usage = control.ledger.usage(user).await?;
            limits.check_quarter(reserve, usage)?;
        }
        Ok(())
    }
}
