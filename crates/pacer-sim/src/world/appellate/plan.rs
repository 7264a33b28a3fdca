//! Which cases a court of appeals has: the same well-known ones in each, then ordinary ones.

use super::super::stub::{ACMS_COURTS, CaseKind, Oddity, Plan};
use crate::court::Court;
use crate::dice::{Dice, word};

/// Entries of the [`Oddity::Vast`] appeal: enough for more than thirty pages.
const VAST_ENTRIES: u32 = 2_000;

/// The cases of a court, in the order of their ids.
pub(in crate::world) fn plans(court: &Court, seed: u64, cases: u32, entries: u32) -> Vec<Plan> {
    let mut plans = Vec::new();
    if court.id == "ca1" {
        plans.push(Plan {
            year: 2016,
            ..plan(1432, 24, Oddity::Demo)
        });
    }
    plans.extend([
        plan(90001, 8, Oddity::Sealed),
        plan(90002, 0, Oddity::Empty),
        plan(90003, 10, Oddity::Filings),
        plan(90004, 8, Oddity::Agency),
        plan(90005, 8, Oddity::NoOrigin),
        plan(90006, 8, Oddity::Consolidated),
        plan(90010, VAST_ENTRIES, Oddity::Vast),
    ]);
    plans.extend((0..cases).map(|ordinal| ordinary(court, seed, ordinal, entries)));
    plans
}

/// Cases that came after the ordinary ones: those in ACMS, and one that might be and is not.
pub(in crate::world) fn later_plans(court: &Court) -> Vec<Plan> {
    if !ACMS_COURTS.contains(&court.id.as_str()) {
        return Vec::new();
    }
    let recent = |year, serial, entries, oddity| Plan {
        year,
        ..plan(serial, entries, oddity)
    };
    vec![
        recent(2023, 90021, 60, Oddity::None),
        recent(2023, 90022, 8, Oddity::Sealed),
        recent(2024, 90023, 10, Oddity::Filings),
        recent(2025, 90024, 8, Oddity::Agency),
        recent(2023, 90025, 8, Oddity::NotMoved),
    ]
}

fn plan(serial: u32, entries: u32, oddity: Oddity) -> Plan {
    Plan {
        kind: CaseKind::Appeal,
        office: '0',
        year: 2020,
        serial,
        entries,
        oddity,
        defendants: &[],
    }
}

fn ordinary(court: &Court, seed: u64, ordinal: u32, entries: u32) -> Plan {
    let mut dice = Dice::new(seed, &[word(&court.id), word("case"), u64::from(ordinal)]);
    Plan {
        year: dice.between(2008, 2021) as u16,
        // Four digits at least, as the courts count; steps of three keep them apart.
        ..plan(
            1101 + ordinal * 3 + dice.below(3) as u32,
            entries,
            Oddity::None,
        )
    }
}
