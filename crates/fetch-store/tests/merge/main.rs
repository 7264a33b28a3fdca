//! Pages become rows: merged into a real Postgres, each test in a database of its own.
//!
//! `PACER_FETCH_TEST_DATABASE_URL` names a database of the server to use, by an account that may
//! create databases. Without it the tests are skipped, except in CI, where they fail.

mod appeals;
mod blobs;
mod breaker;
mod chance;
mod corpus;
mod database;
mod documents;
mod doubt;
mod entries;
mod moves;
mod pages;
mod parties;
mod texts;
mod together;
mod turns;
