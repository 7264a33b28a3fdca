//! The flow for a document: its price, the order, and the place where the court puts it.

use super::came::{Came, Form, Lead, Other, Price};
use super::ends::{ended, otherwise};
use super::fetching::Fetching;
use super::{CourtRequest, End, Event, Flow, Goods, MOST_REQUESTS, Response, Step};
use crate::bill::{Bill, Billing};
use crate::court::Court;
use crate::form::{self, DocumentOptions};
use crate::ids::{PacerCaseId, PacerDocId};
use crate::page::answer::{Answer, CourtPage, PricePage, document_page};
use crate::page::document_identity::DocumentShown;
use crate::price;

/// The document to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentToBuy {
    /// The court's id of it.
    pub doc_id: PacerDocId,
    /// The case that its pages shall name.
    pub case_id: Option<PacerCaseId>,
    /// The entry's number inside the court.
    pub sequence_number: Option<String>,
    /// What the docket calls it; transcripts have no price limit.
    pub description: String,
    /// What the docket says about its entry, or empty.
    pub docket_text: String,
    /// Whether it is one of several documents of its entry.
    pub is_attachment: bool,
    /// The number of its case as the docket has it, or empty.
    pub docket_number: String,
    /// The number of its entry, or empty.
    pub document_number: String,
}

#[derive(Debug, Clone)]
enum State {
    /// Its price was asked for; the document itself may come.
    Pricing,
    /// The order is out, at this price.
    Ordered {
        price: Bill,
        /// The page's own form was sent as well.
        confirmed: bool,
        /// The court has answered the order by leading on, and that says nothing of money.
        led_on: bool,
    },
    /// The court has pointed to the bytes, perhaps after it has shown a price.
    Fetching {
        price: Option<Bill>,
        fetching: Fetching,
    },
}

/// The way to one document. A court may send the document at once instead of its price, so every one
/// of these requests may be billed.
#[derive(Debug, Clone)]
pub struct DocumentFlow {
    court: &'static Court,
    wanted: DocumentToBuy,
    state: State,
    /// After which answer the same was asked once more.
    repeated: Option<Answer>,
    link_checked: bool,
    requests_left: u8,
}

impl DocumentToBuy {
    /// What it is, as far as the price depends on it.
    pub fn item(&self) -> price::Item {
        match price::item_of_description(&self.description) {
            // An entry about a transcript may be a notice of one, which has few pages; then the
            // limit makes no difference.
            price::Item::Document => price::item_of_description(&self.docket_text),
            item => item,
        }
    }

    /// The same once it is there, without a price: a main document may be an opinion.
    fn unpriced_item(&self) -> price::Item {
        match price::item_of_unpriced(&self.docket_text) {
            price::Item::Free if !self.is_attachment => price::Item::Free,
            _ => self.item(),
        }
    }

    /// A main document is asked for in a way that shows the menu if its entry has others: then it is
    /// not the main document alone that is wanted, and the menu has to be fetched first.
    fn appellate_id(&self) -> PacerDocId {
        match self.is_attachment {
            true => self.doc_id.single_document(),
            false => self.doc_id.canonical(),
        }
    }

    /// What a price page is about, if it speaks of another document. It is bought all the same: courts
    /// share documents between cases.
    fn difference(&self, price: &PricePage) -> Option<String> {
        let shown = DocumentShown::of_receipt(&price.receipt);
        let (docket, document) = (&self.docket_number, &self.document_number);
        shown.differs(docket, document).then(|| {
            format!(
                "the price page is about {shown}; the docket has document {document} of {docket}"
            )
        })
    }
}

impl DocumentFlow {
    /// The document of a court.
    pub fn new(court: &'static Court, wanted: DocumentToBuy) -> DocumentFlow {
        DocumentFlow {
            court,
            wanted,
            state: State::Pricing,
            repeated: None,
            link_checked: false,
            requests_left: MOST_REQUESTS - 1,
        }
    }

    pub(super) fn read(&self, response: &Response<'_>) -> Came {
        let body = response.body;
        if let Some(answer) = response.status_of(self.court) {
            return Came::other(answer, body);
        }
        if let Some(location) = response.location {
            return response.redirect(location, self.court);
        }
        match document_page(Some(response.media_type), body) {
            CourtPage::Is(Answer::Pdf) => Came::Goods(None),
            CourtPage::Price(price) => Came::Price(Price {
                bill: Some(Bill::of_price(&price.receipt, self.wanted.item())),
                differs: self.wanted.difference(&price),
                accept: price.accept.map(|form| response.form(form)),
            }),
            CourtPage::Link(_, link) => Came::Link(response.lead(&link)),
            CourtPage::Form(_, form) => Came::LinkCheck(response.form(form)),
            page => Came::other(page.answer(), body),
        }
    }

    pub(super) fn after(&mut self, came: Came) -> Step {
        let step = self.step(came);
        let is_led_on = matches!(self.state, State::Ordered { led_on: true, .. });
        // With so many answers nobody knows what became of the money.
        step.led_on(is_led_on)
            .within(&mut self.requests_left, End::not_delivered)
    }

    fn step(&mut self, came: Came) -> Step {
        let state = std::mem::replace(&mut self.state, State::Pricing);
        let (state, step) = match state {
            State::Fetching { price, fetching } => self.fetching(price, fetching, came),
            state => self.buying(state, came),
        };
        self.state = state;
        step
    }

    fn fetching(
        &mut self,
        price: Option<Bill>,
        mut fetching: Fetching,
        came: Came,
    ) -> (State, Step) {
        let step = match came {
            Came::Goods(_) => Step::done(match &price {
                Some(price) => Goods::Billed(price.clone()),
                None => Goods::ByRules(self.wanted.unpriced_item()),
            }),
            came => fetching
                .next(came, &mut self.link_checked)
                .billed_at_least(price.as_ref()),
        };
        (State::Fetching { price, fetching }, step)
    }

    /// What holds whether the order is out or not.
    fn buying(&mut self, state: State, came: Came) -> (State, Step) {
        match came {
            Came::Goods(_) => {
                let step = Step::done(match &state {
                    State::Ordered { price, .. } => Goods::Billed(price.clone()),
                    _ => Goods::ByRules(self.wanted.unpriced_item()),
                });
                (state, step)
            }
            Came::LinkCheck(form) if !self.link_checked => {
                self.link_checked = true;
                let request = form.urlencoded();
                (
                    state,
                    request.map_or(Step::End(End::LinkElsewhere), Step::buy),
                )
            }
            Came::Link(Lead::ToBytes(path)) => fetch(state, path),
            // Only what was sold is put aside and pointed to in a page, asked for or not.
            Came::Link(Lead::Elsewhere) => (state, Step::not_delivered(None)),
            Came::Other(other) => self.other(state, other),
            came => match state {
                State::Ordered {
                    price,
                    confirmed,
                    led_on,
                } => self.ordered(price, confirmed, led_on, came),
                state => self.pricing(state, came),
            },
        }
    }

    /// Asks once more where that helps, and otherwise the answer is the end. An order that was answered by
    /// leading on may have been taken, whatever comes then, and does not go out again.
    fn other(&mut self, state: State, other: Other) -> (State, Step) {
        let accepted = match &state {
            State::Ordered {
                price,
                led_on: true,
                ..
            } => Some(price),
            _ => None,
        };
        let may_help = other.answer.row().again && self.repeated.is_none() && accepted.is_none();
        if !may_help || other.billing != Billing::Nothing {
            let step = ended(other).billed_at_least(accepted);
            return (state, step);
        }
        self.repeated = Some(other.answer);
        let request = match state {
            State::Pricing => self.price_page(),
            _ => self.order(),
        };
        (state, Step::buy(request))
    }

    fn pricing(&self, state: State, came: Came) -> (State, Step) {
        match came {
            Came::Price(price) => {
                let bill = self.shown(price.bill);
                let step = Step::Accept {
                    request: self.order(),
                    cents: bill.cents,
                    differs: price.differs,
                };
                let ordered = State::Ordered {
                    price: bill,
                    confirmed: false,
                    led_on: false,
                };
                (ordered, step)
            }
            Came::Link(Lead::ToSale(path))
            | Came::Location(Lead::ToBytes(path) | Lead::ToSale(path)) => {
                (state, Step::buy(CourtRequest::GetPrice(path)))
            }
            came => (state, otherwise(came)),
        }
    }

    fn ordered(&self, price: Bill, confirmed: bool, led_on: bool, came: Came) -> (State, Step) {
        let is_appellate = self.court.is_appellate();
        let ordered = |price, led_on| State::Ordered {
            price,
            confirmed,
            led_on,
        };
        match came {
            // A court that shows the price again has billed nothing. It is told yes once more.
            Came::Price(again) if !confirmed => self.confirm(price, led_on, again),
            Came::Location(Lead::Elsewhere) => (ordered(price, led_on), Step::not_delivered(None)),
            Came::Location(Lead::ToBytes(path)) if !is_appellate => {
                fetch(ordered(price, led_on), path)
            }
            // A servlet that has moved leads to where the order is to be made.
            Came::Location(Lead::ToBytes(path) | Lead::ToSale(path)) if is_appellate => {
                (ordered(price, true), Step::buy(CourtRequest::Get(path)))
            }
            Came::Location(Lead::ToBytes(path) | Lead::ToSale(path))
            | Came::Link(Lead::ToSale(path)) => (
                ordered(price, true),
                Step::buy(CourtRequest::GetPrice(path)),
            ),
            Came::NotSent(after) if led_on => (ordered(price, led_on), Step::not_delivered(after)),
            came => (ordered(price, led_on), otherwise(came)),
        }
    }

    /// Sends the page's own form, once.
    fn confirm(&self, price: Bill, led_on: bool, again: Price) -> (State, Step) {
        let accept = again.accept.and_then(match self.court.is_appellate() {
            true => Form::urlencoded,
            false => Form::multipart,
        });
        let Some(request) = accept else {
            let ordered = State::Ordered {
                price,
                confirmed: false,
                led_on,
            };
            return (ordered, Step::End(End::KeptAsking));
        };
        let bill = self.shown(again.bill);
        let step = Step::Accept {
            request,
            cents: bill.cents,
            differs: again.differs,
        };
        let ordered = State::Ordered {
            price: bill,
            confirmed: true,
            led_on: false,
        };
        (ordered, step)
    }

    /// What was shown, or else the most that it can be.
    fn shown(&self, bill: Option<Bill>) -> Bill {
        bill.unwrap_or_else(|| Bill::at_most(self.wanted.item()))
    }

    fn price_page(&self) -> CourtRequest {
        if self.court.is_appellate() {
            let id = self.wanted.appellate_id();
            let path = form::appellate_price_path(self.court, &id);
            return self.where_the_servlet_is(CourtRequest::GetPrice(path));
        }
        CourtRequest::GetPrice(form::document_path(&self.wanted.doc_id.single_document()))
    }

    /// The request that buys the document, past its price.
    fn order(&self) -> CourtRequest {
        // Documents that are shared between cases are sold under no case.
        let known = self.repeated != Some(Answer::WrongCase);
        let case = self.wanted.case_id.as_ref().filter(|_| known);
        if self.court.is_appellate() {
            let id = self.wanted.appellate_id();
            let path = form::appellate_document_path(self.court, &id, case);
            return self.where_the_servlet_is(CourtRequest::Get(path));
        }
        let sequence_number = self.wanted.sequence_number.as_deref();
        let options = DocumentOptions {
            case,
            sequence_number: sequence_number.filter(|_| known),
            magic_number: None,
        };
        let path = form::document_path(&self.wanted.doc_id.single_document());
        CourtRequest::post(path, options.fields())
    }

    fn where_the_servlet_is(&self, request: CourtRequest) -> CourtRequest {
        let has_moved = self.repeated == Some(Answer::WrongPath);
        let legacy = request.at_legacy_path(self.court);
        legacy.filter(|_| has_moved).unwrap_or(request)
    }
}

impl Flow for DocumentFlow {
    fn start(self) -> (Self, Step) {
        let step = Step::buy(self.price_page());
        (self, step)
    }

    fn next(mut self, event: &Event<'_>) -> (Self, Step) {
        let came = Came::of(event, |response| self.read(response));
        let step = self.after(came);
        (self, step)
    }
}

/// The court has put the document aside, and perhaps has shown a price before.
fn fetch(state: State, path: String) -> (State, Step) {
    let price = match state {
        State::Ordered { price, .. } => Some(price),
        State::Pricing | State::Fetching { .. } => None,
    };
    let (fetching, step) = Fetching::begin(path);
    (State::Fetching { price, fetching }, step)
}
