//! Reports that a worker is running, so that the gateways know that there is one.

use std::{sync::Arc, time::Duration};

use fetch_bus::{Bus, JobHandler, WorkerConfig};
use fetch_queue::Queue;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How often a worker says that it is there. Three of these may fail before it counts as gone.
const INTERVAL: Duration = Duration::from_secs(5);

/// Takes jobs of one kind until `shutdown`, and says so meanwhile; see [`Bus::work`]. `name` is what
/// the process calls itself.
///
/// # Errors
/// When the bus cannot be used.
pub async fn work<J: JobHandler>(
    queue: &Queue,
    bus: &Bus,
    name: &str,
    worker: WorkerConfig,
    handler: Arc<J>,
    shutdown: CancellationToken,
) -> Result<(), fetch_bus::Error> {
    let presence = Presence {
        queue,
        bus,
        kind: worker.kind.token(),
        // Containers give all processes of a service the same number.
        name: format!("{name}/{:08x}", rand::random::<u32>()),
        slots: i32::try_from(worker.slots).unwrap_or(i32::MAX),
    };
    let over = shutdown.child_token();
    let working = async {
        let result = bus.work(worker, handler, shutdown).await;
        // Also when it ended by an error.
        over.cancel();
        result
    };
    let (result, ()) = tokio::join!(working, presence.tell_until(&over));
    result
}

struct Presence<'a> {
    queue: &'a Queue,
    bus: &'a Bus,
    kind: &'static str,
    name: String,
    slots: i32,
}

impl Presence<'_> {
    async fn tell_until(&self, over: &CancellationToken) {
        let mut ticks = time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = over.cancelled() => break,
                _ = ticks.tick() => self.tell().await,
            }
        }
        if let Err(error) = self.queue.worker_leaves(self.kind, &self.name).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "could not sign a worker off; it counts as present until it has been silent for a \
                 while"
            );
        }
    }

    /// Only who can be given a job takes work.
    async fn tell(&self) {
        if self.bus.probe().await.is_err() {
            return;
        }
        let told = self
            .queue
            .announce_worker(self.kind, &self.name, self.slots)
            .await;
        if let Err(error) = told {
            let error = &error as &dyn std::error::Error;
            warn!(error, "could not report that a worker is present");
        }
    }
}
