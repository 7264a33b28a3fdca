//! What a layer takes and gives: a few numbers at each place of a picture.

use crate::Line;
use crate::function::ROUNDING;
use crate::kernel::GROUP;

/// Numbers are bytes that are 128 more than what they stand for in 127ths: the instructions
/// multiply unsigned numbers by signed ones.
pub(crate) const ZERO: u8 = 128;

/// Places in rows, each with so many values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grid {
    pub width: usize,
    pub height: usize,
    pub depth: usize,
    /// Values of a place and what fills them up to a whole group, so that a matrix can take them as
    /// they are.
    stride: usize,
    values: Vec<u8>,
}

impl Grid {
    pub fn new(width: usize, height: usize, depth: usize) -> Self {
        let stride = depth.next_multiple_of(GROUP);
        Self {
            width,
            height,
            depth,
            stride,
            values: vec![ZERO; width * height * stride],
        }
    }

    /// One value for each pixel.
    pub fn of(line: Line<'_>, rows: usize) -> Self {
        let mut grid = Self::new(line.width, rows, 1);
        for (place, pixel) in grid.values.chunks_exact_mut(GROUP).zip(line.pixels) {
            place[0] = biased(*pixel);
        }
        grid
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.width * self.height
    }

    /// The values at a place, counted row by row, and what fills them up.
    #[inline(always)]
    pub fn at(&self, place: usize) -> &[u8] {
        &self.values[place * self.stride..][..self.stride]
    }

    #[inline(always)]
    pub fn at_mut(&mut self, place: usize) -> &mut [u8] {
        &mut self.values[place * self.stride..][..self.stride]
    }
}

fn biased(value: i8) -> u8 {
    value as u8 ^ ZERO
}

/// A number from -1 to 1 in 127ths.
#[inline(always)]
pub(crate) fn whole(value: f32) -> u8 {
    (value * 127.0 + ROUNDING).to_bits() as u8 ^ ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_127ths() {
        let meant = |value: f32| i32::from(whole(value)) - i32::from(ZERO);
        for (value, expected) in [
            (0.0, 0),
            (1.0, 127),
            (-1.0, -127),
            (0.5 / 127.1, 0),
            (0.5 / 126.9, 1),
            (-0.5 / 126.9, -1),
            (0.999, 127),
        ] {
            assert_eq!(meant(value), expected, "{value}");
        }
        assert_eq!(biased(-127), 1);
        assert_eq!(biased(127), 255);
    }
}
