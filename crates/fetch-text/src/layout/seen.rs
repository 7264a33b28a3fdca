//! The layout of words that were recognised in a picture.

use super::{Line, Word, blocks};
use crate::recognise::SeenWord;
use crate::sight::Area;

/// Words are as high as their letters, lines as high as their font: so much higher.
const FONT_HEIGHT: f32 = 1.25;
/// What recognition makes of the rule beside line numbers.
pub(crate) const RULE: [char; 12] = ['|', '[', ']', '{', '}', '!', '\\', '/', '¦', '(', ')', '‘'];
/// Within so many font sizes of the numbers.
const RULE_WITHIN: f32 = 3.0;

/// Words of a picture that are read one after the other.
pub(crate) struct SeenBlock {
    /// Their lines.
    pub(crate) lines: Vec<Line>,
    /// Where they are, in pixels.
    pub(crate) area: Area,
    /// Whether they are the numbers of lines beside them.
    pub(crate) are_numbers: bool,
    /// The column, or part of the page between columns, that they are in.
    pub(crate) region: usize,
}

/// The blocks of a picture's words, in reading order.
pub(crate) fn seen_blocks(seen: &[SeenWord]) -> Vec<SeenBlock> {
    let mut blocks = blocks(words(seen));
    let numbers: Vec<(f32, f32)> = blocks
        .iter()
        .filter(|block| block.are_numbers)
        .flat_map(|block| &block.lines)
        .map(|line| (line.words[0].right, line.size))
        .collect();
    let is_rule = |word: &Word| {
        let near = |(right, size): &(f32, f32)| {
            word.left >= *right && word.right < right + RULE_WITHIN * size
        };
        word.text.chars().all(|character| RULE.contains(&character)) && numbers.iter().any(near)
    };
    for block in &mut blocks {
        for line in &mut block.lines {
            line.words.retain(|word| !is_rule(word));
        }
        block.lines.retain(|line| !line.words.is_empty());
    }
    let mut blocks: Vec<SeenBlock> = blocks
        .into_iter()
        .filter_map(|block| {
            let first = block.lines.first()?.area();
            let areas = block.lines.iter().map(Line::area);
            Some(SeenBlock {
                area: areas.fold(first, |whole, area| whole.joined(&area)),
                lines: block.lines,
                are_numbers: block.are_numbers,
                region: block.region,
            })
        })
        .collect();
    // Numbers are not to be read again with the text that they are beside.
    for index in 1..blocks.len() {
        let [before, text] = &mut blocks[index - 1..=index] else {
            continue;
        };
        if before.are_numbers && before.region == text.region {
            text.area.left = text.area.left.max(before.area.right + RULE_WITHIN);
        }
    }
    blocks
}

/// Each line has the baseline that most of its words have, so that a page that was laid askew keeps
/// the lines that recognition found.
fn words(seen: &[SeenWord]) -> Vec<Word> {
    let mut heights: Vec<f32> = seen.iter().map(|word| word.area.height()).collect();
    let middle = heights.len() / 2;
    if heights.is_empty() {
        return Vec::new();
    }
    let (_, height, _) = heights.select_nth_unstable_by(middle, f32::total_cmp);
    let size = FONT_HEIGHT * *height;
    let mut words = Vec::with_capacity(seen.len());
    for line in seen.chunk_by(|one, other| one.line == other.line) {
        let mut bottoms: Vec<f32> = line.iter().map(|word| word.area.bottom).collect();
        let middle = bottoms.len() / 2;
        let (_, baseline, _) = bottoms.select_nth_unstable_by(middle, f32::total_cmp);
        let baseline = *baseline;
        for word in line {
            words.push(Word {
                text: number_without_rule(&word.text).to_owned(),
                area: word.area,
                visible: true,
                left: word.area.left,
                right: word.area.right,
                baseline,
                size,
                order: words.len(),
                is_doubtful: word.is_doubtful(),
            });
        }
    }
    words
}

/// A line number as it is printed, when the rule beside it was read along with it.
fn number_without_rule(text: &str) -> &str {
    let number = text.trim_end_matches(RULE);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { number } else { text }
}
