//! What the replicas of the login service share sealed with what was typed: the sessions there are, and what
//! PACER refused.
//!
//! In the message server's memory only, in one bucket. A session is told the other replicas as well, so that
//! nobody waits for servers that choose a leader.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use tokio::time;
use tracing::debug;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Error, LoginRecords, LoginWarning, PasswordSeal, RefusalKind,
    connect::{BUCKET_LIMIT, SHORTEST_LIMIT},
    login::{refused_of, refused_to_wire, warning_of, warning_to_wire},
    streams, subject,
    wire::{self, kept_refusals},
};

/// Refusals that are remembered for one account.
const MOST_REFUSALS: usize = 32;

/// Between the first two times that the other replicas are told of a session: news are lost with a server. Then it
/// takes ever longer: where there is no leader, there are many to be told of.
const TELL_AGAIN: Duration = Duration::from_millis(150);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What PACER refused, readable only for whoever tries the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRefusal {
    sealed: Vec<u8>,
    /// Until when it is not tried again, by the database's clock.
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

impl LoginRecords {
    /// Keeps the session of a login, by its digest, for an hour at most, and tells the replicas that are
    /// there of it meanwhile: servers that choose a leader carry news all the same.
    ///
    /// # Errors
    /// When the server cannot keep it for half a minute.
    pub async fn keep_open(&self, account: &str, login: &OpenLogin) -> Result<(), Error> {
        let bytes = Bytes::from(login.to_wire().encode_to_vec());
        let (key, bucket) = (open_key(account), self.0.bucket(streams::LOGINS));
        let keeping = self
            .0
            .patiently(|limit| bucket.within(limit).put(&key, bytes.clone()));
        tokio::select! {
            kept = keeping => kept,
            never = self.keep_telling(account, login) => match never {},
        }
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
        let login = message.and_then(OpenLogin::of_wire);
        Ok(login.map(|login| (login, entry.revision)))
    }

    /// Until there is no need to: for ever.
    async fn keep_telling(&self, account: &str, login: &OpenLogin) -> Infallible {
        let news = wire::OpenLoginNews {
            login_digest: account.to_owned(),
            login: Some(login.to_wire()),
        };
        let news = Bytes::from(news.encode_to_vec());
        let client = &self.0.client;
        let mut pause = TELL_AGAIN;
        loop {
            if let Err(error) = client.publish(subject::LOGIN_OPENED, news.clone()).await {
                let error = &error as &dyn std::error::Error;
                debug!(error, "could not tell other replicas of a session");
            }
            time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Keeps what PACER refused of a username, by its digest, beside what it refused before and still holds
    /// at this time.
    ///
    /// # Errors
    /// When the server cannot keep it for half a minute.
    pub async fn keep_refusal(
        &self,
        name: &str,
        refusal: &KeptRefusal,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let (key, bucket) = (refused_key(name), self.0.bucket(streams::LOGINS));
        loop {
            let reading = self.0.patiently(|limit| self.refusals_entry(&key, limit));
            let (mut refusals, revision) = reading.await?;
            refusals.retain(|refusal| refusal.until > now);
            refusals.push(refusal.clone());
            let surplus = refusals.len().saturating_sub(MOST_REFUSALS);
            let kept = refusals[surplus..].iter().map(KeptRefusal::to_wire);
            let message = wire::KeptRefusals {
                refusals: kept.collect(),
            };
            let bytes = Bytes::from(message.encode_to_vec());
            let writing = self
                .0
                .patiently(|limit| bucket.within(limit).write(&key, bytes.clone(), revision));
            if writing.await?.is_some() {
                return Ok(());
            }
        }
    }

    /// What PACER refused of a username lately.
    ///
    /// # Errors
    /// When the server cannot be asked for half a minute.
    pub async fn refusals(&self, name: &str) -> Result<Vec<KeptRefusal>, Error> {
        let key = refused_key(name);
        let reading = self.0.patiently(|limit| self.refusals_entry(&key, limit));
        Ok(reading.await?.0)
    }

    /// The same for who does not wait for servers that choose a leader.
    ///
    /// # Errors
    /// When the server does not answer at once.
    pub async fn refusals_now(&self, name: &str) -> Result<Vec<KeptRefusal>, Error> {
        let key = refused_key(name);
        Ok(self.refusals_entry(&key, SHORTEST_LIMIT).await?.0)
    }

    async fn refusals_entry(
        &self,
        key: &str,
        limit: Duration,
    ) -> Result<(Vec<KeptRefusal>, u64), Error> {
        let bucket = self.0.bucket(streams::LOGINS).within(limit);
        let Some(entry) = bucket.last(key).await? else {
            return Ok((Vec::new(), 0));
        };
        let message = wire::KeptRefusals::decode(entry.value).map_err(|_| Error::Malformed {
            what: "refusals of logins",
        })?;
        let refusals = message.refusals.into_iter().map(KeptRefusal::of_wire);
        Ok((refusals.collect(), entry.revision))
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

    fn to_wire(&self) -> kept_refusals::KeptRefusal {
        kept_refusals::KeptRefusal {
            sealed: self.sealed.clone(),
            until_ms: self.until.timestamp_millis(),
        }
    }

    /// A time that is none is that of something long ago.
    fn of_wire(message: kept_refusals::KeptRefusal) -> KeptRefusal {
        KeptRefusal {
            sealed: message.sealed,
            until: DateTime::from_timestamp_millis(message.until_ms).unwrap_or_default(),
        }
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
    /// The login, by its digest, and its session, of what another replica tells.
    pub(crate) fn of_news(bytes: &[u8]) -> Option<(String, OpenLogin)> {
        let news = wire::OpenLoginNews::decode(bytes).ok()?;
        Some((news.login_digest, OpenLogin::of_wire(news.login?)?))
    }

    fn to_wire(&self) -> wire::OpenLogin {
        wire::OpenLogin {
            sealed: self.sealed.clone(),
            expires_at_ms: self.expires_at.timestamp_millis(),
        }
    }

    fn of_wire(message: wire::OpenLogin) -> Option<OpenLogin> {
        Some(OpenLogin {
            sealed: message.sealed,
            expires_at: DateTime::from_timestamp_millis(message.expires_at_ms)?,
        })
    }

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

/// Of each login.
fn open_key(account: &str) -> String {
    format!("open.{account}")
}

/// Of each username.
fn refused_key(name: &str) -> String {
    format!("refused.{name}")
}
