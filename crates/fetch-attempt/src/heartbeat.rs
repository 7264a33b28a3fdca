//! Renews a claim while its worker is alive, and knows when it may be lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fetch_queue::HeartbeatReply;
use tokio::{sync::Notify, task::AbortHandle, time};
use tracing::{info, warn};

use crate::{Attempt, BootInstant};

/// How long a claim holds after the last sign of life.
pub const LEASE: Duration = Duration::from_secs(15);

const INTERVAL: Duration = Duration::from_secs(4);

/// However often it is said that a request was cancelled, its row is not asked more often.
const DOUBT_INTERVAL: Duration = Duration::from_secs(1);

/// What [`ClaimState`] holds when the claim is lost for certain.
const LOST: u64 = 0;

/// Whether a claim is still held, as far as its worker can know by itself.
#[derive(Debug)]
pub struct ClaimState {
    /// When the last confirmation was asked for that came, in milliseconds of [`BootInstant`].
    confirmed_ms: AtomicU64,
    /// Somebody says that the request was cancelled.
    doubted: Notify,
}

impl ClaimState {
    /// Of a claim that was asked for at this moment.
    pub(crate) fn begun(asked_at: BootInstant) -> ClaimState {
        ClaimState {
            confirmed_ms: AtomicU64::new(asked_at.as_millis()),
            doubted: Notify::new(),
        }
    }

    /// Whether the claim is lost, or was not confirmed for so long that it must be taken for lost.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let confirmed = self.confirmed_ms.load(Ordering::Acquire);
        let lease = u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX);
        confirmed == LOST || BootInstant::now().as_millis() >= confirmed.saturating_add(lease)
    }

    fn confirmed(&self, asked_at: BootInstant) {
        // What was heard to be cancelled meanwhile stays so.
        let _ = self
            .confirmed_ms
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |confirmed| {
                (confirmed != LOST).then_some(asked_at.as_millis())
            });
    }

    /// Has the row asked soon whether the claim still holds.
    pub(crate) fn doubt(&self) {
        self.doubted.notify_one();
    }

    /// Notes that the claim is gone, or that its owner does not want the request any more.
    pub(crate) fn lost(&self) {
        self.confirmed_ms.store(LOST, Ordering::Release);
    }
}

/// Beats until it is dropped.
pub(crate) struct Heartbeat(AbortHandle);

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) fn start(attempt: &Attempt) -> Heartbeat {
    let (stores, id, fence) = (attempt.stores.clone(), attempt.request.id, attempt.fence());
    let life: Arc<ClaimState> = attempt.life();
    let task = tokio::spawn(async move {
        let mut ticks = time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        ticks.tick().await;
        let mut asked_last = time::Instant::now();
        loop {
            // A tick that was due meanwhile is made up for at once.
            tokio::select! {
                _ = ticks.tick() => {}
                () = life.doubted.notified() => time::sleep_until(asked_last + DOUBT_INTERVAL).await,
            }
            asked_last = time::Instant::now();
            let asked_at = BootInstant::now();
            match stores.queue.beat(id, fence, LEASE).await {
                Ok(HeartbeatReply::Held) => life.confirmed(asked_at),
                // It goes on beating: the court's place is ours until the work has stopped.
                Ok(HeartbeatReply::Cancelled) => {
                    if !life.is_lost() {
                        info!(fetch.id = id.0, "the request was cancelled");
                    }
                    life.lost();
                }
                // Whatever this attempt writes from now on changes nothing.
                Ok(HeartbeatReply::Lost) => return life.lost(),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    warn!(fetch.id = id.0, error, "could not renew a claim");
                }
            }
        }
    });
    Heartbeat(task.abort_handle())
}
