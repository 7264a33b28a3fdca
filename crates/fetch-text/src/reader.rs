//! Reading without worker processes, and the second reading of garbled pages.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::document::{DocumentText, PageSource, PageText};
use crate::engine::{OpenDocument, millis_since};
use crate::layer::second::SecondLayer;
use crate::layer::{LayerText, TextLayer};
use crate::limits::Limits;
use crate::open::{self, Refusal};
use crate::plan::{DocumentPlan, PagePlan, file_problems};
use crate::recognise::{LazyRecogniser, StartRecogniser};
use crate::verdict::Reason;

/// Reads whole documents in this process. For files that are known to be harmless, for tests and
/// for measuring; services use [`crate::WorkerPool`].
pub struct Reader {
    limits: Limits,
    recogniser: LazyRecogniser,
}

impl Reader {
    /// A reader with those limits, whose recogniser takes its data from that directory or from
    /// where it looks itself. Without a recogniser, pages that need it fail.
    pub fn new(
        limits: Limits,
        recogniser: Option<StartRecogniser>,
        recogniser_data: Option<PathBuf>,
    ) -> Self {
        Self {
            limits,
            recogniser: LazyRecogniser::new(recogniser, recogniser_data),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The [`Refusal`] that says why it has no pages.
    pub fn read_file(&mut self, path: &Path) -> Result<DocumentText, Refusal> {
        let file = File::open(path).map_err(open::unreachable)?;
        let bytes = open::load(file, &self.limits)?;
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
