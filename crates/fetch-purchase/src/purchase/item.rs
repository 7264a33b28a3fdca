//! What is to be bought, and what it became.

use bytes::Bytes;
use fetch_ledger::captures::{Capture, Enough};
use fetch_model::Cents;

/// What is to be bought.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Names the very same thing, whoever asks.
    pub key: String,
    /// The most it will cost.
    pub quoted: Cents,
    /// The court shows the price before it charges; until then no more is put at stake than the
    /// request has set aside.
    pub priced_first: bool,
    /// Which bytes, if they are kept, make it needless to buy it.
    pub enough: Enough,
    /// The case as sentences about its document name it, or empty.
    pub case: String,
}

impl Item {
    /// The name under which what came for nothing is kept: menus have one of their own.
    pub(super) fn free_key(&self) -> &str {
        match &self.enough {
            Enough::Menu { key, .. } => key,
            Enough::OfAnyAge | Enough::Fresh => &self.key,
        }
    }
}

/// What was bought, or was there already.
#[derive(Debug, Clone)]
pub struct PurchaseResult {
    /// What is kept.
    pub capture: Capture,
    /// A page, or the beginning of a document: enough to tell what it is. The rest of a document is
    /// read from the store, by whoever needs it.
    pub body: Bytes,
    /// Whether money moved in this attempt.
    pub paid_now: bool,
}
