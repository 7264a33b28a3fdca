//! The simulator over real HTTP, as a stranger's program would use it.

mod docket;
mod document;
mod fault;
mod harness;
mod ledger;
mod limit;
mod load;
mod lookup;
mod replay;
mod second_factor;
mod sign_on;
