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
    let down = spans(image.height, height);
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    let mut sums = vec![0_u32; image.width as usize];
    for span in &down {
        sums.fill(0);
        for (row, weight) in span.weights() {
            let start = row * image.width as usize;
            let row = &image.pixels[start..start + sums.len()];
            for (sum, pixel) in sums.iter_mut().zip(row) {
                *sum += u32::from(*pixel) * weight;
            }
        }
        let mean = |span: &Span| {
            let sum: u64 = span
                .weights()
                .map(|(column, weight)| u64::from(sums[column]) * u64::from(weight))
                .sum();
            ((sum + (1 << (2 * WEIGHT_BITS - 1))) >> (2 * WEIGHT_BITS)).min(255) as u8
        };
        pixels.extend(across.iter().map(mean));
    }
    GreyImage {
        width,
        height,
        pixels,
        dots_per_inch: image.dots_per_inch * height as f32 / image.height.max(1) as f32,
    }
}

/// The weights of a span add up to two to this power.
const WEIGHT_BITS: u32 = 12;

/// The old pixels under a new one, in one direction.
struct Span {
    first: usize,
    weights: Vec<u32>,
}

impl Span {
    fn weights(&self) -> impl Iterator<Item = (usize, u32)> {
        let numbered = self.weights.iter().enumerate();
        numbered.map(|(index, weight)| (self.first + index, *weight))
    }
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
                    (covered.max(0.0) / step * whole).round() as u32
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
    let second = ((middle - first as f64) * f64::from(whole)).round() as u32;
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
