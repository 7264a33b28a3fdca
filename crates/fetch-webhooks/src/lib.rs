//! Whom users want to be told that a request has ended, and what became of each telling.
//!
//! A trigger writes a row for each endpoint in the transaction in which a request ends. Any gateway takes what is
//! due ([`delivery`]), sends it and writes down what was said; when to try again is said by [`schedule`], where
//! may be sent by [`target`], and what proves that it comes from us by [`secret`]. Nothing here sends anything.
//! See `docs/adr/0053-webhooks.md`.

pub mod delivery;
pub mod endpoints;
pub mod events;
pub mod retention;
pub mod schedule;
pub mod secret;
pub mod target;

use fetch_db::{Db, Error};

pub use delivery::{Bounds, Claimed, Finished, Outcome};
pub use endpoints::{Change, Endpoint, NewEndpoint, OldestWaiting};
pub use events::{EventFilter, Replayed, WebhookEvent};
pub use schedule::{EventStatus, Warning};
pub use secret::SigningSecret;
pub use target::{RefusedTarget, Targets};

/// The number of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(
    /// As its row has it.
    pub i64,
);

/// The number of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookEventId(
    /// As its row has it.
    pub i64,
);

/// The event type of a request that has ended; CourtListener's number.
pub const RECAP_FETCH: i16 = 3;

/// The event type of something that was filed in a docket that is tracked; ours, far from CourtListener's numbers.
pub const TRACKER: i16 = 100;

/// All event types that we have.
pub const EVENT_TYPES: [i16; 2] = [RECAP_FETCH, TRACKER];

/// The versions of what is sent. Both are the same.
pub const VERSIONS: [i16; 2] = [1, 2];

/// The version of endpoints whose owner does not say.
pub const LATEST_VERSION: i16 = 2;

/// The store of endpoints and deliveries. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Webhooks {
    db: Db,
}

impl Webhooks {
    /// The endpoints in that database.
    #[must_use]
    pub fn new(db: Db) -> Webhooks {
        Webhooks { db }
    }
}
