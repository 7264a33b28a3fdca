//! From delivery to job to answer.
//!
//! A worker asks for one message per free slot and never ahead, so that what waits, waits where
//! any replica can take it.

mod keep_alive;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_nats::jetstream::{AckKind, Message};
use futures_util::FutureExt;
use kill_point::Point;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, error, info, info_span, warn};

use crate::{Bus, Disposition, Error, Job, JobHandler, JobKind, pull::Pulled, trace};
use keep_alive::keep_alive;

/// When to deliver again what ended by a panic or ran out of time.
const AFTER_ACCIDENT: Duration = Duration::from_secs(10);

/// How one kind of work is done by one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The kind.
    pub kind: JobKind,
    /// Jobs at a time.
    pub slots: usize,
    /// A job that takes longer is dropped where it stands and delivered again.
    pub time_limit: Duration,
}

impl Bus {
    /// Works on jobs of one kind until `shutdown`; then takes no more, and returns when the last
    /// one under way has ended. Survives the server: when it is away, it is waited for; when it
    /// comes back empty, its streams are created again.
    ///
    /// # Errors
    /// When the server is set up in a way that would lose messages.
    pub async fn work<J: JobHandler>(
        &self,
        worker: WorkerConfig,
        handler: Arc<J>,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        let slots = Arc::new(Semaphore::new(worker.slots));
        info!(
            kind = worker.kind.token(),
            slots = worker.slots,
            "taking jobs"
        );
        let result = self.take_jobs(&worker, &handler, &slots, &shutdown).await;
        // All slots free means that no job is under way.
        let all = u32::try_from(worker.slots).unwrap_or(u32::MAX);
        let _ = slots.acquire_many(all).await;
        info!(kind = worker.kind.token(), "all jobs have finished");
        result
    }

    async fn take_jobs<J: JobHandler>(
        &self,
        worker: &WorkerConfig,
        handler: &Arc<J>,
        slots: &Arc<Semaphore>,
        shutdown: &CancellationToken,
    ) -> Result<(), Error> {
        loop {
            let slot = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(()),
                slot = slots.clone().acquire_owned() => slot.expect("the slots are never closed"),
            };
            match self.ask(worker.kind, shutdown).await {
                Ok(Pulled::Given(message)) => {
                    tokio::spawn(answer(*message, worker.clone(), handler.clone(), slot));
                }
                Ok(Pulled::Nothing) => {}
                Err(error) => self.recover(&error, shutdown).await?,
            }
        }
    }
}

/// One delivery: decode, work, answer. Holds its slot until the answer has arrived.
async fn answer<J: JobHandler>(
    message: Message,
    worker: WorkerConfig,
    handler: Arc<J>,
    slot: OwnedSemaphorePermit,
) {
    let handled = match Job::decode(&message.payload) {
        Ok(job) => {
            let span = info_span!("job", fetch.id = job.request.0, kind = worker.kind.token());
            trace::continue_trace(&span, message.headers.as_ref());
            handle(&message, job, &worker, &*handler)
                .instrument(span)
                .await
        }
        // It will never be understood; the row knows what there is to do.
        Err(error) => {
            error!(
                error = &error as &dyn std::error::Error,
                "dropped a message"
            );
            Disposition::Ack
        }
    };
    let answered = match handled {
        Disposition::Ack => {
            kill_point::reached(Point::BeforeAck);
            let answered = message.double_ack().await;
            kill_point::reached(Point::AfterAck);
            answered
        }
        Disposition::RetryIn(wait) => message.ack_with(AckKind::Nak(Some(wait))).await,
    };
    if let Err(error) = answered {
        // It is delivered again, and the claim will find nothing to do.
        warn!(error = error.to_string(), "could not acknowledge a job");
    }
    drop(slot);
}

async fn handle<J: JobHandler>(
    message: &Message,
    job: Job,
    worker: &WorkerConfig,
    handler: &J,
) -> Disposition {
    let working = AssertUnwindSafe(handler.handle(job)).catch_unwind();
    let limited = time::timeout(worker.time_limit, working);
    let result = tokio::select! {
        result = limited => result,
        never = keep_alive(message) => match never {},
    };
    match result {
        Ok(Ok(handled)) => handled,
        Ok(Err(_payload)) => {
            error!("a job panicked");
            Disposition::RetryIn(AFTER_ACCIDENT)
        }
        Err(_) => {
            error!(
                limit_ms = worker.time_limit.as_millis(),
                "a job exceeded its time limit"
            );
            Disposition::RetryIn(AFTER_ACCIDENT)
        }
    }
}
