//! `pacer-fetch text`: the text of PDFs, by the engine of the service. Never touches the network.
//!
//! Files are opened in worker processes as in the service. Those that read text layers are this
//! program; those that recognise are the program `ocr`, so that nothing else here needs
//! Tesseract.

mod bar;
mod print;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;
use fetch_text::{DocumentText, Limits, Program, ReadError, Refusal, WorkerConfig, WorkerPool};
use futures_util::{StreamExt, stream};
use tempfile::NamedTempFile;

use bar::Bar;
use print::Printer;

/// Some file or page was not read.
const NOT_ALL_READ: u8 = 1;

/// What makes this program a worker.
pub(crate) const WORKER: &str = "text-worker";

/// Prints the text of PDFs, from their text layer or recognised.
#[derive(Debug, Args)]
pub struct TextArgs {
    /// The PDF files, or - for one on standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print a line of JSON for each file: for each page its text, source, reason, confidence,
    /// milliseconds, share of confident words, and text that is hidden on the printed page
    #[arg(long)]
    json: bool,
    /// Print only failed pages and those whose share of confident words is below this number from 0
    /// to 1
    #[arg(long, value_name = "SHARE", requires = "json", value_parser = share)]
    sure_below: Option<f32>,
    /// The number of worker processes [default: one per core]
    #[arg(long, short)]
    jobs: Option<NonZeroUsize>,
    /// The ocr program [default: `ocr` next to this program, else in PATH]
    #[arg(long, value_name = "PROGRAM")]
    ocr: Option<PathBuf>,
    /// The directory with Tesseract's language data [default: TESSDATA_PREFIX, else Debian's]
    #[arg(long, value_name = "DIRECTORY")]
    tessdata: Option<PathBuf>,
}

/// A file on its way.
struct Source {
    /// As it was named.
    name: PathBuf,
    /// What standard input held; deleted when dropped.
    copy: Option<NamedTempFile>,
}

impl Source {
    fn path(&self) -> &Path {
        self.copy.as_ref().map_or(&self.name, NamedTempFile::path)
    }
}

/// Runs the command. The status is 0 when every page of every file was read, 1 when one was not.
///
/// # Errors
/// When nothing can be read at all: no worker can be started, or output cannot be written.
pub async fn run(arguments: TextArgs) -> anyhow::Result<ExitCode> {
    let pool = WorkerPool::new(config(&arguments)?);
    let bar = Bar::over(arguments.files.len());
    let mut printer = Printer::new(
        arguments.json,
        arguments.files.len() > 1,
        arguments.sure_below,
    );
    let ahead = 2 * pool.workers().get();
    let reads = arguments.files.iter().map(|name| read(&pool, &bar, name));
    // In the order of the command line, whichever is ready first.
    let mut reads = stream::iter(reads).buffered(ahead);
    while let Some((name, result)) = reads.next().await {
        if let Err(ReadError::NoWorker(error)) = result {
            return Err(error).context("could not start a worker process");
        }
        bar.aside(|| printer.print(name, &result))?;
    }
    bar.finish();
    pool.close().await;
    Ok(if printer.finish()? {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_ALL_READ)
    })
}

/// Serves as a worker for [`run`].
///
/// # Errors
/// As [`fetch_text::worker::run`].
pub(crate) fn work() -> anyhow::Result<ExitCode> {
    fetch_text::worker::run(None)?;
    Ok(ExitCode::SUCCESS)
}

fn share(text: &str) -> Result<f32, String> {
    let share = text
        .parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "not a number from 0 to 1".to_owned())
}

async fn read<'name>(
    pool: &WorkerPool,
    bar: &Bar,
    name: &'name Path,
) -> (&'name Path, Result<DocumentText, ReadError>) {
    let result = match source(name) {
        Ok(source) => {
            let watch = |step| bar.step(step);
            pool.read_watched(source.path(), &watch).await
        }
        Err(error) => Err(ReadError::Refused(Refusal::Unreachable {
            reason: error.to_string(),
        })),
    };
    bar.file_done();
    (name, result)
}

/// Workers open files themselves, so standard input becomes one.
fn source(name: &Path) -> io::Result<Source> {
    let copy = if name == Path::new("-") {
        let mut copy = NamedTempFile::new()?;
        // One byte more than is read, so that too much is told from just enough.
        let most = Limits::default().file_bytes + 1;
        io::copy(&mut io::Read::take(io::stdin().lock(), most), &mut copy)?;
        copy.flush()?;
        Some(copy)
    } else {
        None
    };
    Ok(Source {
        name: name.to_owned(),
        copy,
    })
}

fn config(arguments: &TextArgs) -> anyhow::Result<WorkerConfig> {
    let this = std::env::current_exe().context("cannot find the path of this program")?;
    if let Some(data) = &arguments.tessdata {
        ensure!(
            data.is_dir(),
            "--tessdata {}: there is no such directory",
            data.display()
        );
    }
    let ocr = match &arguments.ocr {
        Some(ocr) => {
            // A bare name is looked for in PATH when it is started.
            let is_bare = ocr
                .parent()
                .is_some_and(|parent| parent.as_os_str().is_empty());
            ensure!(
                is_bare || ocr.is_file(),
                "--ocr {}: there is no such program",
                ocr.display()
            );
            ocr.clone()
        }
        None => beside(&this, "ocr"),
    };
    let mut config = WorkerConfig::of_program(this.clone());
    config.program = Program::new(this, WORKER);
    config.recogniser = Some(Program::new(ocr, "worker"));
    if let Some(jobs) = arguments.jobs {
        config.workers = jobs;
    }
    if let Some(data) = &arguments.tessdata {
        config.recogniser_data = Some(std::path::absolute(data)?);
    }
    Ok(config)
}

/// The program of that name beside this one; else just the name, which PATH may know.
fn beside(this: &Path, name: &str) -> PathBuf {
    let there = this.with_file_name(name);
    if there.is_file() {
        there
    } else {
        PathBuf::from(name)
    }
}
