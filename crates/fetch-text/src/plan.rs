//! What a pass over a document decides: the text of most of its pages, and which pages must be
//! recognised.

use serde::{Deserialize, Serialize};

use crate::choice::{Choice, Reason};
use crate::document::{PageSource, PageText, Problem};
use crate::hidden::HiddenText;

/// What the pass over a page decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PagePlan {
    /// Number of the page, from 1.
    pub number: u32,
    /// Its text layer, or the part of it that is kept when the page is recognised.
    pub text: String,
    /// Whether the page must be recognised.
    pub choice: Choice,
    /// Wall time of the pass, in milliseconds.
    pub millis: u32,
    /// Whether the text was longer than the limit, and the rest is left out.
    pub cut: bool,
    /// What its text layer has that a reader of the printed page does not see.
    #[serde(default)]
    pub hidden: Vec<HiddenText>,
    /// Whether some of what it is drawn from is damaged.
    #[serde(default)]
    pub damaged: bool,
}

impl PagePlan {
    /// A page whose pass did not end.
    pub fn failed(number: u32, reason: Reason) -> Self {
        Self {
            number,
            text: String::new(),
            choice: Choice::Failed(reason),
            millis: 0,
            cut: false,
            hidden: Vec::new(),
            damaged: false,
        }
    }

    /// The page's text when nothing more is to be done for it; `None` when it must be recognised.
    pub fn finished(&self) -> Option<PageText> {
        let (source, reason) = match self.choice {
            Choice::TextLayer => (PageSource::TextLayer, Reason::TextLayer),
            Choice::Decoded => (PageSource::TextLayer, Reason::ShiftedCodes),
            Choice::Blank => (PageSource::Blank, Reason::NothingDrawn),
            Choice::Failed(reason) => (PageSource::Failed, reason),
            Choice::Recognise(_) => return None,
        };
        Some(PageText {
            source,
            millis: self.millis,
            cut: self.cut,
            hidden: self.hidden.clone(),
            ..PageText::failed(self.number, reason, self.text.clone())
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
            .filter(|page| matches!(page.choice, Choice::Recognise(_)))
            .map(|page| page.number)
            .collect()
    }

    /// Numbers of the pages whose text layer is there but not what the page shows.
    pub fn garbled(&self) -> Vec<u32> {
        self.pages
            .iter()
            .filter(|page| page.choice == Choice::Recognise(Reason::Garbled))
            .map(|page| page.number)
            .collect()
    }
}

/// What is wrong with a file as a whole, told from its end and its pages.
pub fn file_problems(truncated: bool, pages: &[PagePlan]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if truncated {
        problems.push(Problem::Truncated);
    }
    let damaged = pages.iter().filter(|page| page.damaged);
    problems.extend(damaged.map(|page| Problem::PageDamaged { page: page.number }));
    if pages
        .first()
        .is_some_and(|page| is_form_placeholder(&page.text))
    {
        problems.push(Problem::FormPlaceholder);
    }
    problems
}

/// The text that form software writes on the only page that others see.
fn is_form_placeholder(text: &str) -> bool {
    text.contains("Please wait...") && text.contains("PDF viewer")
}
