//! What every store stands on: the pool of connections, the schema with its roles, and the blobs.
//!
//! Four stores know the tables, each its own: `fetch-queue` (requests and courts), `fetch-ledger`
//! (accounts and money), `fetch-library` (dockets and documents) and `fetch-webhooks` (who is told). Their functions take a
//! [`Connection`] where they must happen together with those of another; [`Db::begin`] gives one, and
//! whoever began says when it is over. This crate has no table of its own but those of locks, roles and
//! how long things are kept.
//!
//! Everything that asks the database fails with an [`error::Error`] when it cannot answer, and has
//! changed nothing then. `# Errors` stands where there is more to say.

pub mod blobs;
mod confirm;
mod db;
pub mod error;
pub mod ids;
pub mod locks;
pub mod lookout;
mod request_state;
pub mod retention;
pub mod roles;
mod rows;
pub mod schema;
mod sockets;
pub mod watermark;

pub use blobs::Blobs;
pub use db::{
    Connection, DEFAULT_TIME_ZONE, Db, DbConfig, PooledConnection, Transaction, begin_on,
};
pub use error::Error;
pub use request_state::RequestState;
pub use rows::in_order;
