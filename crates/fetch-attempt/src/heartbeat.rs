//! Keeps a claim alive for as long as its worker is, and knows when it may be lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{task::AbortHandle, time};
use tracing::warn;

use crate::{Attempt, Moment};

/// How long a claim holds after the last sign of life.
pub const LEASE: Duration = Duration::from_secs(15);

const INTERVAL: Duration = Duration::from_secs(4);

/// What [`Life`] holds when the claim is lost for certain.
const LOST: u64 = 0;

/// Whether a claim is still held, as far as its worker can know by itself.
#[derive(Debug)]
pub struct Life {
    /// When the last confirmation was asked for that came, in milliseconds of [`Moment`].
    confirmed_ms: AtomicU64,
}

impl Life {
    /// Of a claim that was asked for at this moment.
    pub(crate) fn begun(asked_at: Moment) -> Life {
        Life {
            confirmed_ms: AtomicU64::new(asked_at.as_millis()),
        }
    }

    /// Whether the claim is lost, or was not confirmed for so long that it must be taken for lost.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let confirmed = self.confirmed_ms.load(Ordering::Acquire);
        let lease = u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX);
        confirmed == LOST || Moment::now().as_millis() >= confirmed.saturating_add(lease)
    }

    fn confirmed(&self, asked_at: Moment) {
        self.confirmed_ms
            .store(asked_at.as_millis(), Ordering::Release);
    }

    fn lost(&self) {
        self.confirmed_ms.store(LOST, Ordering::Release);
    }
}

/// Beats until it is dropped.
pub(crate) struct Heart(AbortHandle);

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) fn start(attempt: &Attempt) -> Heart {
    let (store, id, fence) = (attempt.store.clone(), attempt.request.id, attempt.fence());
    let life: Arc<Life> = attempt.life();
    let task = tokio::spawn(async move {
        let mut ticks = time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let asked_at = Moment::now();
            match store.beat(id, fence, LEASE).await {
                Ok(true) => life.confirmed(asked_at),
                // Whatever this attempt writes from now on changes nothing.
                Ok(false) => return life.lost(),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    warn!(fetch.id = id.0, error, "could not keep a claim alive");
                }
            }
        }
    });
    Heart(task.abort_handle())
}
