//! Clocks that are wrong.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use testkit::Stack;

/// How far, for the second and the third process of a kind.
const OFFSETS: [(&str, &str); 2] = [("-2", "+5s"), ("-3", "-5s")];

/// Starts the second process of every kind with a clock that is five seconds early, and the third
/// with one that is five seconds late; gives how many those are, and at least one. Their monotonic
/// clocks are right, as they are on a machine with a wrong clock.
///
/// # Errors
/// When libfaketime is not installed, or a process does not start again.
pub async fn skew(stack: &mut Stack) -> anyhow::Result<usize> {
    let library = library().context(
        "no clock can be skewed: libfaketime is not installed; `scripts/install chaos` gets it",
    )?;
    let names: Vec<String> = stack
        .inner()
        .processes()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    let mut skewed = 0;
    for name in names {
        let Some((_, offset)) = OFFSETS.iter().find(|(end, _)| name.ends_with(end)) else {
            continue;
        };
        let environment = stack.inner().env(&name)?;
        environment.insert("LD_PRELOAD".to_owned(), library.display().to_string());
        environment.insert("FAKETIME".to_owned(), (*offset).to_owned());
        environment.insert("FAKETIME_DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned());
        environment.insert("DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned());
        stack.restart(&name).await?;
        skewed += 1;
    }
    ensure!(skewed > 0, "no process has a wrong clock");
    Ok(skewed)
}

fn library() -> Option<PathBuf> {
    let directories = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    directories
        .into_iter()
        .map(|directory| PathBuf::from(directory).join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.is_file())
}
