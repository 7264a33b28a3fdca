//! What can go wrong between a client and the service.

use std::path::PathBuf;

use crate::raw::Answer;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service did not answer. What was sent may have arrived: with an idempotency key it can be sent
    /// again.
    #[error("the service does not answer")]
    NoAnswer(#[from] reqwest::Error),
    /// The service refused the call. `Answer::body` has the reason.
    #[error("the service answered {}: {}", .0.status, .0.body)]
    Refused(Answer),
    /// The answer is not one that this client understands.
    #[error("the service answered with something other than {what}")]
    Unexpected {
        /// What was expected.
        what: &'static str,
        /// What is wrong with it, where that is known.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The request has not ended in time. It continues.
    #[error("request {id} has not ended after {seconds} s: {now}")]
    NotEnded {
        /// Its number.
        id: i64,
        /// How long was waited, in seconds.
        seconds: u64,
        /// The request as it is.
        now: String,
    },
    /// The authority of the service's certificate cannot be read.
    #[error("cannot read {}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn unexpected(what: &'static str) -> Error {
        Error::Unexpected { what, source: None }
    }

    /// The HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Refused(answer) => Some(answer.status),
            _ => None,
        }
    }
}
