//! One document's way to its text, inside one process.
//!
//! Plan first: every page is passed over once, which tells the text of most pages and which
//! pages must be recognised. Then those are recognised, one by one and in any order. Nothing here
//! bounds time or memory: files of strangers go through [`crate::pool`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use hayro::hayro_syntax::Pdf;

use crate::choice::{self, Choice, Reason};
use crate::document::{PageSource, PageText, cut};
use crate::layer::content::ContentLayer;
use crate::layout::{self, Line};
use crate::limits::Limits;
use crate::picture::{self, GreyImage, Means};
use crate::plan::PagePlan;
use crate::recognise::{LazyRecogniser, Recognised};
use crate::sight::{Area, PageSight};
use crate::stored;
use crate::{damage, fonts, hidden};

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
        let Some((page, lines)) = self.seen(number) else {
            return PagePlan::failed(number, Reason::ReaderFailed);
        };
        let choice = match choice::choose(&page, &lines) {
            Choice::TextLayer if page.decoded_glyphs > 0 => Choice::Decoded,
            choice => choice,
        };
        let text = match choice {
            Choice::Recognise(why) => layout::text(choice::kept_lines(&page, &lines, why)),
            _ => layout::text(&lines),
        };
        PagePlan {
            text,
            choice,
            hidden: hidden::hidden(&page),
            damaged: self.is_damaged(number, &page, &lines),
            ..PagePlan::failed(number, Reason::ReaderFailed)
        }
    }

    /// What a page shows, and the lines that its glyphs make. Fonts that seem to lie are looked at
    /// once more, each for itself.
    fn seen(&mut self, number: u32) -> Option<(PageSight, Vec<Line>)> {
        let page = self.layer.sight(number)?;
        let lines = layout::lines(&page.glyphs);
        if !fonts::is_suspect(&page, &lines) {
            return Some((page, lines));
        }
        let (mut page, painted) = self.layer.sight_and_painted(number)?;
        fonts::mend(&mut page, &painted);
        let lines = layout::lines(&page.glyphs);
        Some((page, lines))
    }

    fn is_damaged(&self, number: u32, page: &PageSight, lines: &[Line]) -> bool {
        let Some(source) = self.layer.page(number) else {
            return false;
        };
        damage::is_content_damaged(source)
            || (choice::is_nearly_empty(page, lines) && damage::is_resource_damaged(source))
    }

    fn look_at(&mut self, number: u32, recogniser: &mut LazyRecogniser) -> PageText {
        let Some((page, lines)) = self.seen(number) else {
            return PageText::failed(number, Reason::ReaderFailed, String::new());
        };
        let why = match choice::choose(&page, &lines) {
            Choice::Recognise(why) => why,
            // Asked for all the same, so the whole layer is kept beside what is recognised.
            _ => Reason::MixedPage,
        };
        let kept = choice::kept_lines(&page, &lines, why);
        let kept_text = layout::text(kept.iter().copied());
        let recognised = self
            .picture(number, &page, &lines, &kept)
            .and_then(|image| recogniser.recognise(&image));
        let text = match recognised {
            Ok(recognised) => joined(number, kept_text, recognised, why),
            Err(reason) => PageText::failed(number, reason, kept_text),
        };
        PageText {
            hidden: hidden::hidden(&page),
            ..text
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
    if recognised.is_blank {
        let source = match kept.is_empty() {
            true => PageSource::Blank,
            false => PageSource::TextLayer,
        };
        return PageText {
            source,
            ..PageText::failed(number, Reason::NothingPrinted, kept)
        };
    }
    let reason = match recognised.text.is_empty() {
        true => Reason::NothingRecognised,
        false => why,
    };
    let source = match kept.is_empty() {
        true => PageSource::Ocr,
        false => PageSource::TextLayerPlusOcr,
    };
    let parts = [kept, recognised.text];
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    PageText {
        source,
        mean_confidence: Some(recognised.mean_confidence),
        sure_words: recognised.sure_words,
        ..PageText::failed(number, reason, parts.join("\n\n"))
    }
}

pub(crate) fn millis_since(started: Instant) -> u32 {
    u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX)
}
