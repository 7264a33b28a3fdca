//! Where the servers are that we did not write.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// The oldest NATS server that this project is documented for.
pub const OLDEST_NATS: (u32, u32) = (2, 11);

/// The directory with `initdb` and `postgres`: the newest that the distribution has, or the one
/// that `pg_config` names.
///
/// # Errors
/// When there is none; the message says what to install.
pub fn postgres_directory() -> anyhow::Result<PathBuf> {
    newest_packaged().or_else(configured).context(
        "there is no PostgreSQL server on this machine; `make install` (scripts/install) gets one",
    )
}

fn newest_packaged() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |entry: &std::fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let candidates = versions
        .flatten()
        .filter_map(|entry| Some((version(&entry)?, entry.path())));
    let with_server = candidates.filter(|(_, path)| path.join("bin/postgres").is_file());
    Some(with_server.max()?.1.join("bin"))
}

fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let directory = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    directory.join("initdb").is_file().then_some(directory)
}

/// A NATS server that is new enough: the one below `tools`, or the one on the search path.
///
/// # Errors
/// When there is none, or none of the documented minimum version.
pub fn nats_server(tools: &Path) -> anyhow::Result<PathBuf> {
    let mut seen = Vec::new();
    for candidate in [tools.join("nats-server"), PathBuf::from("nats-server")] {
        match nats_version(&candidate) {
            Some(version) if version >= OLDEST_NATS => return Ok(absolute(candidate)),
            Some(version) => seen.push(format!(
                "{} is {}.{}",
                candidate.display(),
                version.0,
                version.1
            )),
            None => {}
        }
    }
    let (major, minor) = OLDEST_NATS;
    bail!(
        "there is no nats-server of version {major}.{minor} or newer{}; `make install` \
         (scripts/install) gets one",
        seen.iter()
            .map(|text| format!(" ({text})"))
            .collect::<String>()
    )
}

/// A path that holds in any directory; a bare name is looked for again by whoever runs it.
fn absolute(program: PathBuf) -> PathBuf {
    std::fs::canonicalize(&program).unwrap_or(program)
}

fn nats_version(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    version_in(&String::from_utf8(output.stdout).ok()?)
}

/// Reads `nats-server: v2.11.4`.
fn version_in(text: &str) -> Option<(u32, u32)> {
    let version = text.trim().rsplit(['v', ' ']).next()?;
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_the_server_prints() {
        assert_eq!(version_in("nats-server: v2.11.4\n"), Some((2, 11)));
        assert_eq!(version_in("nats-server: v2.9.10"), Some((2, 9)));
        assert_eq!(version_in("command not found"), None);
    }
}
