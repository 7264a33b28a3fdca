//! Recognition of printed words in a picture, by Tesseract.

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};

use fetch_text::picture::GreyImage;
use fetch_text::recognise::{RecogniseError, Recognised, Recogniser, SeenWord, Segmentation};
use fetch_text::sight::Area;
use tesseract_plumbing::TessBaseApi;

use crate::data;
use crate::network::{OwnNetwork, Unused};

/// Where distributions put Tesseract's data, as directories that hold `tessdata` or are it.
const DATA_DIRECTORIES: [&str; 3] = [
    "/usr/share/tesseract-ocr",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
];
const LANGUAGE: &str = "eng";
const LANGUAGE_NAME: &CStr = c"eng";
/// Print is taken for proportional: the search for a fixed pitch costs time, and the recogniser
/// parts words by itself.
const SETTINGS: [(&CStr, &CStr); 1] = [(c"textord_all_prop", c"1")];

/// One engine. It takes a tenth of a second to start, so it is kept for many pages.
pub struct Tesseract {
    engine: TessBaseApi,
    /// The directory with its data.
    data: PathBuf,
    /// What reads its lines; it does so itself where there is none.
    network: Option<Box<OwnNetwork>>,
    /// How many lines ours has read.
    lines: u64,
}

/// Starts an engine with the data in that directory, or where distributions put it.
///
/// # Errors
/// [`RecogniseError::NoData`] and [`RecogniseError::Start`].
pub fn start(data: Option<&Path>) -> Result<Box<dyn Recogniser>, RecogniseError> {
    let mut tesseract = Tesseract::start(data)?;
    tesseract.read_with_ours();
    Ok(Box::new(tesseract))
}

impl Tesseract {
    /// Starts one that reads with its own network.
    ///
    /// # Errors
    /// As [`start`] has.
    pub fn start(data: Option<&Path>) -> Result<Self, RecogniseError> {
        let data = find_data(data).ok_or(RecogniseError::NoData)?;
        let start_failed = || RecogniseError::Start(data.clone());
        let directory = data.to_str().and_then(|path| CString::new(path).ok());
        let directory = directory.ok_or_else(start_failed)?;
        let mut engine = TessBaseApi::create();
        let init = || engine.init_2(Some(&directory), Some(LANGUAGE_NAME));
        data::started(&model_in(&data), init).map_err(|_| start_failed())?;
        for (setting, value) in SETTINGS {
            engine
                .set_variable(setting, value)
                .map_err(|_| start_failed())?;
        }
        Ok(Self {
            engine,
            data,
            network: None,
            lines: 0,
        })
    }

    /// Has its lines read by our network from now on, where that is possible ([`unused_network`]).
    pub fn read_with_ours(&mut self) {
        self.network = OwnNetwork::of(&model_in(&self.data)).ok();
    }

    /// How many lines our network has read.
    pub fn lines_read_by_ours(&self) -> u64 {
        self.lines
    }

    fn recognise(&mut self) -> Result<(), RecogniseError> {
        let engine = &mut self.engine;
        let recognised = match &mut self.network {
            Some(network) => {
                let (recognised, lines) = network.used_in(|| engine.recognize());
                self.lines += lines;
                recognised
            }
            None => engine.recognize(),
        };
        recognised.map_err(|_| RecogniseError::Step("recognise the picture"))
    }
}

fn mode(segmentation: Segmentation) -> &'static CStr {
    match segmentation {
        Segmentation::Block => c"6",
        Segmentation::Automatic => c"1",
    }
}

impl Recogniser for Tesseract {
    fn look(
        &mut self,
        image: &GreyImage,
        segmentation: Segmentation,
    ) -> Result<Recognised, RecogniseError> {
        self.engine
            .set_variable(c"tessedit_pageseg_mode", mode(segmentation))
            .map_err(|_| RecogniseError::Step("take its settings"))?;
        self.show(image)?;
        self.recognise()?;
        let table = self
            .engine
            .get_tsv_text(0)
            .map_err(|_| RecogniseError::Step("give its words"))?;
        let table: &CStr = table.as_ref();
        Ok(Recognised::of_words(words_of(&table.to_string_lossy())))
    }

    fn make_ready(&mut self, segmentation: Segmentation) -> Result<(), RecogniseError> {
        // Few pages need their orientation looked for, and what that takes is large.
        if segmentation == Segmentation::Automatic && data::keep_orientation(&self.data) {
            return Ok(());
        }
        self.look(&GreyImage::empty(), segmentation).map(drop)
    }
}

/// The words of the table that Tesseract gives of a picture: level, page, block, paragraph, line,
/// word, left, top, width, height, confidence, text.
fn words_of(table: &str) -> Vec<SeenWord> {
    /// What a row of the table is about.
    const PARAGRAPH: &str = "3";
    const LINE: &str = "4";
    const WORD: &str = "5";
    let (mut line, mut paragraph) = (0, 0);
    let mut words = Vec::new();
    for row in table.lines() {
        let mut fields = row.splitn(12, '\t');
        match fields.next() {
            Some(PARAGRAPH) => paragraph += 1,
            Some(LINE) => line += 1,
            Some(WORD) => words.extend(word_of(fields.skip(5), line, paragraph)),
            _ => {}
        }
    }
    words
}

fn word_of<'row>(
    mut fields: impl Iterator<Item = &'row str>,
    line: u32,
    paragraph: u32,
) -> Option<SeenWord> {
    let mut number = || fields.next()?.parse::<f32>().ok();
    let [left, top, width, height, confidence] =
        [number()?, number()?, number()?, number()?, number()?];
    let text = fields.next()?.trim();
    (!text.is_empty()).then(|| SeenWord {
        text: text.to_owned(),
        area: Area {
            left,
            top,
            right: left + width,
            bottom: top + height,
        },
        confidence,
        line,
        paragraph,
    })
}

impl Tesseract {
    fn show(&mut self, image: &GreyImage) -> Result<(), RecogniseError> {
        let side = |pixels: u32| i32::try_from(pixels).ok().filter(|side| *side < 1 << 20);
        let refused = RecogniseError::Step("take the picture");
        let (Some(width), Some(height)) = (side(image.width), side(image.height)) else {
            return Err(refused);
        };
        if width.checked_mul(height).is_none() {
            return Err(refused);
        }
        self.engine
            .set_image(&image.pixels, width, height, 1, width)
            .map_err(|_| refused)?;
        self.engine
            .set_source_resolution(image.dots_per_inch.clamp(70.0, 1200.0) as i32);
        Ok(())
    }
}

/// Why lines are read by Tesseract's own network in processes like this one; none where ours reads
/// them. The same answer holds for every worker that is started from this program.
#[must_use]
pub fn unused_network() -> Option<Unused> {
    let data = find_data(None)?;
    OwnNetwork::of(&model_in(&data)).err()
}

/// The directory with the language's data: the given one (or its `tessdata`), else the usual
/// places, newest version first.
pub fn find_data(given: Option<&Path>) -> Option<PathBuf> {
    if let Some(given) = given {
        return [given.to_owned(), given.join("tessdata")]
            .into_iter()
            .find(|directory| has_language(directory));
    }
    DATA_DIRECTORIES
        .iter()
        .flat_map(|directory| candidates(Path::new(directory)))
        .find(|directory| has_language(directory))
}

/// A directory itself, and the `tessdata` of every version below it.
fn candidates(directory: &Path) -> Vec<PathBuf> {
    let versions = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("tessdata"))
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.push(directory.to_owned());
    found
}

fn has_language(directory: &Path) -> bool {
    model_in(directory).is_file()
}

fn model_in(directory: &Path) -> PathBuf {
    directory.join(format!("{LANGUAGE}.traineddata"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_found_in_the_given_directory_and_nowhere_else() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(find_data(Some(directory.path())), None);
        let data = directory.path().join("tessdata");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("eng.traineddata"), b"").unwrap();
        assert_eq!(find_data(Some(directory.path())), Some(data));
    }

    #[test]
    fn an_empty_data_file_is_an_error_not_a_crash() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("eng.traineddata"), b"").unwrap();
        assert!(matches!(
            start(Some(directory.path())),
            Err(RecogniseError::Start(_))
        ));
    }
}
