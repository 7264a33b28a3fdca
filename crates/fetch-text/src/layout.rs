//! From glyphs to words, from words to lines, from lines to text.
//!
//! Words are built first, in the order of the content, and only then placed on lines: sorting
//! glyphs by their place would interleave what is typed on a form with the form's underscores.

mod apart;
mod columns;
mod numbers;
pub(crate) mod seen;

use crate::overprint::without_overprints;
use crate::quality::clean_word;
use crate::sight::{Area, Glyph};

/// Directions within this many degrees of each other are one text.
const SAME_DIRECTION_DEGREES: f32 = 20.0;
/// Directions that are laid out each for itself; what remains goes into the last.
const DIRECTIONS: usize = 6;
/// A gap of this share of the font size separates words.
const WORD_GAP: f32 = 0.18;
/// So does a step back of this share.
const WORD_STEP_BACK: f32 = 0.6;
/// And a step up or down of this share.
const WORD_STEP_ACROSS: f32 = 0.45;
/// Baselines closer than this share of the font size are one line.
const SAME_LINE: f32 = 0.45;
/// Lines further apart than this many font sizes have an empty line between them.
const PARAGRAPH_GAP: f32 = 2.0;
/// Words further apart than this many font sizes are in different columns.
const COLUMN_GAP: f32 = 3.0;

/// Glyphs that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Its characters.
    pub text: String,
    /// Where it is on the page.
    pub area: Area,
    /// Whether any of it can be seen.
    pub visible: bool,
    /// Left end along its own direction.
    left: f32,
    /// Right end along its own direction.
    right: f32,
    /// Place of its baseline across its own direction.
    baseline: f32,
    /// Font size, in points.
    size: f32,
    /// Its position among the words of the content.
    order: usize,
    /// Whether it may be no word at all, and parts no columns by not being there.
    is_doubtful: bool,
}

/// Words on one baseline, in reading order.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its words, from left to right as they are read; at least one.
    pub words: Vec<Word>,
    /// Whether an empty line comes before it.
    pub after_gap: bool,
    baseline: f32,
    size: f32,
}

impl Line {
    /// Its text, columns set apart by three spaces.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut end = f32::NEG_INFINITY;
        for word in &self.words {
            if !text.is_empty() {
                let far = word.left - end > COLUMN_GAP * self.size;
                text.push_str(if far { "   " } else { " " });
            }
            text.push_str(&word.text);
            end = word.right;
        }
        text
    }

    /// Where it is on the page.
    pub fn area(&self) -> Area {
        let first = self.words[0].area;
        self.words
            .iter()
            .fold(first, |area, word| area.joined(&word.area))
    }
}

/// The lines of a page, in reading order: the main direction first, then any other.
pub fn lines(glyphs: &[Glyph]) -> Vec<Line> {
    let mut rest: Vec<&Glyph> = without_overprints(glyphs);
    let mut lines = Vec::new();
    for round in 1..=DIRECTIONS {
        let Some(angle) = dominant_angle(&rest) else {
            break;
        };
        let (these, others) = rest.into_iter().partition(|glyph| {
            round == DIRECTIONS || turn(glyph.angle, angle) <= SAME_DIRECTION_DEGREES
        });
        rest = others;
        lines.extend(in_reading_order(words(these, angle)));
    }
    lines
}

/// The lines of one direction: column by column, and line numbers apart from what they number.
fn in_reading_order(words: Vec<Word>) -> impl Iterator<Item = Line> {
    let blocks = blocks(words);
    blocks.into_iter().flat_map(|block| block.lines)
}

/// Lines that are read one after the other.
struct Block {
    lines: Vec<Line>,
    /// Whether they are the numbers of lines beside them.
    are_numbers: bool,
    /// The column, or part of the page between columns, that they are in.
    region: usize,
}

fn blocks(words: Vec<Word>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (place, mut region) in columns::regions(words).into_iter().enumerate() {
        let block = |lines: Vec<Line>, are_numbers| Block {
            lines,
            are_numbers,
            region: place,
        };
        let numbers = numbers::taken(&mut region);
        let mut lines = lines_of_words(region);
        for column in numbers {
            // The numbers come before the first text that stands beside them.
            let top = column
                .first()
                .map_or(f32::MIN, |first| first.baseline - first.size / 2.0);
            let first = lines.iter().position(|line| line.baseline >= top);
            let rest = lines.split_off(first.unwrap_or(lines.len()));
            blocks.push(block(lines, false));
            blocks.push(block(lines_of_words(column), true));
            lines = rest;
        }
        blocks.push(block(lines, false));
    }
    blocks.retain(|block| !block.lines.is_empty());
    for (position, block) in blocks.iter_mut().enumerate() {
        for (row, line) in block.lines.iter_mut().enumerate() {
            let begins = row == 0 && position > 0;
            line.after_gap = begins || (line.after_gap && !block.are_numbers);
        }
    }
    blocks
}

/// The text of lines.
pub fn text<'line>(lines: impl IntoIterator<Item = &'line Line>) -> String {
    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push_str(if line.after_gap { "\n\n" } else { "\n" });
        }
        text.push_str(&line.text());
    }
    text
}

/// The direction that most glyphs have, to a degree.
fn dominant_angle(glyphs: &[&Glyph]) -> Option<f32> {
    let mut counts = [0_usize; 360];
    for glyph in glyphs {
        // Most text runs straight.
        match glyph.angle == 0.0 {
            true => counts[0] += 1,
            false => counts[(glyph.angle.round() as i32).rem_euclid(360) as usize] += 1,
        }
    }
    let counted = counts.iter().zip(0_i32..);
    let (count, angle) =
        counted.max_by_key(|(count, angle)| (**count, -(*angle).min(360 - angle)))?;
    (*count > 0).then_some(angle as f32)
}

/// Degrees between two directions.
fn turn(one: f32, other: f32) -> f32 {
    if one == other {
        return 0.0;
    }
    let difference = (one - other).rem_euclid(360.0);
    difference.min(360.0 - difference)
}

/// A place in the frame whose x runs along the direction of that sine and cosine.
fn along((x, y): (f32, f32), (sine, cosine): (f32, f32)) -> (f32, f32) {
    (x * cosine + y * sine, y * cosine - x * sine)
}

/// Most text runs straight, and there is much of it.
fn sine_and_cosine(angle: f32) -> (f32, f32) {
    if angle == 0.0 {
        (0.0, 1.0)
    } else {
        angle.to_radians().sin_cos()
    }
}

fn words(glyphs: Vec<&Glyph>, angle: f32) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let direction = sine_and_cosine(angle);
    let mut open = false;
    for glyph in glyphs {
        if !glyph.is_inked() {
            open = false;
            continue;
        }
        let piece = piece_of(glyph, direction);
        match words.last_mut() {
            Some(word) if open && continues(word, &piece) => extend(word, &piece),
            _ => words.push(word_of(&piece)),
        }
        open = true;
    }
    for (order, word) in words.iter_mut().enumerate() {
        // Most are clean.
        if !word.text.bytes().all(|byte| byte.is_ascii_graphic()) {
            word.text = clean_word(&word.text);
        }
        word.order = order;
    }
    words.retain(|word| !word.text.is_empty());
    words
}

/// A glyph in the frame of its word, its text not yet owned: there are many.
struct Piece<'glyph> {
    text: &'glyph str,
    area: Area,
    visible: bool,
    left: f32,
    right: f32,
    baseline: f32,
    size: f32,
}

fn piece_of(glyph: &Glyph, direction: (f32, f32)) -> Piece<'_> {
    let (left, baseline) = along(glyph.start, direction);
    let (right, _) = along(glyph.end, direction);
    Piece {
        text: match glyph.text.len() {
            1 => &glyph.text,
            _ => glyph.text.trim(),
        },
        area: glyph.area(),
        visible: glyph.visible,
        left,
        right: right.max(left),
        baseline,
        size: glyph.size,
    }
}

fn word_of(piece: &Piece<'_>) -> Word {
    Word {
        text: piece.text.to_owned(),
        area: piece.area,
        visible: piece.visible,
        left: piece.left,
        right: piece.right,
        baseline: piece.baseline,
        size: piece.size,
        order: 0,
        is_doubtful: false,
    }
}

fn continues(word: &Word, next: &Piece<'_>) -> bool {
    if is_note_mark(word, next) {
        return false;
    }
    let size = word.size.max(next.size);
    let gap = next.left - word.right;
    let across = (next.baseline - word.baseline).abs();
    gap <= WORD_GAP * size && gap >= -WORD_STEP_BACK * size && across <= WORD_STEP_ACROSS * size
}

/// A small raised number after a word points to a note and is no part of the word; the raised
/// letters of an ordinal are.
fn is_note_mark(word: &Word, next: &Piece<'_>) -> bool {
    next.size < 0.8 * word.size
        && next.baseline < word.baseline - 0.15 * word.size
        && next
            .text
            .chars()
            .all(|character| character.is_ascii_digit())
}

fn extend(word: &mut Word, piece: &Piece<'_>) {
    word.text.push_str(piece.text);
    word.area = word.area.joined(&piece.area);
    word.visible |= piece.visible;
    word.right = word.right.max(piece.right);
    word.size = word.size.max(piece.size);
}

fn lines_of_words(mut words: Vec<Word>) -> Vec<Line> {
    words.sort_by(|one, other| one.baseline.total_cmp(&other.baseline));
    let mut lines: Vec<Line> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if shares_line(line, &word) => join_line(line, word),
            _ => lines.push(line_of(word)),
        }
    }
    for line in &mut lines {
        line.words
            .sort_by(|one, other| one.left.total_cmp(&other.left));
    }
    let mut lines = apart::apart(lines);
    let mut above: Option<(f32, f32)> = None;
    for line in &mut lines {
        line.after_gap = above.is_some_and(|(baseline, size)| {
            line.baseline - baseline > PARAGRAPH_GAP * size.max(line.size)
        });
        above = Some((line.baseline, line.size));
    }
    lines
}

fn line_of(word: Word) -> Line {
    Line {
        baseline: word.baseline,
        size: word.size,
        words: vec![word],
        after_gap: false,
    }
}

fn shares_line(line: &Line, word: &Word) -> bool {
    (word.baseline - line.baseline).abs() <= SAME_LINE * line.size.max(word.size).min(24.0)
}

/// The largest word's baseline is the line's, so that a raised mark does not split it.
fn join_line(line: &mut Line, word: Word) {
    if word.size > line.size {
        line.baseline = word.baseline;
        line.size = word.size;
    }
    line.words.push(word);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glyphs half as wide as they are high, written from `start` along `angle`.
    fn write(text: &str, start: (f32, f32), angle: f32) -> Vec<Glyph> {
        let size = 10.0;
        let (sine, cosine) = f32::to_radians(angle).sin_cos();
        let place = |index: usize| {
            let far = index as f32 * size / 2.0;
            (start.0 + far * cosine, start.1 + far * sine)
        };
        text.chars()
            .enumerate()
            .map(|(index, character)| Glyph {
                text: character.to_string().into(),
                start: place(index),
                end: place(index + 1),
                angle,
                size,
                visible: true,
            })
            .collect()
    }

    fn laid_out(glyphs: &[Glyph]) -> String {
        text(&lines(glyphs))
    }

    #[test]
    fn words_keep_together_and_lines_go_down_the_page() {
        let mut glyphs = write("of costs", (10.0, 40.0), 0.0);
        glyphs.extend(write("Bill", (10.0, 28.0), 0.0));
        assert_eq!(laid_out(&glyphs), "Bill\nof costs");
    }

    #[test]
    fn typed_answers_do_not_mix_with_underscores() {
        let mut glyphs = write("Name: ________", (10.0, 40.0), 0.0);
        glyphs.extend(write("Roe", (47.0, 39.0), 0.0));
        assert_eq!(laid_out(&glyphs), "Name: ________ Roe");
    }

    #[test]
    fn gaps_without_space_glyphs_part_words_and_columns() {
        let mut glyphs = write("one", (10.0, 40.0), 0.0);
        glyphs.extend(write("two", (28.0, 40.0), 0.0));
        glyphs.extend(write("three", (200.0, 40.0), 0.0));
        assert_eq!(laid_out(&glyphs), "one two   three");
    }

    #[test]
    fn text_is_read_along_its_own_direction() {
        for angle in [0.0, 90.0, 180.0, 270.0, 3.0] {
            assert_eq!(
                laid_out(&write("IT IS SO ORDERED", (300.0, 300.0), angle)),
                "IT IS SO ORDERED",
                "at {angle} degrees"
            );
        }
    }

    #[test]
    fn a_stamp_along_the_edge_comes_after_the_text() {
        let mut glyphs = write("SEALED", (5.0, 300.0), 270.0);
        glyphs.extend(write("Memorandum", (50.0, 40.0), 0.0));
        assert_eq!(laid_out(&glyphs), "Memorandum\nSEALED");
    }

    #[test]
    fn double_printing_is_read_once() {
        let mut glyphs = write("ORDER", (10.0, 40.0), 0.0);
        glyphs.extend(write("ORDER", (10.4, 40.0), 0.0));
        assert_eq!(laid_out(&glyphs), "ORDER");
    }

    #[test]
    fn a_raised_mark_stays_on_its_line() {
        let mut glyphs = write("Smith v. Doe", (10.0, 40.0), 0.0);
        let mut mark = write("2", (70.0, 36.0), 0.0);
        mark[0].size = 6.0;
        glyphs.extend(mark);
        glyphs.extend(write("next", (10.0, 52.0), 0.0));
        assert_eq!(laid_out(&glyphs), "Smith v. Doe 2\nnext");
    }
}
