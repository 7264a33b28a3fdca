//! One attempt at a request: claim it, keep the claim alive, end it in the row, tell the others.
//!
//! What is done in between is the caller's. This crate never talks to a court and knows nothing
//! of money, so that the text readers can share it without linking either; see
//! `docs/adr/0001-fetch-attempt.md`. Start reading at [`Attempts::conduct`]; [`reading`] is what
//! is told of requests while their document is read.

mod attempt;
mod boot_instant;
mod cancellations;
mod conduct;
mod ending;
mod heartbeat;
pub mod presence;
pub mod reading;
mod stores;

use std::{borrow::Cow, sync::Arc};

use fetch_bus::Bus;
use fetch_model::{DocketId, FetchRequest};
pub use futures_util::future::BoxFuture;

pub use attempt::Attempt;
pub use boot_instant::BootInstant;
use cancellations::Cancellations;
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
}
