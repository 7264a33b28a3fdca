//! Hands documents to the text readers, and announces the progress and the end of text extraction.

use fetch_bus::{Bus, Job, JobKind, PagesRead, RequestEvent, SpanRecord};
use fetch_model::{AttemptError, Durations, State};
use fetch_queue::WaitingRequest;
use kill_point::Point;
use tracing::{info, warn};

use crate::{Attempt, Attempts, Outcome, ReadingProgress, Stores, conduct::under_way};

impl Attempts {
    /// Hands a captured document to the text readers.
    ///
    /// # Errors
    /// [`AttemptError::Lost`] when the claim is gone, [`AttemptError::Retry`] when the database is away.
    /// A message that cannot be published is not an error: the sweeper sends it again.
    pub async fn hand_over(&self, attempt: &Attempt) -> Result<Outcome, AttemptError> {
        let request = &attempt.request;
        let handed = self.stores.hand_over(request.id, attempt.fence()).await?;
        let fence = handed.ok_or(AttemptError::Lost)?;
        kill_point::reached(Point::AfterHandOn);
        self.announce(request, under_way(State::Reading)).await;
        let job = Job {
            request: request.id,
            attempts: request.attempts,
            fence,
        };
        let court = &request.spec.target_court;
        let trace = request.spec.traceparent.as_deref();
        if let Err(error) = self.bus.publish_job(JobKind::Ocr, court, &job, trace).await {
            warn!(
                error = &error as &dyn std::error::Error,
                "could not publish a message; the sweeper will send it again"
            );
        }
        Ok(Outcome::HandedOn)
    }
}

/// Announces the progress of a text to every request that waits for it.
pub async fn announce_progress(bus: &Bus, progress: &ReadingProgress) {
    let pages = PagesRead {
        read: progress.read,
        all: progress.pages,
    };
    for request in &progress.waiting {
        announce(bus, request, State::Reading, Some(pages)).await;
    }
}

/// Announces that requests are done, their document read, and adds to the trace of each what its
/// time went to.
pub async fn announce_done(stores: &Stores, bus: &Bus, ended: &[WaitingRequest]) {
    for request in ended {
        announce(bus, request, State::Done, None).await;
        if let Err(error) = trace_figures(stores, request).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                fetch.id = request.id.0,
                error, "could not export the trace of a request"
            );
        }
    }
}

async fn announce(bus: &Bus, request: &WaitingRequest, state: State, pages: Option<PagesRead>) {
    bus.announce(&RequestEvent {
        request: request.id,
        user: request.user,
        kind: request.kind,
        court: request.court.clone(),
        state,
        status: state.public(None, request.attempts).into(),
        pages,
    })
    .await;
}

async fn trace_figures(stores: &Stores, request: &WaitingRequest) -> Result<(), fetch_db::Error> {
    let life = stores.queue.history(request.id).await?;
    let durations = Durations::of(life.iter().map(|(at, step, _)| (*at, step.as_str())));
    let ends = [
        ("queue", durations.accepted, durations.taken),
        ("buy", durations.taken, durations.bought),
        ("read", durations.bought, durations.read),
    ];
    let stretches: Vec<SpanRecord> = ends
        .into_iter()
        .filter_map(|(name, start, end)| {
            Some(SpanRecord {
                name,
                start: start?.into(),
                end: end?.into(),
            })
        })
        .collect();
    fetch_bus::record(request.traceparent.as_deref(), &stretches);
    let millis = |stretch: Option<std::time::Duration>| stretch.map(|stretch| stretch.as_millis());
    info!(
        fetch.id = request.id.0,
        queue_ms = millis(durations.queue()),
        buy_ms = millis(durations.buy()),
        read_ms = millis(durations.read()),
        "a document was read"
    );
    Ok(())
}
