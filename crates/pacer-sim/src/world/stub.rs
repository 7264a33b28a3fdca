//! Which cases a court has. Every court has the same well-known ones, so that a test finds a
//! sealed case or a refused document in the court it happens to use, and then ordinary ones.

use super::appellate;
use crate::court::Court;
use crate::dice::{Dice, word};

/// Document serials that one entry uses up: the main document and nine attachments.
pub const SERIALS_PER_ENTRY: u64 = 10;

/// Courts of appeals that have moved recent cases to ACMS.
pub const ACMS_COURTS: [&str; 2] = ["ca2", "ca9"];

/// Cases of before this year have not been moved.
const FIRST_ACMS_YEAR: u16 = 2023;

/// Entries of the [`Oddity::Vast`] case.
const VAST_ENTRIES: u32 = 20_000;

/// What kind of case it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseKind {
    /// `cv`
    Civil,
    /// `cr`
    Criminal,
    /// `mc`
    Miscellaneous,
    /// `bk`
    Petition,
    /// `ap`
    Adversary,
    /// In a court of appeals; its number has no letters.
    Appeal,
}

impl CaseKind {
    /// The letters in a docket number.
    pub fn letters(self) -> &'static str {
        match self {
            CaseKind::Civil => "cv",
            CaseKind::Criminal => "cr",
            CaseKind::Miscellaneous => "mc",
            CaseKind::Petition => "bk",
            CaseKind::Adversary => "ap",
            CaseKind::Appeal => "",
        }
    }
}

/// What is peculiar about a well-known case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// Nothing: an ordinary case.
    None,
    /// The demo case: text and scanned documents, attachments.
    Demo,
    /// The whole case is sealed.
    Sealed,
    /// Shares year and serial with a case of another office.
    Twin,
    /// Answers with a billed stub.
    AdministrativelyClosed,
    /// Answers with a billed stub, for now.
    BeingOpened,
    /// Nothing was ever filed.
    Empty,
    /// Criminal, with defendants 1, 2 and 3.
    Defendants,
    /// Criminal, with defendants 1 and 3 only.
    DefendantsWithGap,
    /// Of a type that the docket report refuses, for money.
    WrongType,
    /// Each entry's document is refused in another way.
    Refusals,
    /// Each entry's document is delivered or priced in another way.
    Deliveries,
    /// 20,000 entries.
    Vast,
    /// A lead case with many member cases.
    Members,
    /// Documents that are seldom met: audio, a transcript, an opinion for nothing, menus with
    /// withheld and restricted rows.
    Rarities,
    /// Links to documents as older bankruptcy pages have them.
    OldLinks,
    /// An appeal whose filings each can be had in another way, or not.
    Filings,
    /// A petition against an agency: no lower court, an alien number, a party without counsel.
    Agency,
    /// An appeal without information on the lower court.
    NoOrigin,
    /// An appeal with prior and associated cases and a panel.
    Consolidated,
    /// An appeal that is recent enough for ACMS and stayed in CM/ECF.
    NotMoved,
}

/// A case in the list of a court: what is known without opening it.
#[derive(Debug, Clone)]
pub struct Stub {
    /// PACER id of the court.
    pub court: String,
    /// The court's own id of the case.
    pub id: u64,
    /// Kind of case.
    pub kind: CaseKind,
    /// Office: a digit, in few courts a letter.
    pub office: char,
    /// Year of filing, four digits.
    pub year: u16,
    /// Serial in the docket number.
    pub serial: u32,
    /// Number of docket entries.
    pub entry_count: u32,
    /// First document serial; the next case begins where this one's end.
    pub first_serial: u64,
    /// What is peculiar about it.
    pub oddity: Oddity,
    /// Numbers of the defendants with an id of their own; empty if there are none.
    pub defendants: &'static [u64],
}

impl Stub {
    /// The id of the case and those of its defendants.
    pub fn ids(&self) -> impl Iterator<Item = u64> + use<> {
        let id = self.id;
        std::iter::once(id).chain(self.defendants.iter().map(move |number| id + number))
    }

    /// Office, year, letters and padded serial: `5:16-cv-00432`.
    pub fn full_number(&self) -> String {
        let year = self.year % 100;
        if self.kind == CaseKind::Appeal {
            return format!("{year:02}-{:04}", self.serial);
        }
        format!(
            "{}:{year:02}-{}-{:05}",
            self.office,
            self.kind.letters(),
            self.serial
        )
    }

    /// As a docket heading has it, without judges: petitions are just `20-30242`.
    pub fn docket_number(&self) -> String {
        match self.kind {
            CaseKind::Petition => format!("{:02}-{:05}", self.year % 100, self.serial),
            _ => self.full_number(),
        }
    }

    /// True for an appeal that its court keeps in ACMS, and of which CM/ECF knows no more than
    /// that there is one.
    pub fn is_in_acms(&self) -> bool {
        ACMS_COURTS.contains(&self.court.as_str())
            && self.year >= FIRST_ACMS_YEAR
            && self.oddity != Oddity::NotMoved
    }

    /// The document serial of an entry (counted from 0) and attachment (0: main document).
    pub fn document_serial(&self, entry: usize, attachment: usize) -> u64 {
        self.first_serial + entry as u64 * SERIALS_PER_ENTRY + attachment as u64
    }
}

/// Cases that are members of the [`Oddity::Members`] case.
pub const MEMBER_CASES: usize = 40;

/// Ids and document serials of the cases that were thought of later begin so high, so that
/// those of all others stay as they were.
const LATER_IDS: u64 = 900_000;
const LATER_SERIALS: u64 = 900_000_000;

/// A case before it has its ids.
pub(super) struct Plan {
    pub kind: CaseKind,
    pub office: char,
    pub year: u16,
    pub serial: u32,
    pub entries: u32,
    pub oddity: Oddity,
    pub defendants: &'static [u64],
}

/// The cases of a court, in the order of their ids and document serials.
pub fn cases_of(court: &Court, seed: u64, cases: u32, entries: u32) -> Vec<Stub> {
    let plans = match court.is_appellate() {
        true => appellate::plans(court, seed, cases, entries),
        false => {
            let mut plans = well_known(court);
            plans.extend((0..cases).map(|ordinal| ordinary(court, seed, ordinal, entries)));
            plans
        }
    };

    let mut place = Next {
        id: 10_000 + Dice::new(0, &[word(&court.id)]).below(500) * 100,
        first_serial: 1_000_000,
    };
    let mut stubs: Vec<Stub> = plans.iter().map(|plan| place.take(court, plan)).collect();
    place.id = (place.id).max(LATER_IDS + stubs[0].id);
    place.first_serial = place.first_serial.max(LATER_SERIALS);
    stubs.extend(later(court).iter().map(|plan| place.take(court, plan)));
    stubs
}

/// Where the next case of a court goes.
struct Next {
    id: u64,
    first_serial: u64,
}

impl Next {
    fn take(&mut self, court: &Court, plan: &Plan) -> Stub {
        let stub = stub(court, plan, self.id, self.first_serial);
        self.id += 7;
        self.first_serial += (u64::from(plan.entries) + 1) * SERIALS_PER_ENTRY;
        stub
    }
}

fn stub(court: &Court, plan: &Plan, id: u64, first_serial: u64) -> Stub {
    Stub {
        court: court.id.clone(),
        id,
        kind: plan.kind,
        office: plan.office,
        year: plan.year,
        serial: plan.serial,
        entry_count: plan.entries,
        first_serial,
        oddity: plan.oddity,
        defendants: plan.defendants,
    }
}

fn well_known(court: &Court) -> Vec<Plan> {
    let usual = if court.is_bankruptcy() {
        CaseKind::Petition
    } else {
        CaseKind::Civil
    };
    let plan = |serial, entries, oddity| Plan {
        kind: usual,
        office: '1',
        year: 2020,
        serial,
        entries,
        oddity,
        defendants: &[],
    };
    let mut plans = Vec::new();
    match court.id.as_str() {
        "okwd" => plans.push(Plan {
            office: '5',
            year: 2016,
            ..plan(432, 24, Oddity::Demo)
        }),
        "canb" => plans.push(Plan {
            office: '3',
            ..plan(30242, 24, Oddity::Demo)
        }),
        _ => {}
    }
    plans.extend([
        plan(90001, 8, Oddity::Sealed),
        plan(90002, 8, Oddity::Twin),
        Plan {
            office: '3',
            ..plan(90002, 8, Oddity::Twin)
        },
        plan(90003, 1, Oddity::AdministrativelyClosed),
        plan(90004, 1, Oddity::BeingOpened),
        plan(90005, 0, Oddity::Empty),
        plan(90008, 14, Oddity::Refusals),
        plan(90009, 8, Oddity::Deliveries),
        plan(90010, VAST_ENTRIES, Oddity::Vast),
    ]);
    if court.is_bankruptcy() {
        plans.push(Plan {
            kind: CaseKind::Adversary,
            ..plan(90011, 12, Oddity::None)
        });
    } else {
        let criminal = |serial, oddity, defendants| Plan {
            kind: CaseKind::Criminal,
            defendants,
            ..plan(serial, 12, oddity)
        };
        plans.push(criminal(90006, Oddity::Defendants, &[1, 2, 3]));
        plans.push(criminal(90007, Oddity::DefendantsWithGap, &[1, 3]));
        plans.push(Plan {
            kind: CaseKind::Miscellaneous,
            ..plan(90012, 2, Oddity::WrongType)
        });
    }
    plans
}

/// Well-known cases that come after the ordinary ones.
fn later(court: &Court) -> Vec<Plan> {
    let plan = |kind, serial, entries, oddity| Plan {
        kind,
        office: '1',
        year: 2020,
        serial,
        entries,
        oddity,
        defendants: &[],
    };
    if court.is_appellate() {
        return appellate::later_plans(court);
    }
    match court.is_bankruptcy() {
        true => vec![
            plan(CaseKind::Petition, 90014, 6, Oddity::Rarities),
            plan(CaseKind::Petition, 90015, 6, Oddity::OldLinks),
        ],
        false => vec![
            plan(CaseKind::Civil, 90013, 6, Oddity::Members),
            plan(CaseKind::Civil, 90014, 6, Oddity::Rarities),
            plan(CaseKind::Civil, 90016, 4, Oddity::None),
            Plan {
                office: 'A',
                ..plan(CaseKind::Civil, 90016, 4, Oddity::None)
            },
        ],
    }
}

fn ordinary(court: &Court, seed: u64, ordinal: u32, entries: u32) -> Plan {
    let mut dice = Dice::new(seed, &[word(&court.id), word("case"), u64::from(ordinal)]);
    let kind = match (court.is_bankruptcy(), ordinal % 5) {
        (true, 4) => CaseKind::Adversary,
        (true, _) => CaseKind::Petition,
        (false, 4) => CaseKind::Criminal,
        (false, _) => CaseKind::Civil,
    };
    Plan {
        kind,
        office: char::from(b'0' + dice.between(1, 5) as u8),
        year: dice.between(2008, 2021) as u16,
        // Steps of three keep the serials of ordinary cases apart, and below 90001 for the
        // first thirty thousand of them.
        serial: 101 + ordinal * 3 + dice.below(3) as u32,
        entries,
        oddity: Oddity::None,
        defendants: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_that_were_added_later_do_not_move_the_others() {
        for id in ["okwd", "canb"] {
            let court = &crate::court::all()[id];
            let stubs = cases_of(court, 1, 20, 30);
            let jumps: Vec<usize> = (1..stubs.len())
                .filter(|&index| stubs[index].id != stubs[index - 1].id + 7)
                .collect();
            let first_later = stubs.len() - later(court).len();
            assert_eq!(
                jumps,
                [first_later],
                "ids go on by seven, but for one jump to what came later"
            );
            assert!(stubs.is_sorted_by_key(|stub| stub.first_serial));
            let ids: Vec<u64> = stubs.iter().map(|stub| stub.id).collect();
            let more: Vec<u64> = cases_of(court, 1, 30, 30)
                .iter()
                .map(|stub| stub.id)
                .collect();
            assert_eq!(ids[stubs.len() - 2..], more[more.len() - 2..]);
        }
    }
}
