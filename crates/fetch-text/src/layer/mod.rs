//! Readers of the text that is written in a file.
//!
//! Two libraries do it, each with files that only the other reads: [`content`] is asked first,
//! [`second`] only for pages where the first one's text is poor.

pub mod content;
mod cover;
pub mod painted;
mod said;
pub mod second;

use crate::quality::Quality;

/// The text layer of one page, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerText {
    /// Its text in reading order.
    pub text: String,
    /// How much of it is language.
    pub quality: Quality,
}

/// Reads the text layer of a document's pages.
pub trait TextLayer {
    /// The text written on the page with that number (from 1); `None` when the page cannot be
    /// read at all.
    fn page_text(&mut self, number: u32) -> Option<LayerText>;
}
