//! How glyphs were asked for and drawn, beside the characters that their fonts say they are: what
//! tells whether a font lies.

use std::collections::{HashMap, HashSet};

use hayro::hayro_interpret::CacheKey;
use hayro::hayro_interpret::font::{Glyph, PositionedGlyph};
use hayro::kurbo::Shape;

/// A glyph as the file asked for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Painted {
    /// Which font it is from. Fonts that cannot be told apart are one.
    pub font: u128,
    /// The code by which it was chosen.
    pub code: u32,
    /// Its width, in thousandths of the font size.
    pub advance: f32,
    /// Whether it has a shape: a space has none.
    pub is_drawn: bool,
}

/// More fonts than this on one page are glyphs that were shown one by one, and are taken for one.
const MOST_FONTS: usize = 12;

/// Notes glyphs as they are drawn.
#[derive(Default)]
pub(super) struct Painter {
    painted: Vec<Painted>,
    /// The font of the run, where the reader gives its bytes.
    font: Option<u128>,
    /// The kind of glyph before in the run.
    before: Option<usize>,
    /// Glyphs of one shape and code are of one kind, and kinds that were shown together of one font.
    kinds: HashMap<(u128, u32), usize>,
    /// For each kind another one of its font, or itself.
    fonts: Vec<usize>,
    drawn: Vec<bool>,
}

impl Painter {
    /// The glyphs that follow are from the font of this one.
    pub(super) fn begin_run(&mut self, first: &PositionedGlyph<'_>) {
        self.before = None;
        self.font = match &**first {
            Glyph::Outline(glyph) => glyph.font_data().map(|font| font.cache_key),
            Glyph::Type3(_) => None,
        };
    }

    pub(super) fn note(&mut self, glyph: &PositionedGlyph<'_>, advance: f32) {
        let code = glyph.char_code();
        let shape = match &**glyph {
            Glyph::Outline(glyph) => glyph.identifier().cache_key(),
            Glyph::Type3(glyph) => glyph.cache_key(),
        };
        let next = self.fonts.len();
        let kind = *self.kinds.entry((shape, code)).or_insert(next);
        if kind == next {
            self.fonts.push(kind);
            self.drawn.push(is_drawn(glyph));
        }
        if let Some(before) = self.before.replace(kind) {
            let (one, other) = (self.first_of(before), self.first_of(kind));
            self.fonts[one.max(other)] = one.min(other);
        }
        self.painted.push(Painted {
            font: self.font.unwrap_or(kind as u128),
            code,
            advance,
            is_drawn: self.drawn[kind],
        });
    }

    /// The first kind of the same font.
    fn first_of(&self, mut kind: usize) -> usize {
        while self.fonts[kind] != kind {
            kind = self.fonts[kind];
        }
        kind
    }

    /// One for each glyph.
    pub(super) fn painted(self) -> Vec<Painted> {
        let firsts: Vec<u128> = (0..self.fonts.len())
            .map(|kind| self.first_of(kind) as u128)
            .collect();
        let unnamed = |painted: &Painted| {
            usize::try_from(painted.font)
                .ok()
                .filter(|kind| *kind < firsts.len())
        };
        let fonts: HashSet<u128> = self
            .painted
            .iter()
            .filter_map(unnamed)
            .map(|kind| firsts[kind])
            .collect();
        let are_fonts = fonts.len() <= MOST_FONTS;
        let font = |painted: &Painted| match unnamed(painted) {
            Some(kind) if are_fonts => firsts[kind],
            Some(_) => 0,
            None => painted.font,
        };
        let painted = self.painted.iter();
        painted
            .map(|painted| Painted {
                font: font(painted),
                ..*painted
            })
            .collect()
    }
}

/// Whether a glyph has a shape. Those that are programs are taken for drawn.
fn is_drawn(glyph: &PositionedGlyph<'_>) -> bool {
    match &**glyph {
        Glyph::Outline(glyph) => {
            let shape = glyph.outline().bounding_box();
            shape.width() > 0.0 && shape.height() > 0.0
        }
        Glyph::Type3(_) => true,
    }
}
