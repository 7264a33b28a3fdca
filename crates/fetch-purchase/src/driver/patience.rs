//! Patience with a purchase that may be billed: giving up would lose what was paid for.

use std::{fmt, time::Duration};

use fetch_attempt::Moment;
use fetch_model::JobError;
use pacer::flow::CourtRequest;
use pacer_client::SendError;
use tokio::time;
use tracing::warn;

use super::turn::{Right, Unsent};
use crate::{Conversation, response::CourtResponse};

/// A little longer than a court is left alone the first time that its breaker opens.
const PATIENCE: Duration = Duration::from_secs(660);

/// Between two tries.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

impl Unsent {
    /// Nothing reached the court, and that may be otherwise soon.
    fn may_pass(&self) -> bool {
        match self {
            Unsent::Not(error) => match error {
                JobError::Retry { .. } | JobError::Snooze { .. } | JobError::PutOff { .. } => true,
                JobError::NeedsLogin { .. } | JobError::Refuse(_) | JobError::Lost => false,
            },
            Unsent::NoAnswer(error) => match error {
                SendError::NotSent { .. } => true,
                SendError::TimedOut { .. }
                | SendError::Broken { .. }
                | SendError::TooLarge { .. } => false,
            },
        }
    }
}

impl fmt::Display for Unsent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsent::Not(error) => error.fmt(formatter),
            Unsent::NoAnswer(error) => error.fmt(formatter),
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
    ) -> Result<CourtResponse, Unsent> {
        let begun = Moment::now();
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
