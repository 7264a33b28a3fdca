//! How much may be spent: the arithmetic of reservations, and the messages for what exceeds a
//! limit.
//!
//! A request sets aside the most that it may cost when it is accepted. What it buys counts by
//! itself, at first with its quote and then with its bill, so what is still set aside is what the
//! reservation exceeds its purchases by, until nothing more can be bought or it ends.

use serde::{Deserialize, Serialize};

use crate::Cents;

/// What a user may spend; `None` means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// On one request.
    pub per_request: Option<Cents>,
    /// In a calendar quarter.
    pub per_quarter: Option<Cents>,
}

/// What a user has spent and reserved in a quarter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Billed, or perhaps billed: a purchase whose answer was lost counts with its quote.
    pub spent: Cents,
    /// Set aside by requests under way, purchases on the wire included.
    pub reserved: Cents,
}

impl Usage {
    /// The sum of both, which other requests cannot use.
    #[must_use]
    pub fn committed(self) -> Cents {
        Cents(self.spent.0.saturating_add(self.reserved.0))
    }
}

/// What is known about the price of a request in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The most it can cost; `None` if there is no upper limit.
    pub at_most: Option<Cents>,
    /// Whether it costs exactly that.
    pub exact: bool,
    /// Whether the court shows the price before it charges.
    pub priced_first: bool,
}

/// What an accepted request may cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reservation {
    /// Set aside for it.
    pub reserve: Cents,
    /// The caller's own limit for it.
    pub max_cost: Option<Cents>,
}

/// What is set aside for something without an upper bound until the court shows its price.
pub const UNBOUNDED_RESERVE: Cents = Cents(300);

/// A spending limit that a request exceeds. The message is for the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "limit", rename_all = "snake_case")]
pub enum LimitExceeded {
    /// The caller's `max_cost_cents`.
    #[error("This may cost {needs}, but max_cost_cents allows only {allowed}.")]
    MaxCost {
        /// What the limit allows.
        allowed: Cents,
        /// What it would take.
        needs: Cents,
    },
    /// The operator's limit for a single request.
    #[error("This may cost {needs}, but your budget allows only {allowed} per request.")]
    PerRequest {
        /// What the limit allows.
        allowed: Cents,
        /// What it would take.
        needs: Cents,
    },
    /// The operator's limit for a quarter.
    #[error(
        "This may cost {needs}, but your budget of {allowed} per quarter has only {} left: {} is \
         spent and {} is reserved for requests under way.",
        Cents((allowed.0 - standing.committed().0).max(0)), standing.spent, standing.reserved
    )]
    PerQuarter {
        /// What the limit allows.
        allowed: Cents,
        /// What it would take.
        needs: Cents,
        /// What the others have taken.
        standing: Usage,
    },
}

impl Limits {
    /// What is to be set aside for a request, by its price and the limits for a single one.
    ///
    /// A price that the court shows before it charges is held against the limits then, so of
    /// such a request no more is set aside than may be spent. Of any other the worst must fit.
    ///
    /// # Errors The limit that is exceeded.
    pub fn reserve(
        self,
        estimate: Estimate,
        max_cost: Option<Cents>,
    ) -> Result<Reservation, LimitExceeded> {
        let needs = estimate.at_most.unwrap_or(UNBOUNDED_RESERVE);
        let waits_for_price = estimate.priced_first && !estimate.exact;
        if !waits_for_price {
            self.check_request(needs, max_cost)?;
        }
        let most = [max_cost, self.per_request].into_iter().flatten().min();
        Ok(Reservation {
            reserve: most.map_or(needs, |most| needs.min(most)),
            max_cost,
        })
    }

    /// Whether a single request may cost this much, with all of its purchases.
    ///
    /// # Errors The limit that is exceeded.
    pub fn check_request(self, needs: Cents, max_cost: Option<Cents>) -> Result<(), LimitExceeded> {
        if let Some(allowed) = max_cost.filter(|allowed| needs > *allowed) {
            return Err(LimitExceeded::MaxCost { allowed, needs });
        }
        if let Some(allowed) = self.per_request.filter(|allowed| needs > *allowed) {
            return Err(LimitExceeded::PerRequest { allowed, needs });
        }
        Ok(())
    }

    /// Whether the quarter's limit allows this much in addition to what is committed.
    ///
    /// # Errors The limit that is exceeded.
    pub fn check_quarter(self, needs: Cents, standing: Usage) -> Result<(), LimitExceeded> {
        let fits = |allowed: Cents| {
            needs.0 <= 0
                || i64::from(standing.committed().0) + i64::from(needs.0) <= allowed.0.into()
        };
        match self.per_quarter {
            Some(allowed) if !fits(allowed) => Err(LimitExceeded::PerQuarter {
                allowed,
                needs,
                standing,
            }),
            _ => Ok(()),
        }
    }
}

/// What a request still has reserved in addition to its own purchases.
#[must_use]
pub fn outstanding(reserved: Cents, own_purchases: Cents) -> Cents {
    Cents((reserved.0 - own_purchases.0).max(0))
}

#[cfg(test)]
mod tests;
