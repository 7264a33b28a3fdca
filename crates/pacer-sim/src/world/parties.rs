//! Who is in a case.

use chrono::NaiveDate;

use super::case::{Attorney, Charges, Party};
use super::stub::{CaseKind, Stub};
use crate::dice::Dice;
use crate::names;

/// The parties of a case and its name. `left` is the day on which one of them left it.
pub fn parties(stub: &Stub, dice: &mut Dice, left: NaiveDate) -> (Vec<Party>, String) {
    match stub.kind {
        CaseKind::Civil | CaseKind::Miscellaneous => civil(dice, left),
        CaseKind::Criminal => criminal(stub, dice),
        CaseKind::Petition => petition(dice, left),
        CaseKind::Adversary => adversary(dice),
        CaseKind::Appeal => unreachable!("appeals have parties of their own making"),
    }
}

fn civil(dice: &mut Dice, left: NaiveDate) -> (Vec<Party>, String) {
    let plaintiff = party(dice, "Plaintiff", names::person);
    let defendant = party(dice, "Defendant", names::company);
    let second = party(dice, "Defendant", names::company);
    let mut gone = party(dice, "Defendant", names::person);
    gone.terminated = Some(left);
    gone.lines.clear();
    let mut parties = vec![plaintiff, defendant, second, gone];
    // One attorney speaks for both companies, so that the second says "See above".
    parties[2].attorneys = parties[1].attorneys.clone();
    let title = format!("{} v. {} et al", parties[0].name, parties[1].name);
    (parties, title)
}

fn criminal(stub: &Stub, dice: &mut Dice) -> (Vec<Party>, String) {
    let numbers = if stub.defendants.is_empty() {
        &[1]
    } else {
        stub.defendants
    };
    let mut parties: Vec<Party> = numbers
        .iter()
        .map(|number| defendant(dice, *number))
        .collect();
    let title = format!("USA v. {}", parties[0].name);
    let mut government = party(dice, "Plaintiff", |_| "USA".to_owned());
    government.lines.clear();
    parties.push(government);
    (parties, title)
}

fn defendant(dice: &mut Dice, number: u64) -> Party {
    let mut party = party(dice, &format!("Defendant ({number})"), names::person);
    let count = |code: &str, number| format!("{code} - UNLICENSED TEAPOT CONVEYANCE ({number})");
    party.lines.clear();
    party.charges = Some(Charges {
        number,
        pending: vec![(
            count("18:9991.F", 1),
            "Fined one imaginary crown".to_owned(),
        )],
        dropped: vec![(
            count("18:9992.F", 2),
            "Dismissed on motion of the government".to_owned(),
        )],
    });
    party
}

fn petition(dice: &mut Dice, left: NaiveDate) -> (Vec<Party>, String) {
    let mut debtor = party(dice, "Debtor", names::company);
    debtor
        .lines
        .push(format!("Tax ID / EIN: 00-000{:04}", dice.below(10_000)));
    let trustee = unrepresented(dice, "Trustee", left, false);
    let former = unrepresented(dice, "Trustee", left, true);
    let title = debtor.name.clone();
    let mut office = unrepresented(dice, "U.S. Trustee", left, false);
    office.name = "Office of the U.S. Trustee (Fictional)".to_owned();
    (vec![debtor, trustee, former, office], title)
}

fn adversary(dice: &mut Dice) -> (Vec<Party>, String) {
    let plaintiff = party(dice, "Plaintiff", names::company);
    let defendant = party(dice, "Defendant", names::person);
    let title = format!("{} v. {}", plaintiff.name, defendant.name);
    (vec![plaintiff, defendant], title)
}

fn unrepresented(dice: &mut Dice, role: &str, left: NaiveDate, gone: bool) -> Party {
    let mut party = party(dice, role, names::person);
    party.attorneys.clear();
    party.terminated = gone.then_some(left);
    party
}

fn party(dice: &mut Dice, role: &str, name: impl Fn(&mut Dice) -> String) -> Party {
    Party {
        role: role.to_owned(),
        name: name(dice),
        lines: names::address(dice),
        terminated: None,
        attorneys: vec![attorney(dice)],
        charges: None,
    }
}

fn attorney(dice: &mut Dice) -> Attorney {
    let name = names::person(dice);
    let mut contact = vec![names::law_firm(dice)];
    contact.extend(names::address(dice));
    contact.push(names::phone(dice));
    contact.push(format!("Fax: {}", names::phone(dice)));
    contact.push(format!("Email: {}", names::email(&name)));
    Attorney {
        name,
        contact,
        roles: vec!["LEAD ATTORNEY", "ATTORNEY TO BE NOTICED"],
    }
}
