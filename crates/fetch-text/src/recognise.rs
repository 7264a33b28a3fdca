//! Recognition of printed words in a picture, whoever does it: how often a picture is looked at,
//! in which size, and which look is kept.

use std::path::{Path, PathBuf};

use crate::picture::GreyImage;
use crate::shrink;
use crate::verdict::Reason;

/// Below this mean confidence a page that was made smaller is looked at again in full.
const UNSURE_CONFIDENCE: f32 = 80.0;
/// Width and height of the picture that a recogniser is made ready with, in pixels.
const EMPTY_SIDE: u32 = 64;
/// Below this one its orientation is looked for.
const DOUBTFUL_CONFIDENCE: f32 = 60.0;

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

    fn better(self, other: Self) -> Self {
        if other.score() > self.score() {
            other
        } else {
            self
        }
    }
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segmentation {
    /// One block of text, upright.
    Block,
    /// Columns and blocks are found, and so is which way is up.
    Automatic,
}

/// Why nothing could be recognised.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    /// The recogniser's data was not found.
    #[error("no data of the recogniser was found")]
    NoData,
    /// The recogniser did not start.
    #[error("the recogniser did not start with the data in {}", .0.display())]
    Start(PathBuf),
    /// The recogniser did not take a setting, the picture, or broke on it.
    #[error("the recogniser failed to {0}")]
    Step(&'static str),
}

/// One recogniser, kept for many pages.
pub trait Recogniser: Send {
    /// Looks at a picture once.
    ///
    /// # Errors
    /// [`RecogniseError::Step`].
    fn look(
        &mut self,
        image: &GreyImage,
        segmentation: Segmentation,
    ) -> Result<Recognised, RecogniseError>;
}

/// Starts a recogniser with the data in that directory, or where it looks for it itself.
pub type StartRecogniser = fn(Option<&Path>) -> Result<Box<dyn Recogniser>, RecogniseError>;

/// A recogniser that starts when the first page needs it; one that does not start fails the
/// pages that do.
pub struct LazyRecogniser {
    start: Option<StartRecogniser>,
    data: Option<PathBuf>,
    engine: Option<Box<dyn Recogniser>>,
}

impl LazyRecogniser {
    /// Starts, when it is needed, with the data in that directory or where it looks itself.
    /// Without `start`, every page that needs it fails.
    pub fn new(start: Option<StartRecogniser>, data: Option<PathBuf>) -> Self {
        Self {
            start,
            data,
            engine: None,
        }
    }

    /// Starts it now, for a process that will not be able to open anything later: whatever it loads
    /// when it is first used is loaded by a look at an empty picture. One that does not start fails
    /// its pages.
    pub fn make_ready(&mut self) {
        let empty = GreyImage {
            width: EMPTY_SIDE,
            height: EMPTY_SIDE,
            pixels: vec![u8::MAX; (EMPTY_SIDE * EMPTY_SIDE) as usize],
            dots_per_inch: 200.0,
        };
        let started = self.engine().map(|engine| {
            for segmentation in [Segmentation::Block, Segmentation::Automatic] {
                if let Err(error) = engine.look(&empty, segmentation) {
                    tracing::debug!(%error, "nothing was seen in an empty picture");
                }
            }
        });
        if started.is_err() {
            self.start = None;
        }
    }

    /// The words in a picture: first made smaller, as far as that loses nothing; a second time
    /// in full when that was unsure, and with its orientation looked for when it was doubtful.
    /// The better look is kept.
    ///
    /// # Errors
    /// [`Reason::RecognitionFailed`], also when the engine does not start.
    pub fn recognise(&mut self, image: &GreyImage) -> Result<Recognised, Reason> {
        let engine = self.engine()?;
        look_until_sure(engine, image).map_err(|error| {
            tracing::debug!(%error, "a picture was not recognised");
            Reason::RecognitionFailed
        })
    }

    fn engine(&mut self) -> Result<&mut dyn Recogniser, Reason> {
        if self.engine.is_none() {
            let start = self.start.ok_or(Reason::RecognitionFailed)?;
            let engine = start(self.data.as_deref()).map_err(|error| {
                tracing::error!(%error, "the recogniser did not start");
                Reason::RecognitionFailed
            })?;
            self.engine = Some(engine);
        }
        match &mut self.engine {
            Some(engine) => Ok(engine.as_mut()),
            None => Err(Reason::RecognitionFailed),
        }
    }
}

fn look_until_sure(
    engine: &mut dyn Recogniser,
    image: &GreyImage,
) -> Result<Recognised, RecogniseError> {
    let smaller = shrink::factor(image).map(|factor| shrink::shrunk(image, factor));
    let first = match &smaller {
        Some(smaller) => engine.look(smaller, Segmentation::Block)?,
        None => engine.look(image, Segmentation::Block)?,
    };
    let confidence = first.mean_confidence;
    let again = if confidence < DOUBTFUL_CONFIDENCE {
        Segmentation::Automatic
    } else if confidence < UNSURE_CONFIDENCE && smaller.is_some() {
        Segmentation::Block
    } else {
        return Ok(first);
    };
    Ok(first.better(engine.look(image, again)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers looks from a list, and notes how it was asked.
    struct Scripted {
        confidences: Vec<f32>,
        asked: Vec<(u32, Segmentation)>,
    }

    impl Recogniser for Scripted {
        fn look(
            &mut self,
            image: &GreyImage,
            segmentation: Segmentation,
        ) -> Result<Recognised, RecogniseError> {
            self.asked.push((image.height, segmentation));
            let mean_confidence = self.confidences.remove(0);
            let text = format!("look {}", self.asked.len());
            Ok(Recognised {
                text,
                mean_confidence,
            })
        }
    }

    fn looks(confidences: &[f32], dots_per_inch: f32) -> (String, Vec<(u32, Segmentation)>) {
        let image = GreyImage {
            width: 300,
            height: 300,
            pixels: vec![255; 300 * 300],
            dots_per_inch,
        };
        let mut engine = Scripted {
            confidences: confidences.to_vec(),
            asked: Vec::new(),
        };
        let best = look_until_sure(&mut engine, &image).unwrap();
        (best.text, engine.asked)
    }

    #[test]
    fn a_fine_scan_that_is_read_surely_is_looked_at_once_and_smaller() {
        let (text, asked) = looks(&[95.0], 300.0);
        assert_eq!(text, "look 1");
        assert_eq!(asked.len(), 1);
        assert!(asked[0].0 < 300);
    }

    #[test]
    fn an_unsure_look_is_followed_by_one_in_full_and_the_better_is_kept() {
        let (text, asked) = looks(&[75.0, 90.0], 300.0);
        assert_eq!(text, "look 2");
        assert_eq!(asked[1], (300, Segmentation::Block));
        assert_eq!(looks(&[75.0, 60.0], 300.0).0, "look 1");
    }

    #[test]
    fn a_doubtful_page_has_its_orientation_looked_for() {
        let (text, asked) = looks(&[34.0, 94.0], 300.0);
        assert_eq!(text, "look 2");
        assert_eq!(asked[1], (300, Segmentation::Automatic));
    }

    #[test]
    fn a_coarse_picture_is_never_made_smaller() {
        let (_, asked) = looks(&[70.0], 100.0);
        assert_eq!(asked, [(300, Segmentation::Block)]);
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
