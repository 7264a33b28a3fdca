//! One login of an account at a time, in all replicas together.
//!
//! The account's record in the database, which gateways keep, names who is asking PACER. The name stands there
//! only as long as it is written anew every few seconds: whoever dies while asking blocks nobody for
//! longer than that. No clock is compared with another: times are the database's, and how long ago that
//! was.

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{AttemptEnd, Error, LoginAttempt, LoginRecord, LoginRecords, Writing, Written};
use fetch_model::UserId;
use tokio::time::{self, Instant};
use tracing::{debug, warn};

use crate::pace;

/// How often a turn is confirmed while PACER thinks.
const CONFIRM_EVERY: Duration = Duration::from_secs(3);

/// A turn that was not confirmed for so long is in doubt.
const DOUBT_AFTER: Duration = Duration::from_secs(5);

/// A turn that was not confirmed for so long, after it was written down that it is in doubt, is over.
const DEAD_AFTER: Duration = Duration::from_secs(10);

/// Hands turns out.
pub(crate) struct LoginLocks {
    records: LoginRecords,
    /// Names this process among its like.
    me: String,
    /// Tells its turns apart.
    taken: AtomicU64,
}

/// What nobody asks PACER for at the moment, as it was found.
pub(crate) struct Free {
    found: Written,
    /// Whether another replica was waited for.
    pub waited: bool,
}

/// The right to ask PACER for one account.
pub(crate) struct LoginLock {
    records: LoginRecords,
    name: String,
    /// What the record names while it is this one's.
    holder: Option<String>,
    record: LoginRecord,
    /// Of what was last written.
    revision: u64,
    /// The database's time when the turn was taken, and when that was by this process' own count.
    at: DateTime<Utc>,
    taken: Instant,
}

/// What became of a turn.
pub(crate) enum Outcome {
    /// PACER was not asked.
    NotAsked,
    /// PACER was asked, and gave no answer that is one.
    Asked,
    /// PACER gave a session.
    LoggedIn,
    /// PACER did not accept.
    Refused {
        /// It called the credentials wrong.
        wrong: bool,
    },
}

impl LoginLocks {
    pub(crate) fn new(records: LoginRecords) -> LoginLocks {
        let me = format!("{:032x}", rand::random::<u128>());
        LoginLocks {
            records,
            me,
            taken: AtomicU64::new(0),
        }
    }

    /// Waits until nobody asks PACER for this account.
    ///
    /// A database that can be read and takes no writes silences whoever is asking, who is not dead. So
    /// the doubt is written down, and the holder has the time from then on.
    pub(crate) async fn until_free(&self, name: &str) -> Result<Free, Error> {
        let (mut dead, mut waited) = (0, false);
        loop {
            let found = self.records.read(name).await?;
            let Written {
                record, revision, ..
            } = &found;
            if record.holder.is_none() || *revision == dead {
                return Ok(Free { found, waited });
            }
            debug!("another replica is logging the account in");
            waited = true;
            let patience = if record.doubted {
                DEAD_AFTER
            } else {
                DOUBT_AFTER
            };
            if self.records.changed(name, *revision, patience).await? {
                continue;
            }
            if record.doubted {
                warn!("another replica started a login and did not finish it; taking over");
                dead = *revision;
            } else {
                let mut doubted = record.clone();
                doubted.doubted = true;
                // Whether it was this one or another who wrote: there is something new to be read.
                self.records.write(name, &doubted, *revision).await?;
            }
        }
    }

    /// Takes the turn, as soon as nobody else has it; or gives what comes before that, for which nobody
    /// waits who has the turn.
    pub(crate) async fn take<T, F: Future<Output = T>>(
        &self,
        name: &str,
        free: Free,
        before: impl Fn() -> F,
    ) -> Result<Result<LoginLock, T>, Error> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let holder = Some(format!("{}.{number}", self.me));
        let mut found = free.found;
        loop {
            let mut record = found.record;
            record.holder.clone_from(&holder);
            record.doubted = false;
            let written = self.records.write(name, &record, found.revision).await?;
            if let Some(Writing { revision, at }) = written {
                return Ok(Ok(LoginLock {
                    records: self.records.clone(),
                    name: name.to_owned(),
                    holder,
                    record,
                    revision,
                    at,
                    taken: Instant::now(),
                }));
            }
            tokio::select! {
                came = before() => return Ok(Err(came)),
                free = self.until_free(name) => found = free?.found,
            }
        }
    }
}

impl LoginLock {
    /// What is known of the account.
    pub(crate) fn record(&self) -> &LoginRecord {
        &self.record
    }

    /// The database's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let since = TimeDelta::from_std(self.taken.elapsed());
        self.at + since.unwrap_or_default()
    }

    /// Writes down that PACER is asked now, before it is: whoever dies then has asked. `false` if
    /// the turn was lost.
    pub(crate) async fn begin(&mut self, user: UserId) -> Result<bool, Error> {
        let now = self.now();
        let mut record = self.record.clone();
        pace::forget_old(&mut record.attempts, now);
        record.attempts.push(LoginAttempt {
            at: now,
            user,
            end: AttemptEnd::Open,
        });
        self.confirm(&record).await
    }

    /// Does something that takes time, as asking PACER does, confirming the turn meanwhile.
    pub(crate) async fn while_asking<T>(&mut self, asking: impl Future<Output = T>) -> T {
        let mut asking = pin!(asking);
        let mut held = true;
        loop {
            match time::timeout(CONFIRM_EVERY, &mut asking).await {
                Ok(answer) => return answer,
                Err(_) if held => {
                    let record = self.record.clone();
                    // The database may be slower than PACER. What is not heard of any more may have been
                    // written: the next writing finds it, as this turn's own.
                    tokio::select! {
                        biased;
                        answer = &mut asking => return answer,
                        confirmed = self.confirm(&record) => held = confirmed.unwrap_or(true),
                    }
                }
                // Somebody took this process for dead. What was sent was sent.
                Err(_) => {}
            }
        }
    }

    /// Gives the turn back with what became of it.
    pub(crate) async fn end(mut self, outcome: Outcome) -> Result<(), Error> {
        let mut record = self.record.clone();
        record.holder = None;
        let end = match outcome {
            Outcome::Refused { wrong: true } => Some(AttemptEnd::Refused),
            Outcome::LoggedIn => Some(AttemptEnd::LoggedIn),
            Outcome::Asked | Outcome::Refused { wrong: false } => Some(AttemptEnd::NoSession),
            // The last attempt is not this turn's.
            Outcome::NotAsked => None,
        };
        if let (Some(end), Some(attempt)) = (end, record.attempts.last_mut()) {
            attempt.end = end;
        }
        // Otherwise somebody took this process for dead and took over, with the attempt as it was begun.
        self.confirm(&record).await?;
        Ok(())
    }

    /// Writes the record; `false` if the turn was lost.
    async fn confirm(&mut self, record: &LoginRecord) -> Result<bool, Error> {
        loop {
            let written = self.records.write(&self.name, record, self.revision);
            if let Some(Writing { revision, .. }) = written.await? {
                self.record = record.clone();
                self.revision = revision;
                return Ok(true);
            }
            // What this turn wrote itself may have gone through later than was thought.
            let found = self.records.read(&self.name).await?;
            if found.record.holder != self.holder {
                return Ok(false);
            }
            self.revision = found.revision;
        }
    }
}
