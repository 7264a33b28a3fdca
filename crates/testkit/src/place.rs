//! Where things are in a test.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// A variable of the environment in which the test runs.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Notes that a test is skipped because something is missing.
///
/// # Panics
/// In CI, where nothing may be skipped.
#[expect(
    clippy::print_stderr,
    reason = "a skipped test must not look like one that passed"
)]
pub fn skip(missing: &str) {
    assert!(variable("CI").is_none(), "{missing}: run `make test`");
    eprintln!("SKIPPED: {missing}; `make test` runs it");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The directory with the tools that `scripts/install` brought.
pub(crate) fn tools() -> PathBuf {
    root().join(".run/tools")
}

/// The directory with the built programs: the one that the test itself was built into.
pub(crate) fn binaries() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    // target/debug/deps/<test>
    let directory = program.parent().and_then(Path::parent);
    Ok(directory
        .context("a test lies two directories deep")?
        .to_owned())
}

/// The id that clients use for a court, by PACER's.
#[must_use]
pub fn client_court_id(pacer_id: &str) -> &str {
    match pacer_id {
        "azb" => "arb",
        "cofc" => "uscfc",
        "neb" => "nebraskab",
        "nysb-mega" => "nysb",
        same => same,
    }
}
