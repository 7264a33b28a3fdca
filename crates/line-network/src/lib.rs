//! The neural network of Tesseract's models, several times as fast.
//!
//! Seven tenths of the time that Tesseract takes for a page go into its network, and most of
//! those into walking over the picture step by step and into functions of a single number. The
//! network itself is small: a convolution, four recurrent layers, a softmax. This crate reads it
//! from a `.traineddata` file and does the same arithmetic (weights and activations of eight bits,
//! sums of 32) with the processor's vector instructions.
//!
//! Everything around the network stays Tesseract's: finding the lines, bringing them to one
//! height, the search for words in what the network says.
//!
//! Only models of whole numbers are read (those of Tesseract's `tessdata_fast`, which distributions
//! ship), and only processors with AVX2 are used. Everything else is an [`Error`], and means that
//! Tesseract has to do it alone.
//!
//! Start reading at [`Network`], then `layer`.
#![cfg(target_arch = "x86_64")]

mod file;
mod function;
mod grid;
mod kernel;
mod layer;
mod matrix;
mod recurrent;

pub use file::Error;

use grid::Grid;
use kernel::{Avx2, Kernel, Processor, Vnni};
use layer::Layer;
use matrix::Matrix;

/// A network that reads a line of print.
#[derive(Debug)]
pub struct Network {
    processor: Processor,
    rows: usize,
    layers: Vec<Layer>,
    /// The last layer, whose outputs are the probabilities.
    last: Matrix,
}

/// A line of print, brought to the height that the network wants.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its pixels row by row, -127 (ink) to 127 (paper).
    pub pixels: &'a [i8],
    /// Pixels in a row.
    pub width: usize,
}

/// What the network says at each step along a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// How many classes there are: codes of characters, and "none".
    pub classes: usize,
    /// The probability of each class at the first step, then at the second, and so on.
    pub probabilities: Vec<f32>,
}

impl Network {
    /// Reads the network of a `.traineddata` file.
    ///
    /// # Errors
    /// When the file is broken or holds something else than this crate can run, and when this
    /// processor is not fit for it.
    pub fn from_traineddata(file: &[u8]) -> Result<Self, Error> {
        let processor = Processor::this().ok_or(Error::Processor)?;
        let (rows, mut layers) = file::network(file)?;
        let Some(Layer::Softmax(last)) = layers.pop() else {
            return Err(Error::Unsupported("no softmax at its end".to_owned()));
        };
        layer::check(&layers, &last)?;
        Ok(Self {
            processor,
            rows,
            layers,
            last,
        })
    }

    /// How many rows of pixels a line must have.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Reads a line; `None` if it is not of [`Network::rows`] rows, or too narrow for a step.
    #[must_use]
    pub fn read(&self, line: Line<'_>) -> Option<Steps> {
        if line.width == 0 || line.pixels.len() != self.rows.checked_mul(line.width)? {
            return None;
        }
        self.read_on(self.processor, line)
    }

    fn read_on(&self, processor: Processor, line: Line<'_>) -> Option<Steps> {
        match processor {
            // SAFETY: a `Processor` exists only where the instructions do.
            #[expect(unsafe_code, reason = "compiled for this processor")]
            Processor::Vnni => unsafe { self.read_with_vnni(line) },
            // SAFETY: as above.
            #[expect(unsafe_code, reason = "compiled for this processor")]
            Processor::Avx2 => unsafe { self.read_with_avx2(line) },
        }
    }

    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
    fn read_with_vnni(&self, line: Line<'_>) -> Option<Steps> {
        self.read_with::<Vnni>(line)
    }

    #[target_feature(enable = "avx2,fma")]
    fn read_with_avx2(&self, line: Line<'_>) -> Option<Steps> {
        self.read_with::<Avx2>(line)
    }

    #[inline(always)]
    fn read_with<K: Kernel>(&self, line: Line<'_>) -> Option<Steps> {
        let mut grid = Grid::of(line, self.rows);
        for layer in &self.layers {
            grid = layer.run::<K>(&grid);
        }
        let probabilities = self.last.softmax::<K>(&grid);
        (!probabilities.is_empty()).then_some(Steps {
            classes: self.last.outputs(),
            probabilities,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::fixture;

    /// A line with something on it, the same every time.
    fn pixels(width: usize, rows: usize) -> Vec<i8> {
        let pixel = |index: usize| ((index * 7919 + index / 13 * 104_729) % 255) as i32 - 127;
        (0..width * rows).map(|index| pixel(index) as i8).collect()
    }

    #[test]
    fn every_processor_says_the_same() {
        let network = Network::from_traineddata(&fixture::model()).unwrap();
        let pixels = pixels(40, network.rows());
        let line = Line {
            pixels: &pixels,
            width: 40,
        };
        let steps = network.read(line).unwrap();
        assert_eq!(steps.probabilities.len() % steps.classes, 0);
        assert_eq!(steps.probabilities.len() / steps.classes, 40 / 3);
        let plain = network.read_on(Processor::Avx2, line).unwrap();
        for (one, other) in steps.probabilities.iter().zip(&plain.probabilities) {
            assert!((one - other).abs() < 1e-5, "{one} and {other}");
        }
    }

    #[test]
    fn the_probabilities_of_a_step_add_up_to_one() {
        let network = Network::from_traineddata(&fixture::model()).unwrap();
        let pixels = pixels(31, network.rows());
        let line = Line {
            pixels: &pixels,
            width: 31,
        };
        let steps = network.read(line).unwrap();
        for step in steps.probabilities.chunks(steps.classes) {
            let sum: f32 = step.iter().sum();
            assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        }
    }

    #[test]
    fn a_line_of_another_height_or_without_a_step_is_refused() {
        let network = Network::from_traineddata(&fixture::model()).unwrap();
        let read = |width, rows| {
            let pixels = pixels(width, rows);
            network.read(Line {
                pixels: &pixels,
                width,
            })
        };
        assert!(read(30, network.rows() - 1).is_none());
        assert!(read(0, network.rows()).is_none());
        assert!(read(2, network.rows()).is_none());
        assert!(read(3, network.rows()).is_some());
    }
}
