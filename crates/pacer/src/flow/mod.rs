//! What to send next during a purchase, and how it ends: decided only from what the court sent.
//!
//! Each way of talking to a court is a state machine without I/O or clock. Whoever drives it asks
//! what it says ([`Step`]) and tells it what came ([`Event`]); see `docs/adr/0042-page-flows.md`.

mod appeal;
mod came;
mod docket;
mod document;
mod ends;
mod fetching;
mod free;
mod menu;
mod request;
#[cfg(test)]
mod tests;

pub use appeal::AppealFlow;
pub use docket::DocketFlow;
pub use document::{DocumentFlow, DocumentToBuy};
pub use free::FreeFlow;
pub use menu::MenuFlow;
pub use request::CourtRequest;

use crate::bill::Bill;
use crate::page::answer::{Answer, table::Billed};
use crate::price;

/// The most requests on the way to one thing.
pub const MOST_REQUESTS: u8 = 8;

/// A conversation with a court about one thing.
pub trait Flow: Sized {
    /// The first step.
    fn start(self) -> (Self, Step);

    /// The step that follows from what came.
    fn next(self, event: &Event<'_>) -> (Self, Step);
}

/// The outcome of a request.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    /// The court answered.
    Response(Response<'a>),
    /// It was sent, or could not be, and this is all that is known.
    NoResponse(Answer),
    /// It was not sent, even after waiting.
    NotSent,
}

/// What a court answered.
#[derive(Clone, Copy)]
pub struct Response<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The content type as sent.
    pub media_type: &'a str,
    /// Where it redirects to, as sent.
    pub location: Option<&'a str>,
    /// A page, or at least the beginning of a document.
    pub body: &'a [u8],
    /// Follows a link of the answer: the path and query to ask the same court for; none if it leads to
    /// another site, where our session must not go.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
}

/// How something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It costs nothing.
    Free,
    /// Under the intent of the purchase: it may be billed.
    Buy,
    /// The same after an order was answered with a redirect. The order may have been accepted, so a
    /// problem that only keeps us from asking does not end the purchase: the request waits.
    Follow,
    /// It is already paid for, whoever holds the request by now, and it also waits: these bytes belong to this
    /// purchase, and asking for them costs nothing.
    Fetch,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask.
    Send {
        /// For what.
        request: CourtRequest,
        /// How.
        way: Way,
    },
    /// Check this price against the limits, and if it is within them, ask under the intent.
    Accept {
        /// For what.
        request: CourtRequest,
        /// The price, in cents.
        cents: u32,
        /// What the page is about, if that is not what was asked for: to be noted.
        differs: Option<String>,
    },
    /// What was paid for did not arrive. After a moment, ask for it again, as already paid.
    Retry {
        /// For what.
        request: CourtRequest,
        /// What came instead, whose effect on everybody is carried out first.
        after: Option<Answer>,
    },
    /// The conversation is over.
    End(End),
}

/// How a conversation ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// What the last answer has is what was asked for.
    Done(Goods),
    /// The court gave this answer instead.
    Refused {
        /// What came.
        answer: Answer,
        /// What it cost all the same: then it is kept.
        bill: Option<Bill>,
    },
    /// This answer came, and it is unknown whether it was billed.
    InDoubt(Answer),
    /// The court kept asking. Nothing was billed.
    KeptAsking,
    /// The court leads out of its site. Nothing was billed.
    LinkElsewhere,
    /// Nothing was sent, and nothing billed.
    NotSent,
    /// It may have been sold, and did not arrive.
    NotDelivered {
        /// What came last, whose effect on everybody is still to be carried out.
        after: Option<Answer>,
    },
}

/// What was asked for is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goods {
    /// At the price that was shown, or is in its receipt.
    Billed(Bill),
    /// At a price that follows from the rules for such an item.
    ByRules(price::Item),
    /// For nothing.
    Free,
}

impl End {
    /// The same after an order that was answered by leading on.
    fn led_on(self) -> End {
        match self {
            End::Refused { answer, bill: None } => End::InDoubt(answer),
            End::KeptAsking | End::LinkElsewhere | End::NotSent => {
                End::NotDelivered { after: None }
            }
            end => end,
        }
    }

    /// It may have been sold, and no request is left to fetch it with. What came last still decides what
    /// becomes of the request, where it may have been billed itself.
    fn not_delivered(after: Option<Answer>) -> End {
        match after {
            Some(answer) if matches!(answer.row().billed, Billed::Yes | Billed::Perhaps) => {
                End::InDoubt(answer)
            }
            after => End::NotDelivered { after },
        }
    }
}

impl Step {
    fn send(way: Way, request: CourtRequest) -> Step {
        Step::Send { request, way }
    }

    fn buy(request: CourtRequest) -> Step {
        Step::send(Way::Buy, request)
    }

    fn done(goods: Goods) -> Step {
        Step::End(End::Done(goods))
    }

    fn not_delivered(after: Option<Answer>) -> Step {
        Step::End(End::NotDelivered { after })
    }

    /// The same, if an order was answered by leading on: whatever comes then says nothing of the order,
    /// which may have been taken. It is waited for, and never called unbilled.
    fn led_on(self, is_led_on: bool) -> Step {
        if !is_led_on {
            return self;
        }
        match self {
            Step::Send {
                request,
                way: Way::Buy,
            } => Step::send(Way::Follow, request),
            Step::End(end) => Step::End(end.led_on()),
            step => step,
        }
    }

    /// The same, if an order at this price may have been taken: the receipt of a page that came instead does
    /// not make it cheaper than was said yes to.
    fn billed_at_least(self, price: Option<&Bill>) -> Step {
        match (self, price) {
            (
                Step::End(End::Refused {
                    answer,
                    bill: Some(bill),
                }),
                Some(price),
            ) if bill.cents < price.cents => Step::End(End::Refused {
                answer,
                bill: Some(price.clone()),
            }),
            (step, _) => step,
        }
    }

    /// The same, unless no request is left: then the conversation has this end.
    fn within(self, requests_left: &mut u8, end: impl FnOnce(Option<Answer>) -> End) -> Step {
        let after = match self {
            Step::End(_) => return self,
            Step::Retry { after, .. } => after,
            Step::Send { .. } | Step::Accept { .. } => None,
        };
        match requests_left.checked_sub(1) {
            Some(left) => {
                *requests_left = left;
                self
            }
            None => Step::End(end(after)),
        }
    }
}
