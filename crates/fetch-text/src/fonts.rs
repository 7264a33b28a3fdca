//! Fonts that do not say which characters their glyphs are, or say it wrongly.
//!
//! A font is judged by itself, because a page has several: a stamp that can be read above a body
//! that cannot. Where the codes of a lying font are the characters moved by one number, which is how
//! subsets keep the order of the font that they are from, they are moved back. Otherwise its glyphs
//! are unreadable, and the page is recognised.

mod decode;

use std::collections::{HashMap, HashSet};

use crate::layer::painted::Painted;
use crate::layout::Line;
use crate::quality::{Quality, is_unreadable};
use crate::sight::{Glyph, PageSight};
use crate::spelling::Spelling;

/// Fewer glyphs of a font say nothing about it.
const ENOUGH_GLYPHS: usize = 12;
/// Share of a font's drawn glyphs without a character above which it lies.
const UNREADABLE_SHARE: f32 = 0.3;
/// Different codes of a font for one character, on average, above which it lies: capitals and
/// small capitals are two.
const CODES_FOR_A_CHARACTER: f32 = 2.6;
const ENOUGH_CODES: usize = 8;
/// Share of a font's drawn glyphs, leaders apart, that are letters or digits: fewer, and it lies,
/// if much of the page is set in it. Fonts of signs are not.
const ALPHANUMERIC_SHARE: f32 = 0.45;
const MUCH_OF_THE_PAGE: f32 = 0.3;
/// Share of a page's glyphs that makes it worth a second look.
const SUSPECT_SHARE: f32 = 0.02;
/// Share of a page's glyphs that may be gaps.
const MOST_GAPS: f32 = 0.4;
/// And signs that are neither letters nor digits.
const MOST_SIGNS: f32 = 0.15;
/// Letters that a line has to have to be suspected, and bits a pair of them.
const LINE_LETTERS: u32 = 16;
const LINE_BITS: f32 = 4.7;
/// Share of a page's letters in suspected lines that makes it worth a second look.
const LINES_SHARE: f32 = 0.1;
/// A gap of this share of the font size parts words.
const WORD_GAP: f32 = 0.18;

/// What a glyph's character is.
enum Sort {
    Gap,
    /// Of which a line of contents or a form is full.
    Leader,
    Alphanumeric,
    Sign,
}

fn sort(glyph: &Glyph) -> Sort {
    match glyph.text.chars().next() {
        Some(character) if character.is_ascii_alphanumeric() => Sort::Alphanumeric,
        Some('.' | '_' | '-' | '…' | '·' | '–' | '—') => Sort::Leader,
        Some(character) if character.is_alphanumeric() && !is_unreadable(character) => {
            match character {
                // Letters to Unicode, which no word has.
                'ª' | 'º' | 'µ' | '²' | '³' | '¹' | '¼'..='¾' => Sort::Sign,
                _ => Sort::Alphanumeric,
            }
        }
        Some(character) if !character.is_whitespace() => Sort::Sign,
        _ => Sort::Gap,
    }
}

/// Whether a page's characters look as if a font were lying about them, told cheaply and from
/// little: another look then tells.
pub fn is_suspect(page: &PageSight, lines: &[Line]) -> bool {
    let glyphs = page.glyphs.len() as f32;
    if page.glyphs.len() < ENOUGH_GLYPHS {
        return false;
    }
    if page.unreadable_glyphs as f32 > SUSPECT_SHARE * glyphs {
        return true;
    }
    let (mut gaps, mut signs) = (0, 0);
    for glyph in &page.glyphs {
        match sort(glyph) {
            Sort::Gap => gaps += 1,
            Sort::Sign => signs += 1,
            Sort::Leader | Sort::Alphanumeric => {}
        }
    }
    if gaps as f32 > MOST_GAPS * glyphs || signs as f32 > MOST_SIGNS * glyphs {
        return true;
    }
    let (mut letters, mut suspected) = (0, 0);
    let mut few: HashSet<&str> = HashSet::new();
    for line in lines {
        let mut spelling = Spelling::default();
        for word in &line.words {
            spelling.add(&word.text);
        }
        letters += spelling.letters();
        if spelling.letters() >= LINE_LETTERS && spelling.bits() > LINE_BITS {
            suspected += spelling.letters();
        }
        if few.len() < ENOUGH_CODES {
            few.extend(line.words.iter().map(|word| word.text.as_str()));
        }
    }
    suspected as f32 > LINES_SHARE * letters as f32 || few.len() < ENOUGH_CODES
}

/// Decodes the glyphs of fonts that lie, and marks those that cannot be decoded as unreadable.
/// `painted` says of each glyph how it was asked for.
pub fn mend(page: &mut PageSight, painted: &[Painted]) {
    let mut fonts: HashMap<u128, Vec<usize>> = HashMap::new();
    for (index, glyph) in painted.iter().enumerate() {
        fonts.entry(glyph.font).or_default().push(index);
    }
    for indices in fonts.into_values() {
        let font = Font {
            glyphs: &page.glyphs,
            painted,
            indices: &indices,
        };
        if !font.lies() {
            continue;
        }
        let decoded = decode::decoded(&font);
        page.decoded_glyphs += decoded.as_ref().map_or(0, Vec::len);
        for (place, index) in indices.iter().enumerate() {
            page.glyphs[*index].text = match &decoded {
                Some(decoded) => decoded[place].to_string().into(),
                None if painted[*index].is_drawn => "\u{fffd}".into(),
                None => " ".into(),
            };
        }
    }
    let unreadable = |glyph: &&Glyph| glyph.text.chars().any(is_unreadable);
    page.unreadable_glyphs = page.glyphs.iter().filter(unreadable).count();
}

/// The glyphs of a font on a page.
struct Font<'page> {
    glyphs: &'page [Glyph],
    painted: &'page [Painted],
    indices: &'page [usize],
}

impl Font<'_> {
    fn drawn(&self) -> impl Iterator<Item = (&Glyph, &Painted)> {
        self.indices
            .iter()
            .map(|index| (&self.glyphs[*index], &self.painted[*index]))
            .filter(|(_, painted)| painted.is_drawn)
    }

    fn lies(&self) -> bool {
        let mut drawn = 0;
        let mut unreadable = 0;
        let (mut alphanumeric, mut leaders) = (0, 0);
        let mut codes: HashSet<u32> = HashSet::new();
        let mut texts: HashSet<&str> = HashSet::new();
        for (glyph, painted) in self.drawn() {
            drawn += 1;
            let known = glyph.is_inked() && !glyph.text.chars().any(is_unreadable);
            unreadable += usize::from(!known);
            match sort(glyph) {
                Sort::Alphanumeric => alphanumeric += 1,
                Sort::Leader => leaders += 1,
                Sort::Sign | Sort::Gap => {}
            }
            codes.insert(painted.code);
            texts.insert(&glyph.text);
        }
        if drawn < ENOUGH_GLYPHS {
            return false;
        }
        let is_much = drawn as f32 > MUCH_OF_THE_PAGE * self.glyphs.len() as f32;
        let are_signs = (alphanumeric as f32) < ALPHANUMERIC_SHARE * (drawn - leaders) as f32;
        let for_one = codes.len() as f32 / texts.len().max(1) as f32;
        unreadable as f32 > UNREADABLE_SHARE * drawn as f32
            || (is_much && are_signs && codes.len() >= ENOUGH_CODES)
            || (codes.len() >= ENOUGH_CODES && for_one > CODES_FOR_A_CHARACTER)
            || self.says_no_language()
    }

    fn says_no_language(&self) -> bool {
        let text = self.text(|place| {
            let index = self.indices[place];
            match self.painted[index].is_drawn {
                true => &*self.glyphs[index].text,
                false => " ",
            }
        });
        let quality = Quality::of_text(&text);
        quality.is_garbled()
    }

    /// What it says when each of its glyphs says that.
    fn text<'said>(&self, said: impl Fn(usize) -> &'said str) -> String {
        let mut text = String::with_capacity(self.indices.len() + self.indices.len() / 4);
        let mut before: Option<&Glyph> = None;
        for (place, index) in self.indices.iter().enumerate() {
            let glyph = &self.glyphs[*index];
            if before.is_some_and(|before| !follows(before, glyph)) {
                text.push(' ');
            }
            text.push_str(said(place));
            before = Some(glyph);
        }
        text
    }
}

/// Whether a glyph stands where the next one of the same word would.
fn follows(before: &Glyph, glyph: &Glyph) -> bool {
    let near = WORD_GAP * glyph.size.max(before.size);
    (glyph.start.0 - before.end.0).abs() <= near && (glyph.start.1 - before.end.1).abs() <= near
}
