//! What must not be forgotten: requests, the ledger, captures, dockets, documents, files.
//!
//! Owns the database schema (`migrations/`) and the blob store. Never publishes, retries or
//! decides: a transition is one conditional update, and its caller learns whether it took place.
//! Start reading at [`requests`], then [`ledger`]; [`merge`] is how a page becomes rows,
//! [`texts`] how a file is read.
//!
//! Everything that asks the database fails with an [`error::Error`] when it cannot answer, and has
//! changed nothing then. `# Errors` stands where there is more to say.

mod abandoned;
pub mod blobs;
pub mod breaker;
pub mod budgets;
pub mod captures;
mod confirm;
pub mod court_directory;
pub mod court_settings;
pub mod courts;
pub mod doubts;
pub mod error;
pub mod farewell;
mod group_commit;
pub mod ledger;
mod locks;
pub mod lookout;
pub mod merge;
pub mod other_case;
mod pages_awaited;
pub mod quotes;
pub mod read;
mod receipts;
pub mod repeats;
pub mod requests;
pub mod reread;
pub mod retention;
pub mod roles;
pub mod rules;
pub mod schema;
mod sockets;
pub mod spend;
pub mod store;
pub mod texts;
pub mod tokens;
pub mod users;
pub mod workers;

pub use blobs::Blobs;
pub use error::Error;
pub use store::{DEFAULT_TIME_ZONE, Store, StoreConfig};
