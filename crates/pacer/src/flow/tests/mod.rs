//! Every sequence of answers to a depth of five, and longer ones by chance, with what holds after each
//! of them.

mod properties;
mod sequences;

use super::came::{Came, Form, Lead, Other, Price};
use super::*;
use crate::bill::Billing;
use crate::court::Court;
use crate::form::{self, AppellateDocketOptions, DocketReportOptions};
use crate::ids::{DocketNumber, PacerCaseId, PacerDocId};

/// A machine, and what it is about.
#[derive(Clone)]
pub(super) enum Machine {
    Docket(DocketFlow),
    Appeal(AppealFlow),
    Document(Box<DocumentFlow>),
    Menu(MenuFlow),
}

impl Machine {
    /// One of each kind: a court whose servlet has moved among them, and one whose has not.
    pub(super) fn all() -> Vec<Machine> {
        let (district, appellate) = (court("cand"), court("ca1"));
        let moved = Court::all()
            .iter()
            .find(|court| court.legacy_servlet_path.is_some())
            .unwrap();
        let case = PacerCaseId::parse("4711").unwrap();
        let number = DocketNumber::parse("26-1042").unwrap();
        let appeal = |court| {
            let options = AppellateDocketOptions::default();
            Machine::Appeal(AppealFlow::new(court, &number, options))
        };
        let document = |court: &'static Court, id| {
            Machine::Document(Box::new(DocumentFlow::new(court, wanted(id))))
        };
        let menu = |court, id: &str| {
            let id = PacerDocId::parse(id).unwrap();
            Machine::Menu(MenuFlow::new(court, &id, "MEMORANDUM OPINION"))
        };
        vec![
            Machine::Docket(DocketFlow::new(
                district,
                &case,
                &DocketReportOptions::default(),
            )),
            appeal(appellate),
            appeal(moved),
            document(district, "035112345"),
            document(moved, "00501112345"),
            menu(district, "035012345"),
            menu(moved, "00501112345"),
        ]
    }

    pub(super) fn start(&self) -> Step {
        match self.clone() {
            Machine::Docket(flow) => flow.start().1,
            Machine::Appeal(flow) => flow.start().1,
            Machine::Document(flow) => flow.start().1,
            Machine::Menu(flow) => flow.start().1,
        }
    }

    pub(super) fn after(&mut self, came: Came) -> Step {
        match self {
            Machine::Docket(flow) => flow.after(came),
            Machine::Appeal(flow) => flow.after(came),
            Machine::Document(flow) => flow.after(came),
            Machine::Menu(flow) => flow.after(came),
        }
    }

    /// The most requests that it sends.
    pub(super) fn requests(&self) -> usize {
        match self {
            Machine::Docket(_) | Machine::Appeal(_) => 6,
            Machine::Document(..) | Machine::Menu(_) => 8,
        }
    }
}

pub(super) fn court(id: &str) -> &'static Court {
    Court::by_pacer_id(id).unwrap()
}

pub(super) fn wanted(id: &str) -> DocumentToBuy {
    DocumentToBuy {
        doc_id: PacerDocId::parse(id).unwrap(),
        case_id: PacerCaseId::parse("998877").ok(),
        sequence_number: Some("31".to_owned()),
        description: String::new(),
        docket_text: "COMPLAINT".to_owned(),
        is_attachment: true,
        docket_number: "1:24-cv-00417".to_owned(),
        document_number: "7".to_owned(),
    }
}

pub(super) fn bill(cents: u32) -> Bill {
    Bill {
        cents,
        pages: cents / 10,
        receipt: None,
        awaited: None,
    }
}

pub(super) fn other(answer: Answer, billing: Billing) -> Came {
    Came::Other(Other {
        answer,
        billing,
        case: None,
    })
}

pub(super) fn leads() -> [Lead; 3] {
    [
        Lead::ToBytes("/cgi-bin/show_temp.pl?file=1".to_owned()),
        Lead::ToSale("/doc1/035112346".to_owned()),
        Lead::Elsewhere,
    ]
}

pub(super) fn price(to: Option<Lead>, cents: u32) -> Came {
    Came::Price(Price {
        bill: Some(bill(cents)),
        accept: to.map(form_to),
        differs: None,
    })
}

pub(super) fn form_to(to: Lead) -> Form {
    Form {
        to,
        fields: vec![("got_receipt".to_owned(), "1".to_owned())],
    }
}

/// Everything that can come, one of each kind.
pub(super) fn alphabet() -> Vec<Came> {
    let refresh = Came::Other(Other {
        case: Some("815".to_owned()),
        ..Other::new(Answer::Refresh, b"")
    });
    let [to_bytes, to_sale, elsewhere] = leads();
    let mut all = vec![
        Came::Goods(Some(bill(120))),
        Came::Menu,
        price(Some(to_sale.clone()), 30),
        price(Some(to_sale.clone()), 990),
        price(Some(elsewhere.clone()), 30),
        price(None, 30),
        Came::Choice(form_to(to_sale.clone())),
        Came::Choice(form_to(elsewhere.clone())),
        other(Answer::LoginPage, Billing::Nothing),
        other(Answer::WrongCase, Billing::Nothing),
        other(Answer::WrongPath, Billing::Nothing),
        other(Answer::StalePageToken, Billing::Bill(bill(10))),
        refresh,
        other(Answer::RestrictedWarning, Billing::Nothing),
        other(Answer::ServerFailed, Billing::Nothing),
        other(Answer::NoPrivileges, Billing::Bill(bill(10))),
        other(Answer::BeingOpened, Billing::Bill(bill(10))),
        other(Answer::Unrecognised, Billing::Unknown),
        other(Answer::TimedOut, Billing::Unknown),
        Came::NotSent(None),
        Came::NotSent(Some(Answer::NotReached)),
    ];
    for lead in [to_bytes, to_sale, elsewhere] {
        all.extend([
            Came::Link(lead.clone()),
            Came::Location(lead.clone()),
            Came::LinkCheck(form_to(lead)),
        ]);
    }
    all
}

/// What came and what followed, again and again.
pub(super) type Story = Vec<(Came, Step)>;

/// The path of a request.
pub(super) fn path(request: &CourtRequest) -> &str {
    match request {
        CourtRequest::Get(path)
        | CourtRequest::GetPrice(path)
        | CourtRequest::Post(path, _)
        | CourtRequest::PostUrlencoded(path, _) => path,
    }
}

/// What a step sends, if it sends anything, and how.
pub(super) fn sent(step: &Step) -> Option<(&CourtRequest, Way)> {
    match step {
        Step::Send { request, way } => Some((request, *way)),
        Step::Accept { request, .. } => Some((request, Way::Buy)),
        Step::Retry { request, .. } => Some((request, Way::Fetch)),
        Step::End(_) => None,
    }
}

/// Whether a path is one where nothing is sold.
pub(super) fn is_free_of_charge(request: &CourtRequest) -> bool {
    !form::may_be_billed(path(request))
}
