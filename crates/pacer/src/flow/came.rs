//! What a court sent, as far as flows and charges depend on it.

use super::{CourtRequest, Event, Response};
use crate::bill::{Bill, Billing, billing};
use crate::court::Court;
use crate::form;
use crate::page::answer::{Answer, FollowUp};

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Came {
    /// What is being bought; a report has its bill.
    Goods(Option<Bill>),
    /// The menu of an entry, which costs nothing.
    Menu,
    /// A price, perhaps with a form of this court that accepts it.
    Price(Price),
    /// A choice before a report.
    Choice(Form),
    /// A page that points to where the bytes are.
    Link(Lead),
    /// The same as a redirect of HTTP, which a servlet that has moved answers with as well.
    Location(Lead),
    /// A form that says where our link was from.
    LinkCheck(Form),
    /// Any other answer.
    Other(Other),
    /// Nothing: the request was not written, or there was no connection that it could be written to.
    NotSent(Option<Answer>),
}

/// A price that is shown before it is charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Price {
    /// What the page says that it will be; none if it does not say.
    pub bill: Option<Bill>,
    /// The form that accepts it; none if the page has none that we know.
    pub accept: Option<Form>,
    /// What the page is about, if that is not what was asked for.
    pub differs: Option<String>,
}

/// A form to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub to: Lead,
    pub fields: Vec<(String, String)>,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lead {
    /// To a place of the court where nothing is sold: bytes that were put aside.
    ToBytes(String),
    /// To a place of the court where asking may be billed.
    ToSale(String),
    /// Out of the court, where our session must not go.
    Elsewhere,
}

/// An answer that is none of what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Other {
    pub answer: Answer,
    /// What it means for the money.
    pub billing: Billing,
    /// The court's own id of the case, if the answer tells it.
    pub case: Option<String>,
}

impl Lead {
    fn new(path: Option<String>) -> Lead {
        match path {
            Some(path) if form::may_be_billed(&path) => Lead::ToSale(path),
            Some(path) => Lead::ToBytes(path),
            None => Lead::Elsewhere,
        }
    }

    /// The path in this court, if it is one.
    pub(super) fn path(self) -> Option<String> {
        match self {
            Lead::ToBytes(path) | Lead::ToSale(path) => Some(path),
            Lead::Elsewhere => None,
        }
    }
}

impl Form {
    /// The request that sends it, as the software of an appellate court does; none if it is sent
    /// elsewhere.
    pub(super) fn urlencoded(self) -> Option<CourtRequest> {
        let path = self.to.path()?;
        Some(CourtRequest::PostUrlencoded(path, self.fields))
    }

    /// The same as the software of a district court does.
    pub(super) fn multipart(self) -> Option<CourtRequest> {
        let path = self.to.path()?;
        Some(CourtRequest::Post(path, self.fields))
    }
}

impl Other {
    pub(super) fn new(answer: Answer, body: &[u8]) -> Other {
        Other {
            answer,
            billing: billing(answer, body),
            case: None,
        }
    }
}

impl From<Other> for Came {
    fn from(other: Other) -> Came {
        Came::Other(other)
    }
}

impl Came {
    pub(super) fn other(answer: Answer, body: &[u8]) -> Came {
        Other::new(answer, body).into()
    }

    /// What became of a request; an answer is read by `read`.
    pub(super) fn of(event: &Event<'_>, read: impl FnOnce(&Response<'_>) -> Came) -> Came {
        match event {
            Event::Response(response) => read(response),
            Event::NoResponse(answer) => match billing(*answer, b"") {
                Billing::Nothing => Came::NotSent(Some(*answer)),
                Billing::Bill(_) | Billing::Unknown => Came::other(*answer, b""),
            },
            Event::NotSent => Came::NotSent(None),
        }
    }
}

impl Response<'_> {
    /// What its status says; none if it has to be looked at.
    pub(super) fn status_of(&self, court: &Court) -> Option<Answer> {
        match court.is_appellate() {
            true => Answer::of_appellate_status(self.status),
            false => Answer::of_status(self.status),
        }
    }

    pub(super) fn lead(&self, link: &str) -> Lead {
        Lead::new((self.resolve)(link))
    }

    /// A redirect of HTTP. Only what was sold is put aside, so one of a district court that leads there says
    /// what a page that points there says; the servlets of appellate courts put nothing aside.
    pub(super) fn redirect(&self, location: &str, court: &Court) -> Came {
        match self.lead(location) {
            Lead::ToBytes(path) if !court.is_appellate() && form::is_put_aside(&path) => {
                Came::Link(Lead::ToBytes(path))
            }
            lead => Came::Location(lead),
        }
    }

    pub(super) fn form(&self, form: FollowUp) -> Form {
        Form {
            to: self.lead(&form.action),
            fields: form.fields,
        }
    }
}
