//! The way to the docket of an appeal. Nothing is billed but the page that ends it, unless a price
//! was accepted before.

use pacer::page::verdict::CourtAnswer;

use super::{Came, End, Leads, Step, What};

/// Requests on the way to one docket.
const REQUESTS: u8 = 6;

/// The way to one docket of an appellate court.
#[derive(Debug, Clone)]
pub(crate) struct AppealFlow {
    /// A price was accepted.
    accepted: bool,
    /// The court has answered that by leading on, and that says nothing of money.
    led_on: bool,
    link_checked: bool,
    /// After which answers the same was asked once more.
    repeated: Vec<CourtAnswer>,
    requests_left: u8,
}

impl AppealFlow {
    /// Begins with the report, which is asked for already.
    pub(crate) fn new() -> AppealFlow {
        AppealFlow {
            accepted: false,
            led_on: false,
            link_checked: false,
            repeated: Vec::new(),
            requests_left: REQUESTS - 1,
        }
    }

    /// Whether the same may be asked once more after an answer of this row.
    pub(crate) fn may_repeat(&self, row: CourtAnswer) -> bool {
        !self.repeated.contains(&row)
    }

    /// What follows from what came.
    pub(crate) fn next(&mut self, came: Came) -> Step {
        let step = self.step(came);
        let step = step.led_on(self.led_on);
        match step {
            Step::End(_) => step,
            _ if self.requests_left == 0 => Step::End(self.given_up()),
            _ => {
                self.requests_left -= 1;
                step
            }
        }
    }

    fn step(&mut self, came: Came) -> Step {
        match came {
            Came::Goods => Step::End(End::Bought),
            Came::Billed => Step::End(End::Billed),
            Came::Unknown => Step::End(End::InDoubt),
            Came::Location(Leads::Elsewhere) => Step::End(self.given_up()),
            Came::Location(_) => {
                self.led_on = self.accepted;
                Step::Buy(What::Link)
            }
            Came::LinkCheck(Leads::ToBytes | Leads::ToSale) if !self.link_checked => {
                self.link_checked = true;
                Step::Buy(What::Form)
            }
            Came::Price { form: true } if !self.accepted => {
                self.accepted = true;
                Step::Buy(What::Form)
            }
            Came::Again(row) if self.may_repeat(row) => {
                self.repeated.push(row);
                Step::Buy(match row {
                    CourtAnswer::Refresh => What::ById,
                    _ => What::First,
                })
            }
            Came::NotSent if self.led_on => Step::End(End::InDoubt),
            _ => Step::End(End::Unbilled),
        }
    }

    /// What is known of the money when the court leads nowhere.
    fn given_up(&self) -> End {
        match self.accepted {
            true => End::InDoubt,
            false => End::Unbilled,
        }
    }
}
