//! The flow for the report of a district or bankruptcy court. Only the last page is billed.

use super::came::{Came, Form, Other, Price};
use super::ends::{ended, otherwise};
use super::{CourtRequest, End, Event, Flow, Goods, Response, Step};
use crate::bill::{Bill, Billing};
use crate::court::Court;
use crate::form::{self, DocketReportOptions};
use crate::ids::PacerCaseId;
use crate::page::answer::{Answer, CourtPage, docket_page};
use crate::price;

/// Requests on the way to one report: a choice, a price and the report, and all of them once more.
const REQUESTS: u8 = 6;

/// The way to one report.
#[derive(Debug, Clone)]
pub struct DocketFlow {
    report: CourtRequest,
    /// The choice before a large docket was made.
    chosen: bool,
    /// The price was accepted.
    accepted: bool,
    /// The same was asked once more.
    repeated: bool,
    requests_left: u8,
}

impl DocketFlow {
    /// The report of a case with these options.
    pub fn new(court: &Court, case: &PacerCaseId, options: &DocketReportOptions) -> DocketFlow {
        let fields = options.fields(court, case);
        DocketFlow {
            report: CourtRequest::post(form::docket_report_path(), fields),
            chosen: false,
            accepted: false,
            repeated: false,
            requests_left: REQUESTS - 1,
        }
    }

    pub(super) fn read(&self, response: &Response<'_>) -> Came {
        let body = response.body;
        if let Some(answer) = Answer::of_status(response.status) {
            return Came::other(answer, body);
        }
        match docket_page(body) {
            CourtPage::Is(Answer::Docket | Answer::EmptyDocket) => {
                Came::Goods(Some(Bill::of_report(body)))
            }
            // There is nothing in it, and that is an answer.
            CourtPage::Is(Answer::NoDocuments) => {
                let bill = Bill::of_receipt(body).unwrap_or_else(Bill::nothing);
                Came::Goods(Some(bill))
            }
            CourtPage::Form(Answer::LargeDocket, form) => Came::Choice(response.form(form)),
            CourtPage::Form(_, form) => Came::Price(Price {
                bill: Bill::of_receipt(body),
                accept: Some(response.form(form)),
                differs: None,
            }),
            page => Came::other(page.answer(), body),
        }
    }

    pub(super) fn after(&mut self, came: Came) -> Step {
        let step = self.step(came);
        step.within(&mut self.requests_left, |_| End::KeptAsking)
    }

    fn step(&mut self, came: Came) -> Step {
        match came {
            Came::Goods(bill) => Step::done(Goods::Billed(bill.unwrap_or_else(Bill::nothing))),
            Came::Choice(form) => {
                let was_chosen = std::mem::replace(&mut self.chosen, true);
                send(was_chosen, form, Step::buy)
            }
            Came::Price(Price {
                bill,
                accept: Some(form),
                ..
            }) => {
                let was_accepted = std::mem::replace(&mut self.accepted, true);
                send(was_accepted, form, |request| accept_report(request, bill))
            }
            Came::Other(other) => self.other(other),
            came => otherwise(came),
        }
    }

    /// What was billed, or may have been, would be again if the same were asked for.
    fn other(&mut self, other: Other) -> Step {
        let may_help = other.answer.row().again && !self.repeated;
        if !may_help || other.billing != Billing::Nothing {
            return ended(other);
        }
        // Whoever begins anew is asked anew.
        self.repeated = true;
        self.chosen = false;
        self.accepted = false;
        Step::buy(self.report.clone())
    }
}

impl Flow for DocketFlow {
    fn start(self) -> (Self, Step) {
        let step = Step::buy(self.report.clone());
        (self, step)
    }

    fn next(mut self, event: &Event<'_>) -> (Self, Step) {
        let came = Came::of(event, |response| self.read(response));
        let step = self.after(came);
        (self, step)
    }
}

/// Sends the form of a page, unless one like it was sent before.
fn send(is_sent: bool, form: Form, step: impl FnOnce(CourtRequest) -> Step) -> Step {
    if is_sent {
        return Step::End(End::KeptAsking);
    }
    form.multipart().map_or(Step::End(End::LinkElsewhere), step)
}

/// Accepts the price of a report. Reports have a limit, which was put at stake from the beginning, so
/// only a price above it is held against the limits; a page that shows none is believed to keep to it.
pub(super) fn accept_report(request: CourtRequest, shown: Option<Bill>) -> Step {
    match shown {
        Some(shown) if shown.cents > price::CAP_CENTS => Step::Accept {
            request,
            cents: shown.cents,
            differs: None,
        },
        _ => Step::buy(request),
    }
}
