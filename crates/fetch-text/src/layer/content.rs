//! The first reader: `hayro` interprets the page, and a device notes what it draws.
//!
//! Nothing is painted and no picture is decoded here, so a page takes a fraction of a
//! millisecond to a few.

use hayro::hayro_interpret::font::{Glyph as FontGlyph, GlyphRun, PositionedGlyph};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::Name;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape};

use super::cover;
use super::painted::{Painted, Painter};
use super::said::Said;
use super::{LayerText, TextLayer};
use crate::layout;
use crate::quality::Quality;
use crate::sight::{Area, Cover, Glyph, Ink, PageSight, Picture};

/// Glyph coordinates are in thousandths of the font size.
const UNITS: f64 = 1000.0;
/// A page smaller than this has lost its size, and says nothing of what lies outside of it.
const SMALLEST_PAGE: f32 = 18.0;
/// Points by which a glyph's middle may lie outside of what it is clipped to.
const CLIP_RIM: f64 = 1.0;
/// Shapes beyond so many are decoration.
const MOST_COVERS: usize = 2000;

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
        self.witnessed(number, None).map(|witness| witness.sight)
    }

    /// The same, and how each of its glyphs was asked for and drawn, which takes three times as
    /// long.
    pub fn sight_and_painted(&mut self, number: u32) -> Option<(PageSight, Vec<Painted>)> {
        let witness = self.witnessed(number, Some(Painter::default()))?;
        Some((witness.sight, witness.painter?.painted()))
    }

    fn witnessed(&self, number: u32, painter: Option<Painter>) -> Option<Witness> {
        let (width, height) = self.page(number)?.render_dimensions();
        let mut witness = Witness::of_page(width, height);
        witness.painter = painter;
        self.show(number, &mut witness)?;
        Some(witness)
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
    /// What is left of the page by each clip within which is drawn.
    clips: Vec<Rect>,
    page: Option<Rect>,
    painter: Option<Painter>,
    said: Said,
    /// How the glyph before lay: most lie as it does.
    lie: Lie,
}

/// The direction and size of a glyph, and the coefficients from which they were told.
#[derive(Default)]
struct Lie {
    coefficients: Coefficients,
    angle: f32,
    size: f32,
}

type Coefficients = (f64, f64, f64, f64);

impl Lie {
    fn of(coefficients: Coefficients) -> Self {
        let (a, b, c, d) = coefficients;
        Self {
            coefficients,
            angle: b.atan2(a).to_degrees() as f32,
            size: (c.hypot(d) * UNITS) as f32,
        }
    }

    fn is_of(&self, (a, b, c, d): Coefficients) -> bool {
        let known = &self.coefficients;
        known.0 == a && known.1 == b && known.2 == c && known.3 == d
    }
}

impl Witness {
    fn of_page(width: f32, height: f32) -> Self {
        let has_size = width.min(height) >= SMALLEST_PAGE;
        Self {
            sight: PageSight {
                width,
                height,
                ..PageSight::default()
            },
            page: has_size.then(|| Rect::new(0.0, 0.0, width.into(), height.into())),
            ..Self::default()
        }
    }

    /// What is printed of the page here.
    fn clip(&self) -> Option<Rect> {
        self.clips.last().copied().or(self.page)
    }

    fn push_clip(&mut self, clip: Rect) {
        let clip = self.clip().map_or(clip, |within| within.intersect(clip));
        self.clips.push(clip);
    }

    fn note_glyph(&mut self, glyph: &PositionedGlyph<'_>, to_page: Affine, visible: bool) {
        let placed = to_page * glyph.transform();
        let advance = advance(glyph);
        // Text that is clipped away is not printed.
        let middle = placed * Point::new(advance / 2.0, UNITS / 4.0);
        let printed = |clip: Rect| clip.inflate(CLIP_RIM, CLIP_RIM).contains(middle);
        if !self.clip().is_none_or(printed) {
            return;
        }
        let said = self.said.by(glyph);
        // Drawn it is a hyphen, and without a width it is not drawn.
        if said.is_soft_hyphen && advance == 0.0 {
            return;
        }
        if let Some(painter) = &mut self.painter {
            painter.note(glyph, advance as f32);
        }
        self.sight.unreadable_glyphs += usize::from(said.is_unreadable);
        let [a, b, c, d, _, _] = placed.as_coeffs();
        if !self.lie.is_of((a, b, c, d)) {
            self.lie = Lie::of((a, b, c, d));
        }
        self.sight.glyphs.push(Glyph {
            text: said.text.clone(),
            start: point(placed * Point::ZERO),
            end: point(placed * Point::new(advance, 0.0)),
            angle: self.lie.angle,
            size: self.lie.size,
            visible,
        });
    }

    fn note_ink(&mut self, props: &DrawProps<'_>) {
        let colour = cover::colour(&props.paint);
        if self
            .sight
            .inks
            .last()
            .is_none_or(|ink| ink.colour != colour)
        {
            self.sight.inks.push(Ink {
                first: self.sight.glyphs.len(),
                colour,
            });
        }
    }

    fn note_cover(&mut self, area: Option<Rect>, props: &DrawProps<'_>) {
        let hides = props.blend_mode == BlendMode::Normal && props.soft_mask.is_none();
        let area = area.filter(|_| hides && self.sight.covers.len() < MOST_COVERS);
        let Some(shown) = area.map(|area| props.transform.transform_rect_bbox(area)) else {
            return;
        };
        let shown = self.clip().map_or(shown, |clip| clip.intersect(shown));
        if shown.width() < cover::LEAST_SIDE || shown.height() < cover::LEAST_SIDE {
            return;
        }
        if cover::is_opaque(&props.paint) {
            self.sight.covers.push(Cover {
                area: area_of(shown),
                colour: cover::colour(&props.paint),
                after: self.sight.glyphs.len(),
            });
        }
    }
}

impl<'a> Device<'a> for Witness {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let visible = !matches!(mode, DrawMode::Invisible);
        self.note_ink(&props);
        self.said.begin_run();
        if let (Some(painter), Some(first)) = (&mut self.painter, run.glyphs().first()) {
            painter.begin_run(first);
        }
        for glyph in run.glyphs() {
            self.note_glyph(glyph, props.transform, visible);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let picture = picture(&image, props.transform);
        self.sight.covers.push(Cover {
            area: picture.area,
            colour: None,
            after: self.sight.glyphs.len(),
        });
        self.sight.pictures.push(picture);
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.note_cover(cover::extent(path, mode), &props);
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
    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        let filled = matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..));
        self.note_cover(filled.then_some(*rect), &props);
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.push_clip(clip.path.bounding_box());
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.push_clip(*rect);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
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
        area: area_of(shown),
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

/// Width of a glyph in thousandths of its font size; half a size when the font does not say.
fn advance(glyph: &PositionedGlyph<'_>) -> f64 {
    let advance = match &**glyph {
        FontGlyph::Outline(outline) => outline.advance_width(),
        FontGlyph::Type3(shape) => shape.advance_width(),
    };
    f64::from(advance.unwrap_or(500.0))
}

fn area_of(rect: Rect) -> Area {
    Area {
        left: rect.x0 as f32,
        top: rect.y0 as f32,
        right: rect.x1 as f32,
        bottom: rect.y1 as f32,
    }
}

fn point(point: Point) -> (f32, f32) {
    (point.x as f32, point.y as f32)
}
