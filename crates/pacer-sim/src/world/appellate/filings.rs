//! What was filed in an appeal.

use chrono::Days;

use super::super::case::{Case, Entry, Fate, Party, Refusal, Sheet};
use super::super::stub::{Oddity, SERIALS_PER_ENTRY};
use super::Flavor;
use crate::court::Court;
use crate::dice::{Dice, word};
use crate::names;

/// Title and text of a filing. `{}` becomes a party.
type Filing = (&'static str, &'static str);

const FILINGS: &[Filing] = &[
    (
        "Appearance",
        "NOTICE of appearance on behalf of {}. Date of service: the same day.",
    ),
    (
        "Motion",
        "MOTION to extend time to file a brief about the borrowed teapot filed by {}.",
    ),
    ("Order", "ORDER granting the motion of {} in part."),
    ("Brief", "BRIEF tendered by {}. Paper copies are imaginary."),
    ("Appendix", "APPENDIX filed by {}. Number of volumes: 1."),
    (
        "Letter",
        "CITATION of supplemental authorities filed by {}.",
    ),
    (
        "Reply Brief",
        "REPLY BRIEF on the proper weight of marmalade filed by {}.",
    ),
];

const MINUTES: Filing = (
    "Minutes",
    "CASE calendared. Nothing was filed and nobody need appear.",
);

struct Writer<'a> {
    case: &'a Case,
    numbered: bool,
    flavor: Flavor,
    span: u64,
}

/// The entries of a case, oldest first.
pub(super) fn entries(
    case: &Case,
    court: &Court,
    flavor: Flavor,
    seed: u64,
    span: u64,
) -> Vec<Entry> {
    let writer = Writer {
        case,
        numbered: court.numbers_entries(),
        flavor,
        span,
    };
    let dice = |index| {
        Dice::new(
            seed,
            &[word(&court.id), word("filing"), case.stub.id, index],
        )
    };
    (0..u64::from(case.stub.entry_count))
        .map(|index| writer.entry(index, &mut dice(index)))
        .collect()
}

impl Writer<'_> {
    fn entry(&self, index: u64, dice: &mut Dice) -> Entry {
        let stub = &self.case.stub;
        let entered =
            self.case.filed + Days::new(index * self.span / u64::from(stub.entry_count.max(1)));
        let late = if dice.once_in(6) {
            dice.between(1, 3)
        } else {
            0
        };
        let without = is_without_document(stub.oddity, index);
        let (title, text) = self.filing(index, without, dice);
        let sheets = if without {
            Vec::new()
        } else {
            self.sheets(index, &title, dice)
        };
        let first_serial = stub.first_serial + index * SERIALS_PER_ENTRY;
        Entry {
            // Where entries are numbered, those without a document are too.
            number: self.numbered.then_some(index as u32 + 1),
            // Unlike in a district court, the sequence number means one entry of the whole court.
            seq: u32::try_from(first_serial).expect("a court has fewer documents"),
            filed: (entered - Days::new(late)).max(self.case.filed),
            entered,
            text: format!(
                "{text} [{}] ({})",
                stub.docket_number(),
                names::initials(&names::person(dice))
            ),
            title,
            sheets,
        }
    }

    fn filing(&self, index: u64, without: bool, dice: &mut Dice) -> (String, String) {
        let parties = &self.case.parties;
        let any = &parties[dice.below(2) as usize % parties.len()];
        let appeals =
            |party: &&Party| party.role.ends_with("Appellant") || party.role == "Petitioner";
        let who = match index {
            0 => &parties.iter().find(appeals).unwrap_or(any).name,
            _ => &any.name,
        };
        let (title, text) = match (index, self.flavor) {
            _ if without => MINUTES,
            (0, Flavor::Civil) => (
                "Notice of Appeal",
                "CIVIL CASE docketed. Notice of appeal filed by {}.",
            ),
            (0, Flavor::Criminal) => (
                "Notice of Appeal",
                "CRIMINAL CASE docketed. Notice of appeal filed by {}.",
            ),
            (0, Flavor::Agency) => (
                "Petition for Review",
                "AGENCY CASE docketed. Petition for review filed by {}.",
            ),
            _ if fate(self.case.stub.oddity, index, 0) == Fate::Free => (
                "Opinion",
                "OPINION issued. The teapot is to be returned to {}.",
            ),
            _ => FILINGS[dice.below(FILINGS.len() as u64) as usize],
        };
        (title.to_owned(), text.replace("{}", who).replace("..", "."))
    }

    fn sheets(&self, index: u64, title: &str, dice: &mut Dice) -> Vec<Sheet> {
        let rows: &[u32] = match (self.case.stub.oddity, index) {
            // The menu does not have to begin with the main document.
            (Oddity::Filings, 5) => &[2, 1, 3],
            (Oddity::Filings, 6) | (Oddity::Demo, 0) => &[1, 2, 3],
            (Oddity::Filings, 9) => &[1, 2],
            (Oddity::Filings | Oddity::Demo, _) => &[0],
            _ if dice.once_in(5) => &[1, 2, 3, 4][..dice.between(2, 4) as usize],
            _ => &[0],
        };
        let sheet = |(place, row): (usize, &u32)| self.sheet(index, place, *row, title, dice);
        rows.iter().enumerate().map(sheet).collect()
    }

    fn sheet(&self, index: u64, place: usize, row: u32, title: &str, dice: &mut Dice) -> Sheet {
        let stub = &self.case.stub;
        let by_chance = dice.once_in(3);
        let pages = dice.between(1, 5) as u32;
        Sheet {
            attachment: row,
            serial: stub.document_serial(index as usize, place),
            description: match place {
                0 => title.to_owned(),
                place => format!("Addendum {}", char::from(b'@' + place as u8)),
            },
            pages: match (stub.oddity, index) {
                (Oddity::Filings, 4) => 45,
                _ => pages,
            },
            scanned: match (stub.oddity, index) {
                // Known by heart: document 1 has text, its second addendum is scanned, and so is
                // document 3.
                (Oddity::Demo, 0) => place == 2,
                (Oddity::Demo, 1) => false,
                (Oddity::Demo, 2) => true,
                (Oddity::Filings, index) => index == 7,
                _ => by_chance,
            },
            fate: fate(stub.oddity, index, place),
        }
    }
}

fn is_without_document(oddity: Oddity, index: u64) -> bool {
    match oddity {
        Oddity::Filings => index == 8,
        _ => index % 9 == 5,
    }
}

fn fate(oddity: Oddity, index: u64, place: usize) -> Fate {
    match (oddity, index, place) {
        (Oddity::Filings, 1, _) | (Oddity::Filings, 6, 2) => Fate::Refused(Refusal::NotAvailable),
        (Oddity::Filings, 2, _) | (Oddity::Filings, 9, 1) => Fate::Restricted,
        (Oddity::Filings, 3, _) => Fate::Free,
        _ => Fate::Usual,
    }
}
