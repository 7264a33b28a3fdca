//! A page of a court, as far as it was told.

use super::form::FollowUp;
use super::table::Answer;
use crate::page::receipt::Receipt;

/// Which answer a page is, with what it offers to go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CourtPage {
    /// An answer that offers nothing.
    Is(Answer),
    /// An answer with a form to send once: a price, a choice, a doubt about our link.
    Form(Answer, FollowUp),
    /// An answer that leads to where the document is: an address, which does not live long and is
    /// to be fetched with the same cookies.
    Link(Answer, String),
    /// The price of a document.
    Price(PricePage),
    /// The browser is sent to the options of an appellate court's report, perhaps with the court's own
    /// id of the case in the address.
    Refresh(Option<String>),
}

impl CourtPage {
    /// The row of the table.
    pub fn answer(&self) -> Answer {
        match self {
            CourtPage::Is(answer) | CourtPage::Form(answer, _) | CourtPage::Link(answer, _) => {
                *answer
            }
            CourtPage::Price(_) => Answer::PricePage,
            CourtPage::Refresh(_) => Answer::Refresh,
        }
    }
}

/// A price, and the form that accepts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePage {
    /// What it will cost.
    pub receipt: Receipt,
    /// The form to post once to accept; none if the page has none that we know.
    pub accept: Option<FollowUp>,
    /// Whether the page says that only thirty pages will be billed.
    pub is_capped: bool,
}
