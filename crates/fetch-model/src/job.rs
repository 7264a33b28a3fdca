//! The ways in which an attempt does not succeed.

use std::time::Duration;

use crate::Failure;

/// How a job ended when it did not end well. Choose on purpose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may work later: counts as an attempt and backs off. When attempts run out the
    /// request fails with `failure`.
    #[error("may work later: {failure}")]
    Retry {
        /// What to say while waiting and, at the end, as the reason.
        failure: Failure,
    },
    /// The court is not to be asked now; counts no attempt. A court that does so again and again ends
    /// the request.
    #[error("not our turn for {wait:?}: {reason}")]
    Snooze {
        /// How long to leave the court alone.
        wait: Duration,
        /// Why, for people.
        reason: String,
    },
    /// Something is in the way that is no court's doing; counts no attempt, and nothing against the
    /// court. What is in the way for a day ends the request, and is said then.
    #[error("put off for {wait:?}: {reason}")]
    PutOff {
        /// How long until it is looked at again.
        wait: Duration,
        /// What is in the way, for people.
        reason: String,
    },
    /// The account has no session any more: the request waits until its owner logs in again, or ends
    /// when nobody does in time.
    #[error("needs a login: {failure}")]
    NeedsLogin {
        /// What to say while waiting and, at the end, as the reason.
        failure: Failure,
        /// A court turned the session away: that counts as an attempt. That there was none counts
        /// nothing.
        turned_away: bool,
    },
    /// Never again.
    #[error("refused: {0}")]
    Refuse(Failure),
    /// Another worker has the request now, or it was cancelled: stop without writing anything.
    #[error("the claim on the request was lost")]
    Lost,
}

impl JobError {
    /// A retry that ends in `failure` when attempts run out.
    #[must_use]
    pub fn retry(failure: Failure) -> JobError {
        JobError::Retry { failure }
    }

    /// What is said of it when it has ended the request; none if it cannot by itself.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            JobError::Retry { failure }
            | JobError::NeedsLogin { failure, .. }
            | JobError::Refuse(failure) => Some(failure),
            JobError::Snooze { .. } | JobError::PutOff { .. } | JobError::Lost => None,
        }
    }
}

impl From<Failure> for JobError {
    fn from(failure: Failure) -> JobError {
        JobError::Refuse(failure)
    }
}
