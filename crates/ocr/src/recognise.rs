//! Recognition of printed words in a picture, by Tesseract.

use std::ffi::CStr;
use std::path::{Path, PathBuf};

use leptess::tesseract::TessApi;

use crate::picture::GreyImage;
use crate::quality::clean;

/// Below this mean confidence the page is tried again with its orientation looked for.
const DOUBTFUL_CONFIDENCE: f32 = 60.0;
/// Where distributions put Tesseract's data, as directories that hold `tessdata` or are it.
const DATA_DIRECTORIES: [&str; 3] = [
    "/usr/share/tesseract-ocr",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
];
const LANGUAGE: &str = "eng";

/// What was recognised in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    /// Its words, line by line.
    pub text: String,
    /// Mean confidence in the words, 0 to 100.
    pub mean_confidence: f32,
}

impl Recognised {
    /// More words that are surer are better; a lone sure word does not beat a doubtful page.
    fn score(&self) -> f32 {
        self.mean_confidence * (self.text.len() as f32).sqrt()
    }
}

/// Why nothing could be recognised.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    /// Neither the setting nor the usual directories have the language's data.
    #[error("no Tesseract data for {LANGUAGE} was found")]
    NoData,
    /// The recogniser did not start.
    #[error("Tesseract did not start with the data in {}", .0.display())]
    Start(PathBuf),
    /// The recogniser did not take a setting, the picture, or broke on it.
    #[error("Tesseract failed to {0}")]
    Step(&'static str),
}

/// How Tesseract looks at a page.
#[derive(Debug, Clone, Copy)]
enum Segmentation {
    /// One block of text, upright.
    Block,
    /// Columns and blocks are found, and so is which way is up.
    Automatic,
}

impl Segmentation {
    fn mode(self) -> &'static CStr {
        match self {
            Self::Block => c"6",
            Self::Automatic => c"1",
        }
    }
}

/// One engine. It takes a tenth of a second to start, so it is kept for many pages.
pub struct Recogniser {
    engine: TessApi,
}

impl Recogniser {
    /// Starts an engine with the data in that directory, or where Tesseract looks for it.
    ///
    /// # Errors
    /// [`RecogniseError::NoData`] and [`RecogniseError::Start`].
    pub fn start(data: Option<&Path>) -> Result<Self, RecogniseError> {
        let data = find_data(data).ok_or(RecogniseError::NoData)?;
        let start_failed = || RecogniseError::Start(data.clone());
        let directory = data.to_str().ok_or_else(start_failed)?;
        let engine = TessApi::new(Some(directory), LANGUAGE).map_err(|_| start_failed())?;
        Ok(Self { engine })
    }

    /// Recognises a page's picture, a second time with its orientation looked for when the first
    /// is doubtful, and keeps the better.
    ///
    /// # Errors
    /// [`RecogniseError::Step`].
    pub fn recognise(&mut self, image: &GreyImage) -> Result<Recognised, RecogniseError> {
        let first = self.attempt(image, Segmentation::Block)?;
        if first.mean_confidence >= DOUBTFUL_CONFIDENCE {
            return Ok(first);
        }
        let second = self.attempt(image, Segmentation::Automatic)?;
        Ok(if second.score() > first.score() {
            second
        } else {
            first
        })
    }

    fn attempt(
        &mut self,
        image: &GreyImage,
        segmentation: Segmentation,
    ) -> Result<Recognised, RecogniseError> {
        self.engine
            .raw
            .set_variable(c"tessedit_pageseg_mode", segmentation.mode())
            .map_err(|_| RecogniseError::Step("take its settings"))?;
        self.show(image)?;
        if self.engine.recognize() != 0 {
            return Err(RecogniseError::Step("recognise the picture"));
        }
        let words = self
            .engine
            .raw
            .get_utf8_text()
            .map_err(|_| RecogniseError::Step("give its text"))?;
        let words: &CStr = words.as_ref();
        Ok(Recognised {
            text: clean(&words.to_string_lossy()),
            mean_confidence: self.engine.mean_text_conf() as f32,
        })
    }

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
            .raw
            .set_image(&image.pixels, width, height, 1, width)
            .map_err(|_| refused)?;
        self.engine
            .set_source_resolution(image.dots_per_inch.clamp(70.0, 1200.0) as i32);
        Ok(())
    }
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
    directory.join(format!("{LANGUAGE}.traineddata")).is_file()
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
            Recogniser::start(Some(directory.path())),
            Err(RecogniseError::Start(_))
        ));
    }

    #[test]
    fn many_doubtful_words_beat_one_sure_word() {
        let result = |text: &str, mean_confidence| Recognised {
            text: text.to_owned(),
            mean_confidence,
        };
        assert!(result(&"words ".repeat(200), 58.0).score() > result("EXHIBIT", 95.0).score());
        assert!(
            result(&"words ".repeat(200), 94.0).score() > result(&"x".repeat(1600), 34.0).score()
        );
    }
}
