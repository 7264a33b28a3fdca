//! Words that share a baseline by chance: a stamp over or beside what is written there.

use super::{Line, Word};
use crate::stamp;

/// Share of a word that another may cover before they cannot be one line.
const OVERLAP: f32 = 0.3;
/// Words of a stamp at least.
const STAMP_WORDS: usize = 4;

/// The lines, those that are several taken apart.
pub(super) fn apart(lines: Vec<Line>) -> Vec<Line> {
    lines
        .into_iter()
        .flat_map(
            |line| match overlaps(&line) || has_a_stamp_beside_it(&line) {
                true => parted(line),
                false => vec![line],
            },
        )
        .collect()
}

/// What is typed on a form lies over the form's underscores and dots.
fn is_leader(word: &Word) -> bool {
    !word.text.contains(char::is_alphanumeric)
}

fn overlaps(line: &Line) -> bool {
    line.words.windows(2).any(|pair| covers(&pair[0], &pair[1]))
}

fn covers(before: &Word, after: &Word) -> bool {
    let narrower = (before.right - before.left).min(after.right - after.left);
    let shared = before.right.min(after.right) - after.left.max(before.left);
    shared > OVERLAP * narrower && narrower > 0.0 && !is_leader(before) && !is_leader(after)
}

/// Whether a court's stamp stands in the line together with words that were written elsewhere.
fn has_a_stamp_beside_it(line: &Line) -> bool {
    // Most lines were written from left to right.
    let mut neighbours = line.words.windows(2);
    if neighbours.all(|pair| pair[1].order == pair[0].order + 1) {
        return false;
    }
    let runs = runs(&line.words);
    runs.len() > 1 && runs.iter().any(|run| is_stamp(run))
}

fn is_stamp(run: &[&Word]) -> bool {
    let words: Vec<&str> = run.iter().map(|word| word.text.as_str()).collect();
    words.len() >= STAMP_WORDS && stamp::is_surely_a_stamp(&words.join(" "))
}

/// The words in runs as they were written one after the other.
fn runs(words: &[Word]) -> Vec<Vec<&Word>> {
    let mut ordered: Vec<&Word> = words.iter().collect();
    ordered.sort_by_key(|word| word.order);
    let mut runs: Vec<Vec<&Word>> = Vec::new();
    for word in ordered {
        let run = runs.last_mut();
        match run {
            Some(run) if run.last().is_some_and(|last| goes_on(last, word)) => run.push(word),
            _ => runs.push(vec![word]),
        }
    }
    runs
}

fn goes_on(last: &Word, word: &Word) -> bool {
    word.order == last.order + 1 && word.left >= last.right - OVERLAP * last.size
}

fn parted(line: Line) -> Vec<Line> {
    let mut parts: Vec<Vec<&Word>> = Vec::new();
    let mut stamps: Vec<Vec<&Word>> = Vec::new();
    for run in runs(&line.words) {
        if is_stamp(&run) {
            stamps.push(run);
            continue;
        }
        let fits = |part: &&mut Vec<&Word>| {
            let mut pairs = part
                .iter()
                .flat_map(|one| run.iter().map(move |other| (one, other)));
            !pairs.any(|(one, other)| crosses(one, other))
        };
        match parts.iter_mut().find(fits) {
            Some(part) => part.extend(run),
            None => parts.push(run),
        }
    }
    stamps
        .into_iter()
        .chain(parts)
        .map(|mut words| {
            words.sort_by(|one, other| one.left.total_cmp(&other.left));
            Line {
                words: words.into_iter().cloned().collect(),
                ..line.clone()
            }
        })
        .collect()
}

fn crosses(one: &Word, other: &Word) -> bool {
    match one.left <= other.left {
        true => covers(one, other),
        false => covers(other, one),
    }
}
