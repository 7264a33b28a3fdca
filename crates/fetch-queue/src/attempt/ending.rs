//! How an attempt ends, and what that makes of the row.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_model::{DocketId, Failure, FetchRequest, State};

use crate::{
    Error,
    row::{as_json, status_of},
};

/// How an attempt ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Everything is stored.
    Done {
        /// The docket that was saved, if one was.
        docket: Option<DocketId>,
        /// What the client is told.
        message: String,
    },
    /// It will never work.
    Failed(Failure),
    /// To be looked at again after `wait`.
    Waiting {
        /// How long to wait.
        wait: Duration,
        /// What the client is told meanwhile.
        message: String,
        /// What it counts as.
        counts: Counts,
    },
    /// To go on once its owner has logged in again.
    AwaitingLogin {
        /// How the session ended: what the client is told meanwhile, and what it ends with otherwise.
        failure: Failure,
        /// What it counts as, if it counts.
        counts: Option<Counts>,
    },
}

/// What a wait counts as. Each of them has an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// As an attempt.
    Attempt,
    /// As one time that the court was not to be asked.
    CourtsPause,
    /// As one time that something of ours was in the way.
    PutOff,
}

/// What a request is after its attempt has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The state that it reached.
    pub state: State,
    /// The same as the number that clients see, as the row has it: a failure in doubt has another
    /// one than the failure that was to be written.
    pub status: i16,
}

/// An ending as the columns it changes.
pub(super) struct EndColumns {
    pub(super) state: State,
    pub(super) status: i16,
    pub(super) message: String,
    pub(super) failure: Option<serde_json::Value>,
    pub(super) docket: Option<i64>,
    counts: Option<Counts>,
    pub(super) wait_seconds: Option<f64>,
}

impl EndColumns {
    pub(super) fn of(
        request: &FetchRequest,
        ending: &Ending,
        login_until: Option<DateTime<Utc>>,
    ) -> Result<EndColumns, Error> {
        let (state, message, failure, docket, counts, wait) = match ending {
            Ending::Done { docket, message } => (
                State::Done,
                message.clone(),
                None,
                docket.map(|id| id.0),
                None,
                None,
            ),
            Ending::Failed(failure) => (
                State::Failed,
                failure.to_string(),
                Some(failure),
                None,
                Some(Counts::Attempt),
                None,
            ),
            Ending::Waiting {
                wait,
                message,
                counts,
            } => (
                State::Waiting,
                message.clone(),
                None,
                None,
                Some(*counts),
                Some(*wait),
            ),
            Ending::AwaitingLogin { failure, counts } => (
                State::Waiting,
                login_until.map_or_else(String::new, |by| failure.until_login(by)),
                Some(failure),
                None,
                *counts,
                None,
            ),
        };
        let attempts = request.attempts + i32::from(counts == Some(Counts::Attempt));
        let status = status_of(state, failure, attempts);
        let failure = failure.map(as_json).transpose()?;
        let wait_seconds = wait.map(|wait| wait.as_secs_f64());
        Ok(EndColumns {
            state,
            status,
            message,
            failure,
            docket,
            counts,
            wait_seconds,
        })
    }

    pub(super) fn counted_as(&self, counts: Counts) -> i32 {
        i32::from(self.counts == Some(counts))
    }
}
