//! Where a stack of the command lies, and that no other uses it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use dev_stack::{Builder, Stack};

/// A directory below `.run`, ours as long as this value lives.
#[derive(Debug)]
pub(crate) struct Place {
    directory: PathBuf,
    tools: PathBuf,
    // Closing the file gives the lock back, however the process ends.
    _lock: File,
}

impl Place {
    /// Takes the directory `name` below `run_directory`.
    pub fn take(run_directory: &Path, name: &str) -> anyhow::Result<Place> {
        let directory = run_directory.join(name);
        fs::create_dir_all(&directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let lock = File::create(run_directory.join(format!("{name}.lock")))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another pacer-fetch is using {}", directory.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).context("cannot lock"),
        }
        Ok(Place {
            directory,
            tools: tools_of(run_directory),
            _lock: lock,
        })
    }

    /// Deletes what an earlier run left.
    pub fn clear(&self) -> anyhow::Result<()> {
        let home = self.directory.join("postgres");
        // As root it may be a link to a place that the account of Postgres can enter.
        if home.is_symlink() {
            let target = fs::canonicalize(&home);
            target.map_or(Ok(()), fs::remove_dir_all)?;
        }
        fs::remove_dir_all(&self.directory)?;
        fs::create_dir_all(&self.directory)?;
        Ok(())
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// A stack in it, of the programs that lie beside this one.
    pub fn stack(&self) -> anyhow::Result<Builder> {
        // A simulated court takes what it gets; one waits a second per page on the real ones.
        Ok(self.polite_stack()?.courts(50, 4))
    }

    /// The same, with the limits for real courts.
    pub fn polite_stack(&self) -> anyhow::Result<Builder> {
        let program = std::env::current_exe().context("cannot find the path of this program")?;
        let binaries = program.parent().context("a program lies in a directory")?;
        Ok(Stack::builder(&self.directory)
            .tools(&self.tools)
            .binaries(binaries))
    }
}

/// Where `make install` lays tools, unless there are some below the directory that was given.
const TOOLS: &str = ".run/tools";

/// The tools for what runs below a directory.
pub(crate) fn tools_of(run_directory: &Path) -> PathBuf {
    let own = run_directory.join("tools");
    match own.is_dir() {
        true => own,
        false => PathBuf::from(TOOLS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_those_of_the_directory_or_of_the_install() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(tools_of(directory.path()), Path::new(".run/tools"));
        let own = directory.path().join("tools");
        fs::create_dir(&own).unwrap();
        assert_eq!(tools_of(directory.path()), own);
    }

    #[test]
    fn a_place_is_taken_once_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let first = Place::take(directory.path(), "demo").unwrap();
        let second = Place::take(directory.path(), "demo").unwrap_err();
        assert!(
            second.to_string().contains("another pacer-fetch"),
            "{second}"
        );
        drop(first);
        Place::take(directory.path(), "demo").unwrap();
    }

    #[test]
    fn a_cleared_place_is_empty() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::take(directory.path(), "demo").unwrap();
        std::fs::write(place.file("old"), "").unwrap();
        place.clear().unwrap();
        assert!(!place.file("old").exists());
    }
}
