//! Counts and complaints, which follow the defendant that they are against.

use std::sync::LazyLock;

use regex::Regex;

use super::parties::Row;
use super::{CountStatus, CriminalComplaint, CriminalCount, CriminalData, Party};
use crate::page::selection::has_child;
use crate::page::strings::{clean, squeeze};
use crate::page::tree::{Page, Tag};

/// What the rows below a heading are about.
#[derive(Clone, Copy)]
enum Section {
    LevelOpening,
    LevelTerminated,
    Counts(CountStatus),
    Complaints,
    Other,
}

static LEVEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)highest offense.*(opening|terminated)").expect("pattern is tested")
});
static COUNTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(pending|terminated)\s+counts").expect("pattern is tested"));

/// Reads the rows once more, and adds to each party what stands below it.
pub(super) fn read(page: &Page, rows: &[Row], parties: &mut [Party]) {
    let mut collected = CriminalData::default();
    let mut section = Section::Other;
    let mut party: Option<usize> = None;
    for (index, row) in rows.iter().enumerate() {
        if row.is_empty(page) {
            continue;
        }
        if starts_party(page, row, rows.get(index + 1)) {
            give(&mut collected, party, parties);
            party = Some(party.map_or(0, |party| party + 1));
            section = Section::Other;
        } else if let Some(opened) = section_of(page, row) {
            section = opened;
        } else {
            collect(page, row, section, &mut collected);
        }
    }
}

fn starts_party(page: &Page, row: &Row, next: Option<&Row>) -> bool {
    const COUNSEL: &str = "represented by";
    match row.cells.len() {
        3 => clean(page.text(row.cells[1])).contains(COUNSEL),
        1 => {
            row.has_heading
                && next.is_some_and(|next| {
                    next.has_bold && !clean(page.text(next.node)).contains(COUNSEL)
                })
        }
        _ => false,
    }
}

/// What stands before the first party is given to the last.
fn give(collected: &mut CriminalData, party: Option<usize>, parties: &mut [Party]) {
    if *collected == CriminalData::default() {
        return;
    }
    let data = std::mem::take(collected);
    let party = match party {
        Some(index) => parties.get_mut(index),
        None => parties.last_mut(),
    };
    if let Some(party) = party {
        party.criminal_data = Some(data);
    }
}

fn section_of(page: &Page, row: &Row) -> Option<Section> {
    let cell = row.cells[0];
    let text = clean(page.text(cell));
    let ends = |word: &str| word.eq_ignore_ascii_case("terminated");
    if let Some(found) = LEVEL.captures(&text) {
        return Some(if ends(&found[1]) {
            Section::LevelTerminated
        } else {
            Section::LevelOpening
        });
    }
    if let Some(found) = COUNTS.captures(&text) {
        let status = if ends(&found[1]) {
            CountStatus::Terminated
        } else {
            CountStatus::Pending
        };
        return Some(Section::Counts(status));
    }
    if text.to_lowercase().contains("complaints") {
        return Some(Section::Complaints);
    }
    let is_heading = page
        .children_of(cell, Tag::B)
        .any(|bold| has_child(page, bold, Tag::U));
    is_heading.then_some(Section::Other)
}

fn collect(page: &Page, row: &Row, section: Section, data: &mut CriminalData) {
    let text = page.text(row.cells[0]);
    let disposition = || {
        row.cells
            .get(2)
            .map(|cell| squeeze(page.text(*cell)))
            .unwrap_or_default()
    };
    match section {
        Section::LevelOpening => data.highest_offense_level_opening = squeeze(text),
        Section::LevelTerminated => data.highest_offense_level_terminated = squeeze(text),
        Section::Counts(status) if text.trim() != "None" => data.counts.push(CriminalCount {
            name: squeeze(text),
            disposition: disposition(),
            status,
        }),
        Section::Complaints if text != "None" => data.complaints.push(CriminalComplaint {
            name: squeeze(text),
            disposition: disposition(),
        }),
        Section::Counts(_) | Section::Complaints | Section::Other => {}
    }
}
