//! Keeps a claim alive for as long as its worker is.

use std::time::Duration;

use fetch_model::{Fence, FetchId};
use fetch_store::Store;
use tokio::{task::AbortHandle, time};
use tracing::warn;

/// How long a claim holds after the last sign of life.
pub const LEASE: Duration = Duration::from_secs(15);

const INTERVAL: Duration = Duration::from_secs(4);

/// Beats until it is dropped.
pub(crate) struct Heart(AbortHandle);

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) fn start(store: Store, id: FetchId, fence: Fence) -> Heart {
    let task = tokio::spawn(async move {
        let mut ticks = time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            match store.beat(id, fence, LEASE).await {
                Ok(true) => {}
                // Whatever this attempt writes from now on changes nothing.
                Ok(false) => return,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    warn!(fetch.id = id.0, error, "could not keep a claim alive");
                }
            }
        }
    });
    Heart(task.abort_handle())
}
