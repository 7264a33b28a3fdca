//! How an attempt ends, from what its work came to, and what is left to do then.

use fetch_model::{AttemptError, Failure, FetchKind, FetchRequest, retry};
use fetch_queue::{Counts, Ending, attempt::PaidBy};
use tracing::warn;

use crate::{Attempts, Outcome};

impl Attempts {
    /// Of a success it is said when somebody else paid for it, or when it may have been paid twice.
    pub(crate) async fn tell_of_money(&self, request: &FetchRequest, ending: &mut Ending) {
        let billed = matches!(request.spec.kind, FetchKind::Docket | FetchKind::Pdf);
        match ending {
            Ending::Done { message, .. } if billed && message == Failure::SUCCESS => {
                // Should the ledger not answer, the usual sentence is still true.
                match self.stores.queue.provenance(request.id).await {
                    Ok(PaidBy::ThisRequest) | Err(_) => {}
                    Ok(PaidBy::AnotherRequest) => Failure::SHARED.clone_into(message),
                    Ok(PaidBy::Unsure) => Failure::DOUBTFUL.clone_into(message),
                }
            }
            Ending::Done { .. }
            | Ending::Failed(_)
            | Ending::Waiting { .. }
            | Ending::AwaitingLogin { .. } => {}
        }
    }

    /// Whoever logs in lets go on what waits for it then. One who did so after this attempt had
    /// looked for a session, and before its row said that it waits, has not seen it.
    pub(crate) async fn look_for_a_session(&self, request: &FetchRequest) {
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
    pub(crate) async fn release_place(&self, request: &FetchRequest) {
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
}

/// What is to be written about an attempt that went this way; `None` for nothing.
pub(crate) fn ending_of(
    request: &FetchRequest,
    result: Result<Outcome, AttemptError>,
) -> Option<Ending> {
    match result {
        Ok(Outcome::Done { docket, message }) => Some(Ending::Done {
            docket,
            message: message.into_owned(),
        }),
        Ok(Outcome::HandedOn) | Err(AttemptError::Lost) => None,
        Err(AttemptError::Refuse(failure)) => Some(Ending::Failed(failure)),
        Err(AttemptError::Snooze { wait, reason }) => Some(Ending::Waiting {
            wait,
            message: reason,
            counts: Counts::CourtsPause,
        }),
        Err(AttemptError::PutOff { wait, reason }) => Some(Ending::Waiting {
            wait,
            message: reason,
            counts: Counts::PutOff,
        }),
        Err(AttemptError::Retry { failure }) => Some(after_retry(request, failure)),
        Err(AttemptError::NeedsLogin {
            failure,
            turned_away,
        }) => Some(
            match turned_away && request.attempts + 1 >= retry::MAX_ATTEMPTS {
                // Each new session was turned away as well.
                true => Ending::Failed(failure),
                false => Ending::AwaitingLogin {
                    failure,
                    counts: turned_away.then_some(Counts::Attempt),
                },
            },
        ),
    }
}

fn after_retry(request: &FetchRequest, failure: Failure) -> Ending {
    let attempt = request.attempts + 1;
    if attempt < retry::MAX_ATTEMPTS {
        let wait = retry::pause(attempt, rand::random());
        return Ending::Waiting {
            wait,
            message: failure.retrying(),
            counts: Counts::Attempt,
        };
    }
    Ending::Failed(failure)
}
