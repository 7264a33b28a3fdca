//! What is asked next on the way to a purchase, and how it ends: decided from what came, and from
//! nothing else.
//!
//! A flow reads no page and sends nothing, so its tests try every sequence of answers. Whoever
//! drives it tells it what came ([`Came`]) and does what it says ([`Step`]).

mod appeal;
mod document;
mod menu;
#[cfg(test)]
mod tests;

pub(crate) use appeal::AppealFlow;
pub(crate) use document::DocumentFlow;
pub(crate) use menu::MenuFlow;

use pacer::page::verdict::CourtAnswer;

use crate::purchase::Deal;

/// The most requests on the way to one thing.
pub(crate) const MOST_REQUESTS: u8 = 8;

/// What came, as far as the way and the money depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// What is being bought.
    Goods,
    /// The menu of an entry, which costs nothing.
    Menu,
    /// A price, perhaps with a form of this court that accepts it.
    Price { form: bool },
    /// A page that points to where the bytes are.
    Link(Leads),
    /// The same as a redirect of HTTP, which a servlet that has moved answers with as well.
    Location(Leads),
    /// A form that says where our link was from.
    LinkCheck(Leads),
    /// An answer of this row, after which the same is asked once more.
    Again(CourtAnswer),
    /// Anything else that was certainly not billed.
    Unbilled,
    /// Something that was billed and is not what was asked for.
    Billed,
    /// Nobody knows whether it was billed: an answer that was lost, or a page that nobody knows.
    Unknown,
    /// Nothing: the request was not written, however long it was waited for.
    NotSent,
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// To a place of the court where nothing is sold: bytes that were put aside.
    ToBytes,
    /// To a place of the court where asking may be billed.
    ToSale,
    /// Out of the court, where our session must not go.
    Elsewhere,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask, under the intent of the purchase: it may be billed.
    Buy(What),
    /// The same where an order was answered by leading on. It was taken, perhaps, so nothing that
    /// only keeps us from asking ends the purchase.
    Follow(What),
    /// Ask for bytes that are paid for, whoever holds the request by now.
    Fetch(What),
    /// The purchase is over.
    End(End),
}

/// How something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Under the intent: it may be billed.
    Buy,
    /// The same, and waiting until it can be sent.
    Follow,
    /// As paid for already, whoever holds the request by now, and as patiently: these bytes are this
    /// purchase's, and asking for them costs nothing.
    Fetch,
}

/// What to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// What was asked for first.
    First,
    /// The document itself, at the price that was shown.
    Order,
    /// The form of the page.
    Form,
    /// The link of the page.
    Link,
    /// The same, with the wish to be shown a price before anything is charged.
    LinkByPrice,
    /// The case, by the court's own id of it.
    ById,
    /// The last request once more.
    Last,
}

/// How a purchase ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It is there, at the price that was shown or is in its receipt.
    Bought,
    /// It is there, at a price that follows from the rules.
    ByRules,
    /// What came costs nothing.
    Free,
    /// Nothing was billed.
    Unbilled,
    /// Something else was billed, and is kept.
    Billed,
    /// It may have been billed, and nothing came of it.
    InDoubt,
}

/// How often paid bytes are asked for again.
const RETRIES: u8 = 3;

impl Step {
    /// What to ask for, and how; or how it ends.
    pub(crate) fn asks(self) -> Result<(Way, What), End> {
        match self {
            Step::Buy(what) => Ok((Way::Buy, what)),
            Step::Follow(what) => Ok((Way::Follow, what)),
            Step::Fetch(what) => Ok((Way::Fetch, what)),
            Step::End(end) => Err(end),
        }
    }

    /// The same, if an order was answered by leading on.
    fn led_on(self, is_led_on: bool) -> Step {
        match self {
            Step::Buy(what) if is_led_on => Step::Follow(what),
            step => step,
        }
    }
}

impl Came {
    /// What a judged answer comes to.
    pub(crate) fn judged(deal: &Deal) -> Came {
        match deal {
            Deal::Bought { .. } | Deal::Unpriced { .. } => Came::Goods,
            Deal::Free { .. } => Came::Menu,
            Deal::NotBilled(_) => Came::Unbilled,
            Deal::BilledInVain { .. } => Came::Billed,
            Deal::Doubt { .. } => Came::Unknown,
        }
    }

    /// What a request without an answer comes to.
    pub(crate) fn unanswered(deal: &Deal) -> Came {
        match Came::judged(deal) {
            Came::Unbilled => Came::NotSent,
            came => came,
        }
    }
}

/// The court has pointed to what was paid. From here on asking is free and giving up is not, and
/// nothing is asked for that could be billed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fetching {
    retries_left: u8,
}

impl Fetching {
    fn begin() -> (Fetching, Step) {
        let fetching = Fetching {
            retries_left: RETRIES,
        };
        (fetching, Step::Fetch(What::Link))
    }

    /// After an answer that is not the bytes.
    fn next(&mut self, came: Came, link_checked: &mut bool) -> Step {
        match came {
            Came::Billed => Step::End(End::Billed),
            // It was waited for, and no try is left after that.
            Came::NotSent => Step::End(End::InDoubt),
            Came::Link(Leads::ToBytes) | Came::Location(Leads::ToBytes) => Step::Fetch(What::Link),
            Came::LinkCheck(Leads::ToBytes) if !*link_checked => {
                *link_checked = true;
                Step::Fetch(What::Form)
            }
            _ if self.retries_left > 0 => {
                self.retries_left -= 1;
                Step::Fetch(What::Last)
            }
            _ => Step::End(End::InDoubt),
        }
    }
}
