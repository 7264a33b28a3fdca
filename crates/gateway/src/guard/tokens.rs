//! Whose a token is, without asking the database at every call.
//!
//! What the database said is believed for two seconds: by then a token that was revoked, or whose
//! account was closed, opens nothing here any more. The second at which a token ends is kept to. When
//! a token was used is written down once a minute for all that were.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::Utc;
use fetch_store::{
    Store,
    tokens::{Holder, TokenId},
};
use moka::future::Cache;
use subtle::ConstantTimeEq;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::{dialect::Refusal, dispatch};

/// How long it is believed what the database said of a token.
const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// The most tokens that are remembered.
const REMEMBERED: u64 = 10_000;

/// Between two notes of which tokens were used.
const NOTE_EVERY: Duration = Duration::from_secs(60);

/// What is known about tokens that were sent.
#[derive(Debug)]
pub struct Tokens {
    known: Cache<[u8; 32], Holder>,
    used: Mutex<HashSet<TokenId>>,
}

impl Default for Tokens {
    fn default() -> Tokens {
        Tokens {
            known: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(BELIEVED_FOR)
                .build(),
            used: Mutex::default(),
        }
    }
}

impl Tokens {
    /// Whose the token with this digest is; none if it is nobody's, revoked, or over.
    ///
    /// Digests are compared, never tokens: how long a comparison takes tells about a digest, from
    /// which no token can be guessed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holder(
        &self,
        store: &Store,
        digest: &[u8; 32],
    ) -> Result<Option<Holder>, Refusal> {
        // Callers that come together ask once. What is unknown is not remembered.
        let found = self
            .known
            .try_get_with(*digest, async {
                match store.holder_of_token(digest).await {
                    Ok(Some(holder)) => Ok(holder),
                    Ok(None) => Err(None),
                    Err(error) => Err(Some(Refusal::from(error))),
                }
            })
            .await;
        let holder = match found {
            Ok(holder) => holder,
            Err(error) => return error.as_ref().clone().map_or(Ok(None), Err),
        };
        let is_it: bool = holder.digest.ct_eq(digest).into();
        if !is_it || holder.expires.is_some_and(|end| end <= Utc::now()) {
            return Ok(None);
        }
        self.used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(holder.token);
        Ok(Some(holder))
    }

    /// Writes down which tokens were used, until `stop`, and then once more.
    pub async fn note(&self, store: &Store, stop: CancellationToken) {
        loop {
            let stopped = tokio::select! {
                () = stop.cancelled() => true,
                () = time::sleep(NOTE_EVERY) => false,
            };
            let used =
                std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
            if !used.is_empty() {
                let used: Vec<TokenId> = used.into_iter().collect();
                if let Err(error) = store.note_tokens_used(&used).await {
                    dispatch::log(&error);
                }
            }
            if stopped {
                return;
            }
        }
    }
}
