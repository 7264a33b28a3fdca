//! The queue: rows that decide, while messages only wake.
//!
//! Every write of an attempt carries the fencing token it was given; a stale one changes no row
//! and its caller is told so. [`queue`] is what the gateway does (accept, release, sweep),
//! [`attempt`] what a worker does (claim, beat, end).

pub mod attempt;
pub mod queue;
pub(crate) mod row;

pub use attempt::Ending;
pub use queue::{Released, Swept};
