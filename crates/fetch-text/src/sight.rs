//! What one page shows, seen in a single pass: its glyphs, pictures and curves, before anyone
//! decides what they mean.
//!
//! Places are in points (1/72 inch), from the top left corner of the page as it is displayed.

use std::borrow::Cow;

/// A rectangle on the page, in points, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Lower edge.
    pub bottom: f32,
}

impl Area {
    /// Width, never negative.
    pub fn width(&self) -> f32 {
        (self.right - self.left).max(0.0)
    }

    /// Height, never negative.
    pub fn height(&self) -> f32 {
        (self.bottom - self.top).max(0.0)
    }

    /// Square points.
    pub fn size(&self) -> f32 {
        self.width() * self.height()
    }

    /// The smallest area that holds both.
    pub fn joined(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The part that both share; empty when they do not meet.
    pub fn shared(&self, other: &Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// The middle.
    pub fn middle(&self) -> (f32, f32) {
        (
            (self.left + self.right) / 2.0,
            (self.top + self.bottom) / 2.0,
        )
    }

    /// Whether a point lies inside.
    pub fn holds(&self, (x, y): (f32, f32)) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }
}

/// White space that is none by another definition.
const VERTICAL_TAB: u8 = 0x0b;

/// One glyph as it was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Its characters; U+FFFD when the file does not say which they are.
    pub text: Cow<'static, str>,
    /// Where its baseline starts.
    pub start: (f32, f32),
    /// Where the next glyph would start.
    pub end: (f32, f32),
    /// Direction of the baseline in degrees, clockwise from left-to-right.
    pub angle: f32,
    /// Size of its font on the page, in points.
    pub size: f32,
    /// False for the invisible text of a searchable scan.
    pub visible: bool,
}

/// One picture as it was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picture {
    /// Its bounding box on the page.
    pub area: Area,
    /// Width of the stored picture, in pixels.
    pub pixel_width: u32,
    /// Height of the stored picture, in pixels.
    pub pixel_height: u32,
    /// Bytes of a decoded pixel.
    pub components: u64,
    /// Whether its edges run along the page's.
    pub upright: bool,
}

impl Picture {
    /// Whether it could hold a word: at least 18 × 8 points.
    pub fn could_hold_text(&self) -> bool {
        self.area.width() >= 18.0 && self.area.height() >= 8.0
    }

    /// Pixels per inch, in the finer direction: those of a fax are twice as high as wide.
    pub fn dots_per_inch(&self) -> f32 {
        let (width, height) = (self.area.width().max(1.0), self.area.height().max(1.0));
        let (across, down) = (self.pixel_width as f32, self.pixel_height as f32);
        let standing = (across / width, down / height);
        let lying = (down / width, across / height);
        let stretch =
            |(one, other): (f32, f32)| one.max(other) / one.min(other).max(f32::MIN_POSITIVE);
        let (one, other) = match stretch(standing) <= stretch(lying) {
            true => standing,
            false => lying,
        };
        72.0 * one.max(other)
    }
}

/// The colour of the glyphs from one on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// The first glyph that has it.
    pub first: usize,
    /// Red, green and blue; `None` for a pattern.
    pub colour: Option<Colour>,
}

/// Red, green and blue.
pub type Colour = [u8; 3];

/// A shape or picture that hides what was drawn there before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cover {
    /// Where it is.
    pub area: Area,
    /// Its colour; `None` for a pattern or a picture.
    pub colour: Option<Colour>,
    /// How many glyphs were drawn before it.
    pub after: usize,
}

/// Everything that the pass over a page noticed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageSight {
    /// Displayed width, in points.
    pub width: f32,
    /// Displayed height, in points.
    pub height: f32,
    /// Glyphs in the order of the content, overprinted ones once.
    pub glyphs: Vec<Glyph>,
    /// Glyphs that have no known character.
    pub unreadable_glyphs: usize,
    /// Pictures in the order of the content.
    pub pictures: Vec<Picture>,
    /// Outlines that have at least one curve, as letters turned into shapes have.
    pub curved_outlines: usize,
    /// Curve segments in all outlines.
    pub curves: usize,
    /// Glyphs whose characters were told from their codes, because their font does not say them.
    pub decoded_glyphs: usize,
    /// The colours of the glyphs: each goes from its glyph to the next one's.
    pub inks: Vec<Ink>,
    /// Filled shapes that hide what is under them, and pictures.
    pub covers: Vec<Cover>,
}

impl Glyph {
    /// Whether it has a character that is more than a gap.
    pub fn is_inked(&self) -> bool {
        match self.text.as_bytes() {
            [byte] => !char::from(*byte).is_ascii_whitespace() && *byte != VERTICAL_TAB,
            _ => !self.text.chars().all(char::is_whitespace),
        }
    }

    /// Its box: its advance by its font's usual height above and below the baseline.
    pub fn area(&self) -> Area {
        let (sine, cosine) = match self.angle == 0.0 {
            true => (0.0, 1.0),
            false => self.angle.to_radians().sin_cos(),
        };
        let up = (sine * self.size * 0.8, -cosine * self.size * 0.8);
        let down = (-sine * self.size * 0.25, cosine * self.size * 0.25);
        let ((from_x, from_y), (to_x, to_y)) = (self.start, self.end);
        Area {
            left: from_x.min(to_x) + up.0.min(down.0),
            top: from_y.min(to_y) + up.1.min(down.1),
            right: from_x.max(to_x) + up.0.max(down.0),
            bottom: from_y.max(to_y) + up.1.max(down.1),
        }
    }
}

impl PageSight {
    /// The page itself.
    pub fn area(&self) -> Area {
        Area {
            left: 0.0,
            top: 0.0,
            right: self.width,
            bottom: self.height,
        }
    }
}
