//! How long the rows of a list are looked for.
//!
//! Callers compose lists, and some of them no index helps to find. So each look may take a certain time and
//! no longer, only so many go on at once, of one caller and of all, and how many rows there are is remembered for a while if it took
//! long to count them (`docs/adr/0050-lists-and-files.md`).

use std::{panic, sync::Arc, time::Duration};

use fetch_control::Control;
use fetch_library::read::{Filter, ListQuery, Listed, Scope};
use fetch_model::UserId;
use fetch_runtime::{FromEnv, Settings};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{self, Instant},
};
use tracing::Instrument;

use crate::dialect::ApiError;

/// How old a number can be that took long to find.
const REMEMBERED_FOR: Duration = Duration::from_secs(10);

/// Numbers that are remembered.
const MOST_REMEMBERED: u64 = 10_000;

/// Longer than any look.
const SHARED_FOR: Duration = Duration::from_secs(600);

/// When to try again; rows that were read once are found sooner.
const AGAIN_SECONDS: u32 = 5;

/// How much a look may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRules {
    /// How long.
    pub within: Duration,
    /// How many looks go on at once. One caller may have half of them, or one.
    pub at_once: usize,
    /// How many rows there are is remembered if it took longer than this to count them.
    pub long: Duration,
}

impl Default for ListRules {
    fn default() -> ListRules {
        ListRules {
            // The slowest of ten million rows takes half of it.
            within: Duration::from_secs(10),
            at_once: 8,
            long: Duration::from_millis(200),
        }
    }
}

impl FromEnv for ListRules {
    fn from_env(settings: &mut Settings) -> ListRules {
        let default = ListRules::default();
        // A statement of any kind may take a minute.
        let seconds = settings.number("LIST_SECONDS", default.within.as_secs(), 1..=59);
        ListRules {
            within: Duration::from_secs(seconds),
            ..default
        }
    }
}

/// Looks for rows on behalf of callers.
#[derive(Debug)]
pub struct Lists {
    rules: ListRules,
    permits: Arc<Semaphore>,
    /// Each caller's share of them, and that of all who have no account.
    shares: Cache<Option<UserId>, Arc<Semaphore>>,
    /// By the digest of the question.
    remembered: Cache<[u8; 32], i64>,
}

impl Lists {
    /// One that remembers nothing yet.
    #[must_use]
    pub fn new(rules: ListRules) -> Lists {
        Lists {
            permits: Arc::new(Semaphore::new(rules.at_once)),
            shares: Cache::builder()
                .max_capacity(MOST_REMEMBERED)
                .time_to_idle(SHARED_FOR)
                .build(),
            rules,
            remembered: Cache::builder()
                .max_capacity(MOST_REMEMBERED)
                .time_to_live(REMEMBERED_FOR)
                .build(),
        }
    }

    /// How many rows pass the filters: exactly, if it does not take long to count them, else as it was at most
    /// ten seconds ago.
    ///
    /// # Errors
    /// 503 when it takes too long, and when the database does not answer.
    pub async fn count(
        &self,
        control: &Control,
        caller: Option<UserId>,
        scope: Scope,
        filters: &[Filter],
        zone: &'static str,
    ) -> Result<i64, ApiError> {
        let question = format!("{scope:?} {filters:?} {zone}");
        let question: [u8; 32] = Sha256::digest(question).into();
        let remembered = &self.remembered;
        if let Some(rows) = remembered.get(&question).await {
            return Ok(rows);
        }
        let permits = self.permits(caller).await?;
        // Somebody else may have counted the same meanwhile.
        if let Some(rows) = remembered.get(&question).await {
            return Ok(rows);
        }
        let (library, remembered) = (control.library.clone(), remembered.clone());
        let (filters, ListRules { within, long, .. }) = (filters.to_vec(), self.rules);
        let counting = async move {
            let begun = Instant::now();
            let rows = library.count(scope, &filters, zone, within).await?;
            if begun.elapsed() > long {
                remembered.insert(question, rows).await;
            }
            Ok(rows)
        };
        self.look(permits, counting).await
    }

    /// One page of rows.
    ///
    /// # Errors
    /// 503 when it takes too long, and when the database does not answer.
    pub async fn list(
        &self,
        control: &Control,
        caller: Option<UserId>,
        scope: Scope,
        query: ListQuery,
    ) -> Result<Listed, ApiError> {
        let permits = self.permits(caller).await?;
        let (library, within) = (control.library.clone(), self.rules.within);
        let listing = async move { library.list(scope, &query, within).await };
        self.look(permits, listing).await
    }

    /// Looks in a task: for a caller who hangs up, the database looks on all the same, by a connection that is
    /// then missing to others. So the permits are kept until it has ended.
    async fn look<T: Send + 'static>(
        &self,
        permits: [OwnedSemaphorePermit; 2],
        look: impl Future<Output = Result<T, fetch_db::Error>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let looking = async move {
            let found = look.await;
            drop(permits);
            found
        };
        match tokio::spawn(looking.in_current_span()).await {
            Ok(found) => found.map_err(|error| self.explain(error)),
            // Nobody aborts it.
            Err(error) => panic::resume_unwind(error.into_panic()),
        }
    }

    /// One of the caller's share first: whoever waits for it takes nothing from others.
    async fn permits(&self, caller: Option<UserId>) -> Result<[OwnedSemaphorePermit; 2], ApiError> {
        let share = async { Arc::new(Semaphore::new((self.rules.at_once / 2).max(1))) };
        let share = self.shares.get_with(caller, share).await;
        let both = async {
            let mine = share.acquire_owned().await?;
            Ok([mine, self.permits.clone().acquire_owned().await?])
        };
        match time::timeout(self.rules.within, both).await {
            Ok(Ok(permits)) => Ok(permits),
            // They are never closed.
            Ok(Err(tokio::sync::AcquireError { .. })) | Err(_) => Err(self.too_long()),
        }
    }

    fn explain(&self, error: fetch_db::Error) -> ApiError {
        match error.took_too_long() {
            true => self.too_long(),
            false => error.into(),
        }
    }

    fn too_long(&self) -> ApiError {
        ApiError::Later {
            seconds: AGAIN_SECONDS,
            text: format!(
                "These rows were not found within {} s. Ask for fewer of them, with another filter, or try \
                 again later.",
                self.rules.within.as_secs()
            ),
        }
    }
}
