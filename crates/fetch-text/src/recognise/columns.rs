//! Pages of several columns: found from the places of the words at a first look, and read again,
//! each column by itself. A line that runs across columns is neither's.

use super::{RecogniseError, Recognised, Recogniser, SeenWord, Segmentation};
use crate::layout::{
    self,
    seen::{RULE, SeenBlock},
};
use crate::picture::GreyImage;
use crate::quality::clean;
use crate::sight::Area;

/// A block of fewer lines is what the first look made of it.
const FEWEST_LINES: usize = 4;
/// Share of the words that are right of the one before.
const FORWARD: f32 = 0.9;
/// Pixels around a block that are looked at with it.
const RIM: f32 = 6.0;

/// The words in reading order; those of columns from a look at each.
pub(super) fn read_apart(
    engine: &mut dyn Recogniser,
    image: &GreyImage,
    first: Recognised,
) -> Result<Recognised, RecogniseError> {
    if !is_upright(&first.words) {
        return Ok(first);
    }
    let blocks = layout::seen::seen_blocks(&first.words);
    let columns = blocks.last().map_or(0, |last| last.region);
    if columns == 0 {
        return Ok(match blocks.iter().any(|block| block.are_numbers) {
            true => Recognised::with_text(said(&blocks), first.words),
            false => first,
        });
    }
    let mut texts = Vec::new();
    let mut words: Vec<SeenWord> = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        if block.are_numbers || block.lines.len() < FEWEST_LINES {
            texts.push(layout::text(&block.lines));
            words.extend(within(&first.words, &block.area));
            continue;
        }
        let read = engine.look(&part(image, &block.area), Segmentation::Block)?;
        let read = super::sift::without_rubble(read);
        let again = layout::seen::seen_blocks(&read.words);
        let text = match again.iter().any(|block| block.are_numbers) {
            true => said(&again),
            false => read.text,
        };
        let is_numbered = place > 0 && blocks[place - 1].are_numbers;
        texts.push(if is_numbered {
            without_rules(&text)
        } else {
            text
        });
        words.extend(read.words);
    }
    texts.retain(|text| !text.is_empty());
    Ok(Recognised::with_text(clean(&texts.join("\n\n")), words))
}

fn said(blocks: &[SeenBlock]) -> String {
    clean(&layout::text(blocks.iter().flat_map(|block| &block.lines)))
}

/// Whether words follow each other to the right: on a page that lies on its side, and was read with
/// its orientation looked for, they do not.
fn is_upright(words: &[SeenWord]) -> bool {
    let pairs = words.windows(2).filter(|pair| pair[0].line == pair[1].line);
    let (mut all, mut forward) = (0, 0);
    for pair in pairs {
        all += 1;
        forward += usize::from(pair[1].area.middle().0 > pair[0].area.right);
    }
    forward as f32 >= FORWARD * all as f32
}

/// Numbered lines without the rules at their sides.
fn without_rules(text: &str) -> String {
    let side = |character: char| RULE.contains(&character) || character == ' ';
    let lines = text.lines().map(|line| {
        let line = match line.split_once(' ') {
            Some((rule, rest)) if rule.chars().all(side) => rest,
            _ => line,
        };
        match line.rsplit_once(' ') {
            Some((rest, rule)) if rule.chars().all(side) => rest,
            _ => line,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn within(words: &[SeenWord], area: &Area) -> impl Iterator<Item = SeenWord> {
    let area = *area;
    let inside = move |word: &&SeenWord| area.holds(word.area.middle());
    words
        .iter()
        .filter(inside)
        .cloned()
        .collect::<Vec<_>>()
        .into_iter()
}

/// A part of a picture.
fn part(image: &GreyImage, area: &Area) -> GreyImage {
    let place = |pixels: f32, most: u32| (pixels.max(0.0) as u32).min(most) as usize;
    let (left, right) = (
        place(area.left - RIM, image.width),
        place(area.right + RIM, image.width),
    );
    let (top, bottom) = (
        place(area.top - RIM, image.height),
        place(area.bottom + RIM, image.height),
    );
    let width = image.width as usize;
    let rows =
        (top..bottom.max(top)).map(|row| &image.pixels[row * width..][left..right.max(left)]);
    GreyImage {
        width: right.saturating_sub(left) as u32,
        height: bottom.saturating_sub(top) as u32,
        pixels: rows.flatten().copied().collect(),
        dots_per_inch: image.dots_per_inch,
    }
}
