//! The ways in which an attempt can fail to succeed.

use std::time::Duration;

use crate::Failure;

/// How an attempt ended without success. Choose deliberately: the variants differ in what they
/// count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    /// Try again later, with a growing pause; counts as an attempt. When the attempts run out, the
    /// request fails with `failure`.
    #[error("may work later: {failure}")]
    Retry {
        /// What to say while waiting and, at the end, as the reason.
        failure: Failure,
    },
    /// Do not ask the court for a while; counts no attempt. If a court causes this for too long, the request ends.
    #[error("the court is not asked for {wait:?}: {reason}")]
    Snooze {
        /// How long to leave the court alone.
        wait: Duration,
        /// Why, for people.
        reason: String,
    },
    /// Wait because of a problem that is not the court's; counts no attempt and no strike against
    /// the court. If the problem lasts a day, the request ends with it as the reason.
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

impl AttemptError {
    /// A retry that ends in `failure` when attempts run out.
    #[must_use]
    pub fn retry(failure: Failure) -> AttemptError {
        AttemptError::Retry { failure }
    }

    /// The failure if this ends the request; `None` if it cannot end one by itself.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            AttemptError::Retry { failure }
            | AttemptError::NeedsLogin { failure, .. }
            | AttemptError::Refuse(failure) => Some(failure),
            AttemptError::Snooze { .. } | AttemptError::PutOff { .. } | AttemptError::Lost => None,
        }
    }
}

impl From<Failure> for AttemptError {
    fn from(failure: Failure) -> AttemptError {
        AttemptError::Refuse(failure)
    }
}
