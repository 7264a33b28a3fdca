//! Whether a request is begun before its session ends.

use chrono::Utc;
use fetch_bus::SessionLife;
use fetch_model::Lane;
use fetch_queue::accept::Written;
use tracing::warn;

use super::Intake;

/// Interactive work that has no more turns of its own before it is begun long before a session ends.
const SOON: f64 = 10.0;

impl Intake {
    /// Whether a request will be begun after its session has ended, as far as that can be told.
    pub(super) async fn outlives(&self, written: &Written, life: Option<SessionLife>) -> bool {
        let Some(life) = life else {
            return false;
        };
        let asked = &written.request.spec;
        let is_soon =
            asked.lane == Lane::Interactive && asked.not_before.is_none() && written.behind <= SOON;
        if is_soon {
            return false;
        }
        let place = self
            .api
            .control
            .queue
            .place_of(asked.user, written.request.id)
            .await;
        match place {
            Ok(place) => {
                let wait = place.and_then(|place| place.wait);
                wait.is_some_and(|wait| Utc::now() + wait > life.ends)
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not estimate when a request will start");
                false
            }
        }
    }
}
