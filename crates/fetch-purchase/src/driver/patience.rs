//! Patience with a purchase that may be billed: giving up would lose what was paid for.

use std::{fmt, time::Duration};

use fetch_attempt::BootInstant;
use fetch_model::AttemptError;
use pacer::flow::CourtRequest;
use pacer_client::SendError;
use tokio::time;
use tracing::warn;

use super::{permit::Right, sending::NoResponse};
use crate::{Conversation, response::CourtResponse};

/// A little longer than a court is left alone the first time that its breaker opens.
const PATIENCE: Duration = Duration::from_secs(660);

/// Between two tries.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

impl NoResponse {
    /// Nothing reached the court, and that may be otherwise soon.
    fn may_pass(&self) -> bool {
        match self {
            NoResponse::NotSent(error) => match error {
                AttemptError::Retry { .. }
                | AttemptError::Snooze { .. }
                | AttemptError::PutOff { .. } => true,
                AttemptError::NeedsLogin { .. } | AttemptError::Refuse(_) | AttemptError::Lost => {
                    false
                }
            },
            NoResponse::Lost(error) => match error {
                SendError::NotSent { .. } => true,
                SendError::TimedOut { .. }
                | SendError::Broken { .. }
                | SendError::TooLarge { .. } => false,
            },
        }
    }
}

impl fmt::Display for NoResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoResponse::NotSent(error) => error.fmt(formatter),
            NoResponse::Lost(error) => error.fmt(formatter),
        }
    }
}

impl Conversation<'_> {
    /// Sends one request, and where nothing could be sent, tries again: no turn is given, our
    /// database is away, the court takes no connection. None of that is an answer.
    pub(super) async fn send_patiently(
        &self,
        request: &CourtRequest,
        right: &Right,
    ) -> Result<CourtResponse, NoResponse> {
        let begun = BootInstant::now();
        let mut is_told = false;
        loop {
            let unsent = match self.send_in_turn(request, right.clone()).await {
                Err(unsent) if unsent.may_pass() && begun.elapsed() < PATIENCE => unsent,
                ended => return ended,
            };
            if right.is_needless() {
                return Err(unsent);
            }
            if !std::mem::replace(&mut is_told, true) {
                warn!(%unsent, "cannot finish a purchase that may be billed at the moment; \
                                retrying");
            }
            drop(unsent);
            time::sleep(AGAIN_AFTER).await;
        }
    }
}
