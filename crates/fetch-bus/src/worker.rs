//! From delivery to job to answer.
//!
//! A worker asks for one message per free slot and never ahead, so that what waits, waits where
//! any replica can take it. Each ask has an inbox of its own that is closed with it: the pull
//! streams of the client library ask by themselves after 35 seconds without a poll, and its
//! batches lose wake-ups after an idle heartbeat.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_nats::{
    StatusCode, Subscriber,
    jetstream::{AckKind, Message},
};
use futures_util::{FutureExt, StreamExt};
use kill_point::Point;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, error, info, info_span, warn};

use crate::{
    Bus, Error, Handled, Job, JobHandler, JobKind, Role, error::OrUnavailable, streams, subject,
    trace,
};

/// One ask for a message: the server holds it for thirty seconds and says every five that it is
/// still there. Times are in nanoseconds.
const ASK: &str = r#"{"batch":1,"expires":30000000000,"idle_heartbeat":5000000000}"#;

/// Two missed heartbeats and a little more: the server has forgotten the ask.
const SILENCE: Duration = Duration::from_secs(12);

/// How often a job under way tells the server so; the server waits three times as long.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// When to deliver again what ended by a panic or ran out of time.
const AFTER_ACCIDENT: Duration = Duration::from_secs(10);

/// How long to wait before asking again a server that did not answer well.
const PAUSE: Duration = Duration::from_millis(500);

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
    /// comes back empty, it is furnished again.
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
                Ok(Asked::Given(message)) => {
                    tokio::spawn(answer(*message, worker.clone(), handler.clone(), slot));
                }
                Ok(Asked::Nothing) => {}
                Err(error) => self.recover(&error, shutdown).await?,
            }
        }
    }

    /// Something is wrong between us and the consumer: furnish the server again, and go on.
    async fn recover(&self, error: &Error, shutdown: &CancellationToken) -> Result<(), Error> {
        warn!(
            error = error as &dyn std::error::Error,
            "could not fetch jobs"
        );
        match self.furnish().await {
            Err(error @ Error::Misconfigured { .. }) => return Err(error),
            Err(error) => {
                debug!(
                    error = &error as &dyn std::error::Error,
                    "the message server is not set up yet"
                );
            }
            Ok(()) => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = time::sleep(PAUSE) => {}
        }
        Ok(())
    }

    async fn ask(&self, kind: JobKind, shutdown: &CancellationToken) -> Result<Asked, Error> {
        let mut connections = self.connections.clone();
        connections.mark_unchanged();
        let inbox = self.client.new_inbox();
        let mut answers = self
            .client
            .subscribe(inbox.clone())
            .await
            .or_unavailable("subscribe")?;
        let consumer = subject::consumer_of(kind);
        let api = self.role.api_of(Role::Gateway);
        let subject = format!("{api}.CONSUMER.MSG.NEXT.{}.{consumer}", streams::JOBS);
        self.client
            .publish_with_reply(subject, inbox, ASK.into())
            .await
            .or_unavailable("request a job")?;
        loop {
            let message = tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    self.give_back(answers).await;
                    return Ok(Asked::Nothing);
                }
                message = time::timeout(SILENCE, answers.next()) => message,
                // The server forgets an ask with the connection that it came by. But word of a
                // new connection may come late, when the ask has been answered on it already.
                _ = connections.changed() => return Ok(self.last_word(answers).await),
            };
            let message = message.or_unavailable("confirm a subscription")?;
            let message = message.ok_or(Error::Disconnected)?;
            match message.status.unwrap_or(StatusCode::OK) {
                StatusCode::OK => {
                    return Ok(Asked::Given(self.given(message)));
                }
                StatusCode::IDLE_HEARTBEAT => {}
                StatusCode::TIMEOUT | StatusCode::NOT_FOUND => return Ok(Asked::Nothing),
                status => return Err(turned_down(status, message.description.as_deref())),
            }
        }
    }

    /// A message may be on its way while we stop asking: others can have it at once.
    async fn give_back(&self, answers: Subscriber) {
        if let Asked::Given(message) = self.last_word(answers).await {
            let _ = message.ack_with(AckKind::Nak(None)).await;
        }
    }

    /// Closes the inbox of an ask, and takes what was on its way to it: dropped, it would be
    /// missing until the server's patience ends.
    async fn last_word(&self, mut answers: Subscriber) -> Asked {
        if answers.drain().await.is_err() {
            return Asked::Nothing;
        }
        while let Ok(Some(message)) = time::timeout(PAUSE, answers.next()).await {
            if message.status.unwrap_or(StatusCode::OK) == StatusCode::OK {
                return Asked::Given(self.given(message));
            }
        }
        Asked::Nothing
    }

    fn given(&self, message: async_nats::Message) -> Box<Message> {
        Box::new(Message {
            message,
            context: self.jetstream.clone(),
        })
    }
}

/// What became of an ask.
enum Asked {
    Given(Box<Message>),
    Nothing,
}

fn turned_down(status: StatusCode, description: Option<&str>) -> Error {
    let why = match status {
        StatusCode::NO_RESPONDERS => "there is no such consumer".to_owned(),
        status => format!("{status} {}", description.unwrap_or_default()),
    };
    Error::Unavailable {
        what: "give a job",
        source: why.into(),
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
            Handled::Done
        }
    };
    let answered = match handled {
        Handled::Done => {
            kill_point::reached(Point::BeforeAck);
            let answered = message.double_ack().await;
            kill_point::reached(Point::AfterAck);
            answered
        }
        Handled::Later(wait) => message.ack_with(AckKind::Nak(Some(wait))).await,
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
) -> Handled {
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
            Handled::Later(AFTER_ACCIDENT)
        }
        Err(_) => {
            error!(
                limit_ms = worker.time_limit.as_millis(),
                "a job exceeded its time limit"
            );
            Handled::Later(AFTER_ACCIDENT)
        }
    }
}

/// Tells the server again and again that the job is under way.
async fn keep_alive(message: &Message) -> std::convert::Infallible {
    let mut ticks = time::interval(PROGRESS_EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(error) = message.ack_with(AckKind::Progress).await {
            debug!(
                error = error.to_string(),
                "could not tell the message server that a job is still running"
            );
        }
    }
}
