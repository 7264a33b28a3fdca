//! `recap_sequence_number`: the place of an entry in its docket, `2024-03-05.002` for the second
//! one filed that day.
//!
//! Reports may show a part of a docket only, so a day is numbered by what is known of it. If the
//! report shows all entries known of a day, its order is the order. Otherwise those known keep
//! their order, new ones go next to their neighbours on the report (or by their number, if they
//! have none there), and the day is counted anew. A day without new entries stays as it is.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

/// An entry as far as its place is concerned.
#[derive(Debug, Clone)]
pub(super) struct OrderedEntry {
    /// Which one, for the caller.
    pub key: usize,
    /// The day it belongs to, as of now.
    pub date: NaiveDate,
    /// The entry's number.
    pub number: Option<i64>,
    /// Its `recap_sequence_number` so far, or empty.
    pub order: String,
}

/// Whether a report lists the newest entries first, told from the dates and, where all are the
/// same, from the numbers of the rows.
pub(super) fn is_descending(rows: &[(NaiveDate, Option<i64>)]) -> bool {
    let dates: Vec<i64> = rows.iter().map(|(date, _)| date_key(*date)).collect();
    let numbers: Vec<i64> = rows.iter().filter_map(|(_, number)| *number).collect();
    match falls(&dates) {
        0 => falls(&numbers) > 0,
        balance => balance > 0,
    }
}

fn date_key(date: NaiveDate) -> i64 {
    i64::from(chrono::Datelike::num_days_from_ce(&date))
}

/// How many more steps go down than up.
fn falls(values: &[i64]) -> i64 {
    values
        .windows(2)
        .map(|pair| (pair[0] - pair[1]).signum())
        .sum()
}

/// The new `recap_sequence_number` of every entry whose place is settled by a report, by key.
///
/// `page` is in ascending order and has the entries of the report, new and old (new ones without
/// an order); `absent` has the stored entries that the report does not show.
pub(super) fn number(page: &[OrderedEntry], absent: &[OrderedEntry]) -> HashMap<usize, String> {
    let mut days: BTreeMap<NaiveDate, (Vec<&OrderedEntry>, Vec<&OrderedEntry>)> = BTreeMap::new();
    for placed in page {
        days.entry(placed.date).or_default().0.push(placed);
    }
    for placed in absent {
        if let Some(day) = days.get_mut(&placed.date) {
            day.1.push(placed);
        }
    }
    let mut numbers = HashMap::new();
    for (date, (shown, absent)) in days {
        for (index, key) in order_of_day(date, &shown, &absent).into_iter().enumerate() {
            numbers.insert(key, format!("{date}.{:03}", index + 1));
        }
    }
    numbers
}

/// The keys of a day in order; empty if the day stays as it is.
fn order_of_day(date: NaiveDate, shown: &[&OrderedEntry], absent: &[&OrderedEntry]) -> Vec<usize> {
    if absent.is_empty() {
        return shown.iter().map(|placed| placed.key).collect();
    }
    let is_placed = |placed: &&&OrderedEntry| index_of(date, &placed.order).is_some();
    if shown.iter().all(|placed| is_placed(&placed)) {
        return Vec::new();
    }
    let mut known: Vec<&OrderedEntry> = shown
        .iter()
        .filter(is_placed)
        .chain(absent)
        .copied()
        .collect();
    known.sort_by_key(|placed| {
        (
            index_of(date, &placed.order).unwrap_or(u32::MAX),
            placed.key,
        )
    });
    for position in 0..shown.len() {
        if !is_placed(&&shown[position]) {
            let place = place_of(shown, position, &known);
            known.insert(place, shown[position]);
        }
    }
    known.iter().map(|placed| placed.key).collect()
}

/// Where a new entry goes among the known ones: after the row before it on the report, or before
/// the next known row, or before the first higher number, or last.
fn place_of(shown: &[&OrderedEntry], position: usize, known: &[&OrderedEntry]) -> usize {
    let key_place = |key: usize| known.iter().position(|placed| placed.key == key);
    if let Some(place) = position
        .checked_sub(1)
        .and_then(|before| key_place(shown[before].key))
    {
        return place + 1;
    }
    let known_keys: HashSet<usize> = known.iter().map(|placed| placed.key).collect();
    let next = shown[position + 1..]
        .iter()
        .find(|placed| known_keys.contains(&placed.key));
    if let Some(place) = next.and_then(|placed| key_place(placed.key)) {
        return place;
    }
    let number = shown[position].number;
    let higher = known
        .iter()
        .position(|placed| number.is_some() && placed.number > number);
    higher.unwrap_or(known.len())
}

/// The index within the day, if the order is one of that day.
fn index_of(date: NaiveDate, order: &str) -> Option<u32> {
    let index = order.strip_prefix(&date.to_string())?.strip_prefix('.')?;
    index.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 3, day).expect("a day of March")
    }

    fn placed(key: usize, on: u32, order: &str) -> OrderedEntry {
        let order = if order.is_empty() {
            String::new()
        } else {
            format!("{}.{order}", day(on))
        };
        OrderedEntry {
            key,
            date: day(on),
            number: Some(key as i64),
            order,
        }
    }

    fn in_order(numbers: &HashMap<usize, String>) -> Vec<(usize, &str)> {
        let mut pairs: Vec<(usize, &str)> = numbers
            .iter()
            .map(|(key, order)| (*key, &order[8..]))
            .collect();
        pairs.sort_by_key(|(_, order)| *order);
        pairs
    }

    #[test]
    fn counts_each_day_from_one() {
        let numbers = number(&[placed(1, 5, ""), placed(2, 5, ""), placed(3, 6, "")], &[]);
        assert_eq!(
            in_order(&numbers),
            [(1, "05.001"), (2, "05.002"), (3, "06.001")]
        );
    }

    #[test]
    fn whole_day_is_ordered_by_the_report() {
        let numbers = number(
            &[placed(2, 5, "001"), placed(1, 5, "")],
            &[placed(9, 6, "001")],
        );
        assert_eq!(in_order(&numbers), [(2, "05.001"), (1, "05.002")]);
    }

    #[test]
    fn part_of_a_day_is_fitted_in() {
        let absent = [placed(1, 5, "001"), placed(8, 5, "002")];
        let numbers = number(&[placed(5, 5, ""), placed(6, 5, "")], &absent);
        assert_eq!(
            in_order(&numbers),
            [(1, "05.001"), (5, "05.002"), (6, "05.003"), (8, "05.004")]
        );
    }

    #[test]
    fn new_row_goes_before_the_known_row_below_it() {
        let mut unnumbered = placed(7, 5, "");
        unnumbered.number = None;
        let numbers = number(&[unnumbered, placed(8, 5, "002")], &[placed(1, 5, "001")]);
        assert_eq!(
            in_order(&numbers),
            [(1, "05.001"), (7, "05.002"), (8, "05.003")]
        );
    }

    #[test]
    fn day_without_news_stays_as_it_is() {
        let numbers = number(&[placed(2, 5, "004")], &[placed(1, 5, "002")]);
        assert!(numbers.is_empty());
    }

    #[test]
    fn direction_is_told_from_dates_then_numbers() {
        assert!(is_descending(&[
            (day(6), None),
            (day(6), Some(3)),
            (day(5), Some(4))
        ]));
        assert!(!is_descending(&[(day(5), Some(4)), (day(6), Some(3))]));
        assert!(is_descending(&[
            (day(5), Some(4)),
            (day(5), None),
            (day(5), Some(3))
        ]));
        assert!(!is_descending(&[(day(5), None)]));
    }
}
