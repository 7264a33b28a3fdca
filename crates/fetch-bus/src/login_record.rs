//! What the replicas of the login service know together: who is asking PACER for an account, when
//! that was done before, what was refused, and which sessions there are.
//!
//! In the server's memory only. What a replica must prove the right to know is sealed with what
//! was typed ([`PasswordSeal`]); the rest are times. Writes are conditional, and times are those of
//! the server, so that neither two writers nor two clocks can disagree.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use fetch_model::UserId;
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use tokio::time;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Bus, Error, LoginWarning, PasswordSeal, RefusalKind,
    bucket::Entry,
    connect::{BUCKET_LIMIT, SHORTEST_LIMIT},
    login::{refused_of, refused_to_wire, warning_of, warning_to_wire},
    streams,
    wire::{self, user_record::UnderWay},
};

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
    /// When PACER was asked, oldest first.
    pub attempts: Vec<LoginAttempt>,
    /// What PACER refused.
    pub refusals: Vec<KeptRefusal>,
}

/// One time that PACER was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginAttempt {
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// On whose behalf.
    pub user: UserId,
    /// What became of it.
    pub end: AttemptEnd,
}

/// What became of asking PACER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    /// Nothing, yet or for good: there was no answer, or none that said yes or no.
    Open,
    /// PACER called the credentials wrong.
    Refused,
    /// PACER gave a session: whoever asked had the right password.
    LoggedIn,
}

/// What PACER refused, readable only for whoever tries the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRefusal {
    sealed: Vec<u8>,
    /// Until when it is not tried again, by the server's clock.
    pub until: DateTime<Utc>,
}

/// A session that PACER gave, readable only for whoever knows the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLogin {
    sealed: Vec<u8>,
    /// It must not be used after this.
    pub expires_at: DateTime<Utc>,
}

/// An [`OpenLogin`] in the hands of somebody who knows the password.
#[derive(Debug)]
pub struct OpenedLogin {
    /// PACER's token.
    pub token: SecretString,
    /// PACER's warning at the successful login, if any.
    pub warning: Option<LoginWarning>,
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
    /// When, by the server's clock; now, if there was none.
    pub at: DateTime<Utc>,
}

/// The records of all usernames.
#[derive(Debug, Clone)]
pub struct LoginRecords(Bus);

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
    /// When the server cannot be asked for half a minute.
    pub async fn read(&self, name: &str) -> Result<Written, Error> {
        let bucket = self.0.bucket(streams::LOGINS);
        let reading = self.0.patiently(|limit| bucket.within(limit).last(name));
        let entry = reading.await?;
        entry.map_or_else(|| Ok(nothing()), |entry| written(&entry))
    }

    /// The record of a username as it was written with this revision, or later.
    ///
    /// # Errors
    /// When the server cannot be asked for half a minute, or does not know of that writing.
    pub async fn read_back(&self, name: &str, revision: u64) -> Result<Written, Error> {
        let bucket = self.0.bucket(streams::LOGINS);
        let entry = self.0.patiently(|limit| async move {
            match bucket.within(limit).last(name).await? {
                Some(found) if found.revision >= revision => Ok(found),
                // A new leader that has not come so far yet.
                _ => Err(Error::Unavailable {
                    what: "read what it has just written",
                    source: "it is not there yet".into(),
                }),
            }
        });
        written(&entry.await?)
    }

    /// Writes a record over the one with this revision, 0 if there was none, and gives its own. `None`
    /// if somebody else has written meanwhile, or is about to.
    ///
    /// # Errors
    /// When the server cannot keep it for half a minute.
    pub async fn write(
        &self,
        name: &str,
        record: &LoginRecord,
        over: u64,
    ) -> Result<Option<u64>, Error> {
        let bucket = self.0.bucket(streams::LOGINS);
        let bytes = Bytes::from(to_wire(record).encode_to_vec());
        self.0
            .patiently(|limit| bucket.within(limit).write(name, bytes.clone(), over))
            .await
    }

    /// Waits until a record is written after this revision; `false` if it is not within this time.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn changed(&self, name: &str, after: u64, within: Duration) -> Result<bool, Error> {
        // Time in which the servers cannot be asked does not count: the other could not write.
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
    /// When the server cannot be asked for half a minute.
    pub async fn tries(&self, user: UserId) -> Result<UserTries, Error> {
        Ok(self.user_record(user).await?.0)
    }

    /// Changes what is remembered of a user's tries. `change` sees them as they are, says what to
    /// answer, and is asked again if somebody else has written meanwhile; what it leaves as it
    /// was is not written.
    ///
    /// # Errors
    /// When the server cannot keep it for half a minute.
    pub async fn change_tries<T>(
        &self,
        user: UserId,
        mut change: impl FnMut(&mut UserTries) -> T,
    ) -> Result<T, Error> {
        let bucket = self.0.bucket(streams::LOGINS);
        let key = user_key(user);
        loop {
            let (before, revision) = self.user_record(user).await?;
            let mut tries = before.clone();
            let answer = change(&mut tries);
            if tries == before {
                return Ok(answer);
            }
            let bytes = Bytes::from(tries.to_wire().encode_to_vec());
            let written = self
                .0
                .patiently(|limit| bucket.within(limit).write(&key, bytes.clone(), revision));
            if written.await?.is_some() {
                return Ok(answer);
            }
        }
    }

    async fn user_record(&self, user: UserId) -> Result<(UserTries, u64), Error> {
        let (bucket, key) = (self.0.bucket(streams::LOGINS), user_key(user));
        let reading = self.0.patiently(|limit| bucket.within(limit).last(&key));
        let Some(entry) = reading.await? else {
            return Ok((UserTries::default(), 0));
        };
        let record = wire::UserRecord::decode(entry.value).map_err(|_| Error::Malformed {
            what: "a record of a user",
        })?;
        Ok((UserTries::of_wire(record), entry.revision))
    }

    /// Keeps the session of a login, by its digest, for an hour at most.
    ///
    /// # Errors
    /// When the server cannot keep it for half a minute.
    pub async fn keep_open(&self, account: &str, login: &OpenLogin) -> Result<(), Error> {
        let message = wire::OpenLogin {
            sealed: login.sealed.clone(),
            expires_at_ms: login.expires_at.timestamp_millis(),
        };
        let (key, bytes) = (open_key(account), Bytes::from(message.encode_to_vec()));
        let bucket = self.0.bucket(streams::LOGINS);
        self.0
            .patiently(|limit| bucket.within(limit).put(&key, bytes.clone()))
            .await
    }

    /// The session of a login, if one is kept.
    ///
    /// # Errors
    /// When the server cannot be asked for half a minute.
    pub async fn open_login(&self, account: &str) -> Result<Option<OpenLogin>, Error> {
        let entry = self.0.patiently(|limit| self.open_entry(account, limit));
        Ok(entry.await?.map(|(login, _)| login))
    }

    /// The same for who does not wait for servers that choose a leader.
    ///
    /// # Errors
    /// When the server does not answer at once.
    pub async fn open_login_now(&self, account: &str) -> Result<Option<OpenLogin>, Error> {
        let entry = self.open_entry(account, SHORTEST_LIMIT).await?;
        Ok(entry.map(|(login, _)| login))
    }

    /// Drops the session of a login that ends then, and no other.
    pub(crate) async fn forget(
        &self,
        account: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let Some((login, revision)) = self.open_entry(account, BUCKET_LIMIT).await? else {
            return Ok(());
        };
        if login.expires_at == expires_at {
            let bucket = self.0.bucket(streams::LOGINS);
            bucket.remove(&open_key(account), revision).await?;
        }
        Ok(())
    }

    async fn open_entry(
        &self,
        account: &str,
        limit: Duration,
    ) -> Result<Option<(OpenLogin, u64)>, Error> {
        let bucket = self.0.bucket(streams::LOGINS).within(limit);
        let Some(entry) = bucket.last(&open_key(account)).await? else {
            return Ok(None);
        };
        let message = wire::OpenLogin::decode(entry.value).ok();
        Ok(message.and_then(|message| {
            let login = OpenLogin {
                sealed: message.sealed,
                expires_at: DateTime::from_timestamp_millis(message.expires_at_ms)?,
            };
            Some((login, entry.revision))
        }))
    }
}

impl KeptRefusal {
    /// Seals what PACER refused with what was tried.
    ///
    /// # Errors
    /// When it is too large to be sealed, which does not happen.
    pub fn seal(
        seal: &PasswordSeal,
        kind: RefusalKind,
        text: &str,
        until: DateTime<Utc>,
    ) -> Result<KeptRefusal, Error> {
        let content = refused_to_wire(kind, text.to_owned()).encode_to_vec();
        Ok(KeptRefusal {
            sealed: seal.seal(REFUSAL, &content)?,
            until,
        })
    }

    /// What PACER said to the same; `None` if something else was tried.
    #[must_use]
    pub fn open(&self, seal: &PasswordSeal) -> Option<(RefusalKind, String)> {
        let content = seal.open(REFUSAL, &self.sealed)?;
        let content = wire::login_reply::Refused::decode(content.as_slice()).ok()?;
        Some(refused_of(content))
    }
}

impl OpenLogin {
    /// Seals a session with the password that it was given for.
    ///
    /// # Errors
    /// When it is too large to be sealed, which does not happen.
    pub fn seal(
        seal: &PasswordSeal,
        login: &OpenedLogin,
        expires_at: DateTime<Utc>,
    ) -> Result<OpenLogin, Error> {
        let (warning, kind) = warning_to_wire(login.warning.clone());
        let mut content = wire::OpenLoginContent {
            token: login.token.expose_secret().to_owned(),
            warning,
            warning_kind: kind.into(),
        };
        let plain = Zeroizing::new(content.encode_to_vec());
        content.token.zeroize();
        Ok(OpenLogin {
            sealed: seal.seal(OPEN, &plain)?,
            expires_at,
        })
    }

    /// The session, for whoever knows the password.
    #[must_use]
    pub fn open(&self, seal: &PasswordSeal) -> Option<OpenedLogin> {
        let content = seal.open(OPEN, &self.sealed)?;
        let content = wire::OpenLoginContent::decode(content.as_slice()).ok()?;
        Some(OpenedLogin {
            warning: warning_of(content.warning_kind(), content.warning.clone()),
            token: SecretString::from(content.token),
        })
    }
}

const REFUSAL: &str = "refusal";
const OPEN: &str = "open login";

/// Beside the records of usernames, whose digests have no dot: what a login needs has one leader.
fn open_key(account: &str) -> String {
    format!("open.{account}")
}

/// Beside the records of usernames as well.
fn user_key(user: UserId) -> String {
    format!("user.{user}")
}

fn nothing() -> Written {
    Written {
        record: LoginRecord::default(),
        revision: 0,
        at: Utc::now(),
    }
}

fn written(entry: &Entry) -> Result<Written, Error> {
    let message = wire::LoginRecord::decode(entry.value.clone());
    let message = message.map_err(|_| Error::Malformed {
        what: "a record of logins",
    })?;
    Ok(Written {
        record: of_wire(message),
        revision: entry.revision,
        at: entry.at,
    })
}

fn to_wire(record: &LoginRecord) -> wire::LoginRecord {
    use wire::login_record::{KeptRefusal, LoginAttempt};

    let attempts = record.attempts.iter().map(|attempt| LoginAttempt {
        at_ms: attempt.at.timestamp_millis(),
        refused: attempt.end == AttemptEnd::Refused,
        user_id: attempt.user.0,
        logged_in: attempt.end == AttemptEnd::LoggedIn,
    });
    let refusals = record.refusals.iter().map(|refusal| KeptRefusal {
        sealed: refusal.sealed.clone(),
        until_ms: refusal.until.timestamp_millis(),
    });
    wire::LoginRecord {
        holder: record.holder.clone().unwrap_or_default(),
        attempts: attempts.collect(),
        refusals: refusals.collect(),
    }
}

/// A time that is none is that of something long ago.
fn of_wire(message: wire::LoginRecord) -> LoginRecord {
    let time = |ms| DateTime::from_timestamp_millis(ms).unwrap_or_default();
    let attempts = message.attempts.into_iter().map(|attempt| LoginAttempt {
        at: time(attempt.at_ms),
        user: UserId(attempt.user_id),
        end: match (attempt.refused, attempt.logged_in) {
            (true, _) => AttemptEnd::Refused,
            (false, true) => AttemptEnd::LoggedIn,
            (false, false) => AttemptEnd::Open,
        },
    });
    let refusals = message.refusals.into_iter().map(|refusal| KeptRefusal {
        sealed: refusal.sealed,
        until: time(refusal.until_ms),
    });
    LoginRecord {
        holder: Some(message.holder).filter(|holder| !holder.is_empty()),
        attempts: attempts.collect(),
        refusals: refusals.collect(),
    }
}
