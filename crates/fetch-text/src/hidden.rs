//! Text that is in the file and that a reader of the printed page does not see: under a box that
//! was drawn over it, or in the colour of what it stands on.
//!
//! It stays in the page's text, where any other program finds it too; that it is there is said
//! beside it, because those who publish a text must know.

use serde::{Deserialize, Serialize};

use crate::layout;
use crate::sight::{Area, Colour, Cover, Glyph, PageSight};

/// Colours that differ by no more than this in red, green and blue are one to a reader.
const SAME_COLOUR: u8 = 16;
const PAPER: Colour = [255; 3];
/// Fewer letters and digits under a box are a rim that it touches.
const FEWEST_CHARACTERS: usize = 2;
/// Pieces of hidden text that are told of a page.
const MOST_PIECES: usize = 200;
/// And their bytes, together.
const MOST_BYTES: usize = 1 << 20;
/// A glyph drawn again within this share of its size is the same one.
const AGAIN: f32 = 0.25;

/// How text is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HiddenBy {
    /// A box was drawn over it.
    Box,
    /// It has the colour of what it stands on.
    Colour,
}

/// A piece of text that is not seen on the printed page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HiddenText {
    /// How it is hidden.
    pub by: HiddenBy,
    /// The box, or the place of the text: left, top, right and bottom, in points from the upper left
    /// corner of the page.
    pub area: [f32; 4],
    /// Its words.
    pub text: String,
}

/// What of a page's text is hidden.
pub fn hidden(page: &PageSight) -> Vec<HiddenText> {
    let mut found = under_boxes(page);
    found.extend(in_their_ground(page));
    found.truncate(MOST_PIECES);
    let mut room = MOST_BYTES;
    found.retain(|piece| {
        let fits = piece.text.len() <= room;
        room -= if fits { piece.text.len() } else { 0 };
        fits
    });
    found
}

/// Whether a page's hidden text is no more than [`hidden`] gives.
pub(crate) fn is_within_limits(hidden: &[HiddenText]) -> bool {
    let bytes: usize = hidden.iter().map(|piece| piece.text.len()).sum();
    hidden.len() <= MOST_PIECES && bytes <= MOST_BYTES
}

fn under_boxes(page: &PageSight) -> Vec<HiddenText> {
    let covers = |cover: &&Cover| cover.after > 0 && cover.colour.is_some();
    if !page.covers.iter().any(|cover| covers(&cover)) {
        return Vec::new();
    }
    let middles: Vec<(f32, f32)> = page
        .glyphs
        .iter()
        .map(|glyph| glyph.area().middle())
        .collect();
    let mut is_told = vec![false; page.glyphs.len()];
    let mut found = Vec::new();
    // A picture over text is a scan with its text below.
    for cover in page.covers.iter().filter(covers) {
        let mut under = Vec::new();
        for (index, glyph) in page.glyphs[..cover.after].iter().enumerate() {
            let is_under = glyph.visible && cover.area.holds(middles[index]);
            if is_under && !is_told[index] && !is_drawn_again(glyph, &page.glyphs[cover.after..]) {
                is_told[index] = true;
                under.push(glyph.clone());
            }
        }
        found.extend(piece(HiddenBy::Box, &under, Some(cover.area)));
    }
    found
}

/// Whether a glyph is drawn once more, over the box.
fn is_drawn_again(glyph: &Glyph, later: &[Glyph]) -> bool {
    let near = AGAIN * glyph.size;
    later.iter().any(|again| {
        (again.start.0 - glyph.start.0).abs() < near
            && (again.start.1 - glyph.start.1).abs() < near
            && again.text == glyph.text
    })
}

fn in_their_ground(page: &PageSight) -> Vec<HiddenText> {
    let ends = page.inks.iter().skip(1).map(|ink| ink.first);
    let ends = ends.chain([page.glyphs.len()]);
    let mut alike: Vec<Glyph> = Vec::new();
    for (ink, end) in page.inks.iter().zip(ends) {
        let Some(colour) = ink.colour else { continue };
        // Most text is dark, and most grounds are not.
        let mut grounds = page.covers.iter().filter_map(|cover| cover.colour);
        if !is_same(colour, PAPER) && !grounds.any(|ground| is_same(colour, ground)) {
            continue;
        }
        for index in ink.first..end.min(page.glyphs.len()) {
            let glyph = &page.glyphs[index];
            let ground = ground(page, index, glyph.area().middle());
            if glyph.visible && ground.is_some_and(|ground| is_same(colour, ground)) {
                alike.push(glyph.clone());
            }
        }
    }
    let lines = layout::lines(&alike);
    lines
        .iter()
        .filter_map(|line| told(HiddenBy::Colour, line.text(), line.area()))
        .collect()
}

/// The colour on which a glyph stands; `None` on a picture or a pattern.
fn ground(page: &PageSight, index: usize, place: (f32, f32)) -> Option<Colour> {
    let before = page.covers.iter().rev();
    let mut below = before.filter(|cover: &&Cover| cover.after <= index);
    below
        .find(|cover| cover.area.holds(place))
        .map_or(Some(PAPER), |cover| cover.colour)
}

fn is_same(one: Colour, other: Colour) -> bool {
    one.iter()
        .zip(other)
        .all(|(one, other)| one.abs_diff(other) <= SAME_COLOUR)
}

fn piece(by: HiddenBy, glyphs: &[Glyph], area: Option<Area>) -> Option<HiddenText> {
    let lines = layout::lines(glyphs);
    let first = lines.first()?.area();
    let whole = lines
        .iter()
        .fold(first, |whole, line| whole.joined(&line.area()));
    told(by, layout::text(&lines), area.unwrap_or(whole))
}

fn told(by: HiddenBy, text: String, area: Area) -> Option<HiddenText> {
    let characters = text.chars().filter(|character| character.is_alphanumeric());
    let enough = characters.count() >= FEWEST_CHARACTERS;
    let tenth = |points: f32| (points * 10.0).round() / 10.0;
    enough.then(|| HiddenText {
        by,
        area: [area.left, area.top, area.right, area.bottom].map(tenth),
        text,
    })
}
