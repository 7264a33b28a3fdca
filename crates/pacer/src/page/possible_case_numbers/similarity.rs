//! How alike two case names are, after Ratcliff and Obershelp.

use std::collections::HashMap;

use super::PossibleCase;
use crate::page::strings::harmonize;

/// Below this, names have nothing in common.
const LEAST_SIMILAR: f64 = 0.1;
/// Longer names are cut: comparing takes quadratic time.
const MAX_LETTERS: usize = 1_000;

const STOP_WORDS: &[&str] = &[
    "a",
    "an",
    "and",
    "as",
    "at",
    "but",
    "by",
    "en",
    "etc",
    "for",
    "if",
    "in",
    "is",
    "of",
    "on",
    "or",
    "the",
    "to",
    "v",
    "via",
    "vs",
    "et",
    "al",
    "appellant",
    "appellants",
    "defendant",
    "defendants",
    "plaintiff",
    "plaintiffs",
    "complainant",
    "complainants",
    "claimant",
    "claimants",
    "administrator",
    "error",
    "others",
    "against",
    "ex",
    "parte",
    "original",
    "devisee",
    "executrix",
    "executor",
    "commr",
    "commissioner",
];

/// The case whose title is most like the name; none if none is like it at all.
pub(super) fn most_similar<'a>(cases: &[&'a PossibleCase], name: &str) -> Option<&'a PossibleCase> {
    let name = normalize(name);
    let mut best: Option<(f64, &PossibleCase)> = None;
    for case in cases {
        let ratio = ratio(&normalize(name_in_title(&case.title)), &name);
        if ratio >= LEAST_SIMILAR && best.is_none_or(|(most, _)| ratio > most) {
            best = Some((ratio, case));
        }
    }
    best.map(|(_, case)| case)
}

fn name_in_title(title: &str) -> &str {
    let name = title.split_once(' ').map_or(title, |(_, name)| name);
    name.split("(closed").next().unwrap_or(name)
}

fn normalize(name: &str) -> Vec<char> {
    let plain: String = harmonize(name)
        .to_lowercase()
        .chars()
        .filter(|letter| !letter.is_ascii_punctuation())
        .collect();
    plain
        .split([' ', '\t'])
        .filter(|word| !STOP_WORDS.contains(word))
        .flat_map(str::chars)
        .take(MAX_LETTERS)
        .collect()
}

/// Twice the number of matching characters over the sum of the lengths.
fn ratio(first: &[char], second: &[char]) -> f64 {
    let length = first.len() + second.len();
    if length == 0 {
        return 1.0;
    }
    let places = places_of(second);
    let mut matching = 0;
    let mut open = vec![(0, first.len(), 0, second.len())];
    while let Some((first_start, first_end, second_start, second_end)) = open.pop() {
        let (i, j, size) = longest_match(
            first,
            second,
            &places,
            first_start..first_end,
            second_start..second_end,
        );
        if size == 0 {
            continue;
        }
        matching += size;
        open.push((first_start, i, second_start, j));
        open.push((i + size, first_end, j + size, second_end));
    }
    2.0 * matching as f64 / length as f64
}

/// Where each character stands. In long texts, frequent characters start no match.
fn places_of(text: &[char]) -> HashMap<char, Vec<usize>> {
    let mut places: HashMap<char, Vec<usize>> = HashMap::new();
    for (place, letter) in text.iter().enumerate() {
        places.entry(*letter).or_default().push(place);
    }
    if text.len() >= 200 {
        let most = text.len() / 100 + 1;
        places.retain(|_, found| found.len() <= most);
    }
    places
}

/// The longest run that both have, the first such in `first`, and then in `second`.
fn longest_match(
    first: &[char],
    second: &[char],
    places: &HashMap<char, Vec<usize>>,
    in_first: std::ops::Range<usize>,
    in_second: std::ops::Range<usize>,
) -> (usize, usize, usize) {
    let (mut best_i, mut best_j, mut best) = (in_first.start, in_second.start, 0);
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for i in in_first.clone() {
        let mut next = HashMap::new();
        for j in places.get(&first[i]).into_iter().flatten().copied() {
            if !in_second.contains(&j) {
                continue;
            }
            let length = j
                .checked_sub(1)
                .and_then(|before| lengths.get(&before))
                .map_or(1, |length| length + 1);
            next.insert(j, length);
            if length > best {
                (best_i, best_j, best) = (i + 1 - length, j + 1 - length, length);
            }
        }
        lengths = next;
    }
    // Frequent characters may still make a match longer.
    while best_i > in_first.start
        && best_j > in_second.start
        && first[best_i - 1] == second[best_j - 1]
    {
        (best_i, best_j, best) = (best_i - 1, best_j - 1, best + 1);
    }
    while best_i + best < in_first.end
        && best_j + best < in_second.end
        && first[best_i + best] == second[best_j + best]
    {
        best += 1;
    }
    (best_i, best_j, best)
}
