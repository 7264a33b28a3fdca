//! Ids of rows. Each has its own type so that they cannot be confused.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}

row_ids! {
    /// A fetch request, as clients see it (`recap-fetch/{id}/`).
    FetchId,
    /// An account of this service (not a PACER account).
    UserId,
    /// An API token of an account.
    TokenId,
    /// A stored docket.
    DocketId,
    /// A stored document or attachment (`recap_document`).
    DocumentId,
    /// A docket that is looked at again and again (`trackers/{id}/`).
    TrackerId,
    /// A row of the ledger.
    PurchaseId,
    /// Bytes received from a court and kept.
    CaptureId,
    /// The fencing token of an attempt: every claim and every sweep raises it, and a write
    /// that carries an older one changes nothing.
    Fence,
}
