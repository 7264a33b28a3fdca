//! Whether anything is printed on a picture, told from its pixels before time is spent on reading
//! it. Paper that was scanned in grey is never white, and noise is read as words.

use crate::picture::GreyImage;
use crate::shrink::shrunk;

/// Print is sought at this resolution, where a letter still has a shape and noise is evened out.
const DOTS_PER_INCH: f32 = 100.0;
/// Greys by which print differs from its paper at least, and noises of the paper.
const LEAST_CONTRAST: u8 = 14;
const NOISES: f32 = 6.0;
/// Print that differs by less is faint, as what shines through from the other side is.
const FAINT_CONTRAST: u8 = 60;
/// Share of the pixels that may be darker without being print: dust.
const DUST: f32 = 0.000_02;
/// A letter's height, in pixels at that resolution: 3 points to an inch and a half.
const LETTER_ROWS: std::ops::RangeInclusive<usize> = 4..=150;
/// A letter's width at most, or that of letters that touch: a fold goes all across.
const LETTER_COLUMNS: usize = 250;
/// Dark pixels in a letter at least.
const LETTER_PIXELS: usize = 6;
/// The paper's grey is sought apart in squares of so many pixels.
const SQUARE: usize = 50;

/// Print for sure: of every so many pixels, away from the edges, this share is so much darker than
/// the rest.
const SAMPLE_ROWS: usize = 7;
const SAMPLE_COLUMNS: usize = 9;
const RIM_PART: usize = 20;
const SURE_CONTRAST: usize = 90;
const SURE_SHARE: f32 = 0.004;

/// How much a picture has on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// Nothing.
    None,
    /// Something faint.
    Faint,
    /// Print.
    Print,
}

/// How much is on a picture.
pub fn ink(image: &GreyImage) -> Ink {
    if is_surely_print(image) {
        return Ink::Print;
    }
    let factor = DOTS_PER_INCH / image.dots_per_inch.max(1.0);
    let small = match factor < 0.9 {
        true => &shrunk(image, factor),
        false => image,
    };
    let (width, height) = (small.width as usize, small.height as usize);
    if width < SQUARE || height < SQUARE {
        return Ink::Print;
    }
    let contrast = contrasts(&small.pixels, width);
    let noise = noise(&contrast);
    let least = (NOISES * noise).clamp(f32::from(LEAST_CONTRAST), 255.0) as u8;
    let dark = contrast
        .iter()
        .filter(|contrast| **contrast >= least)
        .count();
    if (dark as f32) < DUST * contrast.len() as f32 || !has_a_letter(&contrast, width, least) {
        return Ink::None;
    }
    let print = contrast
        .iter()
        .filter(|contrast| **contrast >= FAINT_CONTRAST)
        .count();
    match (print as f32) < DUST * contrast.len() as f32 {
        true => Ink::Faint,
        false => Ink::Print,
    }
}

/// Whether so much of a picture is so dark that it cannot be paper alone: what most scans are, told
/// from a part of their pixels.
fn is_surely_print(image: &GreyImage) -> bool {
    let mut counts = [0_u32; 256];
    let (width, height) = (image.width as usize, image.height as usize);
    // The edges show the glass, or what lay below the paper.
    let (columns, rows) = (width / RIM_PART, height / RIM_PART);
    for row in (rows..height - rows).step_by(SAMPLE_ROWS) {
        let row = &image.pixels[row * width..(row + 1) * width];
        for pixel in row[columns..width - columns].iter().step_by(SAMPLE_COLUMNS) {
            counts[usize::from(*pixel)] += 1;
        }
    }
    let paper = median(&counts);
    let differ = |grey: &usize| grey.abs_diff(usize::from(paper)) >= SURE_CONTRAST;
    let dark: u32 = (0..256).filter(differ).map(|grey| counts[grey]).sum();
    dark as f32 > SURE_SHARE * counts.iter().sum::<u32>() as f32
}

/// How much each pixel differs from the usual grey of the square that it is in.
fn contrasts(pixels: &[u8], width: usize) -> Vec<u8> {
    let mut contrasts = vec![0; pixels.len()];
    let height = pixels.len() / width;
    for top in (0..height).step_by(SQUARE) {
        for left in (0..width).step_by(SQUARE) {
            let rows = top..(top + SQUARE).min(height);
            let right = (left + SQUARE).min(width);
            let mut counts = [0_u32; 256];
            for row in rows.clone() {
                for pixel in &pixels[row * width + left..row * width + right] {
                    counts[usize::from(*pixel)] += 1;
                }
            }
            let paper = median(&counts);
            for row in rows {
                for place in row * width + left..row * width + right {
                    contrasts[place] = pixels[place].abs_diff(paper);
                }
            }
        }
    }
    contrasts
}

fn median(counts: &[u32; 256]) -> u8 {
    let half = counts.iter().sum::<u32>() / 2;
    let mut sum = 0;
    let place = counts.iter().position(|count| {
        sum += count;
        sum > half
    });
    place.unwrap_or(255) as u8
}

/// The usual contrast of paper with itself: what half of the pixels stay below, which for noise is
/// two thirds of its deviation.
fn noise(contrasts: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for contrast in contrasts {
        counts[usize::from(*contrast)] += 1;
    }
    f32::from(median(&counts)) * 1.5
}

/// Whether dark pixels hang together as a letter's do.
fn has_a_letter(contrasts: &[u8], width: usize, least: u8) -> bool {
    let mut is_seen = vec![false; contrasts.len()];
    let mut open = Vec::new();
    for start in 0..contrasts.len() {
        if contrasts[start] < least || is_seen[start] {
            continue;
        }
        is_seen[start] = true;
        open.push(start);
        let (mut pixels, mut top, mut bottom) = (0, start / width, start / width);
        let (mut left, mut right) = (start % width, start % width);
        while let Some(place) = open.pop() {
            pixels += 1;
            top = top.min(place / width);
            bottom = bottom.max(place / width);
            left = left.min(place % width);
            right = right.max(place % width);
            for next in around(place, width, contrasts.len()) {
                if contrasts[next] >= least && !is_seen[next] {
                    is_seen[next] = true;
                    open.push(next);
                }
            }
        }
        let is_as_wide = right - left < LETTER_COLUMNS;
        if pixels >= LETTER_PIXELS && LETTER_ROWS.contains(&(bottom - top + 1)) && is_as_wide {
            return true;
        }
    }
    false
}

fn around(place: usize, width: usize, pixels: usize) -> impl Iterator<Item = usize> {
    let column = place % width;
    (-1_isize..=1).flat_map(move |down| {
        (-1_isize..=1).filter_map(move |across| {
            let column = column
                .checked_add_signed(across)
                .filter(|column| *column < width)?;
            let row = (place / width).checked_add_signed(down)?;
            let next = row * width + column;
            (next < pixels && next != place).then_some(next)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(grey: u8, noise: u32) -> GreyImage {
        // Numbers that are random enough, and the same in every run.
        let mut state = 0x2545_f491_u32;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let pixels = (0..425 * 550)
            .map(|_| {
                let four = (0..4).map(|_| random() % (noise + 1)).sum::<u32>() / 2;
                (u32::from(grey) + four).saturating_sub(noise).min(255) as u8
            })
            .collect();
        GreyImage {
            width: 425,
            height: 550,
            pixels,
            dots_per_inch: 100.0,
        }
    }

    fn mark(image: &mut GreyImage, grey: u8, left: usize, (columns, rows): (usize, usize)) {
        for row in 100..100 + rows {
            let start = row * image.width as usize + left;
            image.pixels[start..start + columns].fill(grey);
        }
    }

    #[test]
    fn noisy_paper_is_blank() {
        for grey in [120, 200, 250] {
            for noise in [0, 1, 4, 8, 16] {
                assert_eq!(ink(&paper(grey, noise)), Ink::None, "{grey} with {noise}");
            }
        }
    }

    #[test]
    fn a_page_number_is_print_and_the_shine_of_one_is_faint() {
        for grey in [200, 250] {
            let mut page = paper(grey, 4);
            mark(&mut page, 40, 200, (2, 9));
            mark(&mut page, 40, 206, (2, 9));
            assert_eq!(ink(&page), Ink::Print, "on {grey}");
            let mut page = paper(grey, 2);
            mark(&mut page, grey - 35, 200, (2, 9));
            assert_eq!(ink(&page), Ink::Faint, "on {grey}");
        }
    }

    #[test]
    fn white_on_black_is_print() {
        let mut page = paper(10, 4);
        mark(&mut page, 230, 200, (2, 9));
        assert_eq!(ink(&page), Ink::Print);
    }

    #[test]
    fn dust_and_the_edge_of_the_glass_are_not() {
        let mut page = paper(250, 2);
        mark(&mut page, 60, 200, (1, 2));
        mark(&mut page, 60, 0, (2, 450));
        assert_eq!(ink(&page), Ink::None);
    }
}
