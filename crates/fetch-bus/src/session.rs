//! Sessions: sealed, in memory, for an hour at most.

use std::{fmt, time::Duration};

use async_nats::RequestErrorKind;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use fetch_model::UserId;
use moka::future::Cache;
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use tracing::{debug, warn};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Bus, DeadSession, Error, SessionSealingKey, error::OrUnavailable, streams, subject, wire,
};

/// No session lives longer, whatever it says of itself.
const MAX_LIFE: TimeDelta = TimeDelta::hours(1);

/// How long those who may remember a session have for their answer.
const LEND_LIMIT: Duration = Duration::from_secs(2);

/// For so long nobody is asked again for a session that nobody remembered. All that waits for it would
/// wait for that answer, each for [`LEND_LIMIT`].
const NOT_ASKED_AGAIN_FOR: Duration = Duration::from_secs(5);

/// A session of one user of this service with PACER.
#[derive(Clone)]
pub struct PacerSession {
    /// PACER's token.
    pub token: SecretString,
    /// The client code it was opened with; empty if none.
    pub client_code: String,
    /// The only user that it may serve.
    pub user: UserId,
    /// Whom PACER bills: see [`SessionSealingKey::account_digest`].
    pub account_digest: String,
    /// Which login it comes from: see [`SessionSealingKey::login_digest`].
    pub login_digest: String,
    /// It must not be used after this.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for PacerSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PacerSession")
            .field("user", &self.user)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A session that only the holders of the sealing key can open.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSession(Bytes);

impl SealedSession {
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl fmt::Debug for SealedSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealedSession(sealed)")
    }
}

/// Keeps sealed sessions in the server's memory.
#[derive(Debug, Clone)]
pub struct Sessions {
    bus: Bus,
    key: SessionSealingKey,
    /// Keys of sessions that nobody remembered a moment ago.
    forgotten: Cache<String, ()>,
}

impl Bus {
    /// The sessions that `key` opens.
    #[must_use]
    pub fn sessions(&self, key: SessionSealingKey) -> Sessions {
        Sessions {
            bus: self.clone(),
            key,
            forgotten: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(NOT_ASKED_AGAIN_FOR)
                .build(),
        }
    }
}

impl Sessions {
    /// Whom PACER bills, of a username: see [`SessionSealingKey::account_digest`].
    #[must_use]
    pub fn account_digest(&self, username: &str) -> String {
        self.key.account_digest(username)
    }

    /// Seals a session under `key`, keeps it for an hour at most, and returns what was kept.
    ///
    /// # Errors
    /// When the server cannot keep it.
    pub async fn put(&self, key: &str, session: &PacerSession) -> Result<SealedSession, Error> {
        let sealed = self.seal(key, session)?;
        self.keep(key, &sealed).await?;
        Ok(sealed)
    }

    /// Seals a session under `key` without keeping it anywhere.
    ///
    /// # Errors
    /// When it is too large to be sealed, which does not happen.
    pub fn seal(&self, key: &str, session: &PacerSession) -> Result<SealedSession, Error> {
        let mut content = wire::SessionContent {
            token: session.token.expose_secret().to_owned(),
            client_code: session.client_code.clone(),
            user_id: session.user.0,
            account_digest: session.account_digest.clone(),
            login_digest: session.login_digest.clone(),
            expires_at_ms: session.expires_at.timestamp_millis(),
        };
        let plain = Zeroizing::new(content.encode_to_vec());
        content.token.zeroize();
        Ok(SealedSession(self.key.seal(key, &plain)?.into()))
    }

    /// Keeps a sealed session for an hour at most.
    ///
    /// # Errors
    /// When the server cannot keep it.
    pub async fn keep(&self, key: &str, sealed: &SealedSession) -> Result<(), Error> {
        let bucket = self.bus.bucket(streams::SESSIONS);
        self.bus
            .patiently(|limit| bucket.within(limit).put(key, sealed.0.clone()))
            .await
    }

    /// The session under `key`, if there is one that has not run out. When the server has lost
    /// it, the login service is asked, which remembers its sessions.
    ///
    /// # Errors
    /// When the server cannot be asked, or the session was sealed with another key.
    pub async fn get(&self, key: &str) -> Result<Option<PacerSession>, Error> {
        if let Some(sealed) = self.kept(key).await? {
            return Ok(self.open(key, &sealed)?.filter(is_current));
        }
        if self.forgotten.get(key).await.is_some() {
            return Ok(None);
        }
        let Some(sealed) = self.lent(key).await? else {
            self.forgotten.insert(key.to_owned(), ()).await;
            return Ok(None);
        };
        Ok(self.open(key, &sealed)?.filter(is_current))
    }

    /// Tells the login service that a court turned a session away. A new one shall be opened when it is
    /// next asked; when several courts have said so, nobody shall use the old one again.
    ///
    /// # Errors
    /// When the login service does not answer. It may be told again.
    pub async fn report_dead(&self, death: &DeadSession) -> Result<(), Error> {
        let told = self
            .bus
            .client
            .request(subject::SESSION_FORGET, death.encode().into());
        told.await.or_unavailable("report a dead session")?;
        Ok(())
    }

    /// Removes a session that courts turned away, and what other replicas would open it anew from.
    ///
    /// # Errors
    /// When the server cannot be told.
    pub async fn forget(&self, death: &DeadSession) -> Result<(), Error> {
        let records = self.bus.login_records();
        records
            .forget(&death.login_digest, death.expires_at)
            .await?;
        let key = &death.session_key;
        let bucket = self.bus.bucket(streams::SESSIONS);
        let Some(entry) = bucket.last(key).await? else {
            return Ok(());
        };
        let kept = self.open(key, &entry.value)?;
        if kept.is_some_and(|kept| kept.expires_at == death.expires_at) {
            // Only this one: another may have taken its place just now.
            bucket.remove(key, entry.revision).await?;
        }
        Ok(())
    }

    async fn kept(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let entry = self.bus.bucket(streams::SESSIONS).last(key).await?;
        Ok(entry.map(|entry| entry.value))
    }

    /// Every replica of the login service hears the question, and only one that remembers the
    /// session answers: silence says that nobody does. Where no replica is there to hear it, as after the
    /// message server was lost, nobody knows.
    async fn lent(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let question = async_nats::Request::new()
            .payload(key.to_owned().into())
            .timeout(Some(LEND_LIMIT));
        let asked = self
            .bus
            .client
            .send_request(subject::SESSION_LEND, question);
        match asked.await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if error.kind() == RequestErrorKind::TimedOut => {
                debug!("no login service has the session");
                Ok(None)
            }
            Err(error) => Err(error).or_unavailable("look for a session"),
        }
    }

    fn open(&self, key: &str, sealed: &[u8]) -> Result<Option<PacerSession>, Error> {
        let plain = self.key.open(key, sealed)?;
        let content = wire::SessionContent::decode(plain.as_slice())
            .map_err(|_| Error::Malformed { what: "a session" })?;
        let Some(expires_at) = DateTime::from_timestamp_millis(content.expires_at_ms) else {
            warn!("ignored a session without an expiry");
            return Ok(None);
        };
        Ok(Some(PacerSession {
            token: SecretString::from(content.token),
            client_code: content.client_code,
            user: UserId(content.user_id),
            account_digest: content.account_digest,
            login_digest: content.login_digest,
            expires_at,
        }))
    }
}

/// The bucket's age is not enough: a session that was lent again would start its hour anew.
fn is_current(session: &PacerSession) -> bool {
    let left = session.expires_at - Utc::now();
    left > TimeDelta::zero() && left <= MAX_LIFE
}
