//! The simulator over real HTTP, as a stranger's program would use it.

mod docket;
mod document;
mod fault;
mod harness;
mod load;
mod lookup;
mod replay;
mod sign_on;
