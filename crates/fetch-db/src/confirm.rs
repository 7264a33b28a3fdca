//! Writes that somebody waits for, at a database that may not confirm them.
//!
//! With a synchronous standby that is gone, a commit hangs without end, and no time-out of the
//! server ends it: by then the transaction is over. So whoever answers a caller waits for so long
//! and no longer. The rest of a pool must not follow: only half of it may wait for such commits,
//! one that did not come makes everybody ask first whether writes are confirmed at all, and a
//! connection that still hangs two seconds after its caller was answered is closed instead of being given
//! back (`db.rs`). All of that needs that a write is waited for up to its limit: whoever drops it before
//! leaves the connection hanging, and nobody knows why.

use std::{future::Future, sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch},
    task::JoinHandle,
    time::{self, Instant},
};

use crate::{Db, Error};

/// How long a caller's write may take unless set otherwise.
const WITHIN: Duration = Duration::from_secs(10);

/// How long a probe may take.
const PROBE_WITHIN: Duration = Duration::from_secs(3);

/// How long a probe waits for a connection of those that everybody has. If there is none it takes one of its own: who
/// waits for a busy process learns nothing of the database.
const CONNECTION_WITHIN: Duration = Duration::from_millis(500);

/// For how long a probe that was confirmed answers for those that come after it, unless a write is not: a thousand who
/// wait for logins must not each have one.
const STILL_TRUE: Duration = Duration::from_secs(1);

/// What is known about whether this database confirms writes.
#[derive(Debug, Clone)]
pub(crate) struct Confirmations {
    pub(crate) within: Duration,
    /// For the connections that may wait for a commit at once.
    turns: Arc<Semaphore>,
    /// A write was not confirmed, and none was since.
    stuck: watch::Sender<bool>,
    /// One connection, for probes while all others are in use.
    spare: PgPool,
    /// One for all who ask: each that hangs holds a connection of the pool and one of the server.
    probing: Arc<Mutex<Probes>>,
}

#[derive(Debug, Default)]
struct Probes {
    under_way: Option<Probing>,
    /// When the last one was confirmed.
    confirmed: Option<Instant>,
}

#[derive(Debug)]
struct Probing {
    since: Instant,
    task: JoinHandle<Result<(), sqlx::Error>>,
}

impl Confirmations {
    pub(crate) fn new(max_connections: u32, spare: PgPool) -> Confirmations {
        let half = usize::try_from(max_connections / 2).unwrap_or(usize::MAX);
        Confirmations {
            within: WITHIN,
            turns: Arc::new(Semaphore::new(half.clamp(1, Semaphore::MAX_PERMITS))),
            stuck: watch::Sender::default(),
            spare,
            probing: Arc::default(),
        }
    }
}

impl Db {
    /// A caller's write is waited for so long, and no longer. Other clones keep their limit, and know when
    /// one of these writes was not confirmed.
    #[must_use]
    pub fn confirming_within(mut self, limit: Duration) -> Db {
        self.confirmations.within = limit;
        self
    }

    /// How long a caller's write is waited for.
    #[must_use]
    pub fn commit_wait(&self) -> Duration {
        self.confirmations.within
    }

    /// Whether the database answers and a commit comes back from wherever it has to be written to.
    /// Answers within three seconds.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), Error> {
        let mut probes = self.confirmations.probing.lock().await;
        let Probes {
            under_way,
            confirmed,
        } = &mut *probes;
        let is_stuck = *self.confirmations.stuck.borrow();
        if !is_stuck && confirmed.is_some_and(|at| at.elapsed() < STILL_TRUE) {
            return Ok(());
        }
        // A caller that went away has left its probe here: it is joined, and no other begun.
        if under_way
            .as_ref()
            .is_none_or(|probing| probing.task.is_finished())
        {
            *under_way = Some(Probing {
                since: Instant::now(),
                task: tokio::spawn(write_something(
                    self.pool.clone(),
                    self.confirmations.spare.clone(),
                )),
            });
        }
        let Some(probing) = under_way else {
            return Err(Error::Unconfirmed);
        };
        let left = PROBE_WITHIN.saturating_sub(probing.since.elapsed());
        let answer = time::timeout(left, &mut probing.task).await;
        let Ok(answer) = answer else {
            return Err(Error::Unconfirmed);
        };
        *under_way = None;
        answer.map_err(|_| Error::Unconfirmed)??;
        *confirmed = Some(Instant::now());
        self.confirmations.stuck.send_replace(false);
        Ok(())
    }

    /// Returns once writes are not confirmed. For who waits for another process that may have to write here: that
    /// one asks any gateway, so it is also looked at whenever so much time has passed as a write may take.
    pub async fn until_stalled(&self) {
        let Confirmations { within, stuck, .. } = &self.confirmations;
        let mut stuck = stuck.subscribe();
        loop {
            // Neither ends the waiting: the probe says how it is.
            let _ = time::timeout(*within, stuck.wait_for(|stuck| *stuck)).await;
            if self.probe().await.is_err() {
                return;
            }
        }
    }

    /// Waits for a turn to write for a caller; to be had before a connection is taken, and kept
    /// until [`Db::confirmed`] has returned.
    ///
    /// # Errors
    /// [`Error::Stalled`] when writes are not confirmed at present.
    pub async fn turn_to_write(&self) -> Result<OwnedSemaphorePermit, Error> {
        let Confirmations {
            within,
            turns,
            stuck,
            ..
        } = &self.confirmations;
        if *stuck.borrow() && self.probe().await.is_err() {
            return Err(Error::Stalled);
        }
        match time::timeout(*within, turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Error::Stalled),
        }
    }

    /// A write up to its commit, within the limit. Not to be dropped before: that a commit hangs is learnt
    /// here.
    ///
    /// # Errors
    /// Its own; [`Error::Unconfirmed`] when it took too long or the connection broke: then it may
    /// have taken place or not.
    pub async fn confirmed<T>(
        &self,
        write: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let Confirmations { within, stuck, .. } = &self.confirmations;
        match time::timeout(*within, write).await {
            Ok(Err(error)) if error.is_absence() => Err(Error::Unconfirmed),
            Ok(result) => result,
            Err(_) => {
                stuck.send_replace(true);
                Err(Error::Unconfirmed)
            }
        }
    }
}

/// The least that has to be written wherever a commit has to be written. No table is touched.
async fn write_something(pool: PgPool, spare: PgPool) -> Result<(), sqlx::Error> {
    let mut connection = match time::timeout(CONNECTION_WITHIN, pool.acquire()).await {
        Ok(connection) => connection?,
        Err(_) => {
            let mut own = spare.acquire().await?;
            // The server may have few.
            own.close_on_drop();
            own
        }
    };
    sqlx::query("select pg_logical_emit_message(true, 'pacer-fetch', '')::text")
        .execute(&mut *connection)
        .await?;
    Ok(())
}
