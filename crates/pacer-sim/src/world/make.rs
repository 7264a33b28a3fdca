//! Opening a case: its dates, its people, its entries and their documents.

use chrono::{Days, NaiveDate};

use super::case::{Case, Entry, Fate, REFUSALS, Refusal, Sheet};
use super::parties;
use super::stub::{CaseKind, Oddity, Stub};
use crate::court::{Court, Delivery};
use crate::dice::{Dice, word};
use crate::names;

/// What can be filed, with what the docket says about it. `{}` becomes a party.
type Filing = (&'static str, &'static str);

const CIVIL: &[Filing] = &[
    (
        "Motion",
        "MOTION to Compel Return of the Borrowed Teapot by {}.",
    ),
    ("Response", "RESPONSE in Opposition to Motion by {}."),
    (
        "Order",
        "ORDER granting in part and denying in part the pending motion.",
    ),
    ("Notice", "NOTICE of Change of Imaginary Address by {}."),
    ("Stipulation", "STIPULATION to Extend Time to Answer by {}."),
    ("Reply", "REPLY to Response to Motion filed by {}."),
    ("Declaration", "DECLARATION of {} in Support of the Motion."),
    (
        "Brief",
        "BRIEF concerning the Proper Weight of Marmalade filed by {}.",
    ),
];

const CRIMINAL: &[Filing] = &[
    ("Motion", "MOTION to Suppress the Umbrella by {}."),
    ("Order", "ORDER setting conditions of release."),
    ("Notice", "NOTICE of Hearing as to {}."),
    ("Plea Agreement", "PLEA AGREEMENT as to {}."),
];

const BANKRUPTCY: &[Filing] = &[
    ("Motion", "Motion to Use Cash Collateral Filed by {}"),
    (
        "Order",
        "Order Granting Application to Employ (Related Doc # 1).",
    ),
    ("Schedules", "Schedules A through J Filed by {}"),
    (
        "Notice",
        "Notice of Meeting of Fictional Creditors Filed by {}",
    ),
    ("Certificate", "Certificate of Service Filed by {}"),
    ("Plan", "Chapter 11 Plan of Reorganization Filed by {}"),
];

const MINUTES: &str = "Minute Entry for proceedings held before the court; no document was filed.";

/// Opens the case.
pub fn case(court: &Court, stub: &Stub, seed: u64) -> Case {
    let mut dice = Dice::new(seed, &[word(&court.id), word("open"), stub.id]);
    let first = NaiveDate::from_ymd_opt(i32::from(stub.year), 1, 2).expect("years are sane");
    let filed = first + Days::new(dice.below(300));
    let span = 60 + u64::from(stub.entry_count.min(400)) * 3;
    let (parties, title) = parties::parties(stub, &mut dice, filed + Days::new(span / 2));
    let civil = stub.kind == CaseKind::Civil;
    let judge = names::person(&mut dice);
    let referred = civil.then(|| names::person(&mut dice));
    let closed = dice.once_in(2) || stub.oddity == Oddity::Demo;
    let mut case = Case {
        stub: stub.clone(),
        title,
        judge,
        referred,
        filed,
        terminated: closed.then(|| filed + Days::new(span + 5)),
        parties,
        entries: Vec::new(),
        appeal: None,
    };
    let mut entries = Entries {
        case: &case,
        seed,
        span,
        number: 0,
    };
    let list = (0..stub.entry_count as usize)
        .map(|index| entries.entry(index))
        .collect();
    case.entries = list;
    case
}

struct Entries<'a> {
    case: &'a Case,
    seed: u64,
    span: u64,
    number: u32,
}

impl Entries<'_> {
    fn entry(&mut self, index: usize) -> Entry {
        let stub = &self.case.stub;
        let mut dice = Dice::new(
            self.seed,
            &[word(&stub.court), word("entry"), stub.id, index as u64],
        );
        let entered =
            self.case.filed + Days::new(index as u64 * self.span / u64::from(stub.entry_count));
        // What is entered late was filed earlier, but never before the case began.
        let late = if dice.once_in(6) {
            dice.between(1, 3)
        } else {
            0
        };
        let filed = (entered - Days::new(late)).max(self.case.filed);
        let seq = 4 + index as u32 * 3;
        let collected = [Oddity::Refusals, Oddity::Deliveries, Oddity::Rarities];
        let unnumbered = !collected.contains(&stub.oddity) && index % 9 == 5;
        if unnumbered {
            let text = MINUTES.to_owned();
            return Entry {
                number: None,
                seq,
                filed,
                entered,
                title: "Minutes".to_owned(),
                text,
                sheets: Vec::new(),
            };
        }
        self.number += 1;
        let (title, text) = self.filing(index, &mut dice);
        let sheets = self.sheets(index, &title, &mut dice);
        Entry {
            number: Some(self.number),
            seq,
            filed,
            entered,
            text,
            title,
            sheets,
        }
    }

    fn filing(&self, index: usize, dice: &mut Dice) -> (String, String) {
        let who = &self.case.parties[dice.below(2) as usize % self.case.parties.len()].name;
        if let Some((title, text)) = rarity(self.case.stub.oddity, index) {
            return (title.to_owned(), text.to_owned());
        }
        let (title, text) = match (self.case.stub.kind, index) {
            (CaseKind::Civil | CaseKind::Miscellaneous, 0) => {
                ("Complaint", "COMPLAINT against all defendants filed by {}.")
            }
            (CaseKind::Criminal, 0) => ("Indictment", "INDICTMENT as to {}."),
            (CaseKind::Petition, 0) => (
                "Petition",
                "Chapter 11 Voluntary Petition Fee Amount $1717. Filed by {}",
            ),
            (CaseKind::Adversary, 0) => ("Complaint", "Adversary case. Complaint by {}."),
            (CaseKind::Civil | CaseKind::Miscellaneous, _) => {
                CIVIL[dice.below(CIVIL.len() as u64) as usize]
            }
            (CaseKind::Criminal, _) => CRIMINAL[dice.below(CRIMINAL.len() as u64) as usize],
            _ => BANKRUPTCY[dice.below(BANKRUPTCY.len() as u64) as usize],
        };
        let detail = if dice.once_in(3) {
            format!(" Responses due in {} days.", dice.between(7, 30))
        } else {
            String::new()
        };
        // A company's name may end in a full stop already.
        let text = text.replace("{}", who).replace("..", ".");
        (title.to_owned(), text + &detail)
    }

    fn sheets(&self, index: usize, title: &str, dice: &mut Dice) -> Vec<Sheet> {
        let oddity = self.case.stub.oddity;
        let attachments = match (oddity, index) {
            (Oddity::Demo, 0) | (Oddity::Deliveries, 6) | (Oddity::Refusals, 13) => 3,
            (Oddity::Rarities, 3 | 4) => 3,
            (Oddity::Refusals | Oddity::Deliveries | Oddity::Rarities, _) => 0,
            // In an ordinary case some entries have no document that the public may see.
            (Oddity::None | Oddity::Vast, _) if dice.once_in(25) => return Vec::new(),
            _ if dice.once_in(5) => dice.between(1, 4) as usize,
            _ => 0,
        };
        let mut sheets = vec![self.sheet(index, 0, title.to_owned(), dice)];
        for number in 1..=attachments {
            let letter = char::from(b'@' + number as u8);
            sheets.push(self.sheet(index, number, format!("Exhibit {letter}"), dice));
        }
        sheets
    }

    fn sheet(
        &self,
        index: usize,
        attachment: usize,
        description: String,
        dice: &mut Dice,
    ) -> Sheet {
        let oddity = self.case.stub.oddity;
        let fate = fate(oddity, index, attachment);
        let pages = match (fate, oddity, index) {
            (Fate::Transcript, ..) => 40,
            (Fate::Audio, ..) => 1,
            (_, Oddity::Deliveries, 4) => 45,
            _ => dice.between(1, 5) as u32,
        };
        let by_chance = dice.once_in(3);
        let scanned = match (oddity, index, attachment) {
            // Known by heart: document 1 has text, its exhibit B and document 3 are scanned.
            (Oddity::Demo, 0, _) => attachment == 2,
            (Oddity::Demo, 1, _) => false,
            (Oddity::Demo, 2, _) => true,
            (Oddity::Deliveries, _, _) => index == 7,
            _ => by_chance,
        };
        let serial = self.case.stub.document_serial(index, attachment);
        Sheet {
            attachment: attachment as u32,
            serial,
            description,
            pages,
            scanned,
            fate,
        }
    }
}

/// What the entries of the well-known cases say, as far as it matters.
fn rarity(oddity: Oddity, index: usize) -> Option<Filing> {
    match (oddity, index) {
        // A docket says so when a document has a price of its own.
        (Oddity::Deliveries, 3) => return Some(("Opinion", "OPINION about the hat stand.")),
        (Oddity::Deliveries, 5) => {
            return Some((
                "Transcript",
                "TRANSCRIPT of the proceedings about the hat stand.",
            ));
        }
        (Oddity::Rarities, _) => {}
        _ => return None,
    }
    Some(match index {
        0 => ("Audio", "AUDIO RECORDING of the hearing about the teapot."),
        1 => (
            "Transcript",
            "TRANSCRIPT of the proceedings about the umbrella.",
        ),
        2 => ("Opinion", "OPINION of the court about marmalade."),
        3 => (
            "Exhibit List",
            "EXHIBIT LIST with exhibits of which not all may be seen.",
        ),
        4 => ("Appendix", "APPENDIX with exhibits that all may be seen."),
        _ => ("Letter", "LETTER about the brass periscope."),
    })
}

fn fate(oddity: Oddity, index: usize, attachment: usize) -> Fate {
    match (oddity, index) {
        (Oddity::Refusals, 11) => Fate::Shared,
        (Oddity::Refusals, 12) => Fate::Restricted,
        (Oddity::Refusals, 13) if attachment == 2 => Fate::Refused(REFUSALS[2]),
        (Oddity::Refusals, index) => REFUSALS
            .get(index)
            .map_or(Fate::Usual, |refusal| Fate::Refused(*refusal)),
        (Oddity::Deliveries, 0) => Fate::Delivered(Delivery::Direct),
        (Oddity::Deliveries, 1 | 6) => Fate::Delivered(Delivery::Iframe),
        (Oddity::Deliveries, 2) => Fate::Delivered(Delivery::Redirect),
        (Oddity::Deliveries, 3) => Fate::Free,
        (Oddity::Deliveries, 5) => Fate::Transcript,
        (Oddity::Rarities, 0) => Fate::Audio,
        (Oddity::Rarities, 1) => Fate::Transcript,
        (Oddity::Rarities, 2) => Fate::FreeAfterPrice,
        (Oddity::Rarities, 3) if attachment == 1 => Fate::Refused(Refusal::NoPermission),
        (Oddity::Rarities, 3) if attachment == 2 => Fate::Restricted,
        _ => Fate::Usual,
    }
}
