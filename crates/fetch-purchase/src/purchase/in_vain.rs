//! The court billed, and sent something that is of no use to the request.

use fetch_model::AttemptError;
use pacer::{bill::Bill, page::answer::Answer};

use super::{Purchase, PurchaseResult};
use crate::{
    court_health::{self, Seen},
    response::CourtResponse,
};

impl Purchase<'_> {
    /// Keeps what was billed and ends the request; only then does the answer mean anything for others.
    pub(super) async fn keep_in_vain(
        &self,
        answer: Answer,
        response: CourtResponse,
        bill: Bill,
    ) -> Result<PurchaseResult, AttemptError> {
        let conversation = self.conversation;
        let kept = self.keep(response.clone(), bill, true).await;
        let seen = Seen {
            case: &self.item.case,
            ..Seen::response(&response)
        };
        let error = conversation.stop(answer, &seen).await;
        kept?;
        Err(court_health::final_word(error, &conversation.about(&seen)).into())
    }
}
