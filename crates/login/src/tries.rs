//! How much one user of ours may try, of whichever accounts.
//!
//! PACER sees one address whoever tries, so a user who tries passwords at account after account is
//! stopped here, by all replicas together: a try is written down where all of them see it before
//! PACER is asked. Sessions that are open are lent all the same: whoever knows their password is not
//! guessing.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{Error, LoginRecords, TryId, UserTries};
use fetch_model::UserId;
use moka::future::Cache;
use tokio::sync::Mutex;

use crate::{PaceConfig, pace::HOUR};

/// More users than any deployment has; a bound all the same.
const MANY: u64 = 100_000;

/// A try of which nothing was heard for longer than a login may take was made by a replica that
/// died. What PACER said is not known; it counts as refused.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(3);

/// Counts what users try.
pub(crate) struct Tries {
    records: LoginRecords,
    pace: PaceConfig,
    /// Held while the record of a user is changed: this process does not compete with itself.
    users: Cache<UserId, Arc<Mutex<()>>>,
}

/// The right to ask PACER on behalf of a user, to be given back with [`Tries::end`].
#[derive(Debug)]
pub(crate) struct Try {
    user: UserId,
    id: TryId,
}

/// Whether PACER may be asked on behalf of a user.
#[derive(Debug)]
pub(crate) enum Permission {
    /// Now.
    Now(Try),
    /// When one of those that are under way has ended: if PACER refuses all of them, the limit is
    /// reached.
    Later,
    /// Not for so long.
    Not(Duration),
}

impl Tries {
    pub(crate) fn new(records: LoginRecords, pace: PaceConfig) -> Tries {
        let users = Cache::builder().max_capacity(MANY);
        Tries {
            records,
            pace,
            users: users.time_to_idle(HOUR).build(),
        }
    }

    /// Asks for the right to ask PACER on behalf of a user.
    pub(crate) async fn begin(&self, user: UserId) -> Result<Permission, Error> {
        let (id, now) = (TryId::generate(), Utc::now());
        let permit = |tries: &mut UserTries| {
            forget_old(tries, now);
            let wait = self.pace.wait_of_user(&tries.refused, now);
            if !wait.is_zero() {
                return Permission::Not(wait);
            }
            // A write that went through although it was called into question.
            let mine = tries.under_way.iter().any(|&(other, _)| other == id);
            let taken = tries.refused.len() + tries.under_way.len();
            if !mine && taken >= self.pace.max_refused_per_hour {
                return Permission::Later;
            }
            if !mine {
                tries.under_way.push((id, now));
            }
            Permission::Now(Try { user, id })
        };
        self.change(user, permit).await
    }

    /// What was tried is over; `refused` is when PACER refused it, if it did.
    pub(crate) async fn end(
        &self,
        tried: Try,
        refused: Option<DateTime<Utc>>,
    ) -> Result<(), Error> {
        let over = |tries: &mut UserTries| {
            let before = tries.under_way.len();
            tries.under_way.retain(|&(id, _)| id != tried.id);
            if let Some(at) = refused
                && tries.under_way.len() < before
            {
                tries.refused.push(at);
            }
        };
        self.change(tried.user, over).await
    }

    async fn change<T>(
        &self,
        user: UserId,
        change: impl FnMut(&mut UserTries) -> T,
    ) -> Result<T, Error> {
        let alone = self.users.get_with(user, async { Arc::default() }).await;
        let _alone = alone.lock().await;
        self.records.change_tries(user, change).await
    }
}

fn forget_old(tries: &mut UserTries, now: DateTime<Utc>) {
    let dead = |since: DateTime<Utc>| now - since > FORGOTTEN_AFTER;
    let died = tries.under_way.iter().filter(|(_, since)| dead(*since));
    tries.refused.extend(died.map(|&(_, since)| since));
    tries.under_way.retain(|&(_, since)| !dead(since));
    tries.refused.sort_unstable();
    let since = now - TimeDelta::from_std(HOUR).unwrap_or(TimeDelta::MAX);
    tries.refused.retain(|&at| at > since);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_ended_counts_as_refused_for_an_hour() {
        let now = Utc::now();
        let ago = |minutes| now - TimeDelta::minutes(minutes);
        let tries = || UserTries {
            refused: vec![ago(61), ago(59), ago(1)],
            under_way: vec![(TryId::generate(), ago(4)), (TryId::generate(), ago(2))],
        };
        let mut after = tries();
        forget_old(&mut after, now);
        assert_eq!(after.refused, [ago(59), ago(4), ago(1)]);
        assert_eq!(after.under_way.len(), 1);
        let mut later = tries();
        forget_old(&mut later, now + TimeDelta::minutes(57));
        assert_eq!(later.refused, [ago(2), ago(1)]);
        assert!(later.under_way.is_empty());
    }
}
