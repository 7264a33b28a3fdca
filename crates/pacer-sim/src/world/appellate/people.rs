//! Who is in an appeal.

use chrono::NaiveDate;

use super::super::case::{Attorney, Party};
use super::super::stub::{Oddity, Stub};
use super::Flavor;
use crate::dice::Dice;
use crate::names;

const RETAINED: &str = "COR LD NTC Retained";
const GOVERNMENT: &str = "COR NTC Government";

/// The parties of an appeal and its name. `left` is the day on which one of them left it.
pub(super) fn parties(
    flavor: Flavor,
    stub: &Stub,
    dice: &mut Dice,
    left: NaiveDate,
) -> (Vec<Party>, String) {
    match flavor {
        Flavor::Civil => civil(dice, left),
        Flavor::Criminal => criminal(dice),
        Flavor::Agency => agency(dice, stub),
    }
}

fn civil(dice: &mut Dice, left: NaiveDate) -> (Vec<Party>, String) {
    let appellant = party(dice, "Plaintiff - Appellant", names::person, RETAINED);
    let appellee = party(dice, "Defendant - Appellee", names::company, RETAINED);
    let mut second = party(dice, "Defendant - Appellee", names::company, RETAINED);
    // The same attorneys speak for both, so that the second time says "(see above)".
    second.attorneys = appellee.attorneys.clone();
    let mut gone = party(dice, "Defendant - Appellee", names::person, RETAINED);
    gone.terminated = Some(left);
    let mut interested = party(dice, "Interested Party", names::company, RETAINED);
    interested.attorneys.clear();
    let title = format!("{} v. {}, et al", appellant.name, appellee.name);
    (vec![appellant, appellee, second, gone, interested], title)
}

fn criminal(dice: &mut Dice) -> (Vec<Party>, String) {
    let government = |_: &mut Dice| "UNITED STATES OF AMERICA".to_owned();
    let appellee = party(dice, "Plaintiff - Appellee", government, GOVERNMENT);
    let appellant = party(dice, "Defendant - Appellant", names::person, "COR NTC CJA");
    let title = format!("USA v. {}", names::last_word(&appellant.name));
    (vec![appellee, appellant], title)
}

/// A petitioner against an agency; in the well-known case one that speaks for itself.
fn agency(dice: &mut Dice, stub: &Stub) -> (Vec<Party>, String) {
    let mut petitioner = party(dice, "Petitioner", names::person, RETAINED);
    if stub.oddity == Oddity::Agency {
        petitioner.attorneys = vec![Attorney {
            name: petitioner.name.clone(),
            contact: names::address(dice),
            roles: vec!["NTC Pro Se"],
        }];
    }
    let secretary = |dice: &mut Dice| format!("{}, Secretary of Fiction", names::person(dice));
    let respondent = party(dice, "Respondent", secretary, GOVERNMENT);
    let official = respondent.name.split(',').next().unwrap_or_default();
    let title = format!("{} v. {official}", petitioner.name);
    (vec![petitioner, respondent], title)
}

fn party(
    dice: &mut Dice,
    role: &str,
    name: impl Fn(&mut Dice) -> String,
    counsel: &'static str,
) -> Party {
    let name = name(dice);
    let second = dice.once_in(3);
    let mut attorneys = vec![attorney(dice, counsel)];
    if second {
        attorneys.push(attorney(dice, "COR NTC Retained"));
    }
    Party {
        role: role.to_owned(),
        name,
        lines: Vec::new(),
        terminated: None,
        attorneys,
        charges: None,
    }
}

fn attorney(dice: &mut Dice, role: &'static str) -> Attorney {
    let name = names::person(dice);
    let mut contact = vec![
        format!("Direct: {}", names::phone(dice)),
        format!("Email: {}", names::email(&name)),
        format!("Fax: {}", names::phone(dice)),
        names::law_firm(dice),
    ];
    contact.extend(names::address(dice));
    Attorney {
        name,
        contact,
        roles: vec![role],
    }
}
