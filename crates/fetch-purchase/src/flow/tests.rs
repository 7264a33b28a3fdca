//! Every sequence of answers to a depth of five, and what holds after each of them.

use super::*;

const DEPTH: usize = 5;

/// A way, and what it is about.
#[derive(Clone)]
enum Way {
    Document(DocumentFlow, bool),
    Menu(MenuFlow),
    Appeal(AppealFlow),
}

impl Way {
    fn next(&mut self, came: Came) -> Step {
        match self {
            Way::Document(flow, _) => flow.next(came),
            Way::Menu(flow) => flow.next(came),
            Way::Appeal(flow) => flow.next(came),
        }
    }

    fn requests(&self) -> usize {
        match self {
            Way::Document(..) | Way::Menu(_) => 8,
            Way::Appeal(_) => 6,
        }
    }
}

fn ways() -> [Way; 4] {
    [
        Way::Document(DocumentFlow::new(false), false),
        Way::Document(DocumentFlow::new(true), true),
        Way::Menu(MenuFlow::new()),
        Way::Appeal(AppealFlow::new()),
    ]
}

/// Everything that can come.
fn alphabet() -> Vec<Came> {
    let mut all = vec![
        Came::Goods,
        Came::Menu,
        Came::Price { form: true },
        Came::Price { form: false },
        Came::Again(CourtAnswer::LoginPage),
        Came::Again(CourtAnswer::WrongCase),
        Came::Unbilled,
        Came::Billed,
        Came::Unknown,
        Came::NotSent,
    ];
    for leads in [Leads::ToBytes, Leads::ToSale, Leads::Elsewhere] {
        all.extend([
            Came::Link(leads),
            Came::Location(leads),
            Came::LinkCheck(leads),
        ]);
    }
    all
}

/// What came and what followed, again and again.
type Story = Vec<(Came, Step)>;

/// Shows `look` every story that can be told on a way, up to the depth.
fn tell(way: &Way, alphabet: &[Came], story: &mut Story, look: &mut impl FnMut(&Way, &Story)) {
    for came in alphabet {
        let mut way = way.clone();
        let step = way.next(*came);
        story.push((*came, step));
        look(&way, story);
        if story.len() < DEPTH && !matches!(step, Step::End(_)) {
            tell(&way, alphabet, story, look);
        }
        story.pop();
    }
}

fn every_story(mut look: impl FnMut(&Way, &Story)) {
    let alphabet = alphabet();
    for way in ways() {
        tell(&way, &alphabet, &mut Vec::new(), &mut look);
    }
}

fn steps(story: &Story) -> impl Iterator<Item = Step> {
    story.iter().map(|(_, step)| *step)
}

/// Whether the court may have sold something, by what it said before the last answer.
fn may_be_sold(way: &Way, story: &Story) -> bool {
    let ordered = |until: usize| {
        let step = match way {
            Way::Document(..) => Step::Buy(What::Order),
            Way::Menu(_) => return false,
            Way::Appeal(_) => Step::Buy(What::Form),
        };
        story[..until]
            .iter()
            .any(|(came, then)| matches!(came, Came::Price { .. }) && *then == step)
    };
    story.iter().enumerate().any(|(at, (came, _))| match came {
        Came::Link(Leads::ToBytes | Leads::Elsewhere) => !matches!(way, Way::Appeal(_)),
        Came::Location(Leads::Elsewhere) => ordered(at),
        Came::Location(Leads::ToBytes) => ordered(at) && matches!(way, Way::Document(_, false)),
        _ => false,
    })
}

#[test]
fn no_sequence_of_answers_sends_an_order_outside_its_intent() {
    every_story(|_, story| {
        for (at, (came, step)) in story.iter().enumerate() {
            let Step::Fetch(what) = step else { continue };
            let was_fetched = at > 0 && matches!(story[at - 1].1, Step::Fetch(_));
            let fits = match what {
                What::Link => matches!(
                    came,
                    Came::Link(Leads::ToBytes) | Came::Location(Leads::ToBytes)
                ),
                What::Form => was_fetched && *came == Came::LinkCheck(Leads::ToBytes),
                What::Last => was_fetched,
                What::First | What::Order | What::LinkByPrice | What::ById => false,
            };
            assert!(fits, "{story:?}");
        }
    });
}

#[test]
fn what_may_have_been_paid_is_never_called_unbilled() {
    every_story(|way, story| {
        let Some((_, Step::End(End::Unbilled | End::Free))) = story.last() else {
            return;
        };
        assert!(!may_be_sold(way, story), "{story:?}");
    });
}

/// An order that the court answered by leading on, and of which nothing more is heard.
#[test]
fn a_redirect_after_an_order_that_cannot_be_followed_is_a_doubt() {
    let ordered = [
        Came::Price { form: true },
        Came::Location(Leads::ToSale),
        Came::NotSent,
    ];
    for (at, mut way) in ways().into_iter().enumerate() {
        if matches!(way, Way::Menu(_)) {
            continue;
        }
        let last = ordered.map(|came| way.next(came))[2];
        assert_eq!(last, Step::End(End::InDoubt), "{at}");
    }
}

/// What an order was answered with is waited for, whatever keeps us from asking for it.
#[test]
fn where_an_order_leads_on_it_is_followed_patiently() {
    every_story(|way, story| {
        let is_order = |(came, step): &(Came, Step)| match way {
            Way::Document(..) => *step == Step::Buy(What::Order),
            Way::Menu(_) => false,
            Way::Appeal(_) => matches!(came, Came::Price { .. }) && *step == Step::Buy(What::Form),
        };
        let Some(ordered) = story.iter().position(is_order) else {
            return;
        };
        let mut is_led_on = false;
        for (came, step) in &story[ordered + 1..] {
            let leads = matches!(came, Came::Location(_))
                || matches!(came, Came::Link(_)) && matches!(way, Way::Document(..));
            // A price that is shown again says that nothing was billed.
            is_led_on = (is_led_on || leads) && !matches!(came, Came::Price { .. });
            let is_patient = matches!(step, Step::Follow(_) | Step::Fetch(_) | Step::End(_));
            assert!(!is_led_on || is_patient, "{story:?}");
        }
    });
}

/// Whoever fetches has waited already when he says that nothing could be sent: no try is used up.
#[test]
fn what_cannot_be_asked_for_is_no_answer() {
    every_story(|_, story| {
        if let Some((Came::NotSent, step)) = story.last() {
            assert!(matches!(step, Step::End(_)), "{story:?}");
        }
    });
}

#[test]
fn a_receipt_that_was_seen_is_a_bill_that_is_kept() {
    every_story(|_, story| {
        if let Some((Came::Billed, step)) = story.last() {
            assert_eq!(*step, Step::End(End::Billed), "{story:?}");
        }
    });
}

#[test]
fn what_nobody_knows_is_a_doubt_or_asked_for_again_where_that_is_free() {
    every_story(|_, story| {
        if let Some((Came::Unknown, step)) = story.last() {
            let fits = matches!(step, Step::End(End::InDoubt) | Step::Fetch(What::Last));
            assert!(fits, "{story:?}");
        }
    });
}

#[test]
fn a_question_of_the_court_is_answered_once() {
    every_story(|_, story| {
        let answered = |is: fn(&Came) -> bool| {
            let forms = story.iter().filter(|(came, step)| {
                let sends_it = matches!(
                    step,
                    Step::Buy(What::Form) | Step::Follow(What::Form) | Step::Fetch(What::Form)
                );
                is(came) && sends_it
            });
            forms.count()
        };
        assert!(answered(|came| matches!(came, Came::Price { .. })) <= 1);
        assert!(answered(|came| matches!(came, Came::LinkCheck(_))) <= 1);
    });
}

#[test]
fn the_same_is_asked_once_more_and_no_more() {
    every_story(|way, story| {
        let repeats = story.iter().filter(|(came, step)| {
            matches!(
                (came, step),
                (Came::Again(_), Step::Buy(_) | Step::Follow(_))
            )
        });
        let most = match way {
            // Once after each answer that may be helped so.
            Way::Appeal(_) => 2,
            Way::Document(..) | Way::Menu(_) => 1,
        };
        assert!(repeats.count() <= most, "{story:?}");
        // The order is made, and once more at most.
        let orders = steps(story)
            .filter(|step| matches!(step, Step::Buy(What::Order) | Step::Follow(What::Order)));
        assert!(orders.count() <= 2, "{story:?}");
    });
}

#[test]
fn what_was_wanted_is_always_taken() {
    every_story(|_, story| {
        if let Some((Came::Goods, step)) = story.last() {
            assert!(
                matches!(step, Step::End(End::Bought | End::ByRules)),
                "{story:?}"
            );
        }
    });
}

#[test]
fn every_flow_ends_within_its_requests() {
    for came in alphabet() {
        for first in [Came::Price { form: true }, Came::Link(Leads::ToBytes), came] {
            for mut way in ways() {
                let most = way.requests();
                let mut sent = 1;
                let mut step = way.next(first);
                while !matches!(step, Step::End(_)) {
                    sent += 1;
                    assert!(sent <= most, "{first:?}, then {came:?}");
                    step = way.next(came);
                }
            }
        }
    }
}
