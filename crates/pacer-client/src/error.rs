//! How a request can end without an answer, one variant for each case that callers handle.

use std::time::Duration;

/// The wire could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A setting is wrong.
    #[error("the setting {name} is invalid: {why}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The HTTP client does not start.
    #[error("cannot start the HTTP client")]
    Client(#[source] reqwest::Error),
}

/// A request brought no answer. Only [`SendError::NotSent`] proves that the court never saw it.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Nothing reached the court: no address, no connection, no TLS. A purchase was not made.
    #[error("the court could not be reached")]
    NotSent {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The request was sent, or may have been, and time ran out before the answer was complete.
    /// A purchase may have been made.
    #[error("the court did not answer within {waited:?}")]
    TimedOut {
        /// How long was waited altogether.
        waited: Duration,
    },
    /// The request was sent, or may have been, and the answer was lost or cut off. A purchase may
    /// have been made.
    #[error("the court's answer was lost")]
    Broken {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer is larger than what is taken. A purchase may have been made.
    #[error("the court's answer is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: u64,
    },
}

/// The sign-on brought no answer that says yes or no.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// It could not be reached, or its answer was lost.
    #[error("PACER's sign-on could not be reached")]
    Unreachable {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It answered with another HTTP status than 200.
    #[error("PACER's sign-on answered {status}: {reason}")]
    Status {
        /// The status.
        status: u16,
        /// Its standard phrase, such as `Service Unavailable`.
        reason: &'static str,
    },
    /// It answered with something that is not an answer to a login.
    #[error("PACER's sign-on gave an answer that is not recognised")]
    Garbled,
}

/// A link that a court's page or redirect gave cannot be followed within that court.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It leads to another site; PACER's sign-on, say.
    #[error("the link leads away from the court, to {host}")]
    Elsewhere {
        /// Where to.
        host: String,
    },
    /// It is no link.
    #[error("the link cannot be parsed")]
    Malformed,
}
