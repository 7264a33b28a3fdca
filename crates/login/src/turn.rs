//! One login of an account at a time, in all replicas together.
//!
//! The account's record in the message server names who is asking PACER. The name stands there only
//! as long as it is written anew every few seconds: whoever dies while asking blocks nobody for
//! longer than that. No clock is compared with another: times are the server's, and how long ago that
//! was.

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{AttemptEnd, Error, KeptRefusal, LoginAttempt, LoginRecord, LoginRecords, Written};
use fetch_model::UserId;
use tokio::time::{self, Instant};
use tracing::{debug, warn};

use crate::pace;

/// How often a turn is confirmed while PACER thinks.
const CONFIRM_EVERY: Duration = Duration::from_secs(3);

/// A turn that was not confirmed for so long is over.
const DEAD_AFTER: Duration = Duration::from_secs(10);

/// Refusals that are remembered for one account.
const MOST_REFUSALS: usize = 32;

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
    /// The server's time when the turn was taken, and when that was by this process' own count.
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
        /// For whoever tries the same again.
        kept: Option<KeptRefusal>,
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
    pub(crate) async fn until_free(&self, name: &str) -> Result<Free, Error> {
        let (mut dead, mut waited) = (0, false);
        loop {
            let found = self.records.read(name).await?;
            if found.record.holder.is_none() || found.revision == dead {
                return Ok(Free { found, waited });
            }
            debug!("another replica is logging the account in");
            waited = true;
            let changed = self.records.changed(name, found.revision, DEAD_AFTER);
            if !changed.await? {
                warn!("another replica started a login and did not finish it; taking over");
                dead = found.revision;
            }
        }
    }

    /// Takes the turn, as soon as nobody else has it.
    pub(crate) async fn take(&self, name: &str, free: Free) -> Result<LoginLock, Error> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let holder = Some(format!("{}.{number}", self.me));
        let mut found = free.found;
        loop {
            let mut record = found.record;
            record.holder.clone_from(&holder);
            let written = self.records.write(name, &record, found.revision).await?;
            if let Some(revision) = written {
                let taken = Instant::now();
                let read = self.records.read_back(name, revision).await?;
                if read.revision == revision {
                    return Ok(LoginLock {
                        records: self.records.clone(),
                        name: name.to_owned(),
                        holder,
                        record,
                        revision,
                        at: read.at,
                        taken,
                    });
                }
            }
            found = self.until_free(name).await?.found;
        }
    }
}

impl LoginLock {
    /// What is known of the account.
    pub(crate) fn record(&self) -> &LoginRecord {
        &self.record
    }

    /// The server's time.
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

    /// Asks PACER, confirming the turn meanwhile.
    pub(crate) async fn while_asking<T>(&mut self, asking: impl Future<Output = T>) -> T {
        let mut asking = pin!(asking);
        let mut held = true;
        loop {
            match time::timeout(CONFIRM_EVERY, &mut asking).await {
                Ok(answer) => return answer,
                Err(_) if held => {
                    let record = self.record.clone();
                    held = self.confirm(&record).await.unwrap_or(true);
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
            Outcome::Refused { wrong: true, .. } => Some(AttemptEnd::Refused),
            Outcome::LoggedIn => Some(AttemptEnd::LoggedIn),
            Outcome::NotAsked | Outcome::Asked | Outcome::Refused { .. } => None,
        };
        if let (Some(end), Some(attempt)) = (end, record.attempts.last_mut()) {
            attempt.end = end;
        }
        remember(&mut record, &outcome, self.now());
        if self.confirm(&record).await? {
            return Ok(());
        }
        // Somebody took this process for dead and took over, with the attempt as it was begun.
        loop {
            let found = self.records.read(&self.name).await?;
            let mut record = found.record;
            remember(&mut record, &outcome, self.now());
            let written = self.records.write(&self.name, &record, found.revision);
            if written.await?.is_some() {
                return Ok(());
            }
        }
    }

    /// Writes the record; `false` if the turn was lost.
    async fn confirm(&mut self, record: &LoginRecord) -> Result<bool, Error> {
        loop {
            let written = self.records.write(&self.name, record, self.revision);
            if let Some(revision) = written.await? {
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

fn remember(record: &mut LoginRecord, outcome: &Outcome, now: DateTime<Utc>) {
    record.refusals.retain(|refusal| refusal.until > now);
    if let Outcome::Refused { kept, .. } = outcome {
        record.refusals.extend(kept.clone());
    }
    let surplus = record.refusals.len().saturating_sub(MOST_REFUSALS);
    record.refusals.drain(..surplus);
}
