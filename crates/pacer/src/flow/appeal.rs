//! The flow for the docket of an appeal. Only the last page is billed, unless a price was accepted
//! before.

use super::came::{Came, Form, Other, Price};
use super::docket::accept_report;
use super::ends::{ended, otherwise};
use super::{CourtRequest, End, Event, Flow, Goods, Response, Step};
use crate::bill::{Bill, Billing};
use crate::court::Court;
use crate::form::AppellateDocketOptions;
use crate::ids::{DocketNumber, PacerCaseId};
use crate::page::answer::{Answer, CourtPage, appeal_page, is_confirmation};

/// Requests on the way to one docket.
const REQUESTS: u8 = 6;

/// The way to one docket of an appellate court.
#[derive(Debug, Clone)]
pub struct AppealFlow {
    court: &'static Court,
    options: AppellateDocketOptions,
    /// The docket by its number, where the servlet is.
    first: CourtRequest,
    /// The court's own id of the case, if a page has told it.
    case: Option<String>,
    /// A price was accepted.
    accepted: bool,
    /// The court has answered that by leading on, and that says nothing of money.
    led_on: bool,
    link_checked: bool,
    /// After which answers the same was asked once more.
    repeated: Vec<Answer>,
    requests_left: u8,
}

impl AppealFlow {
    /// The docket of the case with this number. There is no lookup before.
    pub fn new(
        court: &'static Court,
        number: &DocketNumber,
        options: AppellateDocketOptions,
    ) -> AppealFlow {
        AppealFlow {
            court,
            first: CourtRequest::Get(options.path(court, number)),
            options,
            case: None,
            accepted: false,
            led_on: false,
            link_checked: false,
            repeated: Vec::new(),
            requests_left: REQUESTS - 1,
        }
    }

    pub(super) fn read(&self, response: &Response<'_>) -> Came {
        let body = response.body;
        if let Some(answer) = response.status_of(self.court) {
            return other(answer, body).into();
        }
        if let Some(location) = response.location {
            return Came::Location(response.lead(location));
        }
        match appeal_page(body) {
            CourtPage::Is(Answer::Docket) => Came::Goods(Some(Bill::of_report(body))),
            CourtPage::Form(Answer::OutsideLink, form) => Came::LinkCheck(response.form(form)),
            CourtPage::Form(_, form) => Came::Price(Price {
                bill: Bill::of_receipt(body),
                accept: Some(response.form(form)),
                differs: None,
            }),
            CourtPage::Refresh(case) => Other {
                case,
                ..other(Answer::Refresh, body)
            }
            .into(),
            page => other(page.answer(), body).into(),
        }
    }

    pub(super) fn after(&mut self, came: Came) -> Step {
        let step = self.step(came).led_on(self.led_on);
        let end = self.given_up();
        step.within(&mut self.requests_left, |_| end)
    }

    fn step(&mut self, came: Came) -> Step {
        match came {
            Came::Goods(bill) => Step::done(Goods::Billed(bill.unwrap_or_else(Bill::nothing))),
            Came::Location(lead) => match lead.path() {
                None if self.accepted => Step::not_delivered(None),
                None => Step::End(End::LinkElsewhere),
                Some(path) => {
                    self.led_on = self.accepted;
                    Step::buy(CourtRequest::Get(path))
                }
            },
            Came::LinkCheck(form) if !self.link_checked => {
                self.link_checked = true;
                form.urlencoded()
                    .map_or(Step::End(End::LinkElsewhere), Step::buy)
            }
            Came::Price(price) => self.price(price),
            Came::Other(other) => self.other(other),
            Came::NotSent(after) if self.led_on => Step::not_delivered(after),
            came => otherwise(came),
        }
    }

    fn price(&mut self, price: Price) -> Step {
        let form = price.accept.filter(|_| !self.accepted);
        match form.and_then(Form::urlencoded) {
            Some(request) => {
                self.accepted = true;
                accept_report(request, price.bill)
            }
            None => Step::End(End::KeptAsking),
        }
    }

    /// Asks once more where that helps, once after each such answer. Once an accepted price was answered by
    /// leading on, it may have been charged, whatever comes then.
    fn other(&mut self, other: Other) -> Step {
        let answer = other.answer;
        if answer == Answer::Refresh {
            self.case.clone_from(&other.case);
        }
        let legacy = self.first.at_legacy_path(self.court);
        let is_known = answer != Answer::WrongPath || legacy.is_some();
        let may_help = answer.row().again && is_known && !self.repeated.contains(&answer);
        if !may_help || self.led_on || other.billing != Billing::Nothing {
            return ended(other);
        }
        self.repeated.push(answer);
        if let (Answer::WrongPath, Some(legacy)) = (answer, legacy) {
            self.first = legacy;
        }
        Step::buy(match answer {
            Answer::Refresh => self.by_id(),
            _ => self.first.clone(),
        })
    }

    /// The same docket, by the court's own id of the case if a page has told it.
    fn by_id(&self) -> CourtRequest {
        let case = self.case.as_deref();
        match case.and_then(|case| PacerCaseId::parse(case).ok()) {
            Some(case) => CourtRequest::Get(self.options.path_by_id(self.court, &case)),
            None => self.first.clone(),
        }
    }

    /// What is known of the money when the court leads nowhere.
    fn given_up(&self) -> End {
        match self.accepted {
            true => End::NotDelivered { after: None },
            false => End::KeptAsking,
        }
    }
}

impl Flow for AppealFlow {
    fn start(self) -> (Self, Step) {
        let step = Step::buy(self.first.clone());
        (self, step)
    }

    fn next(mut self, event: &Event<'_>) -> (Self, Step) {
        let came = Came::of(event, |response| self.read(response));
        let step = self.after(came);
        (self, step)
    }
}

/// A receipt on a page that asks before something is charged is a price, not a bill.
fn other(answer: Answer, body: &[u8]) -> Other {
    let other = Other::new(answer, body);
    match is_confirmation(body) {
        true => Other {
            billing: Billing::Nothing,
            ..other
        },
        false => other,
    }
}
