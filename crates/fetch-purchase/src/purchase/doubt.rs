//! Money may have moved, and nobody knows whether: what was left by an earlier attempt, and what
//! becomes of a purchase whose answer was lost.

use std::time::Duration;

use fetch_ledger::purchases::SILENT_FOR;
use fetch_model::{AttemptError, Failure, OnDoubt};
use tracing::warn;

use super::{LIMIT, Purchase, retry_until_written};
use crate::Conversation;

impl Conversation<'_> {
    /// An intent that an earlier attempt left open means that money may have moved. Whoever has it is
    /// waited for until the sweeper says that he is dead. Whether the purchase may be made once more
    /// then is the request's policy; `true` if it must be flagged.
    pub(super) async fn settle_open_intent(&self) -> Result<bool, AttemptError> {
        let stores = &self.purchases.stores;
        let request = &self.attempt.request;
        if let Some(open) = stores.ledger.open_intent(request.id).await? {
            let left = SILENT_FOR.saturating_sub(open.silent_for);
            return Err(AttemptError::PutOff {
                wait: left.max(Duration::from_secs(1)),
                reason:
                    "The worker that was buying this stopped responding. The request continues \
                     once it is certain that the worker is gone."
                        .to_owned(),
            });
        }
        match (
            stores.ledger.doubts(request.id).await?,
            request.spec.on_doubt,
        ) {
            (0, _) => Ok(false),
            (1, OnDoubt::OnceMore) => Ok(true),
            _ => Err(Failure::MONEY_IN_DOUBT.into()),
        }
    }
}

impl Purchase<'_> {
    /// Notes that the answer was lost, or not understood.
    pub(super) async fn doubt(&self, why: &str) -> Result<(), AttemptError> {
        warn!(why, "the answer to a purchase was lost");
        if let Some(intent) = self.intent.id() {
            let stores = &self.conversation.purchases.stores;
            retry_until_written(LIMIT, || stores.ledger.doubt_purchase(intent, why)).await?;
        }
        self.conversation.attempt.step("doubt", why).await
    }

    /// A request that is over is over. One that could go on goes on only if its policy says so, and
    /// only once.
    pub(super) fn after_doubt(&self, then: AttemptError) -> AttemptError {
        let asked = &self.conversation.attempt.request.spec;
        let may_try = asked.on_doubt == OnDoubt::OnceMore && !self.flagged;
        match then {
            AttemptError::Refuse(_) | AttemptError::Lost => then,
            AttemptError::Retry { .. }
            | AttemptError::Snooze { .. }
            | AttemptError::PutOff { .. }
            | AttemptError::NeedsLogin { .. }
                if may_try =>
            {
                then
            }
            AttemptError::Retry { .. }
            | AttemptError::Snooze { .. }
            | AttemptError::PutOff { .. }
            | AttemptError::NeedsLogin { .. } => Failure::MONEY_IN_DOUBT.into(),
        }
    }
}
