//! `pacer-fetch capture`: a kept page or document, as the court sent it, in a file.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use clap::Args;
use fetch_ledger::kept::KeptBytes;
use fetch_model::CaptureId;

use crate::{operate, table::counted};

/// Write a stored page or document to a file, as the court sent it
///
/// Use it to inspect a page that could not be read, or to send it to the developers. The file contains what the
/// court showed: people's names and addresses, and on the receipt the PACER login and client code.
#[derive(Debug, Args)]
pub(crate) struct CaptureArguments {
    /// The capture's number, as `reparse` prints it
    capture: i64,
    /// The file to create, readable only by you
    file: PathBuf,
}

/// `pacer-fetch capture …`
pub(crate) async fn run(arguments: CaptureArguments) -> anyhow::Result<()> {
    let control = operate::control_with_blobs().await?;
    let (number, file) = (arguments.capture, &arguments.file);
    let kept = control.ledger.kept_bytes(CaptureId(number)).await?;
    let kept = kept.with_context(|| format!("there is no capture {number}"))?;
    let bytes = control.db.blobs.get(&kept.sha256).await?;
    ensure!(
        i64::try_from(bytes.len()) == Ok(kept.byte_count),
        "capture {number} is damaged: {} found, {} expected",
        counted(bytes.len(), "byte"),
        kept.byte_count
    );
    write(file, &bytes)?;
    println!("{}", told(number, &kept, file));
    Ok(())
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(file);
    made.and_then(|mut made| made.write_all(bytes))
        .with_context(|| format!("cannot write {}", file.display()))
}

fn told(number: i64, kept: &KeptBytes, file: &Path) -> String {
    let request = kept
        .request
        .map_or_else(String::new, |id| format!(", bought by request {id}"));
    format!(
        "capture {number} ({}, {}, {}) of {} at {}{request}: written to {}\n\
         It contains what the court showed: people's names, and on a receipt the PACER login and client code.",
        kept.item_key,
        kept.media_type,
        counted(kept.byte_count, "byte"),
        kept.court,
        kept.date_created.format("%Y-%m-%d %H:%M UTC"),
        file.display()
    )
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_page_is_written_for_its_owner_alone_and_over_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        write(&file, b"<p>Odile Roe").unwrap();
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let said = write(&file, b"other").unwrap_err().to_string();
        assert!(said.contains("page.html"), "{said}");
        assert_eq!(fs::read(&file).unwrap(), b"<p>Odile Roe");
    }
}
