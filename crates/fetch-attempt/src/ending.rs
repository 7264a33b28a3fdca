//! How an attempt ends, from what its work came to.

use fetch_model::{Failure, FetchKind, FetchRequest, JobError, retry};
use fetch_queue::{Counts, Ending, attempt::Provenance};

use crate::{Attempts, Outcome};

impl Attempts {
    /// Of a success it is said when somebody else paid for it, or when it may have been paid twice.
    pub(crate) async fn tell_of_money(&self, request: &FetchRequest, ending: &mut Ending) {
        let billed = matches!(request.asked.kind, FetchKind::Docket | FetchKind::Pdf);
        match ending {
            Ending::Done { message, .. } if billed && message == Failure::SUCCESS => {
                // Should the ledger not answer, the usual sentence is still true.
                match self.stores.queue.provenance(request.id).await {
                    Ok(Provenance::Bought) | Err(_) => {}
                    Ok(Provenance::Shared) => Failure::SHARED.clone_into(message),
                    Ok(Provenance::Doubtful) => Failure::DOUBTFUL.clone_into(message),
                }
            }
            Ending::Done { .. }
            | Ending::Failed(_)
            | Ending::Waiting { .. }
            | Ending::AwaitingLogin { .. } => {}
        }
    }
}

/// What is to be written about an attempt that went this way; `None` for nothing.
pub(crate) fn ending_of(
    request: &FetchRequest,
    result: Result<Outcome, JobError>,
) -> Option<Ending> {
    match result {
        Ok(Outcome::Done { docket, message }) => Some(Ending::Done {
            docket,
            message: message.into_owned(),
        }),
        Ok(Outcome::HandedOn) | Err(JobError::Lost) => None,
        Err(JobError::Refuse(failure)) => Some(Ending::Failed(failure)),
        Err(JobError::Snooze { wait, reason }) => Some(Ending::Waiting {
            wait,
            message: reason,
            counts: Counts::CourtsPause,
        }),
        Err(JobError::PutOff { wait, reason }) => Some(Ending::Waiting {
            wait,
            message: reason,
            counts: Counts::Hindrance,
        }),
        Err(JobError::Retry { failure }) => Some(after_retry(request, failure)),
        Err(JobError::NeedsLogin {
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
