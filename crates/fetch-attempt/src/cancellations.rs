//! Receives cancellations and passes them on to the running attempts.
//!
//! A hint, and anybody's who may say such a thing on the bus: the attempt asks its row at once, and
//! believes that.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fetch_bus::Bus;
use fetch_model::{FetchId, State};
use futures_util::StreamExt;
use tokio::{task::AbortHandle, time};
use tracing::debug;

use crate::ClaimState;

/// How long to wait before listening again to a server that could not be asked.
const PAUSE: Duration = Duration::from_secs(2);

type Running = Arc<Mutex<HashMap<FetchId, Arc<ClaimState>>>>;

/// The attempts of a process that are under way, and the ear for what is cancelled.
#[derive(Debug, Clone)]
pub(crate) struct Cancellations {
    running: Running,
    _ear: Arc<CancellationListener>,
}

/// Listens until it is dropped.
#[derive(Debug)]
struct CancellationListener(AbortHandle);

impl Drop for CancellationListener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An attempt that is told, until this is dropped.
pub(crate) struct Registration {
    running: Running,
    id: FetchId,
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.id);
    }
}

impl Cancellations {
    /// Begins to listen.
    pub(crate) fn of(bus: &Bus) -> Cancellations {
        let running = Running::default();
        let ear = tokio::spawn(listen(bus.clone(), running.clone()));
        Cancellations {
            running,
            _ear: Arc::new(CancellationListener(ear.abort_handle())),
        }
    }

    /// Has an attempt ask its row when it is said that its request is cancelled.
    pub(crate) fn tell(&self, id: FetchId, life: Arc<ClaimState>) -> Registration {
        lock(&self.running).insert(id, life);
        Registration {
            running: self.running.clone(),
            id,
        }
    }
}

async fn listen(bus: Bus, running: Running) {
    loop {
        match bus.announcements_of(State::Cancelled).await {
            Ok(mut heard) => {
                while let Some(announcement) = heard.next().await {
                    if let Some(life) = lock(&running).get(&announcement.request) {
                        life.doubt();
                    }
                }
            }
            Err(error) => debug!(
                error = &error as &dyn std::error::Error,
                "cannot receive cancellations"
            ),
        }
        time::sleep(PAUSE).await;
    }
}

/// Nobody panics while holding it, and a map is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
