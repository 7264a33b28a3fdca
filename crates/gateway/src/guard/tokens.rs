//! Whose a token is, without asking the database at every call.
//!
//! What the database said is believed for two seconds: by then a token that was revoked, or whose
//! account was closed, opens nothing here any more. The second at which a token ends is kept to. When
//! a token was used is written down once a minute for all that were.

use std::{
    collections::HashSet,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::Utc;
use fetch_control::Control;
use fetch_ledger::tokens::Holder;
use fetch_model::TokenId;
use moka::future::Cache;
use subtle::ConstantTimeEq;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::once_a_minute;
use crate::{dialect::ApiError, dispatch};

/// How long it is believed what the database said of a token.
const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// The most tokens that are remembered.
const REMEMBERED: u64 = 10_000;

/// How long a token counts as one that was right lately, from its last use on.
const FAMILIAR_FOR: Duration = Duration::from_secs(24 * 3600);

/// Tokens that were not right lately, and are looked up at the same time. Those that were must not
/// wait for the database's connections behind them.
const STRANGERS_AT_ONCE: usize = 4;

/// What is known about tokens that were sent.
#[derive(Debug)]
pub struct Tokens {
    known: Cache<[u8; 32], Holder>,
    /// Those that were right lately.
    familiar: Cache<[u8; 32], ()>,
    strangers: Semaphore,
    used: Mutex<HashSet<TokenId>>,
}

impl Default for Tokens {
    fn default() -> Tokens {
        Tokens {
            known: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(BELIEVED_FOR)
                .build(),
            familiar: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_idle(FAMILIAR_FOR)
                .build(),
            strangers: Semaphore::new(STRANGERS_AT_ONCE),
            used: Mutex::default(),
        }
    }
}

impl Tokens {
    /// The owner of the token with this digest; `None` if it is unknown, revoked or expired.
    ///
    /// Digests are compared, never tokens: how long a comparison takes tells about a digest, from
    /// which no token can be guessed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holder(
        &self,
        control: &Control,
        digest: &[u8; 32],
    ) -> Result<Option<Holder>, ApiError> {
        // Callers that come together ask once. What is unknown is not remembered.
        let found = self
            .known
            .try_get_with(*digest, async {
                match control.ledger.holder_of_token(digest).await {
                    Ok(Some(holder)) => Ok(holder),
                    Ok(None) => Err(None),
                    Err(error) => Err(Some(ApiError::from(error))),
                }
            })
            .await;
        let holder = match found {
            Ok(holder) => holder,
            Err(error) => match error.as_ref() {
                Some(refusal) => return Err(refusal.clone()),
                None => {
                    self.familiar.invalidate(digest).await;
                    return Ok(None);
                }
            },
        };
        let is_it: bool = holder.digest.ct_eq(digest).into();
        if !is_it || holder.expires.is_some_and(|end| end <= Utc::now()) {
            self.familiar.invalidate(digest).await;
            return Ok(None);
        }
        // This is its use as well.
        if self.familiar.get(digest).await.is_none() {
            self.familiar.insert(*digest, ()).await;
        }
        self.used().insert(holder.token);
        Ok(Some(holder))
    }

    /// Whether this is the digest of a token that was right lately.
    #[must_use]
    pub fn was_right(&self, digest: &[u8; 32]) -> bool {
        self.familiar.contains_key(digest)
    }

    /// A place among the tokens that were not right lately.
    pub(super) async fn turn_of_strangers(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.strangers.acquire().await.ok()
    }

    /// Asks the database anew about this one, the next time that it comes.
    pub async fn forget(&self, digest: &[u8; 32]) {
        self.known.invalidate(digest).await;
    }

    /// Writes down which tokens were used, until `stop`, and then once more.
    pub async fn note(&self, control: &Control, stop: CancellationToken) {
        once_a_minute(stop, || self.write(control)).await;
    }

    /// Writes down which tokens were used. What cannot be written is kept for the next time.
    async fn write(&self, control: &Control) {
        let used = mem::take(&mut *self.used());
        if used.is_empty() {
            return;
        }
        let used: Vec<TokenId> = used.into_iter().collect();
        if let Err(error) = control.ledger.note_tokens_used(&used).await {
            dispatch::log(&error);
            self.used().extend(used);
        }
    }

    fn used(&self) -> MutexGuard<'_, HashSet<TokenId>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
