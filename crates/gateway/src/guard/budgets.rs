//! What a user may spend, without asking the database for every request.
//!
//! What the database said is believed for two seconds, and only to go on with a request: the
//! statement that writes it looks at the limits as they are, and a no is not said, nor a price told,
//! before they were asked for anew.

use std::time::Duration;

use fetch_control::Control;
use fetch_model::{UserId, budget::Limits};
use moka::future::Cache;

/// How long it is believed what the database said of a user.
const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// The most users that are remembered.
const REMEMBERED: u64 = 10_000;

/// What is known about the limits of users.
#[derive(Debug)]
pub struct Budgets(Cache<UserId, Limits>);

impl Default for Budgets {
    fn default() -> Budgets {
        Budgets(
            Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(BELIEVED_FOR)
                .build(),
        )
    }
}

impl Budgets {
    /// The limits of a user as they were within the last two seconds, and whether they are older
    /// than this call.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known(
        &self,
        control: &Control,
        user: UserId,
    ) -> Result<(Limits, bool), fetch_db::Error> {
        match self.0.get(&user).await {
            Some(limits) => Ok((limits, true)),
            None => Ok((self.present(control, user).await?, false)),
        }
    }

    /// The limits of a user as they are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn present(
        &self,
        control: &Control,
        user: UserId,
    ) -> Result<Limits, fetch_db::Error> {
        let limits = control.ledger.limits(user).await?;
        self.0.insert(user, limits).await;
        Ok(limits)
    }
}
