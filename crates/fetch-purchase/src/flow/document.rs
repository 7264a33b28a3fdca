//! The way to a document: its price, the order, and the place where it was put.

use pacer::page::verdict::CourtAnswer;

use super::{Came, End, Fetching, Leads, MOST_REQUESTS, Step, What};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its price was asked for; the document itself may come.
    Pricing,
    /// The order is out.
    Ordered {
        /// The page's own form was sent as well.
        confirmed: bool,
        /// The court has answered the order by leading on, and that says nothing of money.
        led_on: bool,
    },
    /// The court has pointed to the bytes.
    Fetching { priced: bool, fetching: Fetching },
}

/// The way to one document.
#[derive(Debug, Clone)]
pub(crate) struct DocumentFlow {
    is_appellate: bool,
    state: State,
    /// After which answer the same was asked once more.
    repeated: Option<CourtAnswer>,
    link_checked: bool,
    requests_left: u8,
}

impl DocumentFlow {
    /// Begins with the price page, which is asked for already.
    pub(crate) fn new(is_appellate: bool) -> DocumentFlow {
        DocumentFlow {
            is_appellate,
            state: State::Pricing,
            repeated: None,
            link_checked: false,
            requests_left: MOST_REQUESTS - 1,
        }
    }

    /// Whether the order was answered by leading on.
    fn is_led_on(&self) -> bool {
        matches!(self.state, State::Ordered { led_on: true, .. })
    }

    /// Whether no order is out yet.
    fn is_pricing(&self) -> bool {
        self.state == State::Pricing
    }

    /// Whether the court has pointed to what was paid.
    pub(crate) fn is_fetching(&self) -> bool {
        matches!(self.state, State::Fetching { .. })
    }

    /// Whether the same may be asked once more.
    pub(crate) fn may_repeat(&self) -> bool {
        self.repeated.is_none() && !self.is_fetching()
    }

    /// After which answer the same was asked once more, if it was.
    pub(crate) fn repeated(&self) -> Option<CourtAnswer> {
        self.repeated
    }

    /// What follows from what came.
    pub(crate) fn next(&mut self, came: Came) -> Step {
        let step = self.step(came);
        let step = step.led_on(self.is_led_on());
        match step {
            Step::End(_) => step,
            // With so many answers nobody knows what became of the money.
            _ if self.requests_left == 0 => Step::End(End::InDoubt),
            _ => {
                self.requests_left -= 1;
                step
            }
        }
    }

    fn step(&mut self, came: Came) -> Step {
        match (self.state, came) {
            (State::Pricing, Came::Goods) => Step::End(End::ByRules),
            (State::Ordered { .. }, Came::Goods) => Step::End(End::Bought),
            (State::Fetching { priced, .. }, Came::Goods) => Step::End(match priced {
                true => End::Bought,
                false => End::ByRules,
            }),
            (
                State::Fetching {
                    priced,
                    mut fetching,
                },
                came,
            ) => {
                let step = fetching.next(came, &mut self.link_checked);
                self.state = State::Fetching { priced, fetching };
                step
            }
            (_, Came::Billed) => Step::End(End::Billed),
            (_, Came::Unknown) => Step::End(End::InDoubt),
            (_, Came::LinkCheck(Leads::ToBytes | Leads::ToSale)) if !self.link_checked => {
                self.link_checked = true;
                Step::Buy(What::Form)
            }
            (_, Came::Again(row)) if self.repeated.is_none() => {
                self.repeated = Some(row);
                match self.state {
                    State::Pricing => Step::Buy(What::First),
                    _ => Step::Buy(What::Order),
                }
            }
            (_, Came::Link(Leads::ToBytes)) => self.fetch(),
            // Only what was sold is put aside and pointed to in a page, asked for or not.
            (_, Came::Link(Leads::Elsewhere)) => Step::End(End::InDoubt),
            (State::Pricing, came) => self.pricing(came),
            (State::Ordered { confirmed, led_on }, came) => self.ordered(came, confirmed, led_on),
        }
    }

    fn pricing(&mut self, came: Came) -> Step {
        match came {
            Came::Price { .. } => {
                self.state = State::Ordered {
                    confirmed: false,
                    led_on: false,
                };
                Step::Buy(What::Order)
            }
            Came::Link(_) | Came::Location(Leads::ToBytes | Leads::ToSale) => {
                Step::Buy(What::LinkByPrice)
            }
            _ => Step::End(End::Unbilled),
        }
    }

    fn ordered(&mut self, came: Came, confirmed: bool, led_on: bool) -> Step {
        match came {
            // A court that shows the price again has billed nothing. It is told yes once more.
            Came::Price { form: true } if !confirmed => {
                self.state = State::Ordered {
                    confirmed: true,
                    led_on: false,
                };
                Step::Buy(What::Form)
            }
            Came::Location(Leads::Elsewhere) => Step::End(End::InDoubt),
            Came::Location(Leads::ToBytes) if !self.is_appellate => self.fetch(),
            Came::Link(_) | Came::Location(_) => {
                self.state = State::Ordered {
                    confirmed,
                    led_on: true,
                };
                // A servlet that has moved leads to where the order is to be made.
                Step::Buy(match (came, self.is_appellate) {
                    (Came::Location(_), true) => What::Link,
                    _ => What::LinkByPrice,
                })
            }
            Came::NotSent if led_on => Step::End(End::InDoubt),
            _ => Step::End(End::Unbilled),
        }
    }

    fn fetch(&mut self) -> Step {
        let priced = !self.is_pricing();
        let (fetching, step) = Fetching::begin();
        self.state = State::Fetching { priced, fetching };
        step
    }
}
