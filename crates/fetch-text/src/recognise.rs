//! Recognition of printed words in a picture, by any recogniser: how often, at which size, and
//! which result is kept.

use std::path::{Path, PathBuf};

mod columns;
mod sift;

use crate::choice::Reason;
use crate::ink::{Ink, ink};
use crate::picture::GreyImage;
use crate::quality::clean;
use crate::shrink;
use crate::sight::Area;

/// The confidence from which a word counts as sure.
pub const SURE_CONFIDENCE: f32 = 80.0;
/// Below this one it may be none.
const DOUBTFUL_WORD: f32 = 50.0;
/// Letters of a word that nothing but print looks like.
const LONG_WORD: usize = 3;

/// Below this mean confidence a page that was made smaller is looked at again in full.
const UNSURE_CONFIDENCE: f32 = 80.0;
/// Below this one its orientation is looked for.
const DOUBTFUL_CONFIDENCE: f32 = 60.0;

/// A word that was recognised in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenWord {
    /// Its characters.
    pub text: String,
    /// Where it is, in pixels from the upper left corner.
    pub area: Area,
    /// Confidence in it, 0 to 100.
    pub confidence: f32,
    /// The number of its line; lines follow each other.
    pub line: u32,
    /// The number of its paragraph.
    pub paragraph: u32,
}

impl SeenWord {
    /// Whether it says something: letters or digits.
    fn is_word(&self) -> bool {
        self.text.contains(char::is_alphanumeric)
    }

    /// Whether it may be no word at all: a smudge or a rule.
    pub(crate) fn is_doubtful(&self) -> bool {
        !self.is_word() || self.confidence < DOUBTFUL_WORD
    }

    fn is_sure(&self) -> bool {
        self.confidence >= SURE_CONFIDENCE
    }

    /// Whether it is sure and long enough not to be so by chance.
    fn is_surely_a_word(&self) -> bool {
        let letters = self
            .text
            .chars()
            .filter(|character| character.is_alphanumeric());
        self.is_sure() && letters.count() >= LONG_WORD
    }
}

/// What was recognised in a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recognised {
    /// Its words, line by line.
    pub text: String,
    /// Mean confidence in the words, 0 to 100.
    pub mean_confidence: f32,
    /// Share of the words that are sure, 0 to 1; `None` when there are none.
    pub sure_words: Option<f32>,
    /// Its words in the order of recognition.
    pub words: Vec<SeenWord>,
    /// Whether the picture is of blank paper, so that nobody looked for words.
    pub is_blank: bool,
}

impl Recognised {
    /// What these words say.
    pub fn of_words(words: Vec<SeenWord>) -> Self {
        let text = clean(&text_of(&words));
        Self::with_text(text, words)
    }

    fn with_text(text: String, words: Vec<SeenWord>) -> Self {
        let said: Vec<&SeenWord> = words.iter().filter(|word| word.is_word()).collect();
        let share = |part: f32| part / said.len().max(1) as f32;
        let sure = said.iter().filter(|word| word.is_sure()).count();
        let sum = words.iter().map(|word| word.confidence).sum::<f32>();
        Self {
            mean_confidence: sum / words.len().max(1) as f32,
            sure_words: (!said.is_empty()).then(|| share(sure as f32)),
            text,
            words,
            is_blank: false,
        }
    }

    /// More words that are surer are better; a lone sure word does not beat a doubtful page.
    fn score(&self) -> f32 {
        self.mean_confidence * (self.text.len() as f32).sqrt()
    }
}

/// Words in their lines, and an empty line between paragraphs.
fn text_of(words: &[SeenWord]) -> String {
    let mut text = String::new();
    let mut before: Option<&SeenWord> = None;
    for word in words {
        text.push_str(match before {
            None => "",
            Some(before) if before.paragraph != word.paragraph => "\n\n",
            Some(before) if before.line != word.line => "\n",
            Some(_) => " ",
        });
        text.push_str(&word.text);
        before = Some(word);
    }
    text
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
    #[error("no Tesseract language data was found")]
    NoData,
    /// The recogniser did not start.
    #[error("Tesseract did not start with the language data in {}", .0.display())]
    Start(PathBuf),
    /// The recogniser did not take a setting, the picture, or broke on it.
    #[error("Tesseract failed to {0}")]
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

    /// Opens now what it would open at its first look of that kind, for a process that will not be
    /// able to open anything then: by a look at an empty picture, unless there is a cheaper way.
    ///
    /// # Errors
    /// [`RecogniseError::Step`].
    fn make_ready(&mut self, segmentation: Segmentation) -> Result<(), RecogniseError> {
        self.look(&GreyImage::empty(), segmentation).map(drop)
    }
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

    /// Starts it now, for a process that will not be able to open anything later. One that does not
    /// start fails its pages.
    pub fn make_ready(&mut self) {
        let started = self.engine().map(|engine| {
            for segmentation in [Segmentation::Block, Segmentation::Automatic] {
                if let Err(error) = engine.make_ready(segmentation) {
                    tracing::debug!(%error, "the recogniser is not ready to look");
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
                tracing::error!(%error, "Tesseract did not start");
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
    let ink = ink(image);
    if ink == Ink::None {
        return Ok(Recognised {
            is_blank: true,
            ..Recognised::default()
        });
    }
    let smaller = shrink::factor(image).map(|factor| shrink::shrunk(image, factor));
    let looked_at = smaller.as_ref().unwrap_or(image);
    let first = engine.look(looked_at, Segmentation::Block)?;
    let confidence = first.mean_confidence;
    let again = if confidence < DOUBTFUL_CONFIDENCE && ink == Ink::Print {
        Some(Segmentation::Automatic)
    } else if confidence < UNSURE_CONFIDENCE && smaller.is_some() {
        Some(Segmentation::Block)
    } else {
        None
    };
    let (best, looked_at) = match again {
        None => (first, looked_at),
        Some(segmentation) => {
            let second = engine.look(image, segmentation)?;
            match second.score() > first.score() {
                true => (second, image),
                false => (first, looked_at),
            }
        }
    };
    let best = sift::without_rubble(best);
    columns::read_apart(engine, looked_at, best)
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
                ..Recognised::default()
            })
        }
    }

    /// A white picture with a stroke on it, or without.
    fn picture(dots_per_inch: f32, has_print: bool) -> GreyImage {
        let is_print = |place: usize| (100..130).contains(&(place / 300)) && place % 300 / 10 == 15;
        GreyImage {
            width: 300,
            height: 300,
            pixels: (0..300 * 300)
                .map(|place| if has_print && is_print(place) { 0 } else { 255 })
                .collect(),
            dots_per_inch,
        }
    }

    fn looks(confidences: &[f32], dots_per_inch: f32) -> (String, Vec<(u32, Segmentation)>) {
        let image = picture(dots_per_inch, true);
        let mut engine = Scripted {
            confidences: confidences.to_vec(),
            asked: Vec::new(),
        };
        let best = look_until_sure(&mut engine, &image).unwrap();
        (best.text, engine.asked)
    }

    #[test]
    fn nothing_is_looked_for_where_nothing_is_printed() {
        let mut engine = Scripted {
            confidences: Vec::new(),
            asked: Vec::new(),
        };
        let best = look_until_sure(&mut engine, &picture(300.0, false)).unwrap();
        assert!(best.is_blank && best.text.is_empty());
        assert_eq!(engine.asked, []);
    }

    fn words(line: u32, words: &[(&str, f32)]) -> Vec<SeenWord> {
        let word = |(place, (text, confidence)): (usize, &(&str, f32))| SeenWord {
            text: (*text).to_owned(),
            area: Area {
                left: 60.0 * place as f32,
                top: 30.0 * line as f32,
                right: 60.0 * place as f32 + 50.0,
                bottom: 30.0 * line as f32 + 20.0,
            },
            confidence: *confidence,
            line,
            paragraph: 1,
        };
        words.iter().enumerate().map(word).collect()
    }

    #[test]
    fn a_page_of_which_nothing_is_sure_is_no_text() {
        let shine = words(
            1,
            &[
                ("Atod", 30.0),
                ("bib", 85.0),
                ("eiotilsO", 40.0),
                ("jon", 20.0),
            ],
        );
        let rubble: Vec<SeenWord> = (1..9).flat_map(|_| shine.clone()).collect();
        let mut rubble = rubble;
        rubble
            .iter_mut()
            .skip(5)
            .for_each(|word| word.confidence = 45.0);
        let nothing = sift::without_rubble(Recognised::of_words(rubble));
        assert_eq!((nothing.text.as_str(), nothing.sure_words), ("", None));
        assert!(nothing.mean_confidence > 0.0);
        let bad = words(
            1,
            &[
                ("motion", 90.0),
                ("gramted", 40.0),
                ("in", 35.0),
                ("pant", 50.0),
            ],
        );
        let bad = Recognised::of_words(bad);
        assert_eq!(sift::without_rubble(bad.clone()), bad);
    }

    #[test]
    fn lines_of_a_photo_are_left_out() {
        let mut page = words(1, &[("Exhibit", 95.0), ("A", 90.0)]);
        page.extend(words(2, &[("oe", 20.0), ("~e", 10.0), ("ae", 51.0)]));
        page.extend(words(3, &[("*", 50.0)]));
        page.extend(words(4, &[(".", 20.0), ("A", 70.0), ("3", 50.0)]));
        page.extend(words(5, &[("The", 96.0), ("scene", 93.0)]));
        let read = sift::without_rubble(Recognised::of_words(page));
        assert_eq!(read.text, "Exhibit A\nThe scene");
        assert_eq!(read.sure_words, Some(1.0));
    }

    #[test]
    fn a_line_that_is_hard_to_read_is_kept() {
        let mut page = words(1, &[("Exhibit", 95.0), ("A", 90.0)]);
        page.extend(words(2, &[("rn", 20.0), ("~e", 10.0)]));
        page.extend(words(3, &[("The", 96.0), ("scene", 93.0)]));
        let page = Recognised::of_words(page);
        assert_eq!(sift::without_rubble(page.clone()), page);
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
            ..Recognised::default()
        };
        assert!(result(&"words ".repeat(200), 58.0).score() > result("EXHIBIT", 95.0).score());
        assert!(
            result(&"words ".repeat(200), 94.0).score() > result(&"x".repeat(1600), 34.0).score()
        );
    }
}
