//! One document's way to its text, inside one process.
//!
//! Plan first: every page is passed over once, which tells the text of most pages and which
//! pages must be recognised. Then those are recognised, one by one and in any order. Nothing here
//! bounds time or memory: files of strangers go through [`crate::pool`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use hayro::hayro_syntax::Pdf;
use serde::{Deserialize, Serialize};

use crate::document::{DocumentText, PageSource, PageText, Problem, cut};
use crate::layer::content::ContentLayer;
use crate::layer::second::SecondLayer;
use crate::layer::{LayerText, TextLayer};
use crate::layout::{self, Line};
use crate::limits::Limits;
use crate::open::{self, Refusal};
use crate::picture::{self, GreyImage, Means};
use crate::recognise::{Recognised, Recogniser};
use crate::sight::{Area, PageSight};
use crate::verdict::{self, Reason, Verdict};

/// What the pass over a page decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PagePlan {
    /// Number of the page, from 1.
    pub number: u32,
    /// Its text layer, or the part of it that is kept when the page is recognised.
    pub text: String,
    /// Whether the page must be recognised.
    pub verdict: Verdict,
    /// Wall time of the pass, in milliseconds.
    pub millis: u32,
    /// Whether the text was longer than the limit, and the rest is left out.
    pub cut: bool,
}

impl PagePlan {
    /// A page whose pass did not end.
    pub fn failed(number: u32, reason: Reason) -> Self {
        Self {
            number,
            text: String::new(),
            verdict: Verdict::Failed(reason),
            millis: 0,
            cut: false,
        }
    }

    /// The page's text when nothing more is to be done for it; `None` when it must be recognised.
    pub fn finished(&self) -> Option<PageText> {
        let (source, reason) = match self.verdict {
            Verdict::TextLayer => (PageSource::TextLayer, Reason::TextLayer),
            Verdict::Blank => (PageSource::Blank, Reason::NothingDrawn),
            Verdict::Failed(reason) => (PageSource::Failed, reason),
            Verdict::Recognise(_) => return None,
        };
        Some(PageText {
            number: self.number,
            text: self.text.clone(),
            source,
            reason,
            mean_confidence: None,
            millis: self.millis,
            cut: self.cut,
        })
    }
}

/// What the pass over all pages of a document decided.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DocumentPlan {
    /// Every page, in order.
    pub pages: Vec<PagePlan>,
    /// What is wrong with the file as a whole.
    pub problems: Vec<Problem>,
}

impl DocumentPlan {
    /// Numbers of the pages that must be recognised.
    pub fn to_recognise(&self) -> Vec<u32> {
        self.pages
            .iter()
            .filter(|page| matches!(page.verdict, Verdict::Recognise(_)))
            .map(|page| page.number)
            .collect()
    }

    /// Numbers of the pages whose text layer is there but not what the page shows.
    pub fn garbled(&self) -> Vec<u32> {
        self.pages
            .iter()
            .filter(|page| page.verdict == Verdict::Recognise(Reason::Garbled))
            .map(|page| page.number)
            .collect()
    }
}

/// An open document, whose pages can be planned and recognised in any order.
pub struct OpenDocument<'pdf> {
    layer: ContentLayer<'pdf>,
    page_count: u32,
    limits: &'pdf Limits,
}

impl<'pdf> OpenDocument<'pdf> {
    /// Reads the pages of `pdf`.
    pub fn new(pdf: &'pdf Pdf, limits: &'pdf Limits) -> Self {
        Self {
            layer: ContentLayer::new(pdf),
            page_count: pdf.pages().len() as u32,
            limits,
        }
    }

    /// Number of its pages.
    pub fn page_count(&self) -> u32 {
        self.page_count
    }

    /// Passes over a page (from 1): its text layer, and whether that is enough.
    pub fn plan(&mut self, number: u32) -> PagePlan {
        let started = Instant::now();
        let pass = catch_unwind(AssertUnwindSafe(|| self.pass(number)));
        let mut plan = pass.unwrap_or_else(|_| PagePlan::failed(number, Reason::ReaderFailed));
        plan.cut = cut(&mut plan.text, self.limits.page_text_bytes);
        plan.millis = millis_since(started);
        plan
    }

    /// Recognises a page (from 1), and puts what its text layer keeps before it.
    pub fn recognise(&mut self, number: u32, recogniser: &mut dyn Recognise) -> PageText {
        let started = Instant::now();
        let page = catch_unwind(AssertUnwindSafe(|| self.look_at(number, recogniser)));
        let mut page =
            page.unwrap_or_else(|_| PageText::failed(number, Reason::ReaderFailed, String::new()));
        page.cut_to(self.limits.page_text_bytes);
        page.millis = millis_since(started);
        page
    }

    fn pass(&mut self, number: u32) -> PagePlan {
        let Some(page) = self.layer.sight(number) else {
            return PagePlan::failed(number, Reason::ReaderFailed);
        };
        let lines = layout::lines(&page.glyphs);
        let verdict = verdict::judge(&page, &lines);
        let text = match verdict {
            Verdict::Recognise(why) => layout::text(verdict::kept_lines(&page, &lines, why)),
            _ => layout::text(&lines),
        };
        PagePlan {
            number,
            text,
            verdict,
            millis: 0,
            cut: false,
        }
    }

    fn look_at(&mut self, number: u32, recogniser: &mut dyn Recognise) -> PageText {
        let Some(page) = self.layer.sight(number) else {
            return PageText::failed(number, Reason::ReaderFailed, String::new());
        };
        let lines = layout::lines(&page.glyphs);
        let why = match verdict::judge(&page, &lines) {
            Verdict::Recognise(why) => why,
            // Asked for all the same, so the whole layer is kept beside what is recognised.
            _ => Reason::MixedPage,
        };
        let kept = verdict::kept_lines(&page, &lines, why);
        let kept_text = layout::text(kept.iter().copied());
        let recognised = self
            .picture(number, &page, &lines, &kept)
            .and_then(|image| recogniser.recognise(&image));
        match recognised {
            Ok(recognised) => joined(number, kept_text, recognised, why),
            Err(reason) => PageText::failed(number, reason, kept_text),
        }
    }

    fn picture(
        &self,
        number: u32,
        page: &PageSight,
        lines: &[Line],
        kept: &[&Line],
    ) -> Result<GreyImage, Reason> {
        let visible = |line: &&Line| line.words.iter().any(|word| word.visible);
        let other_ink = lines
            .iter()
            .filter(visible)
            .any(|line| !kept.iter().any(|kept| std::ptr::eq(*kept, line)));
        match picture::choose(page, other_ink, self.limits) {
            Means::Stored(index) => picture::stored(&self.layer, number, index, self.limits),
            Means::Painted(_) if picture::holds_a_bomb(page, self.limits) => {
                Err(Reason::PictureTooLarge)
            }
            Means::Painted(dots_per_inch) => {
                let known: Vec<Area> = kept
                    .iter()
                    .flat_map(|line| &line.words)
                    .map(|word| word.area)
                    .collect();
                picture::painted(&self.layer, number, dots_per_inch, &known, self.limits)
            }
        }
    }
}

/// What recognition says about a page's picture.
pub trait Recognise {
    /// The words in a picture.
    ///
    /// # Errors
    /// The reason that the page is to give.
    fn recognise(&mut self, image: &GreyImage) -> Result<Recognised, Reason>;
}

/// A recogniser that starts when the first page needs it.
#[derive(Default)]
pub struct LazyRecogniser {
    data: Option<PathBuf>,
    engine: Option<Recogniser>,
}

impl LazyRecogniser {
    /// Starts, when it is needed, with the data in that directory or where Tesseract looks.
    pub fn new(data: Option<PathBuf>) -> Self {
        Self { data, engine: None }
    }

    fn engine(&mut self) -> Result<&mut Recogniser, Reason> {
        if self.engine.is_none() {
            let engine = Recogniser::start(self.data.as_deref()).map_err(|error| {
                tracing::error!(%error, "the recogniser did not start");
                Reason::RecognitionFailed
            })?;
            self.engine = Some(engine);
        }
        self.engine.as_mut().ok_or(Reason::RecognitionFailed)
    }
}

impl Recognise for LazyRecogniser {
    fn recognise(&mut self, image: &GreyImage) -> Result<Recognised, Reason> {
        self.engine()?
            .recognise(image)
            .map_err(|_| Reason::RecognitionFailed)
    }
}

/// Reads whole documents in this process. For files that are known to be harmless, for tests and
/// for measuring; services use [`crate::WorkerPool`].
pub struct Reader {
    limits: Limits,
    recogniser: LazyRecogniser,
}

impl Reader {
    /// A reader with those limits, whose recogniser takes its data from that directory or from
    /// where Tesseract looks for it.
    pub fn new(limits: Limits, recogniser_data: Option<PathBuf>) -> Self {
        Self {
            limits,
            recogniser: LazyRecogniser::new(recogniser_data),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The [`Refusal`] that says why it has no pages.
    pub fn read_file(&mut self, path: &Path) -> Result<DocumentText, Refusal> {
        let bytes = open::load(path, &self.limits)?;
        self.read(bytes)
    }

    /// Reads a PDF's bytes.
    ///
    /// # Errors
    /// The [`Refusal`] that says why they have no pages.
    pub fn read(&mut self, bytes: Vec<u8>) -> Result<DocumentText, Refusal> {
        let truncated = open::is_truncated(&bytes);
        let pdf = open::open(bytes, &self.limits)?;
        let mut document = OpenDocument::new(&pdf, &self.limits);
        let plans: Vec<PagePlan> = (1..=document.page_count())
            .map(|number| document.plan(number))
            .collect();
        let problems = file_problems(truncated, plans.first());
        let plan = DocumentPlan {
            pages: plans,
            problems,
        };
        let mut reread = match plan.garbled() {
            garbled if garbled.is_empty() => Vec::new(),
            garbled => reread(pdf.data().as_ref(), &garbled),
        };
        let pages = plan
            .pages
            .iter()
            .map(|plan| {
                let again = reread.iter().position(|page| page.number == plan.number);
                match (plan.finished(), again) {
                    (Some(page), _) => page,
                    (None, Some(again)) => reread.swap_remove(again),
                    (None, None) => document.recognise(plan.number, &mut self.recogniser),
                }
            })
            .collect();
        Ok(DocumentText::new(pages, plan.problems))
    }
}

/// What is wrong with a file as a whole, told from its end and its first page.
pub fn file_problems(truncated: bool, first_page: Option<&PagePlan>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if truncated {
        problems.push(Problem::Truncated);
    }
    if first_page.is_some_and(|page| is_form_placeholder(&page.text)) {
        problems.push(Problem::FormPlaceholder);
    }
    problems
}

/// A second reading of garbled pages, those alone that it reads as language.
pub fn reread(bytes: &[u8], numbers: &[u32]) -> Vec<PageText> {
    let Some(mut second) = SecondLayer::open(bytes) else {
        return Vec::new();
    };
    numbers
        .iter()
        .filter_map(|number| reread_page(&mut second, *number))
        .collect()
}

fn reread_page(second: &mut dyn TextLayer, number: u32) -> Option<PageText> {
    let started = Instant::now();
    let LayerText { text, quality } = second.page_text(number)?;
    let is_language = !quality.is_garbled() && quality.words > 0;
    is_language.then(|| PageText {
        number,
        text,
        source: PageSource::TextLayer,
        reason: Reason::SecondReader,
        mean_confidence: None,
        millis: millis_since(started),
        cut: false,
    })
}

/// The text that form software writes on the only page that others see.
fn is_form_placeholder(text: &str) -> bool {
    text.contains("Please wait...") && text.contains("PDF viewer")
}

/// A recognised page: what was kept first, then what was recognised.
fn joined(number: u32, kept: String, recognised: Recognised, why: Reason) -> PageText {
    let nothing = recognised.text.is_empty();
    let text = match (kept.is_empty(), nothing) {
        (true, _) => recognised.text,
        (_, true) => kept.clone(),
        _ => format!("{kept}\n\n{}", recognised.text),
    };
    PageText {
        number,
        text,
        source: if kept.is_empty() {
            PageSource::Ocr
        } else {
            PageSource::TextLayerPlusOcr
        },
        reason: if nothing {
            Reason::NothingRecognised
        } else {
            why
        },
        mean_confidence: Some(recognised.mean_confidence),
        millis: 0,
        cut: false,
    }
}

fn millis_since(started: Instant) -> u32 {
    u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX)
}
