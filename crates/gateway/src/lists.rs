//! How long the rows of a list are looked for.
//!
//! Callers compose lists, and some of them no index helps to find. So each look may take a certain time and
//! no longer, only so many go on at once, and how many rows there are is remembered for a while if it took
//! long to count them (`docs/adr/0050-lists-and-files.md`).

use std::time::Duration;

use fetch_control::Control;
use fetch_library::read::{Filter, ListQuery, Listed, Scope};
use fetch_runtime::{FromEnv, Settings};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{self, Instant},
};

use crate::dialect::ApiError;

/// How old a number can be that took long to find.
const REMEMBERED_FOR: Duration = Duration::from_secs(10);

/// Numbers that are remembered.
const MOST_REMEMBERED: u64 = 10_000;

/// When to try again; rows that were read once are found sooner.
const AGAIN_SECONDS: u32 = 5;

/// How much a look may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRules {
    /// How long.
    pub within: Duration,
    /// How many looks go on at once.
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
    turns: Semaphore,
    /// By the digest of the question.
    remembered: Cache<[u8; 32], i64>,
}

impl Lists {
    /// One that remembers nothing yet.
    #[must_use]
    pub fn new(rules: ListRules) -> Lists {
        Lists {
            turns: Semaphore::new(rules.at_once),
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
        scope: Scope,
        filters: &[Filter],
        zone: &str,
    ) -> Result<i64, ApiError> {
        let question = format!("{scope:?} {filters:?} {zone}");
        let question: [u8; 32] = Sha256::digest(question).into();
        if let Some(rows) = self.remembered.get(&question).await {
            return Ok(rows);
        }
        let _turn = self.turn().await?;
        // Somebody else may have counted the same meanwhile.
        if let Some(rows) = self.remembered.get(&question).await {
            return Ok(rows);
        }
        let begun = Instant::now();
        let counted = control
            .library
            .count(scope, filters, zone, self.rules.within);
        let rows = counted.await.map_err(|error| self.explain(error))?;
        if begun.elapsed() > self.rules.long {
            self.remembered.insert(question, rows).await;
        }
        Ok(rows)
    }

    /// One page of rows.
    ///
    /// # Errors
    /// 503 when it takes too long, and when the database does not answer.
    pub async fn list(
        &self,
        control: &Control,
        scope: Scope,
        query: &ListQuery,
    ) -> Result<Listed, ApiError> {
        let _turn = self.turn().await?;
        let listed = control.library.list(scope, query, self.rules.within).await;
        listed.map_err(|error| self.explain(error))
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, ApiError> {
        match time::timeout(self.rules.within, self.turns.acquire()).await {
            // It is never closed.
            Ok(turn) => turn.map_err(|_| self.too_long()),
            Err(_) => Err(self.too_long()),
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
