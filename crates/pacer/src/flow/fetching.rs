//! The court has pointed to what was paid for. From here on asking is free but giving up is not,
//! and nothing is requested that could be billed again.

use super::came::{Came, Form, Lead, Other};
use super::{CourtRequest, End, Step, Way};
use crate::bill::Billing;

/// How often paid bytes are asked for again.
const RETRIES: u8 = 3;

/// Fetching what is paid.
#[derive(Debug, Clone)]
pub(super) struct Fetching {
    last: CourtRequest,
    retries_left: u8,
}

impl Fetching {
    /// Begins where the court has put it.
    pub(super) fn begin(path: String) -> (Fetching, Step) {
        let request = CourtRequest::Get(path);
        let fetching = Fetching {
            last: request.clone(),
            retries_left: RETRIES,
        };
        (fetching, Step::send(Way::Fetch, request))
    }

    /// After an answer that is not the bytes.
    pub(super) fn next(&mut self, came: Came, link_checked: &mut bool) -> Step {
        match came {
            Came::Other(Other {
                answer,
                billing: Billing::Bill(bill),
                ..
            }) => Step::End(End::Refused {
                answer,
                bill: Some(bill),
            }),
            // It was waited for, and no try is left after that.
            Came::NotSent(after) => Step::not_delivered(after),
            Came::Link(Lead::ToBytes(path)) | Came::Location(Lead::ToBytes(path)) => {
                self.ask(CourtRequest::Get(path))
            }
            Came::LinkCheck(Form {
                to: Lead::ToBytes(path),
                fields,
            }) if !*link_checked => {
                *link_checked = true;
                self.ask(CourtRequest::PostUrlencoded(path, fields))
            }
            Came::Other(other) => self.again(Some(other)),
            _ => self.again(None),
        }
    }

    fn ask(&mut self, request: CourtRequest) -> Step {
        self.last = request.clone();
        Step::send(Way::Fetch, request)
    }

    fn again(&mut self, came: Option<Other>) -> Step {
        if let Some(left) = self.retries_left.checked_sub(1) {
            self.retries_left = left;
            return Step::Retry {
                request: self.last.clone(),
                after: came.map(|other| other.answer),
            };
        }
        match came {
            Some(Other {
                answer,
                billing: Billing::Unknown,
                ..
            }) => Step::End(End::InDoubt(answer)),
            other => Step::not_delivered(other.map(|other| other.answer)),
        }
    }
}
