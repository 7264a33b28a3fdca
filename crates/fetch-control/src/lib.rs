//! What has to happen together in several stores, for the gateway and the operator: one file for each
//! such transaction.
//!
//! A store knows its own tables and commits nothing that another one began. Here is what is begun and
//! committed: `accept` (budget, queue), `cancel` and `sweep` (queue, purchases), `bills` (purchases,
//! texts), `quotes` (documents, purchases), `plans` and `sets` (documents, purchases, queue), `trackers` (dockets,
//! purchases, queue), `settle` and `replay` (purchases, queue), `forget` and
//! `farewell` (all), `migrate`.
//! What fetchers and readers do together is in `fetch-purchase` and `fetch-attempt`, so that no reader
//! of documents has the ledger.

pub mod accept;
mod bills;
mod cancel;
pub mod farewell;
pub mod forget;
mod migrate;
pub mod plans;
mod quotes;
mod replay;
pub mod sets;
mod settle;
mod sweep;
pub mod trackers;

use fetch_db::{Db, DbConfig, Error};
use fetch_ledger::Ledger;
use fetch_library::Library;
use fetch_queue::Queue;
use fetch_webhooks::Webhooks;

/// All stores, for those who may use them all. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Control {
    /// The database and the blobs.
    pub db: Db,
    /// Requests and courts.
    pub queue: Queue,
    /// Accounts and money.
    pub ledger: Ledger,
    /// Dockets, documents and texts.
    pub library: Library,
    /// Whom to tell that a request has ended.
    pub webhooks: Webhooks,
}

impl Control {
    /// All stores in that database.
    #[must_use]
    pub fn new(db: Db) -> Control {
        Control {
            queue: Queue::new(db.clone()),
            ledger: Ledger::new(db.clone()),
            library: Library::new(db.clone()),
            webhooks: Webhooks::new(db.clone()),
            db,
        }
    }

    /// Connects, whatever the schema is.
    ///
    /// # Errors
    /// As [`Db::connect`].
    pub async fn connect(config: &DbConfig) -> Result<Control, Error> {
        Ok(Control::new(Db::connect(config).await?))
    }
}
