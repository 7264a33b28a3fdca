//! The queue on a real Postgres: who is released next, what keeps a request back, and what its
//! owner and the operator do to it. Each test has a database of its own.

mod cancel;
mod caps;
mod fairness;
mod fixture;
mod logins;
mod place;
mod plans;
mod replay;
mod sets;
mod settings;
mod steps;
mod trackers;
mod workers;
