//! What the replicas of the login service know together: who is asking PACER for an account, when
//! that was done before, and what users try.
//!
//! Gateways keep it in the database ([`RecordKeeper`](crate::RecordKeeper)): times, numbers and random names, and
//! nothing that is sealed with what was typed, which is in `login_sealed.rs`. Writes are conditional, and times
//! are those of the database, so that neither two writers nor two clocks can disagree.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_model::UserId;
use prost::Message;
use tokio::time;

use crate::{
    Bus, Error, KeptRecord, Read, Writing,
    wire::{self, user_record::UnderWay},
};

/// Logins are counted by the hour.
const RECORD_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// Whoever waits for another replica looks soon, as a login can be quick, and then less often.
const FIRST_LOOK: Duration = Duration::from_millis(25);
const LAST_LOOK: Duration = Duration::from_millis(400);

/// What is remembered of one user; limits are below it.
const MOST_REFUSED: usize = 5_000;

/// What is known of the logins of one PACER username.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginRecord {
    /// Who is asking PACER now.
    pub holder: Option<String>,
    /// Somebody who waits for the holder has written this. Whoever lives writes anew, and it is gone.
    pub doubted: bool,
    /// When PACER was asked, oldest first.
    pub attempts: Vec<LoginAttempt>,
}

/// One time that PACER was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginAttempt {
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// On whose behalf.
    pub user: UserId,
    /// What became of it.
    pub end: AttemptEnd,
}

/// What became of asking PACER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    /// Nothing yet; or whoever asked has died, and what PACER said is not known.
    Open,
    /// PACER gave no session, and did not call the credentials wrong either: it did not answer, or said
    /// something else.
    NoSession,
    /// PACER called the credentials wrong.
    Refused,
    /// PACER gave a session: whoever asked had the right password.
    LoggedIn,
}

/// What one user of ours tried, of whichever PACER accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserTries {
    /// When PACER refused something, oldest first.
    pub refused: Vec<DateTime<Utc>>,
    /// What PACER is being asked, and since when. An entry of a replica that died stays.
    pub under_way: Vec<(TryId, DateTime<Utc>)>,
}

/// Tells one try from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TryId(u64);

impl TryId {
    /// A new one.
    #[must_use]
    pub fn generate() -> TryId {
        TryId(rand::random())
    }
}

impl UserTries {
    fn to_wire(&self) -> wire::UserRecord {
        let surplus = self.refused.len().saturating_sub(MOST_REFUSED);
        let under_way = self.under_way.iter().map(|&(id, since)| UnderWay {
            id: id.0,
            since_ms: since.timestamp_millis(),
        });
        wire::UserRecord {
            refused_at_ms: self.refused[surplus..]
                .iter()
                .map(DateTime::timestamp_millis)
                .collect(),
            mark: rand::random(),
            under_way: under_way.collect(),
        }
    }

    fn of_wire(message: wire::UserRecord) -> UserTries {
        let time = DateTime::from_timestamp_millis;
        let under_way = message.under_way.into_iter();
        UserTries {
            refused: message.refused_at_ms.into_iter().filter_map(time).collect(),
            under_way: under_way
                .filter_map(|it| Some((TryId(it.id), time(it.since_ms)?)))
                .collect(),
        }
    }
}

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The record.
    pub record: LoginRecord,
    /// Which writing of it; 0 if there was none.
    pub revision: u64,
    /// When it was read, by the database's clock.
    pub at: DateTime<Utc>,
}

/// The records of all usernames.
#[derive(Debug, Clone)]
pub struct LoginRecords(pub(crate) Bus);

impl Bus {
    /// What the replicas of the login service know together.
    #[must_use]
    pub fn login_records(&self) -> LoginRecords {
        LoginRecords(self.clone())
    }
}

impl LoginRecords {
    /// The record of a username, by its digest; an empty one if there is none.
    ///
    /// # Errors
    /// When no gateway answers for half a minute.
    pub async fn read(&self, name: &str) -> Result<Written, Error> {
        let Read { record, at } = self.0.record(&name_key(name)).await?;
        let Some(KeptRecord { value, revision }) = record else {
            return Ok(Written {
                record: LoginRecord::default(),
                revision: 0,
                at,
            });
        };
        let message = wire::LoginRecord::decode(&*value).map_err(|_| Error::Malformed {
            what: "a record of logins",
        })?;
        Ok(Written {
            record: of_wire(message),
            revision,
            at,
        })
    }

    /// Writes a record over the one with this revision, 0 if there was none, and says what it is called
    /// now. `None` if somebody else has written meanwhile.
    ///
    /// # Errors
    /// When no gateway can keep it for half a minute.
    pub async fn write(
        &self,
        name: &str,
        record: &LoginRecord,
        over: u64,
    ) -> Result<Option<Writing>, Error> {
        let value = to_wire(record).encode_to_vec();
        self.0
            .write_record(&name_key(name), value, over, RECORD_LIFE)
            .await
    }

    /// Waits until a record is written after this revision; `false` if it is not within this time.
    ///
    /// # Errors
    /// When no gateway can be asked.
    pub async fn changed(&self, name: &str, after: u64, within: Duration) -> Result<bool, Error> {
        // Time in which nobody can be asked does not count. That the other can write is not known by this.
        let (mut waited, mut pause) = (Duration::ZERO, FIRST_LOOK);
        while self.read(name).await?.revision == after {
            if waited >= within {
                return Ok(false);
            }
            time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(LAST_LOOK);
        }
        Ok(true)
    }

    /// What this user of ours tried, of whichever accounts.
    ///
    /// # Errors
    /// When no gateway answers for half a minute.
    pub async fn tries(&self, user: UserId) -> Result<UserTries, Error> {
        Ok(self.user_record(user).await?.0)
    }

    /// Changes what is remembered of a user's tries. `change` sees them as they are and the database's time, says
    /// what to answer, and is asked again if somebody else has written meanwhile; what it leaves as it
    /// was is not written. Asked again, it may see what it has changed itself: its writing took place, nobody
    /// heard of it, and then others wrote. So it must know that by what it finds, and not change it twice.
    ///
    /// # Errors
    /// When no gateway can keep it for half a minute.
    pub async fn change_tries<T>(
        &self,
        user: UserId,
        mut change: impl FnMut(&mut UserTries, DateTime<Utc>) -> T,
    ) -> Result<T, Error> {
        let key = user_key(user);
        loop {
            let (before, revision, at) = self.user_record(user).await?;
            let mut tries = before.clone();
            let answer = change(&mut tries, at);
            if tries == before {
                return Ok(answer);
            }
            let value = tries.to_wire().encode_to_vec();
            let written = self.0.write_record(&key, value, revision, RECORD_LIFE);
            if written.await?.is_some() {
                return Ok(answer);
            }
        }
    }

    async fn user_record(&self, user: UserId) -> Result<(UserTries, u64, DateTime<Utc>), Error> {
        let Read { record, at } = self.0.record(&user_key(user)).await?;
        let Some(KeptRecord { value, revision }) = record else {
            return Ok((UserTries::default(), 0, at));
        };
        let record = wire::UserRecord::decode(&*value).map_err(|_| Error::Malformed {
            what: "a record of a user",
        })?;
        Ok((UserTries::of_wire(record), revision, at))
    }
}

fn name_key(name: &str) -> String {
    format!("name.{name}")
}

fn user_key(user: UserId) -> String {
    format!("user.{user}")
}

fn to_wire(record: &LoginRecord) -> wire::LoginRecord {
    use wire::login_record::LoginAttempt;

    let attempts = record.attempts.iter().map(|attempt| LoginAttempt {
        at_ms: attempt.at.timestamp_millis(),
        refused: attempt.end == AttemptEnd::Refused,
        user_id: attempt.user.0,
        logged_in: attempt.end == AttemptEnd::LoggedIn,
        no_session: attempt.end == AttemptEnd::NoSession,
    });
    wire::LoginRecord {
        holder: record.holder.clone().unwrap_or_default(),
        attempts: attempts.collect(),
        doubted: record.doubted,
    }
}

/// A time that is none is that of something long ago.
fn of_wire(message: wire::LoginRecord) -> LoginRecord {
    let time = |ms| DateTime::from_timestamp_millis(ms).unwrap_or_default();
    let attempts = message.attempts.into_iter().map(|attempt| LoginAttempt {
        at: time(attempt.at_ms),
        user: UserId(attempt.user_id),
        end: match (attempt.refused, attempt.logged_in, attempt.no_session) {
            (true, _, _) => AttemptEnd::Refused,
            (false, true, _) => AttemptEnd::LoggedIn,
            (false, false, true) => AttemptEnd::NoSession,
            (false, false, false) => AttemptEnd::Open,
        },
    });
    LoginRecord {
        doubted: message.doubted,
        holder: Some(message.holder).filter(|holder| !holder.is_empty()),
        attempts: attempts.collect(),
    }
}
