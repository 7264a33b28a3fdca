//! The ledger on a real Postgres: what is bought once, whoever asks and whoever comes between.
//! Each test has a database of its own.

mod doubt;
mod freshness;
mod house;
mod once;
mod receipts;
mod retention;
mod sequences;
mod settle;
mod silence;
