//! Reads stored documents: takes jobs from the bus and leaves text.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about = "Reads stored documents into text")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Be a worker process of another `ocr`.
    #[command(hide = true)]
    Worker,
    /// Print the text of files.
    #[command(hide = true)]
    Read {
        /// The PDFs.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print pages, sources and confidences as JSON.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        // Before any runtime: a worker has one reader and no tasks.
        Some(Command::Worker) => Ok(ocr::worker::run()?),
        Some(Command::Read { files, json }) => read(&files, json),
        None => fetch_runtime::run("ocr", ocr::service::serve),
    }
}

fn read(files: &[PathBuf], json: bool) -> anyhow::Result<()> {
    let unread = runtime()?.block_on(ocr::command::read(files, json))?;
    anyhow::ensure!(
        unread == 0,
        "{unread} of {} files were not read",
        files.len()
    );
    Ok(())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}
