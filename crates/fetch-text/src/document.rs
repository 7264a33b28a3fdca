//! What reading a document gives: its pages' text, where each came from, and what went wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::choice::Reason;
use crate::hidden::HiddenText;

/// Where the text of a page came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageSource {
    /// Written in the file.
    TextLayer,
    /// Recognised from the page's picture.
    Ocr,
    /// Some written in the file (a court's stamp, a typed part), the rest recognised.
    #[serde(rename = "text-layer+ocr")]
    TextLayerPlusOcr,
    /// The page shows nothing that could be text.
    Blank,
    /// The page needed reading and could not be read; `text` holds what its text layer gave.
    Failed,
}

/// The text of one page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    /// Number of the page, from 1.
    pub number: u32,
    /// Its words in reading order; empty when there are none.
    pub text: String,
    /// Where they came from.
    pub source: PageSource,
    /// Why that source was chosen, or why it failed.
    pub reason: Reason,
    /// Recognition's mean confidence in its words, 0 to 100; `None` when nothing was recognised.
    pub mean_confidence: Option<f32>,
    /// Wall time that the page took, in milliseconds.
    pub millis: u32,
    /// Whether the text was longer than the limit, and the rest is left out.
    pub cut: bool,
    /// Share of its words that were recognised surely, 0 to 1; `None` when nothing was recognised.
    #[serde(default)]
    pub sure_words: Option<f32>,
    /// What its text has that a reader of the printed page does not see.
    #[serde(default)]
    pub hidden: Vec<HiddenText>,
}

impl PageText {
    /// A page whose text is written in the file.
    pub fn of_layer(number: u32, text: String, reason: Reason) -> Self {
        Self {
            source: PageSource::TextLayer,
            ..Self::failed(number, reason, text)
        }
    }

    /// A page that could not be read.
    pub fn failed(number: u32, reason: Reason, text: String) -> Self {
        Self {
            number,
            text,
            source: PageSource::Failed,
            reason,
            mean_confidence: None,
            millis: 0,
            cut: false,
            sure_words: None,
            hidden: Vec::new(),
        }
    }

    /// Whether the share of its words that are sure is below this, or it failed.
    pub fn is_less_sure_than(&self, share: f32) -> bool {
        self.source == PageSource::Failed || self.sure_words.is_some_and(|sure| sure < share)
    }

    /// Cuts the text to at most that many bytes.
    pub fn cut_to(&mut self, bytes: usize) {
        self.cut |= cut(&mut self.text, bytes);
    }
}

/// Cuts a text to at most that many bytes, between characters; says whether it was longer.
pub(crate) fn cut(text: &mut String, bytes: usize) -> bool {
    let longer = text.len() > bytes;
    if longer {
        text.truncate(text.floor_char_boundary(bytes));
    }
    longer
}

/// Something about a document that a reader of its text should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "problem")]
pub enum Problem {
    /// The file has no end mark: it was cut off, and pages may be missing.
    Truncated,
    /// The file is a form that only its vendor's software can display; its text is a placeholder.
    FormPlaceholder,
    /// A page's text was longer than the limit and was cut.
    TextCut {
        /// The page, from 1.
        page: u32,
    },
    /// What a page is drawn from is damaged: some of it, or all, is missing.
    PageDamaged {
        /// The page, from 1.
        page: u32,
    },
    /// A page could not be read.
    PageFailed {
        /// The page, from 1.
        page: u32,
        /// Why.
        reason: Reason,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => {
                formatter.write_str("the file is truncated; pages may be missing at its end")
            }
            Self::FormPlaceholder => formatter
                .write_str("the file is a form that only its vendor's software can display"),
            Self::TextCut { page } => write!(
                formatter,
                "page {page}: the text exceeds the limit and was truncated"
            ),
            Self::PageDamaged { page } => write!(
                formatter,
                "page {page}: its content is damaged; some text may be missing"
            ),
            Self::PageFailed { page, reason } => write!(formatter, "page {page}: {reason}"),
        }
    }
}

/// The text of one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentText {
    /// Every page, in order.
    pub pages: Vec<PageText>,
    /// Number of pages in the file.
    pub page_count: u32,
    /// The API's summary: 1 text came from OCR, 2 the text layer was enough, 3 OCR ran and found
    /// nothing, 4 OCR was needed and is not done for at least one page; `None` without pages.
    pub ocr_status: Option<i16>,
    /// What went wrong without failing the document.
    pub problems: Vec<Problem>,
}

impl DocumentText {
    /// Puts pages together; `pages` may come in any order, `problems` are those of the file as a
    /// whole. Failed and cut pages add their own.
    pub fn new(mut pages: Vec<PageText>, mut problems: Vec<Problem>) -> Self {
        pages.sort_by_key(|page| page.number);
        for page in &pages {
            if page.cut {
                problems.push(Problem::TextCut { page: page.number });
            }
            if page.source == PageSource::Failed {
                problems.push(Problem::PageFailed {
                    page: page.number,
                    reason: page.reason,
                });
            }
        }
        Self {
            page_count: pages.len() as u32,
            ocr_status: ocr_status(&pages),
            pages,
            problems,
        }
    }

    /// The whole text: pages joined by a form feed, as `pdftotext` does.
    ///
    /// ```
    /// # use fetch_text::{DocumentText, PageText};
    /// # use fetch_text::choice::Reason;
    /// let page = |number, text: &str| {
    ///     PageText::of_layer(number, text.to_owned(), Reason::TextLayer)
    /// };
    /// let document = DocumentText::new(vec![page(1, "ORDER"), page(2, "SO ORDERED.")], vec![]);
    /// assert_eq!(document.plain_text(), "ORDER\n\u{c}SO ORDERED.\n");
    /// ```
    pub fn plain_text(&self) -> String {
        let mut text = String::new();
        for (position, page) in self.pages.iter().enumerate() {
            if position > 0 {
                text.push('\u{c}');
            }
            text.push_str(&page.text);
            if !page.text.is_empty() {
                text.push('\n');
            }
        }
        text
    }
}

/// The API's summary of where the text came from, see [`DocumentText::ocr_status`].
fn ocr_status(pages: &[PageText]) -> Option<i16> {
    let any = |source| pages.iter().any(|page| page.source == source);
    let recognised_something = pages.iter().any(|page| {
        matches!(page.source, PageSource::Ocr | PageSource::TextLayerPlusOcr)
            && page.reason != Reason::NothingRecognised
    });
    if pages.is_empty() {
        None
    } else if any(PageSource::Failed) {
        Some(4)
    } else if recognised_something {
        Some(1)
    } else if any(PageSource::TextLayer) {
        Some(2)
    } else if any(PageSource::Ocr) || any(PageSource::TextLayerPlusOcr) {
        Some(3)
    } else {
        Some(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u32, source: PageSource, reason: Reason) -> PageText {
        PageText {
            source,
            ..PageText::failed(number, reason, "words".to_owned())
        }
    }

    fn status(pages: &[(PageSource, Reason)]) -> Option<i16> {
        let pages = pages
            .iter()
            .enumerate()
            .map(|(index, (source, reason))| page(index as u32 + 1, *source, *reason))
            .collect();
        DocumentText::new(pages, vec![]).ocr_status
    }

    #[test]
    fn the_summary_says_what_ocr_did() {
        use PageSource::*;
        let text = (TextLayer, Reason::TextLayer);
        let scan = (Ocr, Reason::OnlyPictures);
        let empty_scan = (Ocr, Reason::NothingRecognised);
        let failed = (Failed, Reason::TimeLimit);
        assert_eq!(status(&[]), None);
        assert_eq!(status(&[text, text]), Some(2));
        assert_eq!(status(&[(Blank, Reason::NothingDrawn)]), Some(2));
        assert_eq!(status(&[text, scan]), Some(1));
        assert_eq!(status(&[empty_scan]), Some(3));
        assert_eq!(status(&[text, empty_scan]), Some(2));
        assert_eq!(status(&[scan, failed]), Some(4));
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_said() {
        let mut long = page(1, PageSource::TextLayer, Reason::TextLayer);
        long.text = "§§§".to_owned();
        long.cut_to(3);
        assert_eq!(long.text, "§");
        let document = DocumentText::new(vec![long], vec![]);
        assert_eq!(document.problems, [Problem::TextCut { page: 1 }]);
    }

    #[test]
    fn pages_are_put_in_order_and_failures_are_named() {
        let document = DocumentText::new(
            vec![
                page(2, PageSource::Failed, Reason::TimeLimit),
                page(1, PageSource::Ocr, Reason::OnlyPictures),
            ],
            vec![Problem::Truncated],
        );
        assert_eq!(document.pages[0].number, 1);
        assert_eq!(
            document.problems,
            [
                Problem::Truncated,
                Problem::PageFailed {
                    page: 2,
                    reason: Reason::TimeLimit
                }
            ]
        );
    }
}
