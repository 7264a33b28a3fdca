//! Reads stored documents: takes jobs from the bus and leaves text.

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about = "Reads stored documents into text")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Be a worker process of another `ocr`, or of `pacer-fetch text`.
    #[command(hide = true)]
    Worker,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        // Before any runtime: a worker has one reader and no tasks.
        Some(Command::Worker) => Ok(fetch_text::worker::run(Some(ocr::tesseract::start))?),
        None => fetch_runtime::run("ocr", ocr::service::serve),
    }
}
