//! `ocr read`: the reading engine on files, for a person at a terminal.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::document::DocumentText;
use crate::pool::{ReadError, WorkerConfig, WorkerPool};

/// Reads files and prints their text, or with `json` one line of JSON for each. A file that
/// cannot be read is said on standard error and does not stop the others; returns how many were
/// not read.
///
/// # Errors
/// When the program cannot find itself to start workers, or cannot print.
pub async fn read(files: &[PathBuf], json: bool) -> io::Result<usize> {
    let pool = WorkerPool::new(WorkerConfig::of_this_program()?);
    let mut unread = 0;
    for file in files {
        match pool.read(file).await {
            Ok(document) => print(&document, json)?,
            Err(error) => {
                unread += 1;
                complain(file, &error)?;
            }
        }
    }
    Ok(unread)
}

fn print(document: &DocumentText, json: bool) -> io::Result<()> {
    let mut output = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut output, document)?;
        writeln!(output)
    } else {
        output.write_all(document.plain_text().as_bytes())
    }
}

fn complain(file: &std::path::Path, error: &ReadError) -> io::Result<()> {
    let mut output = io::stderr().lock();
    write!(output, "{}: {error}", file.display())?;
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        write!(output, ": {error}")?;
        cause = error.source();
    }
    writeln!(output)
}
