//! Pictures of pages, as a scanner at 200 dots per inch would make them.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, Luma};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, RasterizedChar, get_raster};

use crate::dice::Dice;

/// Pixels across: 8.5 inches.
pub const WIDTH: u32 = 1700;
/// Pixels down: 11 inches.
pub const HEIGHT: u32 = 2200;

const LEFT: u32 = 150;
const TOP: u32 = 190;
const LINE_PIXELS: u32 = 46;

/// Grey above this is paper in a one-bit picture.
const THRESHOLD: u8 = 140;

/// Paints the words onto slightly dirty paper.
pub fn paint(words: &str, dice: &mut Dice) -> GrayImage {
    let paper = 242 + dice.below(12) as u8;
    let mut picture = GrayImage::from_pixel(WIDTH, HEIGHT, Luma([paper]));
    for (row, line) in words.lines().enumerate() {
        write_line(&mut picture, line, TOP + row as u32 * LINE_PIXELS);
    }
    speckle(&mut picture, dice);
    picture
}

fn write_line(picture: &mut GrayImage, line: &str, top: u32) {
    let mut left = LEFT;
    for letter in line.chars() {
        let Some(shape) = shape(letter) else { continue };
        stamp(picture, &shape, left, top);
        left += shape.width() as u32;
    }
}

/// Letters that the typeface lacks are written as a question mark.
fn shape(letter: char) -> Option<RasterizedChar> {
    let raster = |letter| get_raster(letter, FontWeight::Regular, RasterHeight::Size32);
    raster(letter).or_else(|| raster('?'))
}

fn stamp(picture: &mut GrayImage, shape: &RasterizedChar, left: u32, top: u32) {
    for (down, row) in shape.raster().iter().enumerate() {
        for (across, ink) in row.iter().enumerate() {
            let (x, y) = (left + across as u32, top + down as u32);
            if *ink > 0 && x < WIDTH && y < HEIGHT {
                let Luma([paper]) = *picture.get_pixel(x, y);
                picture.put_pixel(x, y, Luma([paper.saturating_sub(*ink)]));
            }
        }
    }
}

/// A few hundred grey specks, none next to another that would make a letter.
fn speckle(picture: &mut GrayImage, dice: &mut Dice) {
    for _ in 0..400 {
        let (x, y) = (
            dice.below(u64::from(WIDTH)) as u32,
            dice.below(u64::from(HEIGHT)) as u32,
        );
        picture.put_pixel(x, y, Luma([90 + dice.below(90) as u8]));
    }
}

/// The picture as a JPEG.
pub fn jpeg(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 70)
        .encode(picture.as_raw(), WIDTH, HEIGHT, ExtendedColorType::L8)
        .expect("a grey picture of this size can be encoded");
    bytes
}

/// The picture as rows of bits, one for paper.
pub fn one_bit(picture: &GrayImage) -> Vec<u8> {
    let row_bytes = WIDTH.div_ceil(8) as usize;
    let mut bits = vec![0; row_bytes * HEIGHT as usize];
    for (x, y, Luma([grey])) in picture.enumerate_pixels() {
        if *grey > THRESHOLD {
            bits[y as usize * row_bytes + x as usize / 8] |= 0x80 >> (x % 8);
        }
    }
    bits
}
