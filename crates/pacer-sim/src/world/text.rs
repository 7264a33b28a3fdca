//! The words of a document: a caption, a title, and paragraphs about nothing.
//!
//! The words come from a small dictionary of ordinary English, so that a reader of scans can be
//! marked word by word. None of the phrases by which courts refuse a document occurs.

use super::Found;
use super::case::Case;
use crate::dice::{Dice, word};
use crate::names;

/// Most characters in a line: what fits the width of a scanned page.
pub const LINE_CHARACTERS: usize = 76;

/// Lines on a page.
pub const PAGE_LINES: usize = 40;

const OPENINGS: &[&str] = &[
    "The parties agree that",
    "It is further alleged that",
    "On or about the third Tuesday of the month",
    "According to the inventory attached hereto",
    "The witness recalled without hesitation that",
    "Notwithstanding the earlier correspondence",
    "For the purposes of this filing",
];

const SUBJECTS: &[&str] = &[
    "the borrowed teapot",
    "the larger of the two umbrellas",
    "the north pantry",
    "the weathervane",
    "the committee on marmalade",
    "the warehouse lantern",
    "the brass periscope",
    "the garden sundial",
];

const VERBS: &[&str] = &[
    "was returned in good order",
    "remained upon the second shelf",
    "had been measured twice",
    "was delivered before noon",
    "could not be found by anyone",
    "was polished every evening",
    "stood beside the window",
    "was exchanged for a bicycle bell",
];

const ENDINGS: &[&str] = &[
    "in the presence of four neighbors",
    "as the schedule required",
    "without any objection",
    "for the sum of twelve imaginary crowns",
    "during the annual kite festival",
    "notwithstanding the heavy rain",
    "under the terms of the written agreement",
];

/// The pages of a document, each a text of lines.
pub(super) fn pages(seed: u64, found: &Found) -> Vec<String> {
    let (case, sheet) = (&found.case, found.sheet());
    let mut dice = Dice::new(
        seed,
        &[word(&case.stub.court), word("document"), sheet.serial],
    );
    let mut lines = caption(case, &sheet.description);
    let wanted = PAGE_LINES * sheet.pages as usize;
    while lines.len() + 12 < wanted {
        lines.extend(wrap(&paragraph(&mut dice)));
        lines.push(String::new());
    }
    lines.push(format!(
        "Respectfully submitted, {}",
        names::person(&mut dice)
    ));
    let mut pages: Vec<String> = lines
        .chunks(PAGE_LINES)
        .map(|page| page.join("\n"))
        .collect();
    // The last paragraph may fill a page exactly; a document has as many pages as its menu says.
    pages.truncate(sheet.pages as usize);
    pages
}

/// The pages of a document that is all length: each says which it is, and a sentence more.
pub(super) fn few_words(seed: u64, found: &Found) -> Vec<String> {
    let (case, sheet) = (&found.case, found.sheet());
    let mut dice = Dice::new(seed, &[word(&case.stub.court), word("long"), sheet.serial]);
    let page = |number: u32| {
        let mut lines = vec![
            format!("Sheet number {number} of the inventory"),
            String::new(),
        ];
        lines.extend(wrap(&sentence(&mut dice)));
        lines.join("\n")
    };
    (1..=sheet.pages).map(page).collect()
}

fn caption(case: &Case, title: &str) -> Vec<String> {
    let mut lines = vec![
        "IN THE UNITED STATES COURT OF FICTION".to_owned(),
        String::new(),
    ];
    lines.extend(wrap(&case.title));
    lines.push(format!("Case No. {}", case.number_with_judges()));
    lines.extend([String::new(), title.to_uppercase(), String::new()]);
    lines
}

fn paragraph(dice: &mut Dice) -> String {
    let sentences: Vec<String> = (0..dice.between(2, 4)).map(|_| sentence(dice)).collect();
    sentences.join(" ")
}

fn sentence(dice: &mut Dice) -> String {
    let (opening, subject) = (dice.pick(OPENINGS), dice.pick(SUBJECTS));
    format!(
        "{opening} {subject} {} {}.",
        dice.pick(VERBS),
        dice.pick(ENDINGS)
    )
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.len() + 1 + word.len() > LINE_CHARACTERS {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
