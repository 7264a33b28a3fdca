//! Drives a flow: asks a court what the flow says, and tells it what came.
//!
//! Nothing else sends anything to a court. A request goes out in the court's slot, under its right: the
//! intent of the purchase, or that it is paid or costs nothing. What an answer means for everybody is
//! carried out here too; which answer it is, and what is asked next, are the flow's to say
//! ([`pacer::flow`]).

mod patience;
mod sending;
mod slot;

use std::{sync::Arc, time::Duration};

use fetch_model::{
    AttemptError, Failure,
    decision::{kept_asking, not_delivered},
};
use kill_point::Point;
use pacer::{
    bill::Bill,
    flow::{CourtRequest, End, Event, Flow, FreeFlow, Goods, Response, Step, Way},
    page::answer::Answer,
};
use tokio::time;
use tracing::warn;

pub(crate) use slot::PurchaseIntent;

use crate::{
    Conversation, booked,
    court_health::{self, Seen},
    response::CourtResponse,
};
use slot::{NoResponse, Right};

/// Before what was paid for is asked for again because it did not come; four times as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

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

/// Drives one flow.
pub(crate) struct Driver<'a> {
    conversation: &'a Conversation<'a>,
    /// Of what is bought; none where everything is free.
    intent: Option<Arc<PurchaseIntent>>,
    /// The case as sentences name it, or empty.
    case: &'a str,
    /// So often what was paid for did not come.
    pauses: u32,
}

/// What became of the last request.
enum Last {
    Response(CourtResponse),
    NoResponse { answer: Answer, limit_bytes: u64 },
    NotSent(AttemptError),
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

impl Conversation<'_> {
    /// Asks for something that costs nothing, until it is there or the table of answers says no.
    pub(crate) async fn ask(&self, flow: FreeFlow) -> Result<CourtResponse, AttemptError> {
        // Boxed, as what it waits for is nested too deeply for an optimising compiler.
        match Box::pin(Driver::free(self).drive(flow)).await {
            Conclusion::Done(_, response) => Ok(response),
            Conclusion::NotBilled(error) | Conclusion::Doubt { then: error, .. } => Err(error),
            // No flow of what is free says so.
            Conclusion::RefusedWithBill { .. } => Err(Failure::Internal.into()),
        }
    }
}

impl<'a> Driver<'a> {
    /// Drives what costs nothing.
    fn free(conversation: &'a Conversation<'a>) -> Driver<'a> {
        Driver {
            conversation,
            intent: None,
            case: "",
            pauses: 0,
        }
    }

    /// Drives a purchase, whose intent is in the row before the first request is written.
    pub(crate) fn buying(
        conversation: &'a Conversation<'a>,
        intent: Arc<PurchaseIntent>,
        case: &'a str,
    ) -> Driver<'a> {
        Driver {
            intent: Some(intent),
            case,
            ..Driver::free(conversation)
        }
    }

    /// Asks until the flow has come to its end.
    pub(crate) async fn drive<F: Flow + Send>(mut self, flow: F) -> Conclusion {
        let (mut flow, mut step) = flow.start();
        let mut last = Last::NotSent(Failure::Internal.into());
        loop {
            let (request, way) = match step {
                Step::Send { request, way } => (request, way),
                Step::Accept {
                    request,
                    cents,
                    differs,
                } => {
                    if let Err(error) = self.accept(cents, differs).await {
                        return Conclusion::NotBilled(error);
                    }
                    (request, Way::Buy)
                }
                Step::Retry { request, after } => {
                    self.carry_out(after, &last).await;
                    self.pause().await;
                    (request, Way::Fetch)
                }
                Step::End(end) => return self.end(end, last).await,
            };
            // The flow has read it, and it may be large.
            drop(last);
            last = self.send_as(&request, way).await;
            (flow, step) = self.tell(flow, &last);
        }
    }

    /// Asks in this way: under which right, and how patiently.
    async fn send_as(&self, request: &CourtRequest, way: Way) -> Last {
        let conversation = self.conversation;
        let buying = |intent: &Arc<PurchaseIntent>| Right::Buying(intent.clone());
        let sent = match (way, &self.intent) {
            (Way::Free, _) => conversation.send_in_turn(request, Right::Free).await,
            (Way::Fetch, _) => conversation.send_patiently(request, &Right::Paid).await,
            (Way::Buy, Some(intent)) => conversation.send_in_turn(request, buying(intent)).await,
            (Way::Follow, Some(intent)) => {
                conversation.send_patiently(request, &buying(intent)).await
            }
            // What costs nothing has no intent, and sends nothing that could cost anything.
            (Way::Buy | Way::Follow, None) => Err(NoResponse::NotSent(Failure::Internal.into())),
        };
        match sent {
            Ok(response) => {
                if way != Way::Free {
                    kill_point::reached(Point::AfterResponse);
                }
                Last::Response(response)
            }
            Err(NoResponse::NotSent(error)) => Last::NotSent(error),
            Err(NoResponse::Lost(error)) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "no answer from the court"
                );
                Last::NoResponse {
                    answer: court_health::row_of(&error),
                    limit_bytes: court_health::limit_of(&error),
                }
            }
        }
    }

    /// Tells the flow what came.
    fn tell<F: Flow>(&self, flow: F, last: &Last) -> (F, Step) {
        match last {
            Last::Response(response) => {
                let resolve = |link: &str| self.conversation.path_of(response, link);
                flow.next(&Event::Response(Response {
                    status: response.status,
                    media_type: &response.media_type,
                    location: response.location.as_deref(),
                    body: &response.body,
                    resolve: &resolve,
                }))
            }
            Last::NoResponse { answer, .. } => flow.next(&Event::NoResponse(*answer)),
            Last::NotSent(_) => flow.next(&Event::NotSent),
        }
    }

    /// Notes the price that the court has shown. One that does not fit under a limit ends the
    /// purchase before money moves.
    async fn accept(&self, cents: u32, differs: Option<String>) -> Result<(), AttemptError> {
        let attempt = self.conversation.attempt;
        if let Some(differs) = differs
            && let Err(error) = attempt.step("differs", &differs).await
        {
            warn!(%error, "could not record the difference between quote and bill");
        }
        let price = booked::cents(cents);
        if let Some(intent) = self.intent.as_ref().and_then(|intent| intent.id()) {
            let stores = &self.conversation.purchases.stores;
            if let Some(shortfall) = stores.ledger.price_purchase(intent, price).await? {
                return Err(Failure::OverBudget { shortfall }.into());
            }
        }
        attempt.step("priced", &price.to_string()).await
    }

    /// What was paid for did not come: the court gets a moment before it is asked again.
    async fn pause(&mut self) {
        self.pauses += 1;
        time::sleep(FIRST_PAUSE * 4_u32.saturating_pow(self.pauses - 1)).await;
    }

    /// What an answer means for everybody, where it does not end the conversation.
    async fn carry_out(&self, answer: Option<Answer>, last: &Last) {
        if let Some(answer) = answer {
            let then = self.conversation.judge(answer, &last.seen(self.case)).await;
            if let Err(error) = then {
                warn!(%error, "could not apply what an answer means for the court or the session");
            }
        }
    }

    async fn end(self, end: End, last: Last) -> Conclusion {
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
