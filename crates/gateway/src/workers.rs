//! Whether there are workers for each kind of work: shown at `/metrics`, at `/readyz` and in the log.
//!
//! A kind without a worker does not make the gateway unready: it accepts, releases and shows what it
//! has, and where fetchers are scaled to zero it is the usual thing.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fetch_control::Control;
use fetch_queue::workers::KindOfWork;
use fetch_runtime::Gauge;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::dispatch;

const EVERY: Duration = Duration::from_secs(5);

/// What was seen last.
#[derive(Debug, Clone, Default)]
pub struct Watched(Arc<Mutex<Vec<KindOfWork>>>);

impl Watched {
    /// What there is to say about the workers: nothing while there is one of each kind that has
    /// anything to do.
    #[must_use]
    pub fn remark(&self) -> String {
        let kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: BTreeSet<&str> = missing(&kinds).map(|kind| kind.service()).collect();
        let says = |service: &str| format!("no {service} is taking work");
        missing.into_iter().map(says).collect::<Vec<_>>().join(", ")
    }

    fn set(&self, kinds: Vec<KindOfWork>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = kinds;
    }

    /// The kinds that have no worker, and requests that wait for one.
    fn missing(&self) -> BTreeSet<String> {
        let kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        missing(&kinds).map(|kind| kind.kind.clone()).collect()
    }
}

fn missing(kinds: &[KindOfWork]) -> impl Iterator<Item = &KindOfWork> {
    kinds
        .iter()
        .filter(|kind| kind.workers == 0 && kind.waiting > 0)
}

/// Looks again and again, until `shutdown`.
pub async fn watch(control: Control, watched: Watched, shutdown: CancellationToken) {
    let workers = Gauge::new(
        "pacer_fetch_workers",
        "processes that take work of this kind",
        "kind",
    );
    let slots = Gauge::new(
        "pacer_fetch_worker_slots",
        "jobs of this kind that they can run at once, together",
        "kind",
    );
    let waiting = Gauge::new(
        "pacer_fetch_requests_without_worker",
        "requests that are ready but wait because no process takes work of this kind",
        "kind",
    );
    let mut ticks = time::interval(EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let kinds = match control.queue.kinds_of_work().await {
            Ok(kinds) => kinds,
            Err(error) => {
                dispatch::log(&error);
                continue;
            }
        };
        for kind in &kinds {
            workers.set(&kind.kind, kind.workers);
            slots.set(&kind.kind, kind.slots);
            waiting.set(&kind.kind, kind.waiting);
        }
        let before = watched.missing();
        watched.set(kinds);
        note(&before, &watched.missing());
    }
}

fn note(before: &BTreeSet<String>, now: &BTreeSet<String>) {
    for kind in now.difference(before) {
        warn!(
            kind,
            "requests wait, but no worker takes work of this kind; start one"
        );
    }
    for kind in before.difference(now) {
        info!(kind, "requests no longer wait for a worker of this kind");
    }
}
