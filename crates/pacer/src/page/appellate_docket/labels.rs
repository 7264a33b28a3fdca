//! Where the labels of a docket are: found all at once, since each may be anywhere in the page.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::page::date;
use crate::page::selection::tail;
use crate::page::strings::{clean, squeeze};
use crate::page::tree::{NodeId, Page, Tag};

macro_rules! labels {
    ($($label:ident = $words:literal),* $(,)?) => {
        /// A label: an element says it if its first own text contains its words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Label {
            $(#[doc = $words] $label,)*
        }

        impl Label {
            /// No label's words end with the start of another's, so that no search hides one.
            const ALL: &[(Self, &str)] = &[$((Self::$label, $words),)*];
        }
    };
}

labels! {
    Docket = "Docket #", CaseNumber = "Case Number", Panel = "Panel:",
    PanelAssignment = "Panel Assignment", NatureOfSuit = "Nature of Suit",
    FeeStatus = "Fee Status", AppealFrom = "Appeal From", Docketed = "Docketed",
    Termed = "Termed", CaseType = "Case Type Information",
    OriginatingCourt = "Originating Court Information", TrialJudge = "Trial Judge",
    OrderingJudge = "Ordering Judge", CourtReporter = "Court Reporter",
    Disposition = "Disposition", DateFiled = "Date Filed", DateDisposed = "Date Disposed",
}

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let words: Vec<&str> = Label::ALL.iter().map(|(_, words)| *words).collect();
    Regex::new(&words.join("|")).expect("labels are plain words")
});

/// The first element of the page that says each label.
pub(super) struct Labels<'a> {
    page: &'a Page,
    elements: [Option<NodeId>; Label::ALL.len()],
    has_panel: bool,
}

impl<'a> Labels<'a> {
    pub(super) fn find(page: &'a Page) -> Self {
        let mut labels = Self {
            page,
            elements: [None; Label::ALL.len()],
            has_panel: false,
        };
        let mut first_texts = HashMap::new();
        for (text, words) in page.matches(&WORDS) {
            let element = page.parent(text);
            let first_text = *first_texts
                .entry(element)
                .or_insert_with(|| page.children_of(element, Tag::Text).next());
            if first_text == Some(text) {
                labels.add(words, element);
            }
        }
        labels
    }

    fn add(&mut self, words: &str, element: NodeId) {
        let Some((label, _)) = Label::ALL.iter().find(|(_, known)| *known == words) else {
            return;
        };
        let place = &mut self.elements[*label as usize];
        *place = Some(place.map_or(element, |first| first.min(element)));
        if *label == Label::PanelAssignment && !self.has_panel {
            let mut around = self.page.ancestors(element);
            self.has_panel = around.any(|node| self.page.is(node, Tag::Td));
        }
    }

    /// The first element that says it.
    pub(super) fn element(&self, label: Label) -> Option<NodeId> {
        self.elements[label as usize]
    }

    /// Whether an element inside a cell announces the panel.
    pub(super) fn has_panel(&self) -> bool {
        self.has_panel
    }

    /// What follows the element, cleaned, or empty.
    pub(super) fn value(&self, label: Label) -> String {
        self.element(label)
            .map_or_else(String::new, |element| value_after(self.page, element))
    }

    pub(super) fn date(&self, label: Label) -> Option<NaiveDate> {
        date::date(&self.value(label))
    }
}

/// What directly follows an element, cleaned, or empty.
pub(super) fn value_after(page: &Page, element: NodeId) -> String {
    squeeze(&clean(tail(page, element).unwrap_or_default()))
}
