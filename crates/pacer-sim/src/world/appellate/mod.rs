//! Cases of the courts of appeals.
//!
//! [`plan`] says which there are, [`people`] who is in them, [`filings`] what was filed, and
//! [`history`] where they come from.

mod filings;
mod history;
mod people;
mod plan;

use chrono::{Days, NaiveDate};

use super::case::Case;
use super::stub::{Oddity, Stub};
use crate::court::Court;
use crate::dice::{Dice, word};
pub use history::{Appeal, AssociatedCase, Origin, Panel, PriorCase};
pub(super) use plan::{later_plans, plans};

/// What kind of appeal it is, which decides about roles and wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavor {
    Civil,
    Criminal,
    Agency,
}

impl Flavor {
    /// Of the case with this stub. Veterans always appeal from an agency.
    fn of(stub: &Stub) -> Flavor {
        match (stub.oddity, stub.serial % 5) {
            (Oddity::Agency, _) => Flavor::Agency,
            _ if stub.court == "cavc" => Flavor::Agency,
            (Oddity::None, 3) => Flavor::Criminal,
            (Oddity::None, 4) => Flavor::Agency,
            _ => Flavor::Civil,
        }
    }
}

/// Opens the case.
pub(super) fn case(court: &Court, stub: &Stub, seed: u64) -> Case {
    let mut dice = Dice::new(seed, &[word(&court.id), word("appeal"), stub.id]);
    let flavor = Flavor::of(stub);
    let first = NaiveDate::from_ymd_opt(i32::from(stub.year), 1, 2).expect("years are sane");
    let filed = first + Days::new(dice.below(300));
    let span = 60 + u64::from(stub.entry_count.min(400)) * 3;
    let (parties, title) = people::parties(flavor, stub, &mut dice, filed + Days::new(span / 2));
    let appeal = history::appeal(court, stub, flavor, filed, &mut dice);
    let closed = dice.once_in(2) || stub.oddity == Oddity::Demo;
    let mut case = Case {
        stub: stub.clone(),
        title,
        judge: String::new(),
        referred: None,
        filed,
        terminated: closed.then(|| filed + Days::new(span + 5)),
        parties,
        entries: Vec::new(),
        appeal: Some(appeal),
    };
    case.entries = filings::entries(&case, court, flavor, seed, span);
    case
}
