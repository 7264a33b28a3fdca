//! For tests only: a database of one's own, a NATS server of one's own, and the whole stack on
//! the simulated PACER.
//!
//! It never is a normal dependency of anything, and fakes nothing: Postgres and NATS are real,
//! and a stack is made of the real programs. `make test` provides what is needed; a test that
//! finds none of it is skipped with a word on a person's machine, and fails in CI. Start reading
//! at [`database()`], then at [`stack()`].

mod contents;
mod database;
mod extra;
mod faults;
mod memory;
mod nats;
mod place;
mod records;
mod request_state;
mod stack;
mod store;
mod until;

pub use contents::Planted;
pub use database::{MERGED_TABLES, TestDatabase, database, empty_database};
pub use dev_stack::simulator::{CourtTraffic, Sale, SimulatedCase, SimulatedDocument, Simulator};
pub use dev_stack::{DEMO_DOCKET, Signal};
pub use extra::extra;
pub use faults::{Fault, FaultyKeeper};
pub use nats::{TestCluster, TestNats, nats, nats_cluster, nats_with_users, observe};
pub use pacer_fetch_client::Account;
pub use pacer_fetch_client::raw::{Answer, Api};
pub use place::{client_court_id, skip};
pub use records::{
    DatabaseKeeper, TestRecords, asked_for_records, login_records, login_records_by,
};
pub use request_state::in_state;
pub use stack::{Stack, StackBuilder, stack};
pub use store::{TestStore, open_store, store};
pub use until::until;
