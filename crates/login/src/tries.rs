//! How much one user of ours may try, of whichever accounts.
//!
//! PACER sees one address whoever tries, so a user who tries passwords at account after account is
//! stopped here, by all replicas together. Sessions that are open are lent all the same: whoever
//! knows their password is not guessing.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{Error, LoginRecords};
use fetch_model::UserId;
use moka::future::Cache;
use tokio::sync::{Mutex, watch};

use crate::{PaceConfig, pace::HOUR};

/// More users than any deployment has; a bound all the same.
const MANY: u64 = 100_000;

/// Counts what users try.
pub(crate) struct Tries {
    records: LoginRecords,
    pace: PaceConfig,
    users: Cache<UserId, Arc<UnderWay>>,
}

/// What this process asks PACER on behalf of one user.
#[derive(Default)]
struct UnderWay {
    /// Held while the refusals are read or written: one that is not counted among them yet is
    /// counted among the tries that are under way.
    counting: Mutex<()>,
    tries: watch::Sender<usize>,
}

/// The right to ask PACER on behalf of a user, until it is dropped.
pub(crate) struct Try {
    user: UserId,
    under_way: Arc<UnderWay>,
}

impl Drop for Try {
    fn drop(&mut self) {
        self.under_way.tries.send_modify(|tries| *tries -= 1);
    }
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

    /// Waits until so few logins of this user are under way here that the limit holds even if PACER
    /// refuses all of them; or says how long the user has to wait who is over the limit.
    pub(crate) async fn begin(&self, user: UserId) -> Result<Result<Try, Duration>, Error> {
        let under_way = self.users.get_with(user, async { Arc::default() }).await;
        loop {
            let mut changes = under_way.tries.subscribe();
            {
                let _counting = under_way.counting.lock().await;
                let refused = self.recently_refused(user).await?;
                let wait = self.pace.wait_of_user(&refused, Utc::now());
                if !wait.is_zero() {
                    return Ok(Err(wait));
                }
                let left = self.pace.max_refused_per_hour - refused.len();
                if under_way.tries.send_if_modified(|tries| {
                    let enters = *tries < left;
                    *tries += usize::from(enters);
                    enters
                }) {
                    return Ok(Ok(Try {
                        user,
                        under_way: under_way.clone(),
                    }));
                }
            }
            // It cannot be gone: it is held here.
            let _ = changes.changed().await;
        }
    }

    /// PACER refused what was tried.
    pub(crate) async fn refused(&self, tried: Try, at: DateTime<Utc>) -> Result<(), Error> {
        let under_way = tried.under_way.clone();
        let _counting = under_way.counting.lock().await;
        let noted = self.records.add_refused(tried.user, at, at - hour()).await;
        drop(tried);
        noted
    }

    async fn recently_refused(&self, user: UserId) -> Result<Vec<DateTime<Utc>>, Error> {
        let mut refused = self.records.refused(user).await?;
        let since = Utc::now() - hour();
        refused.retain(|&at| at > since);
        Ok(refused)
    }
}

fn hour() -> TimeDelta {
    TimeDelta::from_std(HOUR).unwrap_or(TimeDelta::MAX)
}
