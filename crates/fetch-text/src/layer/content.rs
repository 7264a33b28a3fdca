//! The first reader: `hayro` interprets the page, and a device notes what it draws.
//!
//! Nothing is painted and no picture is decoded here, so a page takes a fraction of a
//! millisecond to a few.

use hayro::hayro_interpret::font::{Glyph as FontGlyph, GlyphRun, PositionedGlyph};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::Name;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect};

use super::{LayerText, TextLayer};
use crate::layout;
use crate::quality::{Quality, is_unreadable};
use crate::sight::{Area, Glyph, PageSight, Picture};

/// Glyph coordinates are in thousandths of the font size.
const UNITS: f64 = 1000.0;

/// A document opened by the first reader.
pub struct ContentLayer<'pdf> {
    pdf: &'pdf Pdf,
    cache: InterpreterCache<'pdf>,
}

impl<'pdf> ContentLayer<'pdf> {
    /// Reads the pages of an open document, remembering its fonts between them.
    pub fn new(pdf: &'pdf Pdf) -> Self {
        Self {
            pdf,
            cache: InterpreterCache::new(),
        }
    }

    /// The page with that number (from 1).
    pub fn page(&self, number: u32) -> Option<&'pdf Page<'pdf>> {
        self.pdf.pages().get((number as usize).checked_sub(1)?)
    }

    /// What the page with that number shows; `None` when there is no such page.
    pub fn sight(&mut self, number: u32) -> Option<PageSight> {
        let mut witness = Witness::default();
        let (width, height) = self.show(number, &mut witness)?;
        witness.sight.width = width;
        witness.sight.height = height;
        Some(witness.sight)
    }

    /// Sends the content of a page to a device, placed in points from its upper left corner;
    /// gives the page's displayed width and height.
    pub fn show(&self, number: u32, device: &mut impl Device<'pdf>) -> Option<(f32, f32)> {
        let page = self.page(number)?;
        let (width, height) = page.render_dimensions();
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            Rect::new(0.0, 0.0, f64::from(width), f64::from(height)),
            &self.cache,
            page.xref(),
            InterpreterSettings::default(),
        );
        interpret_page(page, &mut context, device);
        Some((width, height))
    }
}

impl TextLayer for ContentLayer<'_> {
    fn page_text(&mut self, number: u32) -> Option<LayerText> {
        let sight = self.sight(number)?;
        let text = layout::text(&layout::lines(&sight.glyphs));
        let quality = Quality::of_text(&text);
        Some(LayerText { text, quality })
    }
}

/// Notes what a page draws.
#[derive(Default)]
struct Witness {
    sight: PageSight,
}

impl Witness {
    fn note_glyph(&mut self, glyph: &PositionedGlyph<'_>, to_page: Affine, visible: bool) {
        let text = characters(glyph);
        self.sight.unreadable_glyphs += usize::from(text.chars().any(is_unreadable));
        let placed = to_page * glyph.transform();
        let [a, b, c, d, _, _] = placed.as_coeffs();
        self.sight.glyphs.push(Glyph {
            text,
            start: point(placed * Point::ZERO),
            end: point(placed * Point::new(advance(glyph), 0.0)),
            angle: b.atan2(a).to_degrees() as f32,
            size: (c.hypot(d) * UNITS) as f32,
            visible,
        });
    }
}

impl<'a> Device<'a> for Witness {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let visible = !matches!(mode, DrawMode::Invisible);
        for glyph in run.glyphs() {
            self.note_glyph(glyph, props.transform, visible);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.sight.pictures.push(picture(&image, props.transform));
    }

    fn draw_path(&mut self, path: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        let mut curved = false;
        for element in path.elements() {
            match element {
                PathEl::MoveTo(_) => curved = false,
                PathEl::CurveTo(..) | PathEl::QuadTo(..) => {
                    self.sight.curves += 1;
                    self.sight.curved_outlines += usize::from(!curved);
                    curved = true;
                }
                PathEl::LineTo(_) | PathEl::ClosePath => {}
            }
        }
    }

    // A rectangle has no curves.
    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// How an image lies on the page.
pub(crate) fn picture(image: &Image<'_, '_>, to_page: Affine) -> Picture {
    let (width, height) = (image.width(), image.height());
    let stored = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let shown = to_page.transform_rect_bbox(stored);
    let [a, b, c, d, _, _] = to_page.as_coeffs();
    let tilt = (b.abs() + c.abs()).min(a.abs() + d.abs());
    Picture {
        area: Area {
            left: shown.x0 as f32,
            top: shown.y0 as f32,
            right: shown.x1 as f32,
            bottom: shown.y1 as f32,
        },
        pixel_width: width,
        pixel_height: height,
        components: components(image),
        upright: tilt < 0.01 * (a.abs() + b.abs() + c.abs() + d.abs()),
    }
}

/// Told from the dictionary, before anything is decoded; a colour picture when in doubt.
fn components(image: &Image<'_, '_>) -> u64 {
    let Image::Raster(raster) = image else {
        return 1;
    };
    let dictionary = raster.stream().dict();
    if dictionary.get::<u8>("BitsPerComponent") == Some(1) {
        return 1;
    }
    match dictionary.get::<Name<'_>>("ColorSpace").as_deref() {
        Some(b"DeviceGray") => 1,
        Some(b"DeviceCMYK") => 4,
        _ => 3,
    }
}

fn characters(glyph: &PositionedGlyph<'_>) -> String {
    match glyph.as_unicode() {
        Some(BfString::Char(character)) => character.to_string(),
        Some(BfString::String(characters)) => characters,
        None => '\u{fffd}'.to_string(),
    }
}

/// Width of a glyph in thousandths of its font size; half a size when the font does not say.
fn advance(glyph: &PositionedGlyph<'_>) -> f64 {
    let advance = match &**glyph {
        FontGlyph::Outline(outline) => outline.advance_width(),
        FontGlyph::Type3(shape) => shape.advance_width(),
    };
    f64::from(advance.unwrap_or(500.0))
}

fn point(point: Point) -> (f32, f32) {
    (point.x as f32, point.y as f32)
}
