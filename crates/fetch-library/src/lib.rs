//! The library: dockets with their entries, documents and parties, and the texts of documents; merged
//! from pages, and read back.
//!
//! Start reading at [`merge`], which is how a page becomes rows; [`read`] is what may be read back and
//! how to ask for it, [`texts`] how a file is read. No statement here knows of money: a crate that has
//! this store and not the ledger can neither buy nor see what was bought.

pub mod changes;
pub mod content;
pub mod court_directory;
pub mod merge;
pub mod quotes;
pub mod read;
pub mod texts;

use fetch_db::{Db, Error};

/// The store of dockets, documents and texts. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Library {
    db: Db,
}

impl Library {
    /// The library in that database.
    #[must_use]
    pub fn new(db: Db) -> Library {
        Library { db }
    }
}
