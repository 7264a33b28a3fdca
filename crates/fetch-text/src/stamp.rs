//! The line that a court prints on every page that it hands out.
//!
//! It is text even on a page that is otherwise a picture, so "the page has text" says nothing
//! until these lines are set aside. Examples: `Case 1:20-cv-00001-ABC Document 5 Filed 01/02/20
//! Page 1 of 3`, `USCA11 Case: 20-10001 Date Filed: 01/02/2020 Page: 1 of 3`.

use std::sync::LazyLock;

use regex_lite::Regex;

use crate::layout::Line;
use crate::sight::{Area, PageSight};

/// A stamp lies within this share of the page's width or height from an edge.
const EDGE_SHARE: f32 = 0.12;

/// Words that open a stamp, and the one that stands before a circuit's number.
const OPENINGS: [&str; 6] = ["case", "appeal", "appellate", "usdc", "claim", "doc"];
const CIRCUIT: &str = "usca";

/// What else a stamp holds; two of these make one.
static MARKS: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    [
        pattern(r"(?i)\b(document|dktentry|doc|ecf\s+no)\b"),
        pattern(r"(?i)\b(filed|entered)\b"),
        pattern(r"(?i)\b(page|pg|pageid)\b"),
        pattern(r"\b\d{1,2}/\d{1,2}/(\d{2}|\d{4})\b"),
        pattern(r"(?i)\b(\d{1,2}:)?\d{2}-([a-z]{2,4}-)?\d{2,6}\b"),
    ]
});

/// By the library that builds them fast: they are matched with a few lines of a page, and a short
/// document would wait longer for better ones than for its text.
fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns of this module are tested")
}

/// Whether a line's words and place are those of a court's stamp.
pub fn is_stamp(line: &Line, page: &PageSight) -> bool {
    is_at_edge(&line.area(), page) && reads_like_a_stamp(&line.text())
}

/// Whether a line's words are those of a court's stamp.
pub fn reads_like_a_stamp(text: &str) -> bool {
    has_marks(text, 2)
}

/// Whether words are those of a court's stamp wherever they stand: the heading of an order has a
/// case and a docket number too.
pub fn is_surely_a_stamp(text: &str) -> bool {
    has_marks(text, 3)
}

fn has_marks(text: &str, least: usize) -> bool {
    // Most lines have no number or no word that opens a stamp, and matching patterns takes long.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) || !words(text).any(is_opening) {
        return false;
    }
    let marks = MARKS.iter().filter(|mark| mark.is_match(text));
    marks.take(least).count() == least
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
}

fn is_opening(word: &str) -> bool {
    let is = |one: &str| word.eq_ignore_ascii_case(one);
    let number = word
        .split_at_checked(CIRCUIT.len())
        .filter(|(court, _)| court.eq_ignore_ascii_case(CIRCUIT))
        .map(|(_, number)| number);
    OPENINGS.into_iter().any(is)
        || number.is_some_and(|number| {
            number.len() <= 2 && number.bytes().all(|digit| digit.is_ascii_digit())
        })
}

fn is_at_edge(area: &Area, page: &PageSight) -> bool {
    let (across, down) = (EDGE_SHARE * page.width, EDGE_SHARE * page.height);
    area.bottom <= down
        || area.top >= page.height - down
        || area.right <= across
        || area.left >= page.width - across
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_courts_stamps_are_known() {
        for stamp in [
            "Case 1:20-cv-00001-ABC-DEF Document 5 Filed 01/02/20 Page 1 of 3",
            "Case 20-10001-abc Doc 12 Filed 01/02/20 Entered 01/02/20 10:11:12 Page 1 of 3",
            "Case: 20-10001 Document: 00512345678 Page: 1 Date Filed: 01/02/2020",
            "USCA4 Appeal: 20-1001 Doc: 17 Filed: 01/02/2020 Pg: 1 of 1",
            "Appellate Case: 20-1001 Page: 1 Date Filed: 01/02/2020 Entry ID: 1234567",
            "Case: 20-10001, 01/02/2020, ID: 12345678, DktEntry: 1, Page 1 of 2",
            "3:20-cv-00001-ABC   Date Filed 01/02/20   Case Entry Number 5   Page 1 of 3",
        ] {
            assert!(reads_like_a_stamp(stamp), "{stamp}");
        }
    }

    #[test]
    fn prose_is_no_stamp() {
        for line in [
            "In this case the motion is granted.",
            "Page 2 of 3",
            "Plaintiff filed the complaint on 01/02/2020.",
            "Case No. 20-cv-00001",
            "of the document that was filed in this case",
        ] {
            assert!(!reads_like_a_stamp(line), "{line}");
        }
    }
}
