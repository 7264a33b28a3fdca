//! Reading without worker processes, and the second reading of garbled pages.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::choice::Reason;
use crate::document::{DocumentText, PageText};
use crate::engine::{OpenDocument, millis_since};
use crate::layer::content::ContentLayer;
use crate::layer::second::SecondLayer;
use crate::layer::{LayerText, TextLayer};
use crate::limits::Limits;
use crate::open::{self, Refusal};
use crate::overprint::without_overprints;
use crate::plan::{DocumentPlan, PagePlan, file_problems};
use crate::recognise::{LazyRecogniser, StartRecogniser};
use crate::sight::Glyph;

/// Share of the painted glyphs that a second reading has to give: one that drops more is none.
const COVERED_SHARE: f32 = 0.95;

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
        let problems = file_problems(truncated, &plans);
        let plan = DocumentPlan {
            pages: plans,
            problems,
        };
        let mut reread = match plan.garbled() {
            garbled if garbled.is_empty() => Vec::new(),
            garbled => reread(pdf.data().as_ref(), &garbled, &self.limits),
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

/// A second reading of garbled pages: those alone of which it reads all that is painted, as
/// language.
pub fn reread(bytes: &[u8], numbers: &[u32], limits: &Limits) -> Vec<PageText> {
    let (Some(mut second), Ok(pdf)) =
        (SecondLayer::open(bytes), open::open(bytes.to_vec(), limits))
    else {
        return Vec::new();
    };
    let mut first = ContentLayer::new(&pdf);
    numbers
        .iter()
        .filter_map(|number| reread_page(&mut first, &mut second, *number))
        .collect()
}

fn reread_page(
    first: &mut ContentLayer<'_>,
    second: &mut dyn TextLayer,
    number: u32,
) -> Option<PageText> {
    let started = Instant::now();
    let painted = painted_glyphs(first, number)?;
    let LayerText { text, quality } = second.page_text(number)?;
    let covers = quality.glyphs as f32 >= COVERED_SHARE * painted as f32;
    let is_language = quality.reads_well() && quality.words > 0;
    (covers && is_language).then(|| PageText {
        millis: millis_since(started),
        ..PageText::of_layer(number, text, Reason::SecondReader)
    })
}

/// How many glyphs a page shows that are more than a gap, each once.
fn painted_glyphs(first: &mut ContentLayer<'_>, number: u32) -> Option<usize> {
    let (page, painted) = first.sight_and_painted(number)?;
    let drawn = page.glyphs.iter().zip(&painted);
    let drawn = drawn.filter(|(_, painted)| painted.is_drawn);
    let shown: Vec<Glyph> = drawn.map(|(glyph, _)| glyph.clone()).collect();
    Some(without_overprints(&shown).len())
}
