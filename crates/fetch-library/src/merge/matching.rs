//! Which row of a report is which stored entry.
//!
//! Rows are matched one-to-one: distinct rows of one report stay distinct entries even if they
//! share a number or look alike (courts list a sealed document under the number of its
//! neighbour), and the same report merged again finds each of its rows. The surest sign comes
//! first: that all is the same, then the court's sequence number, then its document, then the entry's number, and for
//! entries without one the date and the text.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

use chrono::NaiveDate;

/// What tells an entry from others, on a page or in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct EntryKey {
    /// The entry's number.
    pub number: Option<i64>,
    /// The court's internal number of it.
    pub sequence: Option<i32>,
    /// When it was filed.
    pub date: Option<NaiveDate>,
    /// The docket text.
    pub description: String,
    /// The court's name of the main document, or empty.
    pub pacer_doc_id: String,
}

/// For each mark of a page the index of the stored entry it is, if any. The page is in the
/// order of the docket and the store in that of making, which is the same for rows that came
/// together; among those that look alike the first goes with the first.
pub(super) fn match_entries(page: &[EntryKey], stored: &[EntryKey]) -> Vec<Option<usize>> {
    let mut matching = Matching {
        page,
        stored,
        found: vec![None; page.len()],
        claimed: vec![false; stored.len()],
    };
    matching.pass(Some, |_, _| true);
    matching.pass(
        |mark| Some((mark.sequence?, document(mark)?)),
        numbers_agree,
    );
    matching.pass(|mark| Some((mark.sequence?, mark.number)), |_, _| true);
    matching.pass(|mark| mark.sequence, numbers_agree);
    matching.pass(|mark| Some((document(mark)?, mark.number)), |_, _| true);
    matching.pass(
        |mark| {
            mark.number
                .map(|number| (number, mark.date, mark.description.as_str()))
        },
        sequences_agree,
    );
    matching.pass(
        |mark| mark.number.map(|number| (number, mark.date)),
        ids_agree,
    );
    matching.pass(|mark| mark.number, ids_agree);
    matching.pass(
        |mark| {
            mark.number
                .is_none()
                .then_some((mark.date, mark.description.as_str()))
        },
        ids_agree,
    );
    // Without a date that can be read, the text is all there is.
    matching.pass(
        |mark| mark.number.is_none().then_some(mark.description.as_str()),
        |one, other| (one.date.is_none() || other.date.is_none()) && ids_agree(one, other),
    );
    matching.settle_twins();
    matching.found
}

struct Matching<'a> {
    page: &'a [EntryKey],
    stored: &'a [EntryKey],
    found: Vec<Option<usize>>,
    claimed: Vec<bool>,
}

impl<'a> Matching<'a> {
    /// Pairs what is left on both sides, has the same key, and agrees.
    fn pass<K: Eq + Hash>(
        &mut self,
        key: impl Fn(&'a EntryKey) -> Option<K>,
        agree: fn(&EntryKey, &EntryKey) -> bool,
    ) {
        let mut left: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (index, mark) in self.stored.iter().enumerate() {
            if let Some(key) = key(mark).filter(|_| !self.claimed[index]) {
                left.entry(key).or_default().push_back(index);
            }
        }
        for (row, mark) in self.page.iter().enumerate() {
            if self.found[row].is_some() {
                continue;
            }
            let Some(same) = key(mark).and_then(|key| left.get_mut(&key)) else {
                continue;
            };
            if let Some(position) = same
                .iter()
                .position(|index| agree(mark, &self.stored[*index]))
            {
                self.found[row] = same.remove(position);
                self.claimed[self.found[row].expect("the position is in the list")] = true;
            }
        }
    }

    /// Rows without any difference take their entries in the order in which those were made,
    /// however they came by them, so that they keep their places the next time.
    fn settle_twins(&mut self) {
        let mut twins: HashMap<&EntryKey, Vec<usize>> = HashMap::new();
        for (row, mark) in self.page.iter().enumerate() {
            twins.entry(mark).or_default().push(row);
        }
        for rows in twins.into_values().filter(|rows| rows.len() > 1) {
            let mut entries: Vec<Option<usize>> = rows.iter().map(|row| self.found[*row]).collect();
            entries.sort_by_key(|entry| (entry.is_none(), *entry));
            for (row, entry) in rows.into_iter().zip(entries) {
                self.found[row] = entry;
            }
        }
    }
}

fn document(mark: &EntryKey) -> Option<&str> {
    Some(mark.pacer_doc_id.as_str()).filter(|id| !id.is_empty())
}

/// Equal, or one of them is not known.
fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_none() || other.is_none() || one == other
}

fn numbers_agree(one: &EntryKey, other: &EntryKey) -> bool {
    agree(one.number, other.number)
}

fn sequences_agree(one: &EntryKey, other: &EntryKey) -> bool {
    agree(one.sequence, other.sequence)
}

/// Two entries with the same number are two if the court itself gives them different names.
fn ids_agree(one: &EntryKey, other: &EntryKey) -> bool {
    sequences_agree(one, other) && agree(document(one), document(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(
        number: Option<i64>,
        sequence: Option<i32>,
        day: u32,
        text: &str,
        doc: &str,
    ) -> EntryKey {
        EntryKey {
            number,
            sequence,
            date: NaiveDate::from_ymd_opt(2024, 3, day),
            description: text.to_owned(),
            pacer_doc_id: doc.to_owned(),
        }
    }

    #[test]
    fn rows_that_share_a_number_find_themselves_again() {
        let rows = [
            mark(Some(101), Some(13), 5, "PLEA", "0350001"),
            mark(Some(101), None, 5, "SEALED", ""),
            mark(Some(101), Some(99), 5, "PLEA, corrected", "0350002"),
            mark(Some(12), None, 6, "ORDER one", ""),
            mark(Some(12), None, 6, "ORDER two", ""),
        ];
        assert_eq!(
            match_entries(&rows, &rows),
            (0..5).map(Some).collect::<Vec<_>>()
        );
        let swapped: Vec<EntryKey> = rows.iter().rev().cloned().collect();
        assert_eq!(
            match_entries(&rows, &swapped),
            (0..5).rev().map(Some).collect::<Vec<_>>()
        );
    }

    #[test]
    fn identical_unnumbered_rows_stay_two() {
        let rows = [
            mark(None, None, 5, "Receipt", ""),
            mark(None, None, 5, "Receipt", ""),
        ];
        assert_eq!(match_entries(&rows, &rows[..1]), [Some(0), None]);
        assert_eq!(match_entries(&rows, &rows), [Some(0), Some(1)]);
    }

    #[test]
    fn amended_text_is_the_same_entry() {
        let stored = [
            mark(Some(7), None, 5, "MOTION", ""),
            mark(None, Some(8), 5, "Minutes", ""),
        ];
        let page = [
            mark(Some(7), Some(70), 6, "MOTION, amended", "0350001"),
            mark(None, Some(8), 5, "Minutes.", ""),
        ];
        assert_eq!(match_entries(&page, &stored), [Some(0), Some(1)]);
    }

    #[test]
    fn other_sequence_number_under_the_same_number_is_another_entry() {
        let stored = [mark(Some(101), Some(13), 5, "PLEA", "0350001")];
        let page = [mark(Some(101), Some(99), 5, "PLEA, corrected", "0350002")];
        assert_eq!(match_entries(&page, &stored), [None]);
    }

    #[test]
    fn many_alike_are_matched_quickly() {
        let rows = vec![mark(None, None, 5, "Receipt", ""); 20_000];
        assert!(
            match_entries(&rows, &rows)
                .iter()
                .enumerate()
                .all(|(row, found)| *found == Some(row))
        );
    }
}
