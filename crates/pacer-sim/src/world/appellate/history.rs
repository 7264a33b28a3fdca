//! Where an appeal comes from, and what is known about it besides its people and papers.

use chrono::{Datelike, Days, NaiveDate};

use super::super::stub::{Oddity, Stub};
use super::Flavor;
use crate::court::Court;
use crate::dice::Dice;
use crate::names;

/// What only an appeal has.
#[derive(Debug, Clone)]
pub struct Appeal {
    /// Code and name; many appeals have none.
    pub nature_of_suit: Option<&'static str>,
    /// The court or agency below.
    pub appeal_from: String,
    /// Whether the fee was paid.
    pub fee_status: &'static str,
    /// The three lines of the case type; the last may be `-` or `null`.
    pub case_types: [&'static str; 3],
    /// The case below.
    pub origin: Option<Origin>,
    /// Who decides.
    pub panel: Option<Panel>,
    /// Appeals of the same case that are over.
    pub prior: Vec<PriorCase>,
    /// Appeals that are heard together with this one.
    pub associated: Vec<AssociatedCase>,
}

/// The case below.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Code of court and office, `0971-4`.
    pub office: String,
    /// PACER id of the court; none for an agency.
    pub court: Option<&'static str>,
    /// Its docket number there.
    pub number: String,
    /// The judge who tried it.
    pub judge: Option<String>,
    /// The judge whose order is appealed, if another.
    pub ordering_judge: Option<String>,
    /// Who wrote the transcript.
    pub reporter: Option<String>,
    /// Day it was filed below.
    pub filed: NaiveDate,
    /// Day of the order or judgment.
    pub judgment: NaiveDate,
    /// Day on which that was entered on the docket.
    pub judgment_entered: NaiveDate,
    /// Day of the notice of appeal.
    pub notice: NaiveDate,
    /// Day on which the court of appeals received it.
    pub received: NaiveDate,
}

/// Who decides, and when it was heard.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Initials of the judges.
    pub judges: Vec<String>,
    /// Day of the hearing.
    pub heard: NaiveDate,
}

/// An appeal of the same case that is over.
#[derive(Debug, Clone)]
pub struct PriorCase {
    /// Docket number.
    pub number: String,
    /// Day it was filed.
    pub filed: NaiveDate,
    /// Day it was disposed of.
    pub disposed: NaiveDate,
    /// How.
    pub disposition: &'static str,
}

/// An appeal that is heard together with this one, of which this is the lead.
#[derive(Debug, Clone)]
pub struct AssociatedCase {
    /// Docket number.
    pub number: String,
    /// Since when.
    pub since: NaiveDate,
}

const SUITS: &[&str] = &[
    "3190 Contract - Weathervanes",
    "2440 Other Civil Rights",
    "3890 Other Statutory Marmalade",
    "3370 Fraud, Umbrellas",
];

/// A district court of each circuit, with its code and its name.
const DISTRICTS: &[(&str, &str, &str, &str)] = &[
    ("ca1", "mad", "0101", "District of Massachusetts"),
    ("ca2", "nyed", "0207", "EDNY (BROOKLYN)"),
    ("ca3", "paed", "0313", "Eastern District of Pennsylvania"),
    ("ca4", "vaed", "0422", "Eastern District of Virginia"),
    ("ca5", "lawd", "0536", "Western District of Louisiana"),
    ("ca6", "ohnd", "0647", "Northern District of Ohio"),
    ("ca7", "ilnd", "0752", "Northern District of Illinois"),
    ("ca8", "mowd", "0866", "Western District of Missouri"),
    (
        "ca9",
        "cand",
        "0971",
        "U.S. District Court for Northern California",
    ),
    ("ca10", "okwd", "1087", "Western District of Oklahoma"),
    ("ca11", "flsd", "113C", "Southern District of Florida"),
    ("cadc", "dcd", "0090", "District of Columbia"),
    ("cafc", "txed", "0540", "Eastern District of Texas"),
];

pub(super) fn appeal(
    court: &Court,
    stub: &Stub,
    flavor: Flavor,
    filed: NaiveDate,
    dice: &mut Dice,
) -> Appeal {
    let (appeal_from, origin) = match flavor {
        Flavor::Agency => ("Bureau of Imaginary Affairs", agency(dice, filed)),
        _ => district(court, stub, flavor, filed, dice),
    };
    let panel = dice.once_in(2) || stub.oddity == Oddity::Consolidated;
    let consolidated = stub.oddity == Oddity::Consolidated;
    Appeal {
        nature_of_suit: (flavor == Flavor::Civil).then(|| dice.pick(SUITS)),
        appeal_from: appeal_from.to_owned(),
        fee_status: dice.pick(&["Paid", "filing fee paid", "In Forma Pauperis"]),
        case_types: match flavor {
            Flavor::Civil => ["civil", "private", "null"],
            Flavor::Criminal => ["Criminal", "Direct Criminal", "-"],
            Flavor::Agency => ["agency", "review", "-"],
        },
        origin: (stub.oddity != Oddity::NoOrigin).then_some(origin),
        panel: panel.then(|| Panel {
            judges: (0..3)
                .map(|_| names::initials(&names::person(dice)))
                .collect(),
            heard: filed + Days::new(dice.between(30, 50)),
        }),
        prior: consolidated
            .then(|| prior(stub, filed))
            .into_iter()
            .collect(),
        associated: if consolidated {
            associated(stub, filed)
        } else {
            Vec::new()
        },
    }
}

/// The alien number is nobody's, and of a form that courts do not give out.
fn agency(dice: &mut Dice, filed: NaiveDate) -> Origin {
    Origin {
        office: "BIA-1".to_owned(),
        court: None,
        number: format!("A000-000-{:03}", dice.below(1000)),
        judge: None,
        ordering_judge: None,
        reporter: None,
        filed: filed - Days::new(dice.between(100, 200)),
        judgment: filed - Days::new(20),
        judgment_entered: filed - Days::new(19),
        notice: filed - Days::new(1),
        received: filed,
    }
}

fn district(
    court: &Court,
    stub: &Stub,
    flavor: Flavor,
    filed: NaiveDate,
    dice: &mut Dice,
) -> (&'static str, Origin) {
    let below = DISTRICTS.iter().find(|row| row.0 == court.id);
    let (_, id, code, name) = below.expect("every circuit has a row, as a test shows");
    let began = filed - Days::new(dice.between(200, 900));
    let office = dice.between(1, 4);
    let judge = names::person(dice);
    let letters = if flavor == Flavor::Criminal {
        "cr"
    } else {
        "cv"
    };
    let other = dice.once_in(3) || stub.oddity == Oddity::Consolidated;
    let judgment = filed - Days::new(dice.between(15, 28));
    let origin = Origin {
        office: format!("{code}-{office}"),
        court: Some(id),
        number: format!(
            "{office}:{:02}-{letters}-{:05}-{}",
            began.year() % 100,
            dice.between(101, 9999),
            names::initials(&judge)
        ),
        judge: Some(format!("{judge}, U.S. District Judge")),
        ordering_judge: other.then(|| format!("{}, U.S. District Judge", names::person(dice))),
        reporter: Some(format!("{}, Court Reporter", names::person(dice))),
        filed: began,
        judgment,
        judgment_entered: judgment + Days::new(1),
        notice: filed - Days::new(2),
        received: filed - Days::new(1),
    };
    (name, origin)
}

fn prior(stub: &Stub, filed: NaiveDate) -> PriorCase {
    PriorCase {
        number: format!("{:02}-1066", (stub.year - 1) % 100),
        filed: filed - Days::new(500),
        disposed: filed - Days::new(350),
        disposition: "Affirmed",
    }
}

fn associated(stub: &Stub, filed: NaiveDate) -> Vec<AssociatedCase> {
    let member = |number| AssociatedCase {
        number: format!("{:02}-{number}", stub.year % 100),
        since: filed + Days::new(3),
    };
    vec![member(90005), member(90004)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::court;

    #[test]
    fn every_circuit_has_a_district_below_it_that_exists() {
        let courts = court::all();
        for court in courts.values().filter(|court| court.is_appellate()) {
            let below = DISTRICTS.iter().find(|row| row.0 == court.id);
            assert!(
                court.id == "cavc" || courts.contains_key(below.unwrap().1),
                "{}",
                court.id
            );
        }
    }
}
