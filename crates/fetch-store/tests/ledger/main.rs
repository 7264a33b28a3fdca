//! The ledger on a real Postgres: what is bought once, whoever asks and whoever comes between.
//! Each test has a database of its own.

mod freshness;
mod house;
mod once;
