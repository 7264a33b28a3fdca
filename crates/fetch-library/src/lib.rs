//! The library: dockets with their entries, documents and parties, and the texts of documents; merged
//! from pages, and read back.
//!
//! Start reading at [`merge`], which is how a page becomes rows; [`read`] is what may be read back and
//! how to ask for it, [`texts`] how a file is read. No statement here knows of money: a crate that has
//! this store and not the ledger can neither buy nor see what was bought.

pub mod changes;
pub mod content;
pub mod court_directory;
pub mod feed;
pub mod merge;
pub mod quotes;
pub mod read;
pub mod replica;
pub mod request_changes;
pub mod sets;
pub mod texts;
pub mod whereabouts;

use std::sync::Arc;

use fetch_db::{Db, Error, watermark::Watermark};
use fetch_model::FetchId;
use tokio::sync::Mutex;

/// The store of dockets, documents and texts. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Library {
    db: Db,
    /// The request on whose behalf pages are merged, if there is one.
    works_for: Option<FetchId>,
    /// Up to where changes are known. Clones share it.
    watermark: Arc<Mutex<Watermark>>,
}

impl Library {
    /// The library in that database.
    #[must_use]
    pub fn new(db: Db) -> Library {
        Library {
            db,
            works_for: None,
            watermark: Arc::default(),
        }
    }

    /// The same library, which notes what it adds and changes as done for a request.
    #[must_use]
    pub fn working_for(&self, request: FetchId) -> Library {
        Library {
            works_for: Some(request),
            ..self.clone()
        }
    }
}
