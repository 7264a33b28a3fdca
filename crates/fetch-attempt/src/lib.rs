//! One attempt at a request: claim it, keep the claim alive, end it in the row, tell the others.
//!
//! What is done in between is the caller's. This crate never talks to a court and knows nothing
//! of money, so that the text readers can share it without linking either; see
//! `docs/adr/0001-fetch-attempt.md`. Start reading at [`Attempts::conduct`]; [`reading`] is what
//! is told of requests while their document is read.

mod boot_instant;
mod cancellations;
mod ending;
mod heartbeat;
pub mod presence;
pub mod reading;
mod stores;

use std::{borrow::Cow, sync::Arc, time::Duration};

use fetch_bus::{Bus, Disposition, Job, RequestEvent};
use fetch_model::{AttemptError, DocketId, Fence, FetchRequest, State};
use fetch_queue::{Ended, Ending};
pub use futures_util::future::BoxFuture;
use kill_point::Point;
use tracing::{Instrument, error, info, info_span, warn};

pub use boot_instant::BootInstant;
use cancellations::Cancellations;
use ending::ending_of;
pub use heartbeat::{ClaimState, LEASE};
pub use stores::{FinishedText, PlannedText, ReadingProgress, Stores};

/// What an attempt reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is stored.
    Done {
        /// The docket that was saved, if one was.
        docket: Option<DocketId>,
        /// What the client is told.
        message: Cow<'static, str>,
    },
    /// Another process continues the request.
    HandedOn,
}

/// Conducts the attempts of one process.
#[derive(Debug, Clone)]
pub struct Attempts {
    stores: Stores,
    bus: Bus,
    worker: Arc<str>,
    cancellations: Cancellations,
    sessions: Option<Arc<dyn LookForSession>>,
}

/// Knows whether there is a session for a request.
pub trait LookForSession: std::fmt::Debug + Send + Sync {
    /// Whether one is there now that would serve it, and that no court has turned away.
    fn has_session<'a>(&'a self, request: &'a FetchRequest) -> BoxFuture<'a, bool>;
}

/// An attempt under way.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The request, as it was when it was claimed.
    pub request: FetchRequest,
    stores: Stores,
    life: Arc<ClaimState>,
}

impl Attempt {
    /// The token that every write of this attempt carries.
    #[must_use]
    pub fn fence(&self) -> Fence {
        self.request.fence
    }

    /// Whether the request was cancelled, or the claim is known to be lost, or must be taken for lost since the database has not
    /// confirmed it for a lease's time. A question to the row tells for certain; this one costs
    /// nothing.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.life.is_lost()
    }

    /// The same for whoever outlives this borrow.
    #[must_use]
    pub fn life(&self) -> Arc<ClaimState> {
        self.life.clone()
    }

    /// Records a step in the history of the request, for people.
    ///
    /// # Errors
    /// [`AttemptError::Retry`] when the database cannot answer.
    pub async fn step(&self, step: &str, detail: &str) -> Result<(), AttemptError> {
        info!(step, detail, "step");
        Ok(self
            .stores
            .queue
            .step(self.request.id, self.fence(), step, detail)
            .await?)
    }
}

impl Attempts {
    /// For a process that calls itself `worker`. Listens for what is cancelled, so it is to be
    /// called where tasks can be started.
    #[must_use]
    pub fn new(stores: Stores, bus: Bus, worker: &str) -> Attempts {
        Attempts {
            cancellations: Cancellations::of(&bus),
            stores,
            bus,
            worker: worker.into(),
            sessions: None,
        }
    }

    /// The same, with somebody to ask whether a request that is left waiting for a login has got one
    /// meanwhile.
    #[must_use]
    pub fn asking_for_sessions(mut self, sessions: Arc<dyn LookForSession>) -> Attempts {
        self.sessions = Some(sessions);
        self
    }

    /// Takes the fetch that a message points to, runs `work` on it, and writes down how it ended.
    ///
    /// A message that points to nothing that can be taken is done with. The answer to the broker
    /// comes last.
    pub async fn conduct<W>(&self, job: &Job, work: W) -> Disposition
    where
        W: AsyncFnOnce(&Attempt) -> Result<Outcome, AttemptError>,
    {
        let asked_at = BootInstant::now();
        let claim = self
            .stores
            .queue
            .claim(job.request, job.fence, &self.worker, LEASE)
            .await;
        self.conduct_claimed(job, asked_at, claim, work).await
    }

    async fn conduct_claimed<W>(
        &self,
        job: &Job,
        asked_at: BootInstant,
        claim: Result<Option<FetchRequest>, fetch_db::Error>,
        work: W,
    ) -> Disposition
    where
        W: AsyncFnOnce(&Attempt) -> Result<Outcome, AttemptError>,
    {
        match claim {
            Ok(Some(request)) => {
                kill_point::reached(Point::AfterClaim);
                let span = info_span!(
                    "attempt",
                    fetch.id = request.id.0,
                    fetch.kind = request.spec.kind.token(),
                    court.id = request.spec.target_court,
                    attempt = request.attempts + 1,
                );
                self.run(request, asked_at, work).instrument(span).await;
                Disposition::Ack
            }
            Ok(None) => Disposition::Ack,
            Err(error) => {
                warn!(
                    fetch.id = job.request.0,
                    error = &error as &dyn std::error::Error,
                    "could not claim a request"
                );
                Disposition::RetryIn(Duration::from_secs(5))
            }
        }
    }

    async fn run<W>(&self, request: FetchRequest, asked_at: BootInstant, work: W)
    where
        W: AsyncFnOnce(&Attempt) -> Result<Outcome, AttemptError>,
    {
        self.announce(&request, under_way(request.state)).await;
        let attempt = Attempt {
            request,
            stores: self.stores.clone(),
            life: Arc::new(ClaimState::begun(asked_at)),
        };
        let told = self.cancellations.tell(attempt.request.id, attempt.life());
        let heart = heartbeat::start(&attempt);
        let result = match attempt.step("claimed", &self.worker).await {
            // Boxed: nested any deeper, an optimising compiler gives up.
            Ok(()) => Box::pin(work(&attempt)).await,
            Err(error) => Err(error),
        };
        drop((heart, told));
        self.end(&attempt.request, result).await;
    }

    /// Writes the end of an attempt into the row. A claim that was lost meanwhile writes nothing.
    async fn end(&self, request: &FetchRequest, result: Result<Outcome, AttemptError>) {
        let lost = matches!(result, Err(AttemptError::Lost));
        let Some(mut ending) = ending_of(request, result) else {
            if lost {
                self.release_place(request).await;
            }
            return;
        };
        self.tell_of_money(request, &mut ending).await;
        kill_point::reached(Point::BeforeEnd);
        match self.stores.queue.end(request, request.fence, &ending).await {
            Ok(Some(ended)) => {
                kill_point::reached(Point::AfterEnd);
                info!(state = ended.state.as_str(), ?ending, "attempt ended");
                self.announce(request, ended).await;
                if matches!(ending, Ending::AwaitingLogin { .. }) {
                    self.look_for_a_session(request).await;
                }
            }
            Ok(None) => {
                info!("attempt ended after its claim was lost");
                self.release_place(request).await;
            }
            // The lease runs out and the sweeper takes the request back.
            Err(error) => {
                error!(
                    error = &error as &dyn std::error::Error,
                    "could not write the end of an attempt"
                );
            }
        }
    }

    /// Whoever logs in lets go on what waits for it then. One who did so after this attempt had
    /// looked for a session, and before its row said that it waits, has not seen it.
    async fn look_for_a_session(&self, request: &FetchRequest) {
        let Some(sessions) = &self.sessions else {
            return;
        };
        if !sessions.has_session(request).await {
            return;
        }
        if let Err(error) = self
            .stores
            .queue
            .has_session_after_all(request.id, request.fence)
            .await
        {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "a request still waits for a login that has taken place"
            );
        }
    }

    /// If the request was cancelled, its court has the place back that we kept while we worked.
    async fn release_place(&self, request: &FetchRequest) {
        if let Err(error) = self
            .stores
            .queue
            .release_place(request.id, request.fence)
            .await
        {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "could not free a slot at a court; it is freed when its lease expires"
            );
        }
    }

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
        if let Err(error) = self
            .bus
            .publish_job(fetch_bus::JobKind::Ocr, court, &job, trace)
            .await
        {
            warn!(
                error = &error as &dyn std::error::Error,
                "could not publish a message; the sweeper will send it again"
            );
        }
        Ok(Outcome::HandedOn)
    }

    async fn announce(&self, request: &FetchRequest, reached: Ended) {
        self.bus
            .announce(&RequestEvent {
                request: request.id,
                user: request.spec.user,
                kind: request.spec.kind,
                court: request.spec.target_court.clone(),
                state: reached.state,
                status: reached.status,
                pages: None,
            })
            .await;
    }
}

/// A state in which nothing has failed.
fn under_way(state: State) -> Ended {
    Ended {
        state,
        status: state.public(None, 0).into(),
    }
}
