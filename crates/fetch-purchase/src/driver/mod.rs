//! Drives a flow: asks a court what the flow says, and tells it what came.
//!
//! Nothing else sends anything to a court. A request goes out in the court's slot, under its right: the
//! intent of the purchase, or that it is paid or costs nothing. What an answer means for everybody is
//! carried out here too; which answer it is, and what is asked next, are the flow's to say
//! ([`pacer::flow`]).

mod conclusion;
mod free;
mod intent;
mod patience;
mod permit;
mod price;
mod sending;
mod slot;

use std::{sync::Arc, time::Duration};

use fetch_model::{AttemptError, Failure};
use kill_point::Point;
use pacer::{
    flow::{CourtRequest, Event, Flow, Response, Step, Way},
    page::answer::Answer,
};
use tokio::time;
use tracing::warn;

use crate::{Conversation, court_health, response::CourtResponse};
pub(crate) use conclusion::Conclusion;
pub(crate) use intent::PurchaseIntent;
use permit::Right;
use sending::NoResponse;

/// The pause before asking again for what was paid for and did not come; four times as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Drives one flow.
pub(crate) struct Driver<'a> {
    conversation: &'a Conversation<'a>,
    /// Of what is bought; none where everything is free.
    intent: Option<Arc<PurchaseIntent>>,
    /// The case as sentences name it, or empty.
    case: &'a str,
    /// How often what was paid for did not come.
    pauses: u32,
}

/// What became of the last request.
enum Last {
    Response(CourtResponse),
    NoResponse { answer: Answer, limit_bytes: u64 },
    NotSent(AttemptError),
}

impl<'a> Driver<'a> {
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
        // Never seen: every flow begins with a request.
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

    /// What was paid for did not come: the court gets a moment before it is asked again.
    async fn pause(&mut self) {
        self.pauses += 1;
        time::sleep(FIRST_PAUSE * 4_u32.saturating_pow(self.pauses - 1)).await;
    }
}
