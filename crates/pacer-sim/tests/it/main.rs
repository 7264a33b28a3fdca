//! The simulator over real HTTP, as a stranger's program would use it.

mod appellate_docket;
mod appellate_document;
mod appellate_manners;
mod docket;
mod document;
mod fault;
mod harness;
mod load;
mod lookup;
mod replay;
mod sign_on;
