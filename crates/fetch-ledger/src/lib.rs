//! The ledger: who may call and spend, who bought what, for how much, and what came home.
//!
//! An intent is written before money may move and a capture after it did; a line is never deleted.
//! Start reading at [`purchases`]. Statements write the tables of this store and read those of
//! requests; what has to happen together with a write of another store takes a connection.

pub mod abandoned;
pub mod booking;
pub mod budgets;
pub mod calls;
pub mod captures;
pub mod counted;
pub mod doubts;
mod events;
pub mod files;
pub mod history;
pub mod kept;
pub mod of_request;
pub mod other_case;
pub mod purchases;
mod receipts;
pub mod retention;
pub mod spend;
pub mod tokens;
pub mod trackers;
pub mod users;

use fetch_db::{Db, Error};

/// The store of accounts and money. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Ledger {
    db: Db,
}

impl Ledger {
    /// The ledger in that database.
    #[must_use]
    pub fn new(db: Db) -> Ledger {
        Ledger { db }
    }
}
