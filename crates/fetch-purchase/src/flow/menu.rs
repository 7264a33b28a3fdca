//! The way to the menu of an entry, or to the one document that comes in place of it.

use super::{Came, End, Fetching, Leads, MOST_REQUESTS, Step, What};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The menu was asked for; a document may come.
    Asking,
    /// The court has pointed to a document that it put aside.
    Fetching(Fetching),
}

/// The way to one menu.
#[derive(Debug, Clone)]
pub(crate) struct MenuFlow {
    state: State,
    repeated: bool,
    link_checked: bool,
    requests_left: u8,
}

impl MenuFlow {
    /// Begins with the menu, which is asked for already.
    pub(crate) fn new() -> MenuFlow {
        MenuFlow {
            state: State::Asking,
            repeated: false,
            link_checked: false,
            requests_left: MOST_REQUESTS - 1,
        }
    }

    /// Whether the same may be asked once more.
    pub(crate) fn may_repeat(&self) -> bool {
        !self.repeated && self.state == State::Asking
    }

    /// What follows from what came.
    pub(crate) fn next(&mut self, came: Came) -> Step {
        let step = self.step(came);
        match step {
            Step::End(_) => step,
            _ if self.requests_left == 0 => Step::End(match self.state {
                State::Asking => End::Unbilled,
                State::Fetching(_) => End::InDoubt,
            }),
            _ => {
                self.requests_left -= 1;
                step
            }
        }
    }

    fn step(&mut self, came: Came) -> Step {
        match (self.state, came) {
            (_, Came::Goods) => Step::End(End::ByRules),
            // A menu that comes once a document was sold does not undo the sale.
            (State::Fetching(mut fetching), came) => {
                let step = fetching.next(came, &mut self.link_checked);
                self.state = State::Fetching(fetching);
                step
            }
            (State::Asking, came) => self.asking(came),
        }
    }

    fn asking(&mut self, came: Came) -> Step {
        match came {
            Came::Menu => Step::End(End::Free),
            Came::Billed => Step::End(End::Billed),
            Came::Unknown => Step::End(End::InDoubt),
            Came::Link(Leads::ToBytes) => {
                let (fetching, step) = Fetching::begin();
                self.state = State::Fetching(fetching);
                step
            }
            // Only what was sold is put aside and pointed to in a page.
            Came::Link(Leads::Elsewhere) => Step::End(End::InDoubt),
            Came::Link(Leads::ToSale) | Came::Location(Leads::ToBytes | Leads::ToSale) => {
                Step::Buy(What::LinkByPrice)
            }
            Came::LinkCheck(Leads::ToBytes | Leads::ToSale) if !self.link_checked => {
                self.link_checked = true;
                Step::Buy(What::Form)
            }
            Came::Again(_) if !self.repeated => {
                self.repeated = true;
                Step::Buy(What::First)
            }
            _ => Step::End(End::Unbilled),
        }
    }
}
