//! The stores on a real Postgres: each test has a database of its own.
//!
//! They are tried here, where all of them are at hand: a purchase wants a request, a text a document.
//! `PACER_FETCH_TEST_DATABASE_URL` names a database of the server to use, by an account that may
//! create databases. Without it the tests are skipped, except in CI, where they fail.

mod breaker;
mod budgets;
mod confirm;
mod database;
mod doubt;
mod events;
mod feed;
mod group_commit;
mod ids;
mod ledger;
mod login_records;
mod merge;
mod moves;
mod queue;
mod repeats;
mod replica;
mod roles;
mod schema;
mod states;
mod texts;
mod turns;
mod walls;
mod webhooks;

use fetch_control::Control;

/// The stores as those have them who read documents.
fn readers(control: &Control) -> fetch_attempt::Stores {
    fetch_attempt::Stores::new(control.db.clone())
}

/// The stores as those have them who buy.
fn buyers(control: &Control) -> fetch_purchase::Stores {
    fetch_purchase::Stores::new(control.db.clone())
}
