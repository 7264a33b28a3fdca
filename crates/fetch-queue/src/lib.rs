//! The queue: requests and their moves, courts and their slots, who works.
//!
//! Rows decide, messages only wake. A move is one conditional update, and its caller learns whether it
//! took place. Every write of an attempt carries the fencing token it was given; a stale one changes no
//! row and its caller is told so. [`accept`], [`sweep`] and [`release`] are what the gateway does,
//! [`attempt`] what a worker does (claim, beat, end), [`cancel`] and [`logins`] what an owner does,
//! [`waiting`] what becomes of a request whose document is being read. [`login_records`] is what gateways keep
//! for the login service.
//!
//! Nothing here publishes, retries or buys. Statements write the tables of this store and read others;
//! what has to happen together with a write of another store takes a connection.

pub mod accept;
pub mod attempt;
pub mod breaker;
pub mod cancel;
pub mod court_settings;
pub mod courts;
pub mod dead;
pub mod ended;
pub mod events;
pub mod found_case;
mod group_commit;
pub mod login_records;
pub mod logins;
pub mod notify;
pub mod place;
pub mod plans;
mod read;
pub mod release;
pub mod repeats;
pub mod retention;
mod row;
pub mod sweep;
pub mod trackers;
pub mod waiting;
pub mod workers;

use fetch_db::{Db, Error};

pub use attempt::{Counts, Ended, Ending, HeartbeatReply};
pub use cancel::Cancelling;
pub use dead::{DeadRequest, Replay};
pub use ended::EndedRequest;
pub use found_case::{CaseOf, KnownCase};
pub use logins::LoggedIn;
pub use notify::{Notification, Notifications};
pub use place::{Place, WaitReason};
pub use read::Step;
pub use release::Released;
pub use sweep::SweepReport;
pub use waiting::WaitingRequest;

/// The store of requests and courts. Clones share the connections, and what is written in groups.
#[derive(Debug, Clone)]
pub struct Queue {
    db: Db,
    group_commit: group_commit::GroupCommit,
}

impl Queue {
    /// The queue in that database.
    #[must_use]
    pub fn new(db: Db) -> Queue {
        Queue {
            db,
            group_commit: group_commit::GroupCommit::default(),
        }
    }
}
