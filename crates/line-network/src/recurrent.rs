//! Layers with a memory: long short-term memory, along the rows or the columns of a picture.

use crate::file::Error;
use crate::function::{logistic, tanh};
use crate::grid::{Grid, ZERO, whole};
use crate::kernel::{Kernel, LANES};
use crate::matrix::{Matrix, Weights};

/// States are kept from growing beyond this.
const LARGEST_STATE: f32 = 100.0;

/// How a recurrent layer goes over a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    /// Along the columns instead of along the rows.
    pub down: bool,
    /// From the end to the beginning.
    pub backwards: bool,
    /// Whether only what it gives at the end is kept, which makes the picture one place high (or
    /// wide).
    pub last_only: bool,
}

/// A layer with a memory.
#[derive(Debug)]
pub(crate) struct Recurrent {
    inputs: usize,
    states: usize,
    /// From inputs and the last outputs to the gates: new value, input, forget, output.
    gates: Matrix,
    path: Path,
}

impl Recurrent {
    pub fn new(gates: &[Weights; 4], inputs: usize, path: Path) -> Result<Self, Error> {
        let states = gates[0].rows.len();
        let matrix = Matrix::stacked(gates)?;
        let fits = matrix.inputs() == inputs + states;
        if !fits || gates.iter().any(|gate| gate.rows.len() != states) {
            return Err(Error::Broken);
        }
        Ok(Self {
            inputs,
            states,
            gates: matrix,
            path,
        })
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    pub fn states(&self) -> usize {
        self.states
    }

    #[inline(always)]
    pub fn run<K: Kernel>(&self, grid: &Grid) -> Grid {
        let Path {
            down,
            backwards,
            last_only,
        } = self.path;
        let (walks, steps) = match down {
            true => (grid.width, grid.height),
            false => (grid.height, grid.width),
        };
        let mut made = match (last_only, down) {
            (true, true) => Grid::new(grid.width, 1, self.states),
            (true, false) => Grid::new(1, grid.height, self.states),
            (false, _) => Grid::new(grid.width, grid.height, self.states),
        };
        let mut cell = Cell::new(self);
        for walk in 0..walks {
            cell.clear();
            for step in 0..steps {
                let step = if backwards { steps - 1 - step } else { step };
                let place = match down {
                    true => step * grid.width + walk,
                    false => walk * grid.width + step,
                };
                let outputs = cell.step::<K>(self, grid.at(place));
                if !last_only {
                    made.at_mut(place)[..self.states].copy_from_slice(outputs);
                }
            }
            if last_only {
                made.at_mut(walk)[..self.states].copy_from_slice(cell.outputs(self));
            }
        }
        made
    }
}

/// The memory on one walk.
struct Cell {
    /// The inputs of a step, and the outputs of the one before.
    source: Vec<u8>,
    gates: Vec<f32>,
    states: Vec<f32>,
    /// Where in `source` the outputs are.
    first_output: usize,
}

impl Cell {
    fn new(layer: &Recurrent) -> Self {
        Self {
            source: vec![ZERO; layer.gates.grouped_inputs()],
            // The last gate is not filled up, and the loop wants all four alike.
            gates: vec![0.0; 4 * layer.states.next_multiple_of(LANES)],
            states: vec![0.0; layer.states],
            first_output: layer.inputs,
        }
    }

    fn clear(&mut self) {
        self.source.fill(ZERO);
        self.states.fill(0.0);
    }

    fn outputs(&self, layer: &Recurrent) -> &[u8] {
        &self.source[self.first_output..][..layer.states]
    }

    #[inline(always)]
    fn step<K: Kernel>(&mut self, layer: &Recurrent, inputs: &[u8]) -> &[u8] {
        let states = layer.states;
        self.source[..layer.inputs].copy_from_slice(&inputs[..layer.inputs]);
        layer.gates.multiply::<K>(&self.source, &mut self.gates);
        let gate = self.gates.len() / 4;
        let (new, rest) = self.gates.split_at(gate);
        let (input, rest) = rest.split_at(gate);
        let (forget, output) = rest.split_at(gate);
        let (new, input) = (&new[..states], &input[..states]);
        let (forget, output) = (&forget[..states], &output[..states]);
        let state = &mut self.states[..states];
        let made = &mut self.source[self.first_output..][..states];
        let mut lane = 0;
        while lane < states {
            let kept = state[lane] * logistic(forget[lane]);
            let added = tanh(new[lane]) * logistic(input[lane]);
            state[lane] = (kept + added).clamp(-LARGEST_STATE, LARGEST_STATE);
            made[lane] = whole(tanh(state[lane]) * logistic(output[lane]));
            lane += 1;
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Line;
    use crate::kernel::Avx2;

    /// A memory of one value: `weights` are for the input, the last output, and the bias.
    fn layer(new: [i8; 3], path: Path) -> Recurrent {
        let gate = |row: [i8; 3]| Weights {
            rows: vec![row.to_vec()],
            scales: vec![1.0 / 127.0 / 127.0 * 8.0],
        };
        // The other gates are open, forgetting included: nothing is forgotten.
        let open = gate([0, 0, 127]);
        let gates = [gate(new), open.clone(), open.clone(), open];
        Recurrent::new(&gates, 1, path).unwrap()
    }

    fn run(layer: &Recurrent, pixels: &[i8], width: usize) -> Grid {
        let rows = pixels.len() / width;
        layer.run::<Avx2>(&Grid::of(Line { pixels, width }, rows))
    }

    fn values(grid: &Grid) -> Vec<i32> {
        let value = |place| i32::from(grid.at(place)[0]) - i32::from(ZERO);
        (0..grid.places()).map(value).collect()
    }

    const ALONG: Path = Path {
        down: false,
        backwards: false,
        last_only: false,
    };

    #[test]
    fn what_was_seen_is_remembered_along_the_way() {
        let layer = layer([127, 0, 0], ALONG);
        // One stroke in the middle: nothing before it, and from it on the same, almost.
        let seen = values(&run(&layer, &[0, 0, 127, 0, 0], 5));
        assert_eq!(seen[..2], [0, 0]);
        assert!(seen[2] > 90, "{seen:?}");
        assert!(seen[4] > 90, "{seen:?}");
        // By hand: tanh(8) ≈ 1, all gates logistic(8) ≈ 1, tanh(1) = 0.7616, and 127 of that.
        assert_eq!(seen[2], 97);
    }

    #[test]
    fn every_row_is_a_walk_of_its_own() {
        let layer = layer([127, 0, 0], ALONG);
        assert_eq!(values(&run(&layer, &[127, 0, 0, 0], 2))[2..], [0, 0]);
    }

    #[test]
    fn backwards_and_down_go_over_the_same_places_otherwise() {
        let pixels = [0, 0, 127, 0];
        let backwards = layer(
            [127, 0, 0],
            Path {
                backwards: true,
                ..ALONG
            },
        );
        let seen = values(&run(&backwards, &pixels, 4));
        assert!(seen[0] > 90 && seen[2] > 90 && seen[3] == 0, "{seen:?}");
        let down = layer(
            [127, 0, 0],
            Path {
                down: true,
                ..ALONG
            },
        );
        let seen = values(&run(&down, &pixels, 2));
        assert!(
            seen[..2] == [0, 0] && seen[2] > 90 && seen[3] == 0,
            "{seen:?}"
        );
    }

    #[test]
    fn a_summary_keeps_the_end_of_each_walk() {
        let summary = layer(
            [127, 0, 0],
            Path {
                down: true,
                backwards: false,
                last_only: true,
            },
        );
        let made = run(&summary, &[127, 0, 0, 0], 2);
        assert_eq!((made.width, made.height), (2, 1));
        let seen = values(&made);
        assert!(seen[0] > 90 && seen[1] == 0, "{seen:?}");
    }
}
