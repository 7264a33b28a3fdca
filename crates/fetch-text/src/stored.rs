//! A picture as it is stored in the file, decoded to greys and turned the way the page shows it.

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps, LumaData,
    SoftMask,
};
use hayro::kurbo::{Affine, BezPath};

use crate::choice::Reason;
use crate::layer::content::{self, ContentLayer};
use crate::limits::Limits;
use crate::picture::{GreyImage, SQUARE_PIXELS, grey};
use crate::shrink::{resampled, shrunk};
use crate::sight::Picture;

/// Decodes the picture with that position among those drawn on the page.
///
/// # Errors
/// [`Reason::PictureUnreadable`] when it cannot be decoded.
pub fn stored(
    layer: &ContentLayer<'_>,
    number: u32,
    index: usize,
    limits: &Limits,
) -> Result<GreyImage, Reason> {
    let mut taker = Taker {
        skip: index,
        taken: None,
    };
    layer.show(number, &mut taker);
    let image = taker.taken.ok_or(Reason::PictureUnreadable)?;
    Ok(within(image, limits.recognised_pixels))
}

/// A picture of at most that many pixels.
fn within(image: GreyImage, most: u64) -> GreyImage {
    let pixels = image.pixels.len() as f32;
    if pixels <= most as f32 {
        return image;
    }
    shrunk(&image, (most as f32 / pixels).sqrt())
}

/// Takes the picture with one position among those drawn.
struct Taker {
    skip: usize,
    taken: Option<GreyImage>,
}

impl<'a> Device<'a> for Taker {
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        if self.skip == 0 && self.taken.is_none() {
            let shown = content::picture(&image, props.transform);
            self.taken = decode(&image).map(|(width, height, pixels)| {
                upright(width, height, pixels, props.transform, &shown)
            });
        }
        self.skip = self.skip.saturating_sub(1);
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Width, height and greys of a stored picture on white paper.
fn decode(image: &Image<'_, '_>) -> Option<(u32, u32, Vec<u8>)> {
    let mut decoded = None;
    match image {
        Image::Stencil(stencil) => stencil.with_stencil(
            |ink, _| {
                let pixels = ink.data.iter().map(|ink| 255 - ink).collect();
                decoded = Some((ink.width, ink.height, pixels));
            },
            None,
        ),
        Image::Raster(raster) => raster.with_rgba(
            |colours, cover| {
                let (width, height) = (colours.width(), colours.height());
                let mut pixels = match colours {
                    ImageData::Rgb(colours) => grey(&colours.data, 3),
                    ImageData::Luma(greys) => greys.data,
                };
                lay_on_white(&mut pixels, cover.as_ref(), width, height);
                decoded = Some((width, height, pixels));
            },
            None,
        ),
    }
    decoded.filter(|(width, height, pixels)| {
        *width > 0 && *height > 0 && pixels.len() == *width as usize * *height as usize
    })
}

/// Only a cover of the same size is understood; another one leaves the picture as it is.
fn lay_on_white(pixels: &mut [u8], cover: Option<&LumaData>, width: u32, height: u32) {
    let Some(cover) = cover else { return };
    if (cover.width, cover.height) != (width, height) {
        return;
    }
    for (pixel, cover) in pixels.iter_mut().zip(&cover.data) {
        let (ink, cover) = (u32::from(255 - *pixel), u32::from(*cover));
        *pixel = 255 - (ink * cover / 255) as u8;
    }
}

/// Turns the rows of a stored picture the way the page shows them.
fn upright(
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    to_page: Affine,
    shown: &Picture,
) -> GreyImage {
    let [a, b, c, d, _, _] = to_page.as_coeffs();
    let lying = b.abs() > a.abs();
    let dots_per_inch = shown.dots_per_inch() * width.max(height) as f32
        / shown.pixel_width.max(shown.pixel_height).max(1) as f32;
    let (mirror_across, mirror_down) = if lying {
        (c < 0.0, b < 0.0)
    } else {
        (a < 0.0, d < 0.0)
    };
    let (across, down) = if lying {
        (height, width)
    } else {
        (width, height)
    };
    let [inches_across, inches_down] =
        [shown.area.width(), shown.area.height()].map(|points| points.max(1.0) / 72.0);
    let turned = if !lying && !mirror_across && !mirror_down {
        pixels
    } else {
        let from = |x: u32, y: u32| {
            let x = if mirror_across { across - 1 - x } else { x };
            let y = if mirror_down { down - 1 - y } else { y };
            let (column, row) = if lying { (y, x) } else { (x, y) };
            pixels[row as usize * width as usize + column as usize]
        };
        (0..down)
            .flat_map(|y| (0..across).map(move |x| (x, y)))
            .map(|(x, y)| from(x, y))
            .collect()
    };
    let image = GreyImage {
        width: across,
        height: down,
        pixels: turned,
        dots_per_inch,
    };
    squared(
        image,
        across as f32 / inches_across,
        down as f32 / inches_down,
    )
}

/// A picture whose pixels are as high as they are wide, and as many as before: those of a fax are
/// twice as high. The arguments are pixels to an inch.
fn squared(image: GreyImage, across: f32, down: f32) -> GreyImage {
    if across.max(down) <= SQUARE_PIXELS * across.min(down) {
        return image;
    }
    let both = (across * down).sqrt();
    let side = |pixels: u32, old: f32| ((pixels as f32 * both / old).round() as u32).max(1);
    let (width, height) = (side(image.width, across), side(image.height, down));
    GreyImage {
        dots_per_inch: both,
        ..resampled(&image, width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sight::Area;

    #[test]
    fn a_picture_is_turned_the_way_the_page_shows_it() {
        // Two rows: 1 2 3 above 4 5 6.
        let stored = vec![1, 2, 3, 4, 5, 6];
        let turned = |coefficients: [f64; 6]| {
            let lies = coefficients[0] == 0.0;
            let shown = Picture {
                area: Area {
                    left: 0.0,
                    top: 0.0,
                    right: if lies { 200.0 } else { 300.0 },
                    bottom: if lies { 300.0 } else { 200.0 },
                },
                pixel_width: 3,
                pixel_height: 2,
                components: 1,
                upright: true,
            };
            let image = upright(3, 2, stored.clone(), Affine::new(coefficients), &shown);
            (image.width, image.pixels)
        };
        assert_eq!(
            turned([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
            (3, vec![1, 2, 3, 4, 5, 6])
        );
        assert_eq!(
            turned([-1.0, 0.0, 0.0, -1.0, 0.0, 0.0]),
            (3, vec![6, 5, 4, 3, 2, 1])
        );
        // A quarter turn clockwise: the first column read upwards becomes the first row.
        assert_eq!(
            turned([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]),
            (2, vec![4, 1, 5, 2, 6, 3])
        );
        assert_eq!(
            turned([0.0, -1.0, 1.0, 0.0, 0.0, 0.0]),
            (2, vec![3, 6, 2, 5, 1, 4])
        );
    }
}
