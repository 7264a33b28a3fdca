//! What recognition made of something that is no print.

use super::{Recognised, SeenWord};
use crate::spelling::Spelling;

/// A whole page below this mean confidence is text only if some of its words are sure.
const LOW_CONFIDENCE: f32 = 60.0;
/// Share of such words.
const SURE_SHARE: f32 = 0.15;
/// A line below this, none of whose words is sure, is part of a photo or a smudge.
const RUBBLE_CONFIDENCE: f32 = 40.0;
/// So many of them follow each other there.
const RUBBLE_LINES: usize = 3;
/// So is one of fewer characters below this.
const SHORT_LINE: usize = 6;
const SHORT_CONFIDENCE: f32 = 55.0;
/// Letters from which a line's spelling says something.
const LETTERS: u32 = 8;

/// What is text of it: nothing, if little of the page is sure, else all lines but rubble.
pub(super) fn without_rubble(recognised: Recognised) -> Recognised {
    let words = recognised.words.len();
    let sure = recognised
        .words
        .iter()
        .filter(|word| word.is_surely_a_word());
    let is_unsure = (sure.count() as f32) < SURE_SHARE * words as f32;
    if recognised.mean_confidence < LOW_CONFIDENCE && is_unsure && words > 0 {
        return Recognised {
            mean_confidence: recognised.mean_confidence,
            ..Recognised::default()
        };
    }
    let lines = recognised
        .words
        .chunk_by(|one, other| one.line == other.line);
    let lines: Vec<(bool, &[SeenWord])> = lines.map(|line| (is_rubble(line), line)).collect();
    // A line by itself may be print that is hard to read.
    let kept: Vec<SeenWord> = lines
        .chunk_by(|(one, _), (other, _)| one == other)
        .filter(|lines| !lines[0].0 || lines.len() < RUBBLE_LINES)
        .flatten()
        .flat_map(|(_, line)| *line)
        .cloned()
        .collect();
    match kept.len() == words {
        true => recognised,
        false => Recognised::of_words(kept),
    }
}

fn is_rubble(line: &[SeenWord]) -> bool {
    let mut spelling = Spelling::default();
    line.iter().for_each(|word| spelling.add(&word.text));
    // Print that is hard to read still has the letters of a language.
    let is_language = spelling.letters() >= LETTERS && spelling.is_likely();
    let mean = line.iter().map(|word| word.confidence).sum::<f32>() / line.len().max(1) as f32;
    let is_short = line.iter().map(|word| word.text.len()).sum::<usize>() < SHORT_LINE;
    (mean < RUBBLE_CONFIDENCE && !is_language && !line.iter().any(SeenWord::is_sure))
        || (mean < SHORT_CONFIDENCE && is_short && !line.iter().any(SeenWord::is_surely_a_word))
}
