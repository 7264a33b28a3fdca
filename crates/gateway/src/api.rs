//! The shared state of all handlers of the HTTP API.

use std::{ops::Deref, sync::Arc};

use chrono_tz::Tz;
use fetch_control::Control;
pub use fetch_db::DEFAULT_TIME_ZONE;
use url::Url;

use crate::{
    dialect::body::BodyLimits, file_access::FileAccess, guard::Guard, lists::Lists,
    webhooks::WebhookCalls,
};

/// The largest body of a call unless set otherwise. A request is a few hundred bytes.
pub const DEFAULT_BODY_LIMIT_BYTES: usize = 256 * 1024;

/// The shared state of all handlers of the HTTP API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api(Arc<ApiParts>);

/// The parts of an [`Api`].
#[derive(Debug)]
pub struct ApiParts {
    /// Rows and files.
    pub control: Control,
    /// Where callers find us, when a proxy does not say: scheme, host and perhaps a path.
    pub public_url: Option<Url>,
    /// The time zone of answers.
    pub time_zone: Tz,
    /// Bodies larger than this are refused.
    pub body_limit_bytes: usize,
    /// The limits on callers.
    pub guard: Guard,
    /// Who may open files.
    pub files: FileAccess,
    /// Looks for the rows of lists.
    pub lists: Lists,
    /// What calls about webhooks need.
    pub webhooks: WebhookCalls,
}

impl Api {
    /// An API on these parts.
    #[must_use]
    pub fn new(parts: ApiParts) -> Api {
        Api(Arc::new(parts))
    }

    /// What the body of a call may be.
    #[must_use]
    pub fn body_limits(&self) -> BodyLimits {
        BodyLimits {
            bytes: self.body_limit_bytes,
            within: self.guard.body_within,
        }
    }
}

impl Deref for Api {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.0
    }
}
