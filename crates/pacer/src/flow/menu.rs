//! The flow for the menu of an entry, or for the single document that comes in its place.

use super::came::{Came, Lead, Other};
use super::ends::{ended, otherwise};
use super::fetching::Fetching;
use super::{CourtRequest, End, Event, Flow, Goods, MOST_REQUESTS, Response, Step};
use crate::bill::{Billing, billing};
use crate::court::Court;
use crate::form;
use crate::ids::PacerDocId;
use crate::page::answer::{Answer, CourtPage, menu_page};
use crate::price;

#[derive(Debug, Clone)]
enum State {
    /// The menu was asked for; a document may come.
    Asking,
    /// The court has pointed to a document that it put aside.
    Fetching(Fetching),
}

/// The way to one menu.
#[derive(Debug, Clone)]
pub struct MenuFlow {
    court: &'static Court,
    first: CourtRequest,
    /// What the only document of the entry is.
    sole: price::Item,
    state: State,
    repeated: bool,
    link_checked: bool,
    requests_left: u8,
}

impl MenuFlow {
    /// The menu of the entry that a document belongs to, whose text tells what its only document is,
    /// should that come instead.
    pub fn new(court: &'static Court, document: &PacerDocId, docket_text: &str) -> MenuFlow {
        let path = match court.is_appellate() {
            true => form::appellate_menu_path(court, document),
            false => form::document_path(document),
        };
        MenuFlow {
            court,
            first: CourtRequest::GetPrice(path),
            sole: price::item_of_unpriced(docket_text),
            state: State::Asking,
            repeated: false,
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
        match menu_page(Some(response.media_type), body) {
            CourtPage::Is(Answer::Menu) => match billing(Answer::Menu, body) {
                Billing::Nothing => Came::Menu,
                // Menus are free. One with a receipt is kept as what it cost.
                Billing::Bill(_) | Billing::Unknown => Came::other(Answer::Menu, body),
            },
            CourtPage::Is(Answer::SoleDocument) => Came::Goods(None),
            CourtPage::Link(_, link) => Came::Link(response.lead(&link)),
            CourtPage::Form(_, form) => Came::LinkCheck(response.form(form)),
            page => Came::other(page.answer(), body),
        }
    }

    pub(super) fn after(&mut self, came: Came) -> Step {
        let step = self.step(came);
        let is_sold = matches!(self.state, State::Fetching(_));
        step.within(&mut self.requests_left, |after| match is_sold {
            true => End::not_delivered(after),
            false => End::KeptAsking,
        })
    }

    fn step(&mut self, came: Came) -> Step {
        match (&mut self.state, came) {
            (_, Came::Goods(_)) => Step::done(Goods::ByRules(self.sole)),
            // A menu that comes once a document was sold does not undo the sale.
            (State::Fetching(fetching), came) => fetching.next(came, &mut self.link_checked),
            (State::Asking, came) => self.asking(came),
        }
    }

    fn asking(&mut self, came: Came) -> Step {
        match came {
            Came::Menu => Step::done(Goods::Free),
            Came::Link(Lead::ToBytes(path)) => {
                let (fetching, step) = Fetching::begin(path);
                self.state = State::Fetching(fetching);
                step
            }
            // Only what was sold is put aside and pointed to in a page.
            Came::Link(Lead::Elsewhere) => Step::not_delivered(None),
            Came::Link(Lead::ToSale(path))
            | Came::Location(Lead::ToBytes(path) | Lead::ToSale(path)) => {
                Step::buy(CourtRequest::GetPrice(path))
            }
            Came::LinkCheck(form) if !self.link_checked => {
                self.link_checked = true;
                form.urlencoded()
                    .map_or(Step::End(End::LinkElsewhere), Step::buy)
            }
            Came::Other(other) => self.other(other),
            came => otherwise(came),
        }
    }

    /// Asks once more where that helps: where the servlet of an appellate court was before, if it is
    /// not where it is asked.
    fn other(&mut self, other: Other) -> Step {
        let may_help = other.answer.row().again && !self.repeated;
        if !may_help || other.billing != Billing::Nothing {
            return ended(other);
        }
        self.repeated = true;
        let legacy = self.first.at_legacy_path(self.court);
        let has_moved = other.answer == Answer::WrongPath;
        let request = legacy.filter(|_| has_moved);
        Step::buy(request.unwrap_or_else(|| self.first.clone()))
    }
}

impl Flow for MenuFlow {
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
