//! The second reader of text layers, through `pdf-extract`.
//!
//! It mends about half of the files that the first reads badly, and panics, hangs or exhausts
//! memory on some others: it runs only in a worker, and only for pages that are poor.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, PlainTextOutput, output_doc_page};

use super::{LayerText, TextLayer};
use crate::quality::{Quality, clean};

/// A document opened by the second reader.
pub struct SecondLayer {
    document: Document,
}

impl SecondLayer {
    /// Opens a PDF's bytes; `None` when this reader cannot.
    pub fn open(bytes: &[u8]) -> Option<Self> {
        let load = || Document::load_mem(bytes).ok();
        let mut document = catch_unwind(load).ok()??;
        if document.is_encrypted() {
            document.decrypt("").ok()?;
        }
        Some(Self { document })
    }

    fn raw_text(&self, number: u32) -> Option<String> {
        let mut text = String::new();
        let mut output = PlainTextOutput::new(&mut text);
        output_doc_page(&self.document, &mut output, number).ok()?;
        Some(text)
    }
}

impl TextLayer for SecondLayer {
    fn page_text(&mut self, number: u32) -> Option<LayerText> {
        // The document is only read, so a panic leaves nothing half changed.
        let raw = catch_unwind(AssertUnwindSafe(|| self.raw_text(number))).ok()??;
        let text = clean(&raw);
        let quality = Quality::of_text(&text);
        Some(LayerText { text, quality })
    }
}
