//! Everything that can be known about PACER without asking it: which courts there are, how
//! their identifiers are built, what to send, what a thing costs, and what a page means.
//!
//! Nothing here does I/O, reads a clock or an environment variable, or is async; bytes and
//! dates come in as arguments and values go out. It knows neither our queue nor our store.
//!
//! Start with [`court::Court`] and [`page`]: one module for each kind of page, each with a
//! `parse` that never panics whatever the court sent, and [`page::verdict`], which tells what
//! kind of answer a court gave.

pub mod court;
pub mod form;
pub mod ids;
pub mod page;
pub mod price;
pub mod sign_on;
