//! Reading the network of a `.traineddata` file.
//!
//! Such a file begins with a table of where its parts lie. The part of the network is a tree of
//! layers, each with its kind, its size, and its weights; all numbers are little-endian.

use crate::layer::{Gather, Largest, Layer};
use crate::matrix::{Matrix, Weights};
use crate::recurrent::{Path, Recurrent};

/// Why a network cannot be run here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The processor lacks AVX2.
    #[error("the processor has no AVX2")]
    Processor,
    /// The file does not have a network.
    #[error("the file has no network")]
    None,
    /// The file ends too soon, or its numbers do not fit together.
    #[error("the network in the file is broken")]
    Broken,
    /// The network has something in it that is not known here.
    #[error("the network has {0}")]
    Unsupported(String),
}

/// The number of the network's part.
const NETWORK_PART: usize = 17;
/// More parts than any version of the format has.
const MOST_PARTS: usize = 64;
/// Layers that may be one inside the other.
const DEEPEST: usize = 8;
/// More values than any layer has at a place.
const WIDEST: usize = 1 << 14;

/// Flags of a matrix: whole numbers; whether moments of its training follow (not with whole
/// numbers); the present version of the format.
const WHOLE: u8 = 1;
const PRESENT: u8 = 128;

/// Flag of a series: a list of learning rates follows.
const LEARNING_RATES: i32 = 64;

/// The height of the picture and the layers, nested ones in the order of the work.
pub(crate) fn network(file: &[u8]) -> Result<(usize, Vec<Layer>), Error> {
    let mut tree = Tree {
        file: File(part(file)?),
        rows: None,
        layers: Vec::new(),
    };
    tree.layer(Way::default(), 0)?;
    let rows = tree.rows.filter(|rows| (1..=WIDEST).contains(rows));
    Ok((rows.ok_or(Error::Broken)?, tree.layers))
}

/// The part of a file that is the network.
fn part(file: &[u8]) -> Result<&[u8], Error> {
    let mut table = File(file);
    let count = usize::try_from(table.int()?).map_err(|_| Error::Broken)?;
    if count > MOST_PARTS {
        return Err(Error::Broken);
    }
    let starts: Vec<i64> = (0..count)
        .map(|_| table.array().map(i64::from_le_bytes))
        .collect::<Result<_, _>>()?;
    let start = starts.get(NETWORK_PART).filter(|start| **start >= 0);
    let start = usize::try_from(*start.ok_or(Error::None)?).map_err(|_| Error::Broken)?;
    let later = starts[NETWORK_PART + 1..]
        .iter()
        .filter_map(|next| usize::try_from(*next).ok());
    let end = later.min().unwrap_or(file.len());
    file.get(start..end).ok_or(Error::Broken)
}

/// What is left of a file.
struct File<'a>(&'a [u8]);

impl<'a> File<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Error::Broken)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Error> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Error::Broken)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        self.array().map(|[byte]| byte)
    }

    fn int(&mut self) -> Result<i32, Error> {
        self.array().map(i32::from_le_bytes)
    }

    /// A number of things.
    fn size(&mut self) -> Result<usize, Error> {
        let size = usize::try_from(self.int()?).map_err(|_| Error::Broken)?;
        if size > WIDEST {
            return Err(Error::Broken);
        }
        Ok(size)
    }

    fn text(&mut self) -> Result<String, Error> {
        let length = self.size()?;
        Ok(String::from_utf8_lossy(self.bytes(length)?).into_owned())
    }

    fn weights(&mut self) -> Result<Weights, Error> {
        let mode = self.byte()?;
        if mode & (WHOLE | PRESENT) != WHOLE | PRESENT {
            return Err(Error::Unsupported("weights that are not whole".to_owned()));
        }
        let (outputs, columns) = (self.size()?, self.size()?);
        // What an empty place of the array would hold.
        self.byte()?;
        let rows = (0..outputs)
            .map(|_| {
                let row = self.bytes(columns)?;
                Ok(row.iter().map(|weight| *weight as i8).collect())
            })
            .collect::<Result<_, Error>>()?;
        // Scales are for weights in 127ths; the inputs are in 127ths as well.
        let scale = |scale: [u8; 8]| (f64::from_le_bytes(scale) / 127.0) as f32;
        let scales = (0..self.size()?)
            .map(|_| self.array().map(scale))
            .collect::<Result<_, _>>()?;
        Ok(Weights { rows, scales })
    }
}

/// How the layers around a layer turn its picture.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    backwards: bool,
    down: bool,
}

struct Tree<'a> {
    file: File<'a>,
    rows: Option<usize>,
    layers: Vec<Layer>,
}

impl Tree<'_> {
    fn layer(&mut self, way: Way, depth: usize) -> Result<(), Error> {
        if depth > DEEPEST {
            return Err(Error::Broken);
        }
        // Old files have a number here, new ones 0 and then a name.
        if self.file.byte()? != 0 {
            return Err(Error::Unsupported("an old format".to_owned()));
        }
        let kind = self.file.text()?;
        // Whether it is being trained, and whether that goes back beyond it.
        self.file.array::<2>()?;
        let flags = self.file.int()?;
        let (inputs, _outputs) = (self.file.size()?, self.file.size()?);
        let _weights = self.file.int()?;
        let _name = self.file.text()?;
        let turned = way.backwards || way.down;
        match (kind.as_str(), turned) {
            ("Series", false) => self.nested(way, depth, flags)?,
            ("RTLReversed", false) => {
                let backwards = true;
                self.nested(Way { backwards, ..way }, depth, flags)?;
            }
            ("XYTranspose", false) => {
                let down = true;
                self.nested(Way { down, ..way }, depth, flags)?;
            }
            ("Input", false) => self.input()?,
            ("Convolve", false) => {
                let (across, down) = (self.file.size()?, self.file.size()?);
                self.layers.push(Layer::Gather(Gather { across, down }));
            }
            ("Maxpool", false) => {
                let (across, down) = (self.file.size()?, self.file.size()?);
                if across == 0 || down == 0 {
                    return Err(Error::Broken);
                }
                self.layers.push(Layer::Largest(Largest { across, down }));
            }
            ("Tanh", _) => {
                let matrix = Matrix::stacked(&[self.file.weights()?])?;
                self.layers.push(Layer::Tanh(matrix));
            }
            ("Softmax", false) => {
                let matrix = Matrix::stacked(&[self.file.weights()?])?;
                self.layers.push(Layer::Softmax(matrix));
            }
            ("LSTM" | "SummLSTM", _) => self.recurrent(inputs, way, kind == "SummLSTM")?,
            _ => return Err(Error::Unsupported(format!("a layer of kind {kind}"))),
        }
        Ok(())
    }

    fn nested(&mut self, way: Way, depth: usize, flags: i32) -> Result<(), Error> {
        for _ in 0..self.file.size()? {
            self.layer(way, depth + 1)?;
        }
        if flags & LEARNING_RATES != 0 {
            let rates = self.file.size()?;
            self.file.bytes(4 * rates)?;
        }
        Ok(())
    }

    fn input(&mut self) -> Result<(), Error> {
        let (_batch, rows) = (self.file.size()?, self.file.size()?);
        let (_width, depth) = (self.file.size()?, self.file.size()?);
        let _loss = self.file.int()?;
        if depth != 1 || self.rows.is_some() {
            return Err(Error::Unsupported("a picture that is not grey".to_owned()));
        }
        self.rows = Some(rows);
        Ok(())
    }

    fn recurrent(&mut self, inputs: usize, way: Way, last_only: bool) -> Result<(), Error> {
        let all_inputs = self.file.size()?;
        let gates = [
            self.file.weights()?,
            self.file.weights()?,
            self.file.weights()?,
            self.file.weights()?,
        ];
        // One with two memories has another gate, and a softmax inside gives more inputs.
        if all_inputs != inputs + gates[0].rows.len() {
            let what = "a recurrent layer of two dimensions".to_owned();
            return Err(Error::Unsupported(what));
        }
        let path = Path {
            down: way.down,
            backwards: way.backwards,
            last_only,
        };
        let recurrent = Recurrent::new(&gates, inputs, path)?;
        self.layers.push(Layer::Recurrent(recurrent));
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod fixture {
    //! A small model in the format of the files, with weights that mean nothing.

    use super::NETWORK_PART;

    const ROWS: i32 = 12;
    const CLASSES: usize = 9;

    struct Made {
        bytes: Vec<u8>,
        next: u32,
    }

    impl Made {
        fn int(&mut self, number: i32) {
            self.bytes.extend(number.to_le_bytes());
        }

        fn text(&mut self, text: &str) {
            self.int(text.len() as i32);
            self.bytes.extend(text.as_bytes());
        }

        fn layer(&mut self, kind: &str, inputs: usize, outputs: usize) {
            self.bytes.push(0);
            self.text(kind);
            self.bytes.extend([0, 0]);
            self.int(0);
            self.int(inputs as i32);
            self.int(outputs as i32);
            self.int(0);
            self.text("a name");
        }

        fn weights(&mut self, inputs: usize, outputs: usize) {
            self.bytes.push(super::WHOLE | super::PRESENT);
            self.int(outputs as i32);
            self.int(inputs as i32 + 1);
            self.bytes.push(0);
            for _ in 0..outputs * (inputs + 1) {
                self.next = self
                    .next
                    .wrapping_mul(1_664_525)
                    .wrapping_add(1_013_904_223);
                self.bytes.push((self.next >> 24) as u8);
            }
            self.int(outputs as i32);
            for output in 0..outputs {
                let scale = 0.01 + output as f64 / 5_000.0;
                self.bytes.extend(scale.to_le_bytes());
            }
        }

        fn memory(&mut self, kind: &str, inputs: usize, states: usize) {
            self.layer(kind, inputs, states);
            self.int((inputs + states) as i32);
            for _ in 0..4 {
                self.weights(inputs + states, states);
            }
        }
    }

    /// The part of the network.
    fn network() -> Vec<u8> {
        let mut made = Made {
            bytes: Vec::new(),
            next: 1,
        };
        made.layer("Series", 12, CLASSES);
        made.int(6);
        made.layer("Input", 12, 1);
        for number in [1, ROWS, 0, 1, 0] {
            made.int(number);
        }
        made.layer("Series", 1, 6);
        made.int(2);
        made.layer("Convolve", 1, 9);
        made.int(1);
        made.int(1);
        made.layer("Tanh", 9, 6);
        made.weights(9, 6);
        made.layer("Maxpool", 6, 6);
        made.int(3);
        made.int(3);
        made.layer("XYTranspose", 6, 7);
        made.int(1);
        made.memory("SummLSTM", 6, 7);
        made.layer("RTLReversed", 7, 20);
        made.int(1);
        made.memory("LSTM", 7, 20);
        made.layer("Softmax", 20, CLASSES);
        made.weights(20, CLASSES);
        made.bytes
    }

    /// The whole file, with a part after the network.
    pub fn model() -> Vec<u8> {
        let network = network();
        let table = 4 + 8 * (NETWORK_PART + 2);
        let mut file = ((NETWORK_PART + 2) as i32).to_le_bytes().to_vec();
        for part in 0..NETWORK_PART + 2 {
            let start = match part {
                NETWORK_PART => table as i64,
                later if later > NETWORK_PART => (table + network.len()) as i64,
                _ => -1,
            };
            file.extend(start.to_le_bytes());
        }
        file.extend(network);
        file.extend(b"another part");
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_come_in_the_order_of_the_work() {
        let (rows, layers) = network(&fixture::model()).unwrap();
        assert_eq!(rows, 12);
        let kinds: Vec<String> = layers
            .iter()
            .map(|layer| format!("{layer:?}").chars().take(8).collect())
            .collect();
        assert_eq!(
            kinds,
            [
                "Gather(G", "Tanh(Mat", "Largest(", "Recurren", "Recurren", "Softmax("
            ]
        );
    }

    #[test]
    fn a_file_that_ends_too_soon_is_an_error_wherever_it_ends() {
        let model = fixture::model();
        let end = model.len() - b"another part".len();
        for length in 0..end {
            assert!(network(&model[..length]).is_err(), "{length} bytes");
        }
        assert!(network(&model).is_ok());
    }

    #[test]
    fn broken_bytes_are_errors_or_other_networks_and_never_a_crash() {
        let model = fixture::model();
        for place in 0..model.len() {
            for bit in [1, 16, 128] {
                let mut broken = model.clone();
                broken[place] ^= bit;
                let _ = crate::Network::from_traineddata(&broken);
            }
        }
    }

    #[test]
    fn a_file_without_a_network_says_so() {
        let mut file = 3_i32.to_le_bytes().to_vec();
        file.extend([0xFF; 24]);
        assert!(matches!(network(&file), Err(Error::None)));
    }

    #[test]
    fn what_is_not_known_is_named() {
        let model = fixture::model();
        let name = model.windows(8).position(|bytes| bytes == b"Convolve");
        let mut other = model.clone();
        other[name.unwrap()..][..8].copy_from_slice(b"Parallel");
        let error = network(&other).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the network has a layer of kind Parallel"
        );
    }
}
