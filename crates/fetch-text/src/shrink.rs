//! Pictures made smaller before recognition.
//!
//! The recogniser brings every line to the same height by itself, so pixels beyond what print
//! needs cost time and give nothing. The mean of the pixels that fall together keeps thin strokes
//! as greys, which dropping pixels would not.

use crate::picture::GreyImage;

/// Print is read as well from this resolution as from a finer one. Measured, see
/// docs/DOCUMENTS.md.
const DOTS_PER_INCH: f32 = 200.0;
/// Less than this is not worth the work.
const WORTHWHILE: f32 = 0.9;
/// A picture is not brought below this width or height.
const SMALLEST_SIDE: u32 = 64;

/// How much smaller a picture can be made without loss, as new side over old; `None` when that is
/// next to nothing.
pub fn factor(image: &GreyImage) -> Option<f32> {
    let factor = DOTS_PER_INCH / image.dots_per_inch.max(1.0);
    let small = image.width.min(image.height) as f32 * factor < SMALLEST_SIDE as f32;
    (factor < WORTHWHILE && !small).then_some(factor)
}

/// The picture made smaller: each new pixel is the mean of the old ones under it.
pub fn shrunk(image: &GreyImage, factor: f32) -> GreyImage {
    let side = |old: u32| ((old as f32 * factor) as u32).clamp(1, old.max(1));
    resampled(image, side(image.width), side(image.height))
}

/// The picture with so many pixels across and down. In a direction that has fewer than before, each
/// is the mean of the old ones under it; where it has more, it lies between the two next to it.
pub fn resampled(image: &GreyImage, width: u32, height: u32) -> GreyImage {
    let across = spans(image.width, width);
    let pixels = match across.iter().map(|span| span.weights.len()).max() {
        Some(..=2) => rows(image, height, &short::<2>(&across), Short::mean),
        Some(3) => rows(image, height, &short::<3>(&across), Short::mean),
        _ => rows(image, height, &across, Span::mean),
    };
    GreyImage {
        width,
        height,
        pixels,
        dots_per_inch: image.dots_per_inch * height as f32 / image.height.max(1) as f32,
    }
}

/// So many rows of a picture, each of the means over those spans across.
fn rows<Over>(
    image: &GreyImage,
    height: u32,
    across: &[Over],
    mean: impl Fn(&Over, &[u32]) -> u8,
) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(across.len() * height as usize);
    let width = image.width as usize;
    // A short span may go beyond the last one, where it weighs nothing.
    let mut sums = vec![0_u32; width + LONGEST_SHORT];
    for span in &spans(image.height, height) {
        span.sum_rows(image, &mut sums[..width]);
        pixels.extend(across.iter().map(|over| mean(over, &sums)));
    }
    pixels
}

/// The weights of a span add up to two to this power.
const WEIGHT_BITS: u32 = 12;
/// Weights of the longest span that is a short one.
const LONGEST_SHORT: usize = 3;

/// The old pixels under a new one, in one direction.
struct Span {
    first: usize,
    weights: Vec<u16>,
}

impl Span {
    /// Adds up its rows of a picture, each by its weight.
    fn sum_rows(&self, image: &GreyImage, sums: &mut [u32]) {
        let width = sums.len();
        let row = |place: usize| &image.pixels[(self.first + place) * width..][..width];
        // In 16 bits, of which a processor multiplies most at once.
        let weighed = |pixel: u8, weight: u16| u32::from(u16::from(pixel)) * u32::from(weight);
        if let [one, other] = *self.weights.as_slice() {
            for ((sum, upper), lower) in sums.iter_mut().zip(row(0)).zip(row(1)) {
                *sum = weighed(*upper, one) + weighed(*lower, other);
            }
            return;
        }
        sums.fill(0);
        for (place, weight) in self.weights.iter().enumerate() {
            for (sum, pixel) in sums.iter_mut().zip(row(place)) {
                *sum += weighed(*pixel, *weight);
            }
        }
    }

    /// The mean over it of the sums of rows.
    fn mean(&self, sums: &[u32]) -> u8 {
        mean(&sums[self.first..], &self.weights)
    }
}

/// A span of so many weights, of which the last may be nothing: with those at hand a mean takes half
/// the time.
struct Short<const WEIGHTS: usize> {
    first: u32,
    weights: [u16; WEIGHTS],
}

impl<const WEIGHTS: usize> Short<WEIGHTS> {
    #[inline]
    fn mean(&self, sums: &[u32]) -> u8 {
        mean(&sums[self.first as usize..], &self.weights)
    }
}

/// The same spans, none of which has more weights.
fn short<const WEIGHTS: usize>(spans: &[Span]) -> Vec<Short<WEIGHTS>> {
    let short = |span: &Span| {
        let mut weights = [0; WEIGHTS];
        weights[..span.weights.len()].copy_from_slice(&span.weights);
        Short {
            first: span.first as u32,
            weights,
        }
    };
    spans.iter().map(short).collect()
}

#[inline]
fn mean(sums: &[u32], weights: &[u16]) -> u8 {
    let sums = &sums[..weights.len()];
    let mut sum = 1 << (2 * WEIGHT_BITS - 1);
    for (place, weight) in weights.iter().enumerate() {
        sum += u64::from(sums[place]) * u64::from(*weight);
    }
    (sum >> (2 * WEIGHT_BITS)).min(255) as u8
}

/// The spans of `new` pixels over `old` ones.
fn spans(old: u32, new: u32) -> Vec<Span> {
    let step = f64::from(old) / f64::from(new);
    let whole = f64::from(1 << WEIGHT_BITS);
    if new > old {
        return (0..new).map(|index| between(index, step, old)).collect();
    }
    (0..new)
        .map(|index| {
            let (start, end) = (f64::from(index) * step, f64::from(index + 1) * step);
            let first = start as usize;
            let last = ((end.ceil() as usize).max(first + 1)).min(old as usize);
            let weights = (first..last)
                .map(|pixel| {
                    let covered = end.min(pixel as f64 + 1.0) - start.max(pixel as f64);
                    (covered.max(0.0) / step * whole).round() as u16
                })
                .collect();
            Span { first, weights }
        })
        .collect()
}

/// The two old pixels next to the middle of a new one.
fn between(index: u32, step: f64, old: u32) -> Span {
    let whole = 1 << WEIGHT_BITS;
    let middle = ((f64::from(index) + 0.5) * step - 0.5).clamp(0.0, f64::from(old.max(1) - 1));
    let first = middle as usize;
    let second = ((middle - first as f64) * f64::from(whole)).round() as u16;
    let weights = match first + 1 < old as usize {
        true => vec![whole - second, second],
        false => vec![whole],
    };
    Span { first, weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: u32, height: u32, pixels: Vec<u8>) -> GreyImage {
        GreyImage {
            width,
            height,
            pixels,
            dots_per_inch: 300.0,
        }
    }

    #[test]
    fn each_pixel_is_the_mean_of_what_is_under_it() {
        let wide = image(4, 2, vec![0, 0, 200, 200, 0, 0, 100, 100]);
        let half = shrunk(&wide, 0.5);
        assert_eq!((half.width, half.height, half.pixels), (2, 1, vec![0, 150]));
        assert_eq!(half.dots_per_inch, 150.0);
        // Two pixels over three: the middle one is shared.
        let thirds = shrunk(&image(3, 3, [[30, 60, 90]; 3].concat()), 0.67);
        assert_eq!(thirds.pixels, [40, 80, 40, 80]);
    }

    #[test]
    fn pixels_that_are_added_lie_between_the_old_ones() {
        let taller = resampled(&image(1, 2, vec![0, 200]), 1, 4);
        assert_eq!(taller.pixels, [0, 50, 150, 200]);
        let squared = resampled(&image(4, 2, vec![0, 0, 200, 200, 0, 0, 100, 100]), 2, 4);
        assert_eq!(squared.pixels, [0, 200, 0, 175, 0, 125, 0, 100]);
    }

    #[test]
    fn white_stays_white_at_any_factor() {
        let page = image(997, 1003, vec![255; 997 * 1003]);
        for factor in [0.31, 0.5, 0.77, 0.999] {
            let smaller = shrunk(&page, factor);
            assert!(smaller.pixels.iter().all(|pixel| *pixel >= 254));
            assert_eq!(
                smaller.pixels.len(),
                smaller.width as usize * smaller.height as usize
            );
        }
    }

    #[test]
    fn only_what_is_finer_than_print_needs_is_made_smaller() {
        let at = |dots_per_inch| {
            factor(&GreyImage {
                dots_per_inch,
                ..image(1700, 2200, Vec::new())
            })
        };
        assert_eq!(at(300.0), Some(2.0 / 3.0));
        assert_eq!(at(600.0), Some(1.0 / 3.0));
        assert_eq!(at(200.0), None);
        assert_eq!(at(f32::NAN), None);
        let tiny = GreyImage {
            dots_per_inch: 600.0,
            ..image(100, 40, Vec::new())
        };
        assert_eq!(factor(&tiny), None);
    }
}
