//! What a worker process may not do, enforced by the system from its start on.
//!
//! A file that takes over its reader finds a process that can open nothing: no file, no socket, no
//! other process. What it has is a document it may read, a pipe it may answer through, and memory.
//! Two locks hold that, of which either would do: the kernel lets through only the system calls that
//! reading needs (`calls.rs`), and Landlock refuses every path (`files.rs`). Whatever a worker needs
//! besides is opened before: see [`crate::worker`].
//!
//! The limits on resources are in force on every Unix; the locks need Linux, and a worker says which
//! of them it has.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;

use std::fmt;
use std::io;

use rlimit::Resource;
use serde::{Deserialize, Serialize};

use crate::limits::Limits;

#[cfg(not(target_os = "linux"))]
use elsewhere as calls;
#[cfg(not(target_os = "linux"))]
use elsewhere as files;

/// Descriptors that a worker may hold: its two pipes and where errors go, the socket once more, and the
/// documents of the requests that it has been sent.
const OPEN_FILES: u64 = 16;

/// What is enforced on a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Its address space, in bytes.
    pub memory_bytes: u64,
    /// Whether only the system calls that reading needs are let through; else why not.
    pub system_calls: Result<(), String>,
    /// Whether Landlock refuses every path besides; else why not.
    pub files: Result<(), String>,
}

impl Confinement {
    /// Whether a worker can open nothing. The list of system calls is enough for that: no call on it
    /// takes a path, an address or the number of a process. Landlock is the second lock where the
    /// kernel has it.
    #[must_use]
    pub fn is_enforced(&self) -> bool {
        self.system_calls.is_ok()
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.memory_bytes >> 20;
        write!(
            formatter,
            "{megabytes} MB of memory, no core dumps, no growing files, {OPEN_FILES} descriptors; "
        )?;
        match &self.system_calls {
            Ok(()) => formatter.write_str(
                "nothing can be opened, no network, no other program or process (list of allowed \
                 system calls)",
            )?,
            Err(why) => write!(
                formatter,
                "NO list of allowed system calls, so files and the network are open: {why}"
            )?,
        }
        match &self.files {
            Ok(()) => formatter.write_str("; no path (Landlock)"),
            Err(why) => write!(formatter, "; no Landlock: {why}"),
        }
    }
}

/// Limits the resources of this process, before it reads anything.
///
/// # Errors
/// When a limit cannot be set.
pub(crate) fn limit_resources(limits: &Limits) -> io::Result<()> {
    let memory_bytes = limits.worker_memory_bytes;
    Resource::AS.set(memory_bytes, memory_bytes)?;
    // A crash leaves no dump of a sealed document.
    Resource::CORE.set(0, 0)?;
    Resource::FSIZE.set(0, 0)
}

/// Refuses every path to this thread and to those that it starts, and whatever else goes by
/// descriptors; for good. To be called while the process has one thread and holds all that it needs.
///
/// # Errors
/// When a limit cannot be set. A system without Landlock is no error, but said.
pub(crate) fn forbid_files() -> io::Result<Result<(), String>> {
    Resource::NOFILE.set(OPEN_FILES, OPEN_FILES)?;
    Ok(files::forbid())
}

/// Lets only the calls through that reading needs, in all threads of this process; for good.
///
/// # Errors
/// Why it is not so.
pub(crate) fn allow_only_reading() -> Result<(), String> {
    calls::allow_only_reading()
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    const NOT_HERE: &str = "this system has no such thing";

    pub(super) fn forbid() -> Result<(), String> {
        Err(NOT_HERE.to_owned())
    }

    pub(super) fn allow_only_reading() -> Result<(), String> {
        Err(NOT_HERE.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_enforced_is_said() {
        let mut without = Confinement {
            memory_bytes: 2 << 30,
            system_calls: Ok(()),
            files: Err("not in this kernel".to_owned()),
        };
        assert!(without.is_enforced());
        let said = without.to_string();
        assert!(said.contains("no Landlock: not in this kernel"), "{said}");
        without.system_calls = Err("not supported".to_owned());
        assert!(!without.is_enforced());
        let said = without.to_string();
        assert!(
            said.contains("the network are open: not supported"),
            "{said}"
        );
    }
}
