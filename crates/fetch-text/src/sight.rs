//! What one page shows, seen in a single pass: its glyphs, pictures and curves, before anyone
//! decides what they mean.
//!
//! Places are in points (1/72 inch), from the top left corner of the page as it is displayed.

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

    /// Whether a point lies inside.
    pub fn holds(&self, (x, y): (f32, f32)) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }
}

/// One glyph as it was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Its characters; U+FFFD when the file does not say which they are.
    pub text: String,
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

    /// Pixels per inch, the mean of both directions.
    pub fn dots_per_inch(&self) -> f32 {
        let across = self.pixel_width.max(self.pixel_height) as f32;
        72.0 * across / self.area.width().max(self.area.height()).max(1.0)
    }
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
