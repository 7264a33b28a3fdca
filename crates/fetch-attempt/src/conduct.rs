//! An attempt from the claim to its end in the row.

use std::{sync::Arc, time::Duration};

use fetch_bus::{Disposition, Job, RequestEvent};
use fetch_model::{AttemptError, FetchRequest, State};
use fetch_queue::{Ended, Ending};
use kill_point::Point;
use tracing::{Instrument, error, info, info_span, warn};

use crate::{
    Attempt, Attempts, BootInstant, ClaimState, LEASE, Outcome, ending::ending_of, heartbeat,
};

/// When a message is delivered again whose request could not be claimed.
const CLAIM_AGAIN_AFTER: Duration = Duration::from_secs(5);

impl Attempts {
    /// Takes the fetch that a message points to, runs `work` on it, and writes down how it ended.
    ///
    /// A message that points to nothing that can be taken is done with. The answer to the broker
    /// comes last.
    pub async fn conduct<W>(&self, job: &Job, work: W) -> Disposition
    where
        W: AsyncFnOnce(&Attempt) -> Result<Outcome, AttemptError>,
    {
        let asked_at = BootInstant::now();
        let queue = &self.stores.queue;
        let claim = queue.claim(job.request, job.fence, &self.worker, LEASE);
        let request = match claim.await {
            Ok(Some(request)) => request,
            Ok(None) => return Disposition::Ack,
            Err(error) => {
                warn!(
                    fetch.id = job.request.0,
                    error = &error as &dyn std::error::Error,
                    "could not claim a request"
                );
                return Disposition::RetryIn(CLAIM_AGAIN_AFTER);
            }
        };
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

    pub(crate) async fn announce(&self, request: &FetchRequest, reached: Ended) {
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
pub(crate) fn under_way(state: State) -> Ended {
    Ended {
        state,
        status: state.public(None, 0).into(),
    }
}
