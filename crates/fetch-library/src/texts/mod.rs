//! Taking the text of a file: work that is shared by all readers, page by page.
//!
//! Keyed by the name of the file's bytes and the page, so that a file is read once, whoever and
//! however many want it, and doing a part twice changes nothing. Claims are leased and fenced as
//! those of requests are. `want` is how a text comes to be wanted, `claim` how a
//! reader takes work, `plan`, `part` and `finish` what it leaves. What the requests learn of it that
//! wait for the text is written together with that: see `fetch_attempt::Stores`.

mod again;
mod claim;
mod due;
mod finish;
mod named;
mod open;
mod part;
mod plan;
pub mod retention;
mod want;

pub use again::TextAgain;
pub use claim::{ClaimedPart, ClaimedText, Stage};
use fetch_model::Fence;
pub use finish::finish;
pub use named::NamedDocument;
pub use open::OpenTexts;
pub use part::{give_up_part, save_page};
pub use plan::{Planned, refuse_text, save_plan};
pub use want::request_text;

/// What is stored about a page.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPage {
    /// Its number, from 1.
    pub page: i32,
    /// Its words; NUL characters are dropped, since the database has none.
    pub text: String,
    /// Where they came from, in the reader's words; none while it is to be recognised.
    pub source: Option<String>,
    /// Why that source, in the reader's words.
    pub reason: String,
    /// The recogniser's mean confidence, 0 to 100.
    pub confidence: Option<f32>,
    /// Wall time that it took, in milliseconds.
    pub millis: i32,
    /// Whether the text was longer than the limit.
    pub cut: bool,
    /// Share of its words that were recognised surely, 0 to 1.
    pub sure_words: Option<f32>,
    /// What of its text is hidden on the printed page, in the reader's words.
    pub hidden_text: serde_json::Value,
}

/// How far the reading of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pages that are read, or failed for good.
    pub read: i32,
    /// All pages of the file.
    pub pages: i32,
    /// Whether it is further than before.
    pub has_moved: bool,
}

/// Texts for the database, which has no NUL character.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// The name of a claim of a text or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadingClaim {
    /// A whole text: to be planned or put together.
    Text {
        /// The name of the file's bytes.
        sha256: String,
        /// The token of the claim.
        fence: Fence,
    },
    /// Some pages of one.
    Part {
        /// The number of the part.
        id: i64,
        /// The token of the claim.
        fence: Fence,
    },
}
