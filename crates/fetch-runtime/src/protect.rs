//! Protects the secrets of a process from other processes of the same user, such as a compromised document reader.
//!
//! Nobody may read its memory or trace it, a crash leaves no dump, and its environment, which the
//! system shows to every process of the user, holds no secret. To overwrite a variable would not do:
//! what `/proc` shows is the memory that the process was started with. So a process that was given
//! secrets in its environment starts its own program again, as the same process, and hands them on
//! through memory that has no name.

use std::{fmt, io};

use rlimit::Resource;

use crate::Settings;

/// Names the descriptor that secrets are handed on by.
#[cfg(target_os = "linux")]
const HANDED_ON: &str = "PACER_FETCH_SECRETS_DESCRIPTOR";

/// What is enforced on this process; each with why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// Nobody can trace it or read its memory, unless they could anyway (root).
    pub memory: Result<(), String>,
    /// A crash leaves no dump.
    pub dumps: Result<(), String>,
}

impl Protection {
    /// Whether all of it is.
    #[must_use]
    pub fn is_enforced(&self) -> bool {
        self.memory.is_ok() && self.dumps.is_ok()
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.memory {
            Ok(()) => write!(formatter, "other processes cannot read this one's memory")?,
            Err(why) => write!(
                formatter,
                "other processes CAN read this one's memory: {why}"
            )?,
        }
        match &self.dumps {
            Ok(()) => write!(formatter, ", no core dumps"),
            Err(why) => write!(formatter, ", core dumps may be left: {why}"),
        }
    }
}

/// Lets nobody but the user of this process read the files and folders that it will make, whatever it
/// was started with.
#[cfg(target_os = "linux")]
pub(crate) fn keep_files_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_files_private() {}

/// Closes the memory of this process to others and forbids core dumps, to it and to what it starts.
/// A program that it starts has to close its own memory again.
pub fn protect_this_process() -> Protection {
    Protection {
        memory: close_memory(),
        dumps: Resource::CORE.set(0, 0).map_err(|error| error.to_string()),
    }
}

#[cfg(target_os = "linux")]
fn close_memory() -> Result<(), String> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| error.to_string())
}

#[cfg(not(target_os = "linux"))]
fn close_memory() -> Result<(), String> {
    Err("this system has no such thing".to_owned())
}

/// Takes the secrets that `settings` found in the environment out of it, by starting this program
/// again; returns only if there are none, or if that cannot be done. To be called before the process
/// has threads or does anything.
#[cfg(target_os = "linux")]
pub(crate) fn empty_environment(settings: &Settings) -> io::Result<()> {
    use std::{
        io::{Seek, Write},
        os::{fd::AsRawFd, unix::process::CommandExt},
        process::Command,
    };

    use rustix::fs::{MemfdFlags, memfd_create};

    let secrets = settings.secrets_in_environment();
    if secrets.is_empty() {
        return Ok(());
    }
    // Not closed on exec: this is how it gets across.
    let descriptor = memfd_create("secrets", MemfdFlags::empty())?;
    let mut memory = std::fs::File::from(descriptor);
    let mut program = Command::new(std::env::current_exe()?);
    let mut arguments = std::env::args_os();
    if let Some(name) = arguments.next() {
        program.arg0(name);
    }
    program.args(arguments);
    for (name, value) in secrets {
        memory.write_all(format!("{name}={value}\0").as_bytes())?;
        program.env_remove(name);
    }
    memory.rewind()?;
    program.env(HANDED_ON, memory.as_raw_fd().to_string());
    Err(program.exec())
}

/// Secrets stay where they are.
#[cfg(not(target_os = "linux"))]
pub(crate) fn empty_environment(settings: &Settings) -> io::Result<()> {
    match settings.secrets_in_environment().is_empty() {
        true => Ok(()),
        false => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// What this process handed on to itself, by name; nothing if it was not started so.
#[cfg(target_os = "linux")]
pub(crate) fn handed_on() -> io::Result<Vec<(String, String)>> {
    let Ok(descriptor) = std::env::var(HANDED_ON) else {
        return Ok(Vec::new());
    };
    let text = io::read_to_string(inherited(&descriptor)?)?;
    let pairs = text.split_terminator('\0');
    let pairs = pairs.filter_map(|pair| pair.split_once('='));
    Ok(pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// Nothing ever is.
#[cfg(not(target_os = "linux"))]
pub(crate) fn handed_on() -> io::Result<Vec<(String, String)>> {
    Ok(Vec::new())
}

/// The open file of that number, which is closed when it is dropped.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "a descriptor that comes from before exec is known by its number only"
)]
fn inherited(number: &str) -> io::Result<std::fs::File> {
    use std::os::fd::{FromRawFd, OwnedFd};
    let number: i32 = number.parse().map_err(io::Error::other)?;
    if number <= 2 {
        return Err(io::Error::other("secrets do not come on a standard stream"));
    }
    // SAFETY: `empty_environment` left it open for this, before anything else was opened, and it is
    // asked for once, at the start.
    let descriptor = unsafe { OwnedFd::from_raw_fd(number) };
    Ok(descriptor.into())
}
