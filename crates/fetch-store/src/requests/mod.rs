//! The queue: rows that decide, while messages only wake.
//!
//! Every write of an attempt carries the fencing token it was given; a stale one changes no row
//! and its caller is told so. [`accept`], [`queue`] and [`release`] are what the gateway does (accept, sweep,
//! release), [`attempt`] what a worker does (claim, beat, end), [`cancel`] and [`logins`] what an owner
//! does.

pub mod accept;
pub mod attempt;
pub mod cancel;
pub mod dead;
pub mod found_case;
pub mod logins;
pub mod place;
pub mod queue;
pub mod release;
pub(crate) mod row;
pub(crate) mod state;
pub mod wakes;

pub use attempt::{Beat, Counts, Ended, Ending};
pub use cancel::Cancelling;
pub use dead::{DeadRequest, Replay};
pub use found_case::{CaseOf, KnownCase};
pub use logins::LoggedIn;
pub use place::{Hindrance, Place};
pub use queue::{Released, Swept};
pub use wakes::{Wake, Wakes};
