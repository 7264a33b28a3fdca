//! What an attempt is told and may ask while its work is done.

use std::sync::Arc;

use fetch_model::{AttemptError, Fence, FetchRequest};
use tracing::info;

use crate::{ClaimState, Stores};

/// An attempt under way.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The request, as it was when it was claimed.
    pub request: FetchRequest,
    pub(crate) stores: Stores,
    pub(crate) life: Arc<ClaimState>,
}

impl Attempt {
    /// The token that every write of this attempt carries.
    #[must_use]
    pub fn fence(&self) -> Fence {
        self.request.fence
    }

    /// Whether the request was cancelled, or the claim is known to be lost, or must be taken for lost since the database has not
    /// confirmed it for a lease's time. A question to the row tells for certain; this one costs
    /// nothing.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.life.is_lost()
    }

    /// The same for whoever outlives this borrow.
    #[must_use]
    pub fn life(&self) -> Arc<ClaimState> {
        self.life.clone()
    }

    /// Records a step in the history of the request, for people.
    ///
    /// # Errors
    /// [`AttemptError::Retry`] when the database cannot answer.
    pub async fn step(&self, step: &str, detail: &str) -> Result<(), AttemptError> {
        info!(step, detail, "step");
        Ok(self
            .stores
            .queue
            .step(self.request.id, self.fence(), step, detail)
            .await?)
    }
}
