//! A submission that was accepted before, under the same key.

use fetch_model::UserId;
use fetch_queue::repeats::{Earlier, Mark};
use tracing::info;

use super::{Accepted, Intake};
use crate::{dialect::ApiError, repeat};

impl Intake {
    /// What was accepted earlier under a key, if there is a key, and anything.
    pub(super) async fn earlier(
        &self,
        user: UserId,
        mark: Option<&Mark>,
    ) -> Result<Option<Accepted>, ApiError> {
        let Some(mark) = mark else {
            return Ok(None);
        };
        match self.api.control.queue.earlier(user, mark).await? {
            None => Ok(None),
            Some(Earlier::Different) => Err(repeat::another_body()),
            Some(Earlier::Same(request)) => {
                info!(fetch.id = request.id.0, "sent again");
                Ok(Some(Accepted {
                    request: *request,
                    at_most: None,
                    warning: None,
                    session: None,
                    outlives_session: false,
                    replayed: true,
                }))
            }
        }
    }

    /// What was accepted under the same key while a submission was on its way to be refused.
    pub(super) async fn earlier_after_all(
        &self,
        user: UserId,
        mark: Option<&Mark>,
        refusal: ApiError,
    ) -> Result<Accepted, ApiError> {
        if matches!(refusal, ApiError::Unauthenticated(_)) {
            return Err(refusal);
        }
        match self.earlier(user, mark).await {
            Ok(Some(accepted)) => Ok(accepted),
            // That nobody can be asked now is less true than what was said first.
            Ok(None) | Err(ApiError::Later { .. }) => Err(refusal),
            Err(other) => Err(other),
        }
    }
}
