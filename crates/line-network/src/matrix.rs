//! A matrix of whole numbers, laid out for the kernels.

use crate::file::Error;
use crate::function;
use crate::grid::{Grid, ZERO, whole};
use crate::kernel::{Block, GROUP, Kernel, LANES, TILE, WIDEST};

/// Whole weights that turn inputs into outputs, with a bias.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    inputs: usize,
    outputs: usize,
    /// Blocks of [`WIDEST`] sets of lanes, then one of the rest.
    weights: Vec<i8>,
    starts: Vec<i32>,
    scales: Vec<f32>,
}

/// A matrix as a file has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    /// A row for each output: a weight for each input, and the bias.
    pub rows: Vec<Vec<i8>>,
    /// What the sum of a row is multiplied by.
    pub scales: Vec<f32>,
}

impl Matrix {
    /// Puts several matrices of the same inputs one below the other, each from a whole set of
    /// lanes on.
    pub fn stacked(parts: &[Weights]) -> Result<Self, Error> {
        let columns = parts.first().and_then(|part| part.rows.first());
        let columns = columns.ok_or(Error::Broken)?.len();
        // The last column is the bias.
        let inputs = columns.checked_sub(1).filter(|inputs| *inputs > 0);
        let inputs = inputs.ok_or(Error::Broken)?;
        let mut rows: Vec<(&[i8], f32)> = Vec::new();
        for part in parts {
            if part.scales.len() < part.rows.len() {
                return Err(Error::Broken);
            }
            let empty = rows.len().next_multiple_of(LANES);
            rows.resize(empty, (&[], 0.0));
            for (row, scale) in part.rows.iter().zip(&part.scales) {
                if row.len() != columns {
                    return Err(Error::Broken);
                }
                rows.push((row, *scale));
            }
        }
        let outputs = rows.len();
        rows.resize(outputs.next_multiple_of(LANES), (&[], 0.0));
        Ok(Self::laid_out(&rows, inputs, outputs))
    }

    fn laid_out(rows: &[(&[i8], f32)], inputs: usize, outputs: usize) -> Self {
        let groups = inputs.div_ceil(GROUP);
        let mut weights = Vec::with_capacity(groups * GROUP * rows.len());
        for block in rows.chunks(WIDEST * LANES) {
            for group in 0..groups {
                for (row, _) in block {
                    let inputs = row.split_last().map_or(&[][..], |(_, inputs)| inputs);
                    let weight = |input: usize| inputs.get(input).copied().unwrap_or(0);
                    weights.extend((group * GROUP..(group + 1) * GROUP).map(weight));
                }
            }
        }
        // Inputs come with ZERO added, so what that adds is taken off beforehand.
        let start = |(row, _): &(&[i8], f32)| {
            row.split_last().map_or(0, |(bias, weights)| {
                let sum: i32 = weights.iter().map(|weight| i32::from(*weight)).sum();
                i32::from(*bias) * 127 - i32::from(ZERO) * sum
            })
        };
        Self {
            inputs,
            outputs,
            weights,
            starts: rows.iter().map(start).collect(),
            scales: rows.iter().map(|(_, scale)| *scale).collect(),
        }
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Outputs and what fills them up to whole sets of lanes.
    pub fn lanes(&self) -> usize {
        self.starts.len()
    }

    /// Inputs and what fills them up to whole groups.
    pub fn grouped_inputs(&self) -> usize {
        self.inputs.next_multiple_of(GROUP)
    }

    /// The outputs for these inputs.
    #[inline(always)]
    pub fn multiply<K: Kernel>(&self, input: &[u8], output: &mut [f32]) {
        let tiles = input.len() / GROUP * TILE;
        let sets = self.starts.len() / LANES;
        let mut set = 0;
        while set < sets {
            let count = (sets - set).min(WIDEST);
            let lanes = set * LANES..(set + count) * LANES;
            let block = Block {
                weights: &self.weights[set * tiles..(set + count) * tiles],
                starts: &self.starts[lanes.clone()],
                scales: &self.scales[lanes.clone()],
            };
            let output = &mut output[lanes];
            // SAFETY: kernels are called from functions that are compiled for their processor.
            #[expect(unsafe_code, reason = "compiled for this processor")]
            unsafe {
                match count {
                    1 => K::multiply::<1>(block, input, output),
                    2 => K::multiply::<2>(block, input, output),
                    3 => K::multiply::<3>(block, input, output),
                    4 => K::multiply::<4>(block, input, output),
                    5 => K::multiply::<5>(block, input, output),
                    6 => K::multiply::<6>(block, input, output),
                    7 => K::multiply::<7>(block, input, output),
                    _ => K::multiply::<WIDEST>(block, input, output),
                }
            }
            set += count;
        }
    }

    /// The outputs at every place, through tanh.
    #[inline(always)]
    pub fn tanh<K: Kernel>(&self, grid: &Grid) -> Grid {
        let mut made = Grid::new(grid.width, grid.height, self.outputs);
        let mut outputs = vec![0.0; self.lanes()];
        let mut place = 0;
        while place < grid.places() {
            self.multiply::<K>(grid.at(place), &mut outputs);
            let (values, outputs) = (
                &mut made.at_mut(place)[..self.outputs],
                &outputs[..self.outputs],
            );
            let mut lane = 0;
            while lane < self.outputs {
                values[lane] = whole(function::tanh(outputs[lane]));
                lane += 1;
            }
            place += 1;
        }
        made
    }

    /// The outputs at every place, as probabilities.
    #[inline(always)]
    pub fn softmax<K: Kernel>(&self, grid: &Grid) -> Vec<f32> {
        let mut made = Vec::with_capacity(grid.places() * self.outputs);
        let mut outputs = vec![0.0; self.lanes()];
        for place in 0..grid.places() {
            self.multiply::<K>(grid.at(place), &mut outputs);
            let outputs = &mut outputs[..self.outputs];
            function::softmax(outputs);
            made.extend_from_slice(outputs);
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::{Avx2, Processor, Vnni};

    /// By the definition: the sum of the products, and the bias as if its input were one.
    fn plainly(weights: &Weights, inputs: &[u8]) -> Vec<f32> {
        let rows = weights.rows.iter().zip(&weights.scales);
        rows.map(|(row, scale)| {
            let (bias, row) = row.split_last().unwrap();
            let products = row.iter().zip(inputs);
            let sum: i32 = products
                .map(|(weight, input)| i32::from(*weight) * (i32::from(*input) - 128))
                .sum();
            (sum + 127 * i32::from(*bias)) as f32 * scale
        })
        .collect()
    }

    fn weights() -> impl Strategy<Value = (Weights, Vec<u8>)> {
        (1_usize..40, 1_usize..300).prop_flat_map(|(inputs, outputs)| {
            let row = proptest::collection::vec(any::<i8>(), inputs + 1);
            let rows = proptest::collection::vec(row, outputs);
            let scales = proptest::collection::vec(0.001_f32..1.0, outputs);
            let weights = (rows, scales).prop_map(|(rows, scales)| Weights { rows, scales });
            (weights, proptest::collection::vec(any::<u8>(), inputs))
        })
    }

    fn multiplied(matrix: &Matrix, inputs: &[u8], processor: Processor) -> Vec<f32> {
        // What fills a group up must not matter.
        let mut grouped = inputs.to_vec();
        grouped.resize(matrix.grouped_inputs(), 77);
        let mut outputs = vec![0.0; matrix.lanes()];
        match processor {
            Processor::Vnni => matrix.multiply::<Vnni>(&grouped, &mut outputs),
            Processor::Avx2 => matrix.multiply::<Avx2>(&grouped, &mut outputs),
        }
        outputs.truncate(matrix.outputs());
        outputs
    }

    proptest! {
        #[test]
        fn kernels_multiply_as_the_definition_does((weights, inputs) in weights()) {
            let matrix = Matrix::stacked(std::slice::from_ref(&weights)).unwrap();
            let expected = plainly(&weights, &inputs);
            let best = Processor::this().expect("tests run where AVX2 is");
            prop_assert_eq!(&multiplied(&matrix, &inputs, best), &expected);
            prop_assert_eq!(&multiplied(&matrix, &inputs, Processor::Avx2), &expected);
        }
    }

    #[test]
    fn stacked_matrices_begin_at_whole_sets_of_lanes() {
        let part = |weight| Weights {
            rows: vec![vec![weight, 0]; 3],
            scales: vec![1.0; 3],
        };
        let matrix = Matrix::stacked(&[part(2), part(5)]).unwrap();
        let outputs = multiplied(&matrix, &[129], Processor::Avx2);
        assert_eq!(outputs[0..3], [2.0; 3]);
        assert_eq!(outputs[3..LANES], [0.0; 13]);
        assert_eq!(outputs[LANES..], [5.0; 3]);
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn a_kernel_reads_no_weights_for_inputs_that_are_too_many() {
        let weights = Weights {
            rows: vec![vec![1; 9]; 3],
            scales: vec![1.0; 3],
        };
        let matrix = Matrix::stacked(&[weights]).unwrap();
        // Eight inputs are in its rows.
        let best = Processor::this().expect("tests run where AVX2 is");
        let mut outputs = vec![0.0; matrix.lanes()];
        match best {
            Processor::Vnni => matrix.multiply::<Vnni>(&[0; 16], &mut outputs),
            Processor::Avx2 => matrix.multiply::<Avx2>(&[0; 16], &mut outputs),
        }
    }

    #[test]
    fn rows_of_different_lengths_are_refused() {
        let weights = Weights {
            rows: vec![vec![1, 2], vec![1]],
            scales: vec![1.0; 2],
        };
        assert!(matches!(Matrix::stacked(&[weights]), Err(Error::Broken)));
    }
}
