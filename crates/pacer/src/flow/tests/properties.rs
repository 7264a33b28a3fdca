//! What holds after every sequence of answers.

use super::*;

const DEPTH: usize = 5;

/// Shows `look` every story that can be told on a way, up to the depth.
fn tell(
    machine: &Machine,
    alphabet: &[Came],
    story: &mut Story,
    look: &mut impl FnMut(&Machine, &Story),
) {
    for came in alphabet {
        let mut machine = machine.clone();
        let step = machine.after(came.clone());
        let is_over = matches!(step, Step::End(_));
        story.push((came.clone(), step));
        look(&machine, story);
        if story.len() < DEPTH && !is_over {
            tell(&machine, alphabet, story, look);
        }
        story.pop();
    }
}

fn every_story(mut look: impl FnMut(&Machine, &Story)) {
    let alphabet = alphabet();
    for machine in Machine::all() {
        tell(&machine, &alphabet, &mut Vec::new(), &mut look);
    }
}

/// Whether an order is out: a price was said yes to, by the order or by the form of its page.
fn is_accepted(machine: &Machine, (came, step): &(Came, Step)) -> bool {
    let is_yes = sent(step).is_some() && !matches!(step, Step::Retry { .. });
    is_yes && matches!(came, Came::Price(_)) && !matches!(machine, Machine::Menu(_))
}

/// Whether an order is out that the court has answered by leading on, and nothing has shown since that it
/// bought nothing: that the court asks for a yes again, and is given it.
fn is_led_on(machine: &Machine, story: &[(Came, Step)]) -> bool {
    if matches!(machine, Machine::Docket(_) | Machine::Menu(_)) {
        return false;
    }
    let leads = |came: &Came| match came {
        Came::Location(_) => true,
        Came::Link(_) => matches!(machine, Machine::Document(..)),
        _ => false,
    };
    let mut is_ordered = false;
    let mut is_led_on = false;
    for turn in story {
        if is_accepted(machine, turn) {
            (is_ordered, is_led_on) = (true, false);
        } else {
            is_led_on |= is_ordered && leads(&turn.0);
        }
    }
    is_led_on
}

/// Whether the court may have sold something, by what it said.
fn may_be_sold(machine: &Machine, story: &Story) -> bool {
    let puts_aside = matches!(machine, Machine::Document(..) | Machine::Menu(_));
    let is_put_aside = |came: &Came| matches!(came, Came::Link(Lead::ToBytes(_) | Lead::Elsewhere));
    is_led_on(machine, story) || puts_aside && story.iter().any(|(came, _)| is_put_aside(came))
}

/// What is said to be unbilled.
fn is_unbilled(step: &Step) -> bool {
    match step {
        Step::End(end) => match end {
            End::Refused { bill, .. } => bill.is_none(),
            End::KeptAsking | End::LinkElsewhere | End::NotSent => true,
            End::Done(goods) => *goods == Goods::Free,
            End::InDoubt(_) | End::NotDelivered { .. } => false,
        },
        _ => false,
    }
}

/// All that must hold after the last turn of a story.
pub(super) fn check(machine: &Machine, story: &Story) {
    let Some((came, step)) = story.last() else {
        return;
    };
    let before = &story[..story.len() - 1];
    let was_fetching = before
        .last()
        .is_some_and(|(_, step)| matches!(sent(step), Some((_, Way::Fetch))));
    what_is_sent_as_paid_is_never_sold(story, was_fetching);
    what_may_have_been_paid_is_never_called_unbilled(machine, story);
    no_order_is_sent_twice_unless_the_first_bought_nothing(machine, story);
    match came {
        Came::Goods(bill) => what_was_wanted_is_always_taken(machine, story, bill.as_ref()),
        Came::NotSent(_) => what_cannot_be_asked_for_is_no_answer(story),
        Came::Other(other) => match &other.billing {
            Billing::Bill(bill) => a_receipt_is_kept(machine, before, other.answer, bill, step),
            Billing::Unknown => what_nobody_knows_is_a_doubt(other.answer, story, was_fetching),
            Billing::Nothing if other.answer == Answer::RestrictedWarning => {
                let is_left = matches!(step, Step::Retry { .. })
                    || matches!(step, Step::End(End::NotDelivered { .. }));
                let in_doubt = Step::End(End::InDoubt(Answer::RestrictedWarning));
                let refused = End::Refused {
                    answer: Answer::RestrictedWarning,
                    bill: None,
                };
                assert!(
                    *step == Step::End(refused)
                        || (was_fetching && is_left)
                        || (is_led_on(machine, before) && *step == in_doubt),
                    "a restricted document is neither followed nor kept: {story:?}"
                );
            }
            Billing::Nothing => {}
        },
        _ => {}
    }
    a_question_of_the_court_is_answered_once(machine, story);
    the_same_is_asked_once_more_and_no_more(machine, story);
    where_an_order_leads_on_it_is_followed_patiently(machine, story);
    a_price_is_held_against_the_limits(machine, story);
    let requests = 1 + story
        .iter()
        .filter(|(_, step)| sent(step).is_some())
        .count();
    assert!(requests <= machine.requests(), "{story:?}");
}

fn what_is_sent_as_paid_is_never_sold(story: &Story, was_fetching: bool) {
    let Some((came, step)) = story.last() else {
        return;
    };
    let Some((request, Way::Fetch)) = sent(step) else {
        assert!(
            !was_fetching || matches!(step, Step::End(_)),
            "once it is paid, nothing is asked for that may be billed: {story:?}"
        );
        return;
    };
    assert!(is_free_of_charge(request), "{story:?}");
    let last = story.iter().rev().nth(1).and_then(|(_, step)| sent(step));
    match step {
        Step::Retry { after, .. } => {
            assert_eq!(Some(request), last.map(|(request, _)| request), "{story:?}");
            let answer = match came {
                Came::Other(other) => Some(other.answer),
                _ => None,
            };
            assert_eq!(*after, answer, "{story:?}");
        }
        _ => assert!(
            matches!(
                came,
                Came::Link(Lead::ToBytes(_))
                    | Came::Location(Lead::ToBytes(_))
                    | Came::LinkCheck(Form {
                        to: Lead::ToBytes(_),
                        ..
                    })
            ),
            "{story:?}"
        ),
    }
}

fn what_may_have_been_paid_is_never_called_unbilled(machine: &Machine, story: &Story) {
    let is_unbilled = story.last().is_some_and(|(_, step)| is_unbilled(step));
    assert!(!is_unbilled || !may_be_sold(machine, story), "{story:?}");
}

/// An order goes out again where the answer to it proves that it bought nothing: the court asks for a yes,
/// or it gives an answer that is not billed. After it has led on, only the first proves that.
fn no_order_is_sent_twice_unless_the_first_bought_nothing(machine: &Machine, story: &Story) {
    let Some(((came, step), before)) = story.split_last() else {
        return;
    };
    let Some((request, Way::Buy | Way::Follow)) = sent(step) else {
        return;
    };
    let mut ordered = before.iter().filter(|turn| is_accepted(machine, turn));
    let is_same = ordered.any(|(_, step)| sent(step).is_some_and(|(order, _)| order == request));
    let proves_it = match came {
        Came::Other(other) => other.billing == Billing::Nothing && !is_led_on(machine, before),
        // Whoever asks has not sold.
        Came::Price(_) | Came::Choice(_) | Came::LinkCheck(_) => true,
        _ => !is_same,
    };
    assert!(proves_it, "{story:?}");
}

/// A receipt is a bill, whatever page it is on; but once an order may have been taken, no receipt of another
/// page makes it cheaper than was said yes to.
fn a_receipt_is_kept(
    machine: &Machine,
    before: &[(Came, Step)],
    answer: Answer,
    bill: &Bill,
    step: &Step,
) {
    let may_be_taken = matches!(machine, Machine::Document(..))
        && (is_led_on(machine, before)
            || matches!(
                before.last().and_then(|(_, step)| sent(step)),
                Some((_, Way::Fetch))
            ));
    let accepted = accepted_price(machine, before)
        .filter(|accepted| may_be_taken && accepted.cents > bill.cents);
    let kept = End::Refused {
        answer,
        bill: Some(accepted.unwrap_or_else(|| bill.clone())),
    };
    assert_eq!(*step, Step::End(kept), "{before:?}");
}

/// The price that was last said yes to.
fn accepted_price(machine: &Machine, story: &[(Came, Step)]) -> Option<Bill> {
    let mut orders = story.iter().filter(|turn| is_accepted(machine, turn));
    orders.next_back().and_then(|(came, _)| match came {
        Came::Price(price) => price.bill.clone(),
        _ => None,
    })
}

fn what_was_wanted_is_always_taken(machine: &Machine, story: &Story, bill: Option<&Bill>) {
    let Some((_, Step::End(End::Done(goods)))) = story.last() else {
        panic!("{story:?}");
    };
    let shown = accepted_price(machine, story);
    let expected = match machine {
        Machine::Docket(_) | Machine::Appeal(_) => {
            Goods::Billed(bill.cloned().unwrap_or_else(Bill::nothing))
        }
        Machine::Document(..) => match shown {
            Some(shown) => Goods::Billed(shown),
            None => Goods::ByRules(price::Item::Document),
        },
        Machine::Menu(_) => Goods::ByRules(price::Item::Free),
    };
    assert_eq!(*goods, expected, "{story:?}");
}

/// Whoever asks has waited already when he says that nothing could be sent: no try is used up.
fn what_cannot_be_asked_for_is_no_answer(story: &Story) {
    let Some((Came::NotSent(answer), step)) = story.last() else {
        return;
    };
    let way = story.iter().rev().nth(1).and_then(|(_, step)| sent(step));
    let is_owed = matches!(way, Some((_, Way::Follow | Way::Fetch)));
    let end = match (is_owed, answer) {
        (true, after) => End::NotDelivered { after: *after },
        (false, None) => End::NotSent,
        (false, Some(answer)) => End::Refused {
            answer: *answer,
            bill: None,
        },
    };
    assert_eq!(*step, Step::End(end), "{story:?}");
}

fn what_nobody_knows_is_a_doubt(answer: Answer, story: &Story, was_fetching: bool) {
    let Some((_, step)) = story.last() else {
        return;
    };
    let is_retry = matches!(step, Step::Retry { after, .. } if *after == Some(answer));
    let in_doubt = matches!(step, Step::End(End::InDoubt(of)) if *of == answer);
    assert!(in_doubt || (was_fetching && is_retry), "{story:?}");
}

fn a_question_of_the_court_is_answered_once(machine: &Machine, story: &Story) {
    let answered = |is: fn(&Came) -> bool| {
        let answers = story.iter().filter(|(came, step)| {
            is(came) && sent(step).is_some() && !matches!(step, Step::Retry { .. })
        });
        answers.count()
    };
    // A document is ordered, and its court is told yes once more. A report may be begun anew.
    let begun_anew = story.iter().any(|(came, step)| {
        matches!((came, machine), (Came::Other(_), Machine::Docket(_))) && sent(step).is_some()
    });
    let most = match machine {
        Machine::Document(..) => 2,
        Machine::Appeal(_) => 1,
        Machine::Docket(_) => 1 + usize::from(begun_anew),
        Machine::Menu(_) => 0,
    };
    assert!(
        answered(|came| matches!(came, Came::Price(_))) <= most,
        "{story:?}"
    );
    let choices = answered(|came| matches!(came, Came::Choice(_)));
    assert!(choices <= most, "{story:?}");
    assert!(
        answered(|came| matches!(came, Came::LinkCheck(_))) <= 1,
        "{story:?}"
    );
}

fn the_same_is_asked_once_more_and_no_more(machine: &Machine, story: &Story) {
    let mut again: Vec<Answer> = Vec::new();
    for (came, step) in story {
        if let (Came::Other(other), Step::Send { .. }) = (came, step) {
            assert!(other.answer.row().again, "{story:?}");
            assert!(!again.contains(&other.answer), "{story:?}");
            again.push(other.answer);
        }
    }
    let most = match machine {
        // Once after each answer that may be helped so.
        Machine::Appeal(_) => 4,
        Machine::Docket(_) | Machine::Document(..) | Machine::Menu(_) => 1,
    };
    assert!(again.len() <= most, "{story:?}");
}

/// What an order was answered with is waited for, whatever keeps us from asking for it.
fn where_an_order_leads_on_it_is_followed_patiently(machine: &Machine, story: &Story) {
    let Some((_, step)) = story.last() else {
        return;
    };
    let is_led_on = is_led_on(machine, story);
    let is_hasty = matches!(sent(step), Some((_, Way::Buy | Way::Free)));
    assert!(!is_led_on || !is_hasty, "{story:?}");
    let is_patient = matches!(sent(step), Some((_, Way::Follow)));
    assert!(is_led_on || !is_patient, "{story:?}");
}

/// Each price of a document that is said yes to, and one of a report above the limit of reports.
fn a_price_is_held_against_the_limits(machine: &Machine, story: &Story) {
    let Some((came, step)) = story.last() else {
        return;
    };
    let Came::Price(shown) = came else {
        assert!(!matches!(step, Step::Accept { .. }), "{story:?}");
        return;
    };
    if sent(step).is_none() || matches!(step, Step::Retry { .. }) {
        return;
    }
    let cents = shown.bill.as_ref().map_or(0, |bill| bill.cents);
    let is_held = matches!(step, Step::Accept { cents: held, .. } if *held == cents);
    let needs_it = matches!(machine, Machine::Document(..)) || cents > price::CAP_CENTS;
    assert_eq!(is_held, needs_it, "{story:?}");
}

#[test]
#[expect(clippy::print_stdout, reason = "it says how many were told")]
fn every_sequence_of_answers_keeps_the_promises() {
    let begun = std::time::Instant::now();
    let mut stories = 0_u64;
    every_story(|machine, story| {
        stories += 1;
        check(machine, story);
    });
    let took = begun.elapsed();
    println!("{stories} sequences of answers in {took:?}");
    // That this many were told says that the ways go on at all.
    assert!(stories > 50_000, "{stories}");
}

/// Forms lead to the servlet, where things are sold, at every court that is known. Should one lead to
/// where bytes are put, its question is answered: once.
#[test]
fn the_check_of_a_link_to_paid_bytes_is_answered_once() {
    let [to_bytes, ..] = leads();
    let check = || Came::LinkCheck(form_to(leads()[0].clone()));
    for mut machine in Machine::all().drain(3..) {
        machine.after(Came::Link(to_bytes.clone()));
        let answered = machine.after(check());
        let (request, way) = sent(&answered).unwrap();
        assert!(matches!(answered, Step::Send { .. }), "{answered:?}");
        assert!(matches!(request, CourtRequest::PostUrlencoded(..)));
        assert_eq!(way, Way::Fetch);
        assert!(matches!(machine.after(check()), Step::Retry { .. }));
    }
}

#[test]
fn every_way_begins_under_its_intent() {
    for machine in Machine::all() {
        assert!(matches!(sent(&machine.start()), Some((_, Way::Buy))));
    }
}

/// Whatever is answered again and again, the conversation is over in the end, and before the last of
/// its requests where the table does not want the same asked once more.
#[test]
fn every_row_ends_every_flow_that_it_can_come_to() {
    for answer in Answer::ALL {
        for mut machine in Machine::all() {
            let most = machine.requests();
            let once_more = usize::from(answer.row().again);
            let came = Came::other(answer, b"");
            let sent = (0..).find(|_| matches!(machine.after(came.clone()), Step::End(_)));
            assert!(
                sent.is_some_and(|sent| sent <= once_more && sent < most),
                "{answer:?}"
            );
        }
    }
}

#[test]
fn every_flow_ends_within_its_requests() {
    let [to_bytes, ..] = leads();
    for came in alphabet() {
        for first in [
            price(Some(leads()[1].clone()), 30),
            Came::Link(to_bytes.clone()),
            came.clone(),
        ] {
            for mut machine in Machine::all() {
                let most = machine.requests();
                let mut sent = 1;
                let mut step = machine.after(first.clone());
                while !matches!(step, Step::End(_)) {
                    sent += 1;
                    assert!(sent <= most, "{first:?}, then {came:?}");
                    step = machine.after(came.clone());
                }
            }
        }
    }
}

/// A document that is too large, over and over, is bought again where the request allows that, unless what
/// came decides. It decides after the last try, and when no request is left for one.
#[test]
fn what_may_have_been_billed_decides_also_when_no_request_is_left() {
    let sold = Machine::all()
        .into_iter()
        .filter(|machine| matches!(machine, Machine::Document(..) | Machine::Menu(_)));
    for machine in sold {
        for redirects in 1..=5 {
            let mut machine = machine.clone();
            for _ in 0..redirects {
                let [to_bytes, ..] = leads();
                machine.after(Came::Link(to_bytes));
            }
            let end = (0..4)
                .map(|_| machine.after(other(Answer::TooLarge, Billing::Unknown)))
                .find(|step| matches!(step, Step::End(_)));
            let in_doubt = Step::End(End::InDoubt(Answer::TooLarge));
            assert_eq!(end, Some(in_doubt), "after {redirects} redirects");
        }
    }
}
