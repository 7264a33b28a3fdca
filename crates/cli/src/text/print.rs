//! What `pacer-fetch text` prints: text or JSON on standard output, what was not read on standard
//! error.

use std::error::Error;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;

use fetch_text::{DocumentText, HiddenText, PageSource, PageText, Problem, ReadError};
use serde::Serialize;

/// Prints results, and remembers whether all were read.
pub(super) struct Printer {
    output: BufWriter<Stdout>,
    json: bool,
    headings: bool,
    all_read: bool,
    /// Only pages of whose words a smaller share is sure.
    sure_below: Option<f32>,
}

/// A file in JSON.
#[derive(Serialize)]
struct File<'file> {
    file: String,
    ok: bool,
    error: Option<String>,
    page_count: Option<u32>,
    ocr_status: Option<i16>,
    pages: Vec<Page<'file>>,
    problems: &'file [Problem],
}

/// A page in JSON.
#[derive(Serialize)]
struct Page<'page> {
    number: u32,
    source: PageSource,
    reason: fetch_text::choice::Reason,
    confidence: Option<f32>,
    ms: u32,
    cut: bool,
    sure_words: Option<f32>,
    hidden_text: &'page [HiddenText],
    text: &'page str,
}

impl Printer {
    /// Prints JSON or text; text under headings with the files' names if asked.
    pub(super) fn new(json: bool, headings: bool, sure_below: Option<f32>) -> Self {
        Self {
            sure_below,
            output: BufWriter::new(io::stdout()),
            json,
            headings,
            all_read: true,
        }
    }

    /// Prints one file's result.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn print(
        &mut self,
        name: &Path,
        result: &Result<DocumentText, ReadError>,
    ) -> io::Result<()> {
        self.complain(name, result)?;
        if self.json {
            serde_json::to_writer(&mut self.output, &file(name, result, self.sure_below))?;
            writeln!(self.output)?;
        } else if let Ok(document) = result {
            if self.headings {
                writeln!(self.output, "==> {} <==", name.display())?;
            }
            self.output.write_all(document.plain_text().as_bytes())?;
        }
        self.output.flush()
    }

    /// Whether every page of every file was read.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub(super) fn finish(mut self) -> io::Result<bool> {
        self.output.flush()?;
        Ok(self.all_read)
    }

    /// A line for a file that was not read, and for each page that was not.
    fn complain(
        &mut self,
        name: &Path,
        result: &Result<DocumentText, ReadError>,
    ) -> io::Result<()> {
        let mut errors = io::stderr().lock();
        let name = name.display();
        match result {
            Err(error) => {
                self.all_read = false;
                writeln!(errors, "pacer-fetch text: {name}: {}", sentence(error))?;
            }
            Ok(document) => {
                for problem in &document.problems {
                    self.all_read &= !matches!(problem, Problem::PageFailed { .. });
                    writeln!(errors, "pacer-fetch text: {name}: {problem}")?;
                }
            }
        }
        Ok(())
    }
}

fn file<'file>(
    name: &Path,
    result: &'file Result<DocumentText, ReadError>,
    sure_below: Option<f32>,
) -> File<'file> {
    let is_asked_for =
        |page: &&PageText| sure_below.is_none_or(|share| page.is_less_sure_than(share));
    let document = result.as_ref().ok();
    File {
        file: name.display().to_string(),
        ok: document.is_some(),
        error: result.as_ref().err().map(sentence),
        page_count: document.map(|document| document.page_count),
        ocr_status: document.and_then(|document| document.ocr_status),
        pages: document
            .into_iter()
            .flat_map(|document| &document.pages)
            .filter(is_asked_for)
            .map(page)
            .collect(),
        problems: document.map_or(&[], |document| &document.problems),
    }
}

fn page(page: &PageText) -> Page<'_> {
    Page {
        number: page.number,
        source: page.source,
        reason: page.reason,
        confidence: page.mean_confidence,
        ms: page.millis,
        cut: page.cut,
        sure_words: page.sure_words,
        hidden_text: &page.hidden,
        text: &page.text,
    }
}

/// The innermost cause alone says what is wrong with a file.
fn sentence(error: &ReadError) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string)
}
