//! How to buy one thing once: session, turn, intent, capture, bill.
//!
//! Both fetchers buy through this crate and decide nothing about money themselves. What is asked next
//! on the way to a thing is decided by [`pacer::flow`], which tells what came; `driver` does it, and
//! nothing else here sends anything to a court. A docket is read no further than of which case it is and
//! whether it is the same still. Never pays without a written intent, never
//! sends a billable request twice on its own account.
//! Start reading at [`purchase`].

pub mod appellate;
mod booked;
mod conversation;
mod court_health;
pub mod docket;
pub mod document;
mod driver;
mod fetcher;
mod kept;
pub mod lookup;
pub mod menu;
mod other_case;
mod pulse;
pub mod purchase;
mod report;
mod response;
mod session;
mod stores;
mod unchanged;
mod unpriced;
mod watch;

use std::time::Duration;

use fetch_bus::{Sessions, TurnedAway};
use moka::future::Cache;
use pacer_client::Courts;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use conversation::Conversation;
pub use fetcher::{Fetcher, FetcherConfig};
pub use purchase::PurchaseResult;
pub use stores::Stores;
pub use unchanged::UnchangedDocket;
use watch::StoreWatch;

/// Buys from the courts.
#[derive(Clone)]
pub struct Purchases {
    stores: Stores,
    courts: Courts,
    sessions: Sessions,
    /// Whether a case that may live in ACMS is asked for at the court's CM/ECF site all the same.
    ask_cmecf_for_acms: bool,
    /// The most that a page of a court may have; documents have the limit of the wire.
    page_bytes: u64,
    /// Opened sessions with their cookies, by session key.
    open: Cache<String, session::OpenSession>,
    /// Those that courts turned away, by session key.
    turned_away: Cache<String, TurnedAway>,
    /// Says that the process is to end: no purchase begins any more.
    stopping: CancellationToken,
    /// Whether what is bought can be kept.
    watch: StoreWatch,
    /// What writes down what was paid for. It goes on when the job is over.
    writing: TaskTracker,
}

impl Purchases {
    /// Buys with sessions that `sessions` can open, from `courts`, on the books of `store`, once
    /// [`Purchases::watch_the_store`] says that what is bought can be kept.
    #[must_use]
    pub fn new(stores: Stores, courts: Courts, sessions: Sessions) -> Purchases {
        Purchases {
            stores,
            courts,
            sessions,
            ask_cmecf_for_acms: false,
            page_bytes: 64_000_000,
            open: for_an_hour(),
            turned_away: for_an_hour(),
            stopping: CancellationToken::new(),
            watch: StoreWatch::new(),
            writing: TaskTracker::new(),
        }
    }

    /// Once `stopping` is cancelled, begins no more purchases and gives back requests that have
    /// bought nothing.
    #[must_use]
    pub fn until(mut self, stopping: CancellationToken) -> Purchases {
        self.stopping = stopping;
        self
    }

    /// Accepts pages of up to this many bytes; the default is 64 MB. They are parsed in memory.
    #[must_use]
    pub fn taking_pages_up_to(mut self, bytes: u64) -> Purchases {
        self.page_bytes = bytes;
        self
    }

    /// Asks the CM/ECF site even for cases that may be in ACMS: those that the court has not moved
    /// are there, and each of the others costs a page and yields nothing.
    #[must_use]
    pub fn asking_cmecf_for_acms(mut self, ask: bool) -> Purchases {
        self.ask_cmecf_for_acms = ask;
        self
    }

    /// Checks the blob store until the process ends. Nothing is bought unless it is known to be
    /// writable with `reserve_bytes` free.
    pub async fn watch_the_store(&self, reserve_bytes: u64) {
        let (watch, blobs) = (self.watch.clone(), self.stores.db.blobs.clone());
        watch.run(blobs, reserve_bytes, self.stopping.clone()).await;
    }

    /// Why nothing can be bought at the moment, for people: answers could not be stored.
    #[must_use]
    pub fn trouble_with_the_store(&self) -> Option<String> {
        self.watch.trouble()
    }

    /// Waits until everything that was paid for is recorded.
    pub async fn written_down(&self) {
        self.writing.close();
        self.writing.wait().await;
    }
}

/// What is known of sessions, as long as one may live.
fn for_an_hour<T: Clone + Send + Sync + 'static>() -> Cache<String, T> {
    let cache = Cache::builder().max_capacity(10_000);
    cache.time_to_live(Duration::from_secs(3600)).build()
}
