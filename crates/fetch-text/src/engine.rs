//! One document's way to its text, inside one process.
//!
//! Plan first: every page is passed over once, which tells the text of most pages and which
//! pages must be recognised. Then those are recognised, one by one and in any order. Nothing here
//! bounds time or memory: files of strangers go through [`crate::pool`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use hayro::hayro_syntax::Pdf;

use crate::document::{PageSource, PageText, cut};
use crate::layer::content::ContentLayer;
use crate::layout::{self, Line};
use crate::limits::Limits;
use crate::picture::{self, GreyImage, Means};
use crate::plan::PagePlan;
use crate::recognise::{LazyRecogniser, Recognised};
use crate::sight::{Area, PageSight};
use crate::stored;
use crate::verdict::{self, Reason, Verdict};

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
    pub fn recognise(&mut self, number: u32, recogniser: &mut LazyRecogniser) -> PageText {
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

    fn look_at(&mut self, number: u32, recogniser: &mut LazyRecogniser) -> PageText {
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
            Means::Stored(index) => stored::stored(&self.layer, number, index, self.limits),
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

pub(crate) fn millis_since(started: Instant) -> u32 {
    u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX)
}
