//! The layers of a network, in the order of the work.

use crate::file::Error;
use crate::grid::Grid;
use crate::kernel::Kernel;
use crate::matrix::Matrix;
use crate::recurrent::Recurrent;

/// One step of the work.
#[derive(Debug)]
pub(crate) enum Layer {
    /// Gathers the values around each place.
    Gather(Gather),
    /// A matrix at each place, through tanh.
    Tanh(Matrix),
    /// The largest values of each tile.
    Largest(Largest),
    /// A memory that goes along the rows or columns.
    Recurrent(Recurrent),
    /// A matrix at each place, whose outputs become probabilities. Only the last layer is one.
    Softmax(Matrix),
}

impl Layer {
    #[inline(always)]
    pub fn run<K: Kernel>(&self, grid: &Grid) -> Grid {
        match self {
            Self::Gather(gather) => gather.run(grid),
            Self::Largest(largest) => largest.run(grid),
            Self::Recurrent(recurrent) => recurrent.run::<K>(grid),
            Self::Tanh(matrix) | Self::Softmax(matrix) => matrix.tanh::<K>(grid),
        }
    }

    /// How many values it gives at a place, for so many that it is given.
    fn depth(&self, given: usize) -> Option<usize> {
        let of_matrix = |matrix: &Matrix| (matrix.inputs() == given).then_some(matrix.outputs());
        match self {
            Self::Gather(gather) => Some(given * gather.places()),
            Self::Largest(_) => Some(given),
            Self::Recurrent(recurrent) => (recurrent.inputs() == given).then(|| recurrent.states()),
            Self::Tanh(matrix) => of_matrix(matrix),
            Self::Softmax(_) => None,
        }
    }
}

/// Whether each layer takes what the one before it gives, from a grey picture to the last one.
pub(crate) fn check(layers: &[Layer], last: &Matrix) -> Result<(), Error> {
    let given = layers
        .iter()
        .try_fold(1, |given, layer| layer.depth(given))
        .ok_or(Error::Broken)?;
    match last.inputs() == given {
        true => Ok(()),
        false => Err(Error::Broken),
    }
}

/// Gathers the values around each place, column by column.
#[derive(Debug)]
pub(crate) struct Gather {
    /// How far to the left and right.
    pub across: usize,
    /// How far up and down.
    pub down: usize,
}

impl Gather {
    fn places(&self) -> usize {
        (2 * self.across + 1) * (2 * self.down + 1)
    }

    fn run(&self, grid: &Grid) -> Grid {
        let depth = grid.depth;
        let framed = Framed::new(grid, self.across, self.down);
        let values: Vec<usize> = self.values(depth, framed.row);
        let mut made = Grid::new(grid.width, grid.height, values.len());
        for y in 0..grid.height {
            for x in 0..grid.width {
                let corner = &framed.values[y * framed.row + x * depth..];
                let place = made.at_mut(y * grid.width + x);
                for (value, from) in place.iter_mut().zip(&values) {
                    *value = corner[*from];
                }
            }
        }
        made
    }

    /// Where the values around a place are, from the upper left one on, in rows of that length.
    fn values(&self, depth: usize, row: usize) -> Vec<usize> {
        let columns = 0..=2 * self.across;
        let places = columns.flat_map(|x| (0..=2 * self.down).map(move |y| y * row + x * depth));
        places.flat_map(|place| place..place + depth).collect()
    }
}

/// A picture with noise around it, its values without gaps.
struct Framed {
    values: Vec<u8>,
    /// Values in a row.
    row: usize,
}

impl Framed {
    fn new(grid: &Grid, across: usize, down: usize) -> Self {
        let (depth, margin) = (grid.depth, across * grid.depth);
        let row = grid.width * depth + 2 * margin;
        let mut noise = Noise::new();
        let mut values = Vec::with_capacity(row * (grid.height + 2 * down));
        values.extend(noise.by_ref().take(down * row));
        for y in 0..grid.height {
            values.extend(noise.by_ref().take(margin));
            for x in 0..grid.width {
                values.extend_from_slice(&grid.at(y * grid.width + x)[..depth]);
            }
            values.extend(noise.by_ref().take(margin));
        }
        values.extend(noise.take(down * row));
        Self { values, row }
    }
}

/// What lies outside the picture. Networks are trained with noise there, so it is not nothing;
/// it is the same for every line.
struct Noise(u64);

impl Noise {
    fn new() -> Self {
        Self(1)
    }
}

impl Iterator for Noise {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        // Knuth's multiplier and increment for 64 bits; the upper bits are the good ones.
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Some(((self.0 >> 33) % 255 + 1) as u8)
    }
}

/// The largest values of each tile of so many places.
#[derive(Debug)]
pub(crate) struct Largest {
    pub across: usize,
    pub down: usize,
}

impl Largest {
    /// What does not fill a tile at the right and lower edge is left out.
    fn run(&self, grid: &Grid) -> Grid {
        let (width, height) = (grid.width / self.across, grid.height / self.down);
        let mut made = Grid::new(width, height, grid.depth);
        for y in 0..height {
            for x in 0..width {
                let largest = made.at_mut(y * width + x);
                largest.fill(0);
                for row in y * self.down..(y + 1) * self.down {
                    for column in x * self.across..(x + 1) * self.across {
                        let values = grid.at(row * grid.width + column);
                        for (largest, value) in largest.iter_mut().zip(values) {
                            *largest = (*largest).max(*value);
                        }
                    }
                }
            }
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Line;
    use crate::grid::ZERO;

    fn grid(width: usize, pixels: &[i8]) -> Grid {
        Grid::of(Line { pixels, width }, pixels.len() / width)
    }

    fn meant(values: &[u8]) -> Vec<i32> {
        let meant = |value: &u8| i32::from(*value) - i32::from(ZERO);
        values.iter().map(meant).collect()
    }

    #[test]
    fn what_is_around_a_place_is_gathered_by_columns() {
        let grid = grid(3, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let gather = Gather { across: 1, down: 1 };
        let gathered = gather.run(&grid);
        assert_eq!(gathered.depth, 9);
        let middle = meant(gathered.at(4));
        assert_eq!(middle[..9], [1, 4, 7, 2, 5, 8, 3, 6, 9]);
        // The corner has itself and its neighbours at their places.
        let corner = meant(gathered.at(0));
        assert_eq!([corner[4], corner[5], corner[7], corner[8]], [1, 4, 2, 5]);
        // Outside there is noise, and it is the same every time.
        assert_eq!(gather.run(&grid), gathered);
        assert_ne!(corner[..3], [0, 0, 0]);
    }

    #[test]
    fn the_largest_of_each_whole_tile_is_kept() {
        let grid = grid(5, &[1, 9, 3, -4, 5, -6, 7, -128, 2, 100]);
        let largest = Largest { across: 2, down: 2 }.run(&grid);
        assert_eq!((largest.width, largest.height), (2, 1));
        assert_eq!(meant(largest.at(0))[0], 9);
        assert_eq!(meant(largest.at(1))[0], 3);
    }
}
