//! How a conversation ends, and what its answers mean for everybody.

use fetch_model::{
    AttemptError, Failure,
    decision::{kept_asking, not_delivered},
};
use pacer::{
    bill::Bill,
    flow::{End, Goods},
    page::answer::Answer,
};
use tracing::warn;

use super::{Driver, Last};
use crate::{court_health::Seen, response::CourtResponse};

/// How a conversation ended, and what that means for the books.
pub(crate) enum Conclusion {
    /// The answer has what was asked for.
    Done(Goods, CourtResponse),
    /// The court billed nothing, for this reason.
    NotBilled(AttemptError),
    /// The court billed, and sent something that ends the request; it is kept all the same. What the
    /// answer means for everybody is still to be carried out, once it is.
    RefusedWithBill {
        answer: Answer,
        response: CourtResponse,
        bill: Bill,
    },
    /// Nobody knows whether it was billed.
    Doubt {
        /// Why not.
        why: String,
        /// What becomes of the request, if its policy allows to go on.
        then: AttemptError,
    },
}

impl Last {
    fn seen<'b>(&'b self, case: &'b str) -> Seen<'b> {
        let seen = Seen {
            case,
            ..Seen::default()
        };
        match self {
            Last::Response(response) => Seen {
                response: Some(response),
                ..seen
            },
            Last::NoResponse { limit_bytes, .. } => Seen {
                limit_bytes: *limit_bytes,
                ..seen
            },
            Last::NotSent(_) => seen,
        }
    }
}

impl Driver<'_> {
    /// What an answer means for everybody, where it does not end the conversation.
    pub(super) async fn carry_out(&self, answer: Option<Answer>, last: &Last) {
        if let Some(answer) = answer {
            let then = self.conversation.judge(answer, &last.seen(self.case)).await;
            if let Err(error) = then {
                warn!(%error, "could not apply what an answer means for the court or the session");
            }
        }
    }

    /// What the end of a flow means for the books and for the request.
    pub(super) async fn end(self, end: End, last: Last) -> Conclusion {
        let conversation = self.conversation;
        let seen = last.seen(self.case);
        match end {
            End::Done(goods) => match last {
                Last::Response(response) => Conclusion::Done(goods, response),
                // Nothing is there without an answer.
                _ => Conclusion::NotBilled(Failure::Internal.into()),
            },
            End::Refused { answer, bill } => match (bill, seen.response) {
                (Some(bill), Some(response)) => Conclusion::RefusedWithBill {
                    answer,
                    response: response.clone(),
                    bill,
                },
                _ => Conclusion::NotBilled(conversation.stop(answer, &seen).await),
            },
            End::InDoubt(answer) => Conclusion::Doubt {
                why: answer.row().signal.to_owned(),
                then: conversation.stop(answer, &seen).await,
            },
            End::KeptAsking => Conclusion::NotBilled(kept_asking(&conversation.about(&seen))),
            End::LinkElsewhere => Conclusion::NotBilled(Failure::Internal.into()),
            End::NotSent => Conclusion::NotBilled(match last {
                Last::NotSent(error) => error,
                Last::Response(_) | Last::NoResponse { .. } => Failure::Internal.into(),
            }),
            End::NotDelivered { after } => {
                self.carry_out(after, &last).await;
                let (why, then) = not_delivered(&conversation.about(&seen));
                Conclusion::Doubt {
                    why: why.to_owned(),
                    then: match last {
                        // Whoever lost the request has no say in what becomes of it.
                        Last::NotSent(AttemptError::Lost) => AttemptError::Lost,
                        _ => then,
                    },
                }
            }
        }
    }
}
