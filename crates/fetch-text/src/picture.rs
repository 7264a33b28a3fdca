//! The picture of a page, as recognition wants it: grey, upright, at its own resolution.
//!
//! A scan is one stored picture. Decoding it is ten times cheaper than painting the page, and its
//! own pixels read better than resampled ones. Only a page that is put together from several
//! parts is painted.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use crate::choice::Reason;
use crate::layer::content::ContentLayer;
use crate::limits::Limits;
use crate::sight::{Area, PageSight, Picture};

/// Resolution at which a page is painted when nothing on it says better.
const RASTER_DOTS_PER_INCH: f32 = 300.0;
/// The lowest at which small print can still be read.
const LOWEST_DOTS_PER_INCH: f32 = 150.0;
/// A stored picture whose pixels are further from square than this is made so.
pub(crate) const SQUARE_PIXELS: f32 = 1.4;
/// And one whose pixels are this far from square is painted instead.
const FAR_FROM_SQUARE: f32 = 3.0;
/// A painted page must have at least this many pixels each way to be worth recognising.
const SMALLEST_SIDE: f32 = 8.0;
/// Points around a word that are painted over with it.
const WORD_RIM: f32 = 1.0;
/// Width and height of the picture that a recogniser is made ready with, in pixels.
const EMPTY_SIDE: u32 = 64;

/// A picture in 256 greys.
#[derive(Debug, Clone, PartialEq)]
pub struct GreyImage {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// One byte per pixel, row after row, 0 is black.
    pub pixels: Vec<u8>,
    /// Pixels per inch.
    pub dots_per_inch: f32,
}

impl GreyImage {
    /// A small white one.
    pub fn empty() -> Self {
        Self {
            width: EMPTY_SIDE,
            height: EMPTY_SIDE,
            pixels: vec![u8::MAX; (EMPTY_SIDE * EMPTY_SIDE) as usize],
            dots_per_inch: 200.0,
        }
    }
}

/// How to get a page's picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Means {
    /// Decode the stored picture with that position among those drawn.
    Stored(usize),
    /// Paint the page at that many dots per inch.
    Painted(f32),
}

/// Chooses how to get the picture of a page: its only stored one when that is all there is to
/// see besides the text that is kept anyway. `other_ink` says that there is visible text which is
/// not kept.
pub fn choose(page: &PageSight, other_ink: bool, limits: &Limits) -> Means {
    let mut candidates = page
        .pictures
        .iter()
        .enumerate()
        .filter(|(_, picture)| picture.could_hold_text());
    match (candidates.next(), candidates.next()) {
        (Some((index, only)), None)
            if !other_ink
                && page.curved_outlines < 5
                && is_plain(only)
                && stored_bytes(only) <= limits.image_bytes =>
        {
            Means::Stored(index)
        }
        _ => Means::Painted(resolution(page)),
    }
}

/// Whether painting the page would decode a picture far beyond the limit.
pub fn holds_a_bomb(page: &PageSight, limits: &Limits) -> bool {
    page.pictures
        .iter()
        .any(|picture| stored_bytes(picture) > 4 * limits.image_bytes)
}

/// Paints the page, and white over the places of words that are known already.
///
/// # Errors
/// [`Reason::PictureUnreadable`] when the page has no size that can be painted.
pub fn painted(
    layer: &ContentLayer<'_>,
    number: u32,
    dots_per_inch: f32,
    known: &[Area],
    limits: &Limits,
) -> Result<GreyImage, Reason> {
    let page = layer.page(number).ok_or(Reason::PictureUnreadable)?;
    let (width, height) = page.render_dimensions();
    let scale = fitting_scale(width, height, dots_per_inch / 72.0, limits);
    if width.min(height) * scale < SMALLEST_SIDE {
        return Err(Reason::PictureUnreadable);
    }
    let pixmap = render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: scale,
            y_scale: scale,
            bg_color: WHITE,
        },
    );
    let mut image = GreyImage {
        width: u32::from(pixmap.width()),
        height: u32::from(pixmap.height()),
        pixels: grey(pixmap.data_as_u8_slice(), 4),
        dots_per_inch: scale * 72.0,
    };
    for area in known {
        whiten(&mut image, area, scale);
    }
    Ok(image)
}

fn is_plain(picture: &Picture) -> bool {
    let area = &picture.area;
    let shown = area.width() / area.height().max(1.0);
    let stored = picture.pixel_width as f32 / picture.pixel_height.max(1) as f32;
    let stretched = |ratio: f32| !(1.0 / FAR_FROM_SQUARE..=FAR_FROM_SQUARE).contains(&ratio);
    // A picture that lies on its side has its sides swapped.
    picture.upright && !(stretched(shown / stored) && stretched(shown * stored))
}

/// Bytes of the picture once it is decoded.
fn stored_bytes(picture: &Picture) -> u64 {
    u64::from(picture.pixel_width) * u64::from(picture.pixel_height) * picture.components
}

/// The finest picture's resolution, within what recognition reads well.
fn resolution(page: &PageSight) -> f32 {
    let finest = page
        .pictures
        .iter()
        .filter(|picture| picture.could_hold_text())
        .map(Picture::dots_per_inch)
        .fold(0.0, f32::max);
    if finest == 0.0 || page.curved_outlines >= 5 || !page.glyphs.is_empty() {
        RASTER_DOTS_PER_INCH
    } else {
        finest.clamp(LOWEST_DOTS_PER_INCH, RASTER_DOTS_PER_INCH)
    }
}

fn fitting_scale(width: f32, height: f32, wanted: f32, limits: &Limits) -> f32 {
    let by_pixels = (limits.raster_pixels as f32 / (width * height).max(1.0)).sqrt();
    // The painter's coordinates are 16 bits wide.
    let by_side = 30_000.0 / width.max(height).max(1.0);
    wanted.min(by_pixels).min(by_side)
}

fn whiten(image: &mut GreyImage, area: &Area, scale: f32) {
    let pixel = |points: f32, most: u32| ((points * scale).max(0.0) as u32).min(most) as usize;
    let left = pixel(area.left - WORD_RIM, image.width);
    let right = pixel(area.right + WORD_RIM, image.width);
    let top = pixel(area.top - WORD_RIM, image.height);
    let bottom = pixel(area.bottom + WORD_RIM, image.height);
    for row in top..bottom {
        let start = row * image.width as usize;
        image.pixels[start + left..start + right.max(left)].fill(255);
    }
}

/// Greys of packed colours; a fourth component is ignored.
pub(crate) fn grey(colours: &[u8], components: usize) -> Vec<u8> {
    colours
        .chunks_exact(components)
        .map(|colour| {
            let [red, green, blue] = [colour[0], colour[1], colour[2]].map(u32::from);
            ((red * 77 + green * 150 + blue * 29) >> 8) as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(left: f32, top: f32, right: f32, bottom: f32, pixels: (u32, u32)) -> Picture {
        Picture {
            area: Area {
                left,
                top,
                right,
                bottom,
            },
            pixel_width: pixels.0,
            pixel_height: pixels.1,
            components: 1,
            upright: true,
        }
    }

    fn page(pictures: Vec<Picture>) -> PageSight {
        PageSight {
            width: 612.0,
            height: 792.0,
            pictures,
            ..PageSight::default()
        }
    }

    #[test]
    fn a_lone_scan_is_decoded_and_several_parts_are_painted() {
        let limits = Limits::default();
        let scan = picture(0.0, 0.0, 612.0, 792.0, (1700, 2200));
        let dot = picture(5.0, 5.0, 6.0, 6.0, (4, 4));
        let strip = picture(0.0, 0.0, 612.0, 396.0, (1700, 1100));
        let stretched = picture(0.0, 0.0, 612.0, 792.0, (6800, 550));
        let fax = picture(0.0, 0.0, 612.0, 792.0, (1728, 1078));
        let lying = picture(0.0, 0.0, 792.0, 612.0, (1700, 2200));
        let huge = picture(0.0, 0.0, 612.0, 792.0, (60_000, 60_000));
        let means = |pictures| choose(&page(pictures), false, &limits);
        assert_eq!(means(vec![dot, scan]), Means::Stored(1));
        assert_eq!(means(vec![lying]), Means::Stored(0));
        assert_eq!(
            choose(&page(vec![scan]), true, &limits),
            Means::Painted(200.0)
        );
        assert_eq!(means(vec![strip, strip]), Means::Painted(200.0));
        assert!(matches!(means(vec![stretched]), Means::Painted(_)));
        assert_eq!(means(vec![fax]), Means::Stored(0));
        assert!(matches!(means(vec![huge]), Means::Painted(_)));
        assert!(holds_a_bomb(&page(vec![huge]), &limits));
        assert_eq!(means(vec![]), Means::Painted(300.0));
    }

    #[test]
    fn a_raster_never_exceeds_its_limit() {
        let limits = Limits::default();
        let letter = fitting_scale(612.0, 792.0, 300.0 / 72.0, &limits);
        assert_eq!(letter, 300.0 / 72.0);
        for side in [14_400.0_f32, 1e9] {
            let scale = fitting_scale(side, side, 300.0 / 72.0, &limits);
            assert!(side * scale * side * scale <= 12_000_001.0);
        }
        let ribbon = fitting_scale(1e6, 10.0, 300.0 / 72.0, &limits);
        assert!(1e6 * ribbon <= 30_000.0);
    }

    #[test]
    fn known_words_are_painted_over() {
        let mut image = GreyImage {
            width: 10,
            height: 10,
            pixels: vec![0; 100],
            dots_per_inch: 72.0,
        };
        let area = Area {
            left: 3.0,
            top: 3.0,
            right: 5.0,
            bottom: 5.0,
        };
        whiten(&mut image, &area, 1.0);
        assert_eq!(
            image.pixels.iter().filter(|pixel| **pixel == 255).count(),
            16
        );
        let beyond = Area {
            left: -9.0,
            top: 8.0,
            right: 99.0,
            bottom: 99.0,
        };
        whiten(&mut image, &beyond, 1.0);
        assert_eq!(image.pixels[99], 255);
    }
}
