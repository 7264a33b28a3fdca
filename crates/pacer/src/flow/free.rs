//! A question that costs nothing.

use super::{CourtRequest, End, Event, Flow, Goods, Step, Way};
use crate::form;
use crate::ids::{DocketNumber, PacerCaseId};
use crate::page::answer::{Answer, docket_page, lookup_page};
use crate::page::possible_case_numbers::{self, Lookup};

/// One question.
#[derive(Debug, Clone)]
pub struct FreeFlow {
    request: CourtRequest,
    read: fn(&[u8]) -> Answer,
    asked_again: bool,
}

impl FreeFlow {
    /// Which case a number means.
    pub fn lookup(number: &DocketNumber) -> FreeFlow {
        FreeFlow::new(CourtRequest::Get(form::lookup_path(number)), lookup_answer)
    }

    /// The court's summary of a case.
    pub fn case_query(case: &PacerCaseId) -> FreeFlow {
        let fields = form::case_query_fields(case);
        let request = CourtRequest::post(form::case_query_path(), fields);
        FreeFlow::new(request, case_query_answer)
    }

    fn new(request: CourtRequest, read: fn(&[u8]) -> Answer) -> FreeFlow {
        FreeFlow {
            request,
            read,
            asked_again: false,
        }
    }

    fn ask(&self) -> Step {
        Step::send(Way::Free, self.request.clone())
    }
}

impl Flow for FreeFlow {
    fn start(self) -> (Self, Step) {
        let step = self.ask();
        (self, step)
    }

    fn next(mut self, event: &Event<'_>) -> (Self, Step) {
        let refused = |answer| Step::End(End::Refused { answer, bill: None });
        let step = match event {
            Event::NotSent => Step::End(End::NotSent),
            Event::NoResponse(answer) => refused(*answer),
            Event::Response(response) => {
                let of_status = Answer::of_status(response.status);
                match of_status.unwrap_or_else(|| (self.read)(response.body)) {
                    Answer::CaseFound => Step::done(Goods::Free),
                    answer if answer.row().again && !self.asked_again => {
                        self.asked_again = true;
                        self.ask()
                    }
                    answer => refused(answer),
                }
            }
        };
        (self, step)
    }
}

fn lookup_answer(page: &[u8]) -> Answer {
    match possible_case_numbers::lookup(page) {
        Ok(Lookup::Cases(_)) => Answer::CaseFound,
        Ok(Lookup::NotFound) => Answer::NumberUnknown,
        Ok(Lookup::Sealed) => Answer::NumberSealed,
        Ok(Lookup::NotLoggedIn) => Answer::LoginPage,
        Err(_) => lookup_page(page),
    }
}

/// A sealed case has a page with links and no summary: then nothing is proved, and the purchase
/// finds out.
fn case_query_answer(page: &[u8]) -> Answer {
    let has_links = || page.windows(10).any(|bytes| bytes == b"DktRpt.pl?");
    match docket_page(page).answer() {
        answer @ (Answer::CaseNotFound
        | Answer::NoPrivileges
        | Answer::ClientCodeRequired
        | Answer::StalePageToken
        | Answer::IncompleteRequest) => answer,
        _ if has_links() => Answer::CaseFound,
        _ => lookup_page(page),
    }
}
