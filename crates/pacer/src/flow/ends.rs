//! The ends of a flow that yield nothing.

use super::came::{Came, Form, Lead, Other};
use super::{End, Step};
use crate::bill::Billing;

/// The end of a way by an answer that is not what was asked for.
pub(super) fn ended(other: Other) -> Step {
    let Other {
        answer, billing, ..
    } = other;
    Step::End(match billing {
        Billing::Nothing => End::Refused { answer, bill: None },
        Billing::Bill(bill) => End::Refused {
            answer,
            bill: Some(bill),
        },
        Billing::Unknown => End::InDoubt(answer),
    })
}

/// The end of a way by something with which it cannot go on, and which bills nothing.
pub(super) fn otherwise(came: Came) -> Step {
    let form_elsewhere = |form: &Form| form.to == Lead::Elsewhere;
    Step::End(match came {
        Came::Other(other) => return ended(other),
        Came::NotSent(None) => End::NotSent,
        Came::NotSent(Some(answer)) => End::Refused { answer, bill: None },
        Came::Link(Lead::Elsewhere) | Came::Location(Lead::Elsewhere) => End::LinkElsewhere,
        Came::LinkCheck(form) | Came::Choice(form) if form_elsewhere(&form) => End::LinkElsewhere,
        Came::Goods(_)
        | Came::Menu
        | Came::Price(_)
        | Came::Choice(_)
        | Came::Link(_)
        | Came::Location(_)
        | Came::LinkCheck(_) => End::KeptAsking,
    })
}
