//! Whatever happens to requests, in any order: no limit is passed, and nothing stays set aside.

use proptest::prelude::*;

use super::*;

/// Something that happens to the request `who` picks.
#[derive(Debug, Clone, Copy)]
enum BudgetEvent {
    /// It is posted, with this upper bound, and perhaps a limit of its own.
    Post {
        bound: Option<i32>,
        max: Option<i32>,
    },
    /// It is about to buy something for at most so much.
    Intend(i32),
    /// The court shows this price for what it is about to buy.
    Price(i32),
    /// It was bought, for this part of the quote in hundredths.
    Capture(i32),
    /// The court billed nothing.
    Void,
    /// The answer was lost.
    Doubt,
    /// It ends, well or badly.
    End,
    /// An operator takes it up again.
    Replay,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Intent,
    Doubt,
    Captured,
}

#[derive(Debug, Clone, Default)]
struct Request {
    reserved: Cents,
    max: Option<Cents>,
    open: bool,
    purchases: Vec<(State, Cents)>,
}

impl Request {
    fn own(&self) -> Cents {
        self.purchases.iter().map(|(_, cents)| *cents).sum()
    }

    fn intent(&mut self) -> Option<&mut (State, Cents)> {
        self.purchases
            .iter_mut()
            .find(|(state, _)| *state == State::Intent)
    }
}

#[derive(Debug, Clone, Default)]
struct World {
    limits: Limits,
    requests: Vec<Request>,
}

impl World {
    /// As the store sums it up.
    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        for request in &self.requests {
            for (state, cents) in &request.purchases {
                match state {
                    State::Intent => usage.reserved = usage.reserved + *cents,
                    State::Doubt | State::Captured => usage.spent = usage.spent + *cents,
                }
            }
            usage.reserved = usage.reserved + outstanding(request.reserved, request.own());
        }
        usage
    }

    /// As the store decides about a purchase that is written down already.
    fn purchase_fits(&self, place: usize, needs: Cents) -> bool {
        let request = &self.requests[place];
        let own = request.own();
        if self.limits.check_request(own, request.max).is_err() {
            return false;
        }
        if outstanding(own, request.reserved) == Cents(0) {
            return true;
        }
        let mut others = self.usage();
        others.reserved = Cents(others.reserved.0 - needs.0);
        self.limits.check_quarter(needs, others).is_ok()
    }

    fn happen(&mut self, who: usize, event: BudgetEvent) {
        if let BudgetEvent::Post { bound, max } = event {
            let estimate = Estimate {
                at_most: bound.map(Cents),
                exact: false,
                priced_first: bound.is_none_or(|bound| bound % 2 == 0),
            };
            let Ok(reservation) = self.limits.reserve(estimate, max.map(Cents)) else {
                return;
            };
            let fits = self.limits.check_quarter(reservation.reserve, self.usage());
            if fits.is_ok() {
                self.requests.push(Request {
                    reserved: reservation.reserve,
                    max: reservation.max_cost,
                    open: true,
                    purchases: Vec::new(),
                });
            }
            return;
        }
        if self.requests.is_empty() {
            return;
        }
        let place = who % self.requests.len();
        let before = self.requests[place].clone();
        let request = &mut self.requests[place];
        match event {
            BudgetEvent::Post { .. } => {}
            BudgetEvent::Intend(quote) if request.open && request.intent().is_none() => {
                request.purchases.push((State::Intent, Cents(quote)));
                if !self.purchase_fits(place, Cents(quote)) {
                    self.requests[place] = before;
                }
            }
            BudgetEvent::Price(price) if request.open => {
                let Some(intent) = request.intent() else {
                    return;
                };
                intent.1 = Cents(price);
                if !self.purchase_fits(place, Cents(price)) {
                    self.requests[place] = before;
                }
            }
            BudgetEvent::Capture(part) => {
                if let Some(intent) = request.intent() {
                    *intent = (State::Captured, Cents(intent.1.0 * part / 100));
                    request.reserved = Cents(0);
                }
            }
            BudgetEvent::Void => request
                .purchases
                .retain(|(state, _)| *state != State::Intent),
            BudgetEvent::Doubt => {
                if let Some(intent) = request.intent() {
                    intent.0 = State::Doubt;
                }
            }
            BudgetEvent::End => {
                request.open = false;
                request.reserved = Cents(0);
            }
            BudgetEvent::Replay => request.open = true,
            BudgetEvent::Intend(_) | BudgetEvent::Price(_) => {}
        }
    }
}

fn event() -> impl Strategy<Value = BudgetEvent> {
    let cents = || 0..1_000_i32;
    prop_oneof![
        3 => (prop::option::of(cents()), prop::option::of(cents()))
            .prop_map(|(bound, max)| BudgetEvent::Post { bound, max }),
        3 => cents().prop_map(BudgetEvent::Intend),
        2 => cents().prop_map(BudgetEvent::Price),
        2 => (0..=100).prop_map(BudgetEvent::Capture),
        1 => Just(BudgetEvent::Void),
        1 => Just(BudgetEvent::Doubt),
        1 => Just(BudgetEvent::End),
        1 => Just(BudgetEvent::Replay),
    ]
}

proptest! {
    #[test]
    fn no_sequence_of_events_overspends_or_keeps_a_reservation(
        per_quarter in 0..3_000_i32,
        per_request in prop::option::of(0..1_000_i32),
        events in prop::collection::vec((any::<usize>(), event()), 0..80),
    ) {
        let mut world = World {
            limits: Limits {
                per_request: per_request.map(Cents),
                per_quarter: Some(Cents(per_quarter)),
            },
            requests: Vec::new(),
        };
        for (who, event) in events {
            world.happen(who, event);
            let usage = world.usage();
            prop_assert!(usage.committed().0 <= per_quarter, "{event:?}: {usage:?}");
            for request in &world.requests {
                let most = [request.max, world.limits.per_request].into_iter().flatten().min();
                prop_assert!(most.is_none_or(|most| request.own() <= most), "{request:?}");
            }
        }
        for place in 0..world.requests.len() {
            world.happen(place, BudgetEvent::Doubt);
            world.happen(place, BudgetEvent::End);
        }
        let own: Cents = world.requests.iter().map(Request::own).sum();
        prop_assert_eq!(world.usage(), Usage { spent: own, reserved: Cents(0) });
    }
}

#[test]
fn a_price_that_is_shown_first_may_be_found_out() {
    let limits = Limits::default();
    let document = Estimate {
        at_most: Some(Cents(300)),
        exact: false,
        priced_first: true,
    };
    let reservation = limits.reserve(document, Some(Cents(50))).unwrap();
    assert_eq!(reservation.reserve, Cents(50));
    let docket = Estimate {
        priced_first: false,
        ..document
    };
    let refused = limits.reserve(docket, Some(Cents(299))).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "This may cost $3.00, but max_cost_cents allows only $2.99."
    );
    assert!(limits.reserve(docket, Some(Cents(300))).is_ok());
    let known = Estimate {
        at_most: Some(Cents(60)),
        exact: true,
        priced_first: true,
    };
    assert!(limits.reserve(known, Some(Cents(50))).is_err());
    let unbounded = Estimate {
        at_most: None,
        ..document
    };
    let reservation = limits.reserve(unbounded, None).unwrap();
    assert_eq!(reservation.reserve, UNBOUNDED_RESERVE);
}

#[test]
fn a_refusal_names_the_limit_and_what_is_left_of_it() {
    let limits = Limits {
        per_request: Some(Cents(500)),
        per_quarter: Some(Cents(1_000)),
    };
    let usage = Usage {
        spent: Cents(120),
        reserved: Cents(600),
    };
    let refused = limits.check_quarter(Cents(300), usage).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "This may cost $3.00, but your budget of $10.00 per quarter has only $2.80 left: $1.20 is \
         spent and $6.00 is reserved for requests under way."
    );
    assert!(limits.check_quarter(Cents(280), usage).is_ok());
    let refused = limits.check_request(Cents(501), None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "This may cost $5.01, but your budget allows only $5.00 per request."
    );
    // What costs nothing needs no room, even where the limit was lowered below what is spent.
    let limits = Limits {
        per_quarter: Some(Cents(0)),
        ..limits
    };
    assert!(limits.check_quarter(Cents(0), usage).is_ok());
}
