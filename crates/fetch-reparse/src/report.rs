//! What came of it.

use fetch_model::{CaptureId, FetchId};
use serde::Serialize;

use crate::diff::DocketDiff;

/// What was found of a chosen page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It was read, and something stored is different now.
    Changed,
    /// It was read, and all that it says is stored.
    Unchanged,
    /// It was understood, and is not what was asked for.
    Refused,
    /// The readers of this version do not know it either.
    Unreadable,
    /// Its bytes are not there, or are not those that were kept.
    Damaged,
    /// It was left as it was: a page that came after it cannot be read again, and its facts would
    /// be overwritten by older ones.
    Left,
    /// The text of the file is taken again by the readers of documents.
    Handed,
}

/// A chosen page.
#[derive(Debug, Clone, Serialize)]
pub struct PageFound {
    /// Its number.
    pub capture: CaptureId,
    /// What it is.
    pub item: String,
    /// The request that brought it home.
    pub request: Option<FetchId>,
    /// What was found.
    pub finding: Finding,
    /// Why, if it was not read; otherwise empty.
    pub why: String,
}

/// A request that a page was good news for.
#[derive(Debug, Clone, Serialize)]
pub struct RequestMended {
    /// Which.
    pub request: FetchId,
    /// Whether it had failed, and is done now; otherwise it was done, and less well.
    pub had_failed: bool,
    /// What its owner is told now.
    pub message: String,
}

/// What was done with the pages of a case, or with the files of a court.
#[derive(Debug, Clone, Serialize)]
pub struct CaseReport {
    /// CourtListener's id of the court.
    pub court: String,
    /// The court's id of the case, or its number; empty for files.
    pub case: String,
    /// The chosen pages.
    pub pages: Vec<PageFound>,
    /// Later pages of the case that were read after them, so that what is newer stays.
    pub read_after: usize,
    /// What is different now.
    pub dockets: Vec<DocketDiff>,
    /// Requests that ended as done, or whose answer says more.
    pub requests: Vec<RequestMended>,
}

/// All of it, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Chosen pages that were read.
    pub read: usize,
    /// Those of them after which something stored is different.
    pub changed: usize,
    /// Those after which nothing is.
    pub unchanged: usize,
    /// Pages that say something else than what was asked for.
    pub refused: usize,
    /// Pages that nobody knows still.
    pub unreadable: usize,
    /// Pages whose bytes are not there.
    pub damaged: usize,
    /// Pages that were left for the sake of newer ones.
    pub left: usize,
    /// Files whose text is taken again.
    pub texts: usize,
    /// Dockets that are different now.
    pub dockets_changed: usize,
    /// Requests that had failed and are done.
    pub requests_done: usize,
    /// Requests that were done, and say more now.
    pub requests_told: usize,
    /// Where the next run goes on ([`Choice::after`](crate::Choice::after)), if a limit ended this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Totals {
    /// Whether there are pages that somebody should look at.
    #[must_use]
    pub fn has_trouble(&self) -> bool {
        self.unreadable + self.damaged + self.left > 0
    }

    pub(crate) fn add(&mut self, report: &CaseReport) {
        for page in &report.pages {
            let counted = match page.finding {
                Finding::Changed => &mut self.changed,
                Finding::Unchanged => &mut self.unchanged,
                Finding::Refused => &mut self.refused,
                Finding::Unreadable => &mut self.unreadable,
                Finding::Damaged => &mut self.damaged,
                Finding::Left => &mut self.left,
                Finding::Handed => &mut self.texts,
            };
            *counted += 1;
        }
        self.read = self.changed + self.unchanged;
        self.dockets_changed += report.dockets.len();
        let done = report
            .requests
            .iter()
            .filter(|request| request.had_failed)
            .count();
        self.requests_done += done;
        self.requests_told += report.requests.len() - done;
    }
}
