//! A child process that cannot outlive us.
//!
//! Children are started through `setpriv --pdeathsig`, so that the kernel signals them when
//! this process ends, however it ends; and in process groups of their own, so that Ctrl-C in a
//! terminal reaches only us and we decide the order in which they stop.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, kill_process_group};
use tokio::time::{Instant, sleep};

use crate::nursery;

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A signal for a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Please end.
    Terminate,
    /// Please end (Ctrl-C); Postgres disconnects its clients.
    Interrupt,
    /// End at once, tidily enough for a test; only for Postgres.
    Quit,
    /// Dead, without a word.
    Kill,
    /// Frozen until [`Signal::Continue`].
    Stop,
    /// Goes on after [`Signal::Stop`].
    Continue,
}

impl Signal {
    fn number(self) -> rustix::process::Signal {
        match self {
            Signal::Terminate => rustix::process::Signal::TERM,
            Signal::Interrupt => rustix::process::Signal::INT,
            Signal::Quit => rustix::process::Signal::QUIT,
            Signal::Kill => rustix::process::Signal::KILL,
            Signal::Stop => rustix::process::Signal::STOP,
            Signal::Continue => rustix::process::Signal::CONT,
        }
    }

    /// The name that `setpriv --pdeathsig` knows.
    fn name(self) -> &'static str {
        match self {
            Signal::Terminate => "TERM",
            Signal::Interrupt => "INT",
            Signal::Quit => "QUIT",
            Signal::Kill => "KILL",
            Signal::Stop => "STOP",
            Signal::Continue => "CONT",
        }
    }
}

/// How a child is started; kept so that it can be started again.
#[derive(Debug, Clone)]
pub struct CommandSpec {
    /// What it is called in messages.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its whole environment, besides `PATH` and `LANG`.
    pub environment: BTreeMap<String, String>,
    /// Where its output goes; `None` for our own output.
    pub log: Option<PathBuf>,
    /// The directory that it runs in; `None` for ours.
    pub directory: Option<PathBuf>,
    /// The user and group it runs as; `None` for ours.
    pub user: Option<String>,
    /// What it gets when we die, and first when we stop it.
    pub stop_signal: Signal,
    /// Whether it has our environment instead of an empty one.
    pub inherits_environment: bool,
}

impl CommandSpec {
    /// A program without arguments and with an empty environment, logging to `log`.
    pub fn new(name: &str, program: impl Into<PathBuf>, log: Option<PathBuf>) -> CommandSpec {
        CommandSpec {
            name: name.to_owned(),
            program: program.into(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            log,
            directory: None,
            user: None,
            stop_signal: Signal::Terminate,
            inherits_environment: false,
        }
    }

    /// The same with more arguments.
    #[must_use]
    pub fn arguments<A: Into<OsString>>(
        mut self,
        more: impl IntoIterator<Item = A>,
    ) -> CommandSpec {
        self.arguments.extend(more.into_iter().map(Into::into));
        self
    }

    /// The same for another user, if one is given.
    #[must_use]
    pub fn user(mut self, user: Option<&str>) -> CommandSpec {
        self.user = user.map(str::to_owned);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When the log cannot be opened or `setpriv` cannot be started. A program that does not
    /// exist shows as a child that ends at once.
    pub fn start(&self) -> anyhow::Result<Child> {
        let process = nursery::start(self.command()?)
            .with_context(|| format!("cannot start {} through setpriv", self.name))?;
        let pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        let pid = pid.context("a process id that is none")?;
        Ok(Child {
            name: self.name.clone(),
            process,
            pid,
            stop_signal: self.stop_signal,
        })
    }

    fn command(&self) -> anyhow::Result<Command> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", self.stop_signal.name()]);
        if let Some(user) = &self.user {
            command
                .arg(format!("--reuid={user}"))
                .arg(format!("--regid={user}"));
            command.arg("--clear-groups");
        }
        command.arg("--").arg(&self.program).args(&self.arguments);
        if !self.inherits_environment {
            command
                .env_clear()
                .env("LANG", "C.UTF-8")
                .env("PATH", search_path());
        }
        command
            .envs(&self.environment)
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        if let Some(path) = &self.log {
            let log = append_to(path)?;
            command.stdout(log.try_clone()?).stderr(log);
        }
        Ok(command)
    }
}

/// Where programs are looked for.
fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into())
}

fn append_to(path: &Path) -> anyhow::Result<File> {
    let file = File::options().create(true).append(true).open(path);
    file.with_context(|| format!("cannot write the log {}", path.display()))
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Child {
    name: String,
    process: std::process::Child,
    pid: Pid,
    stop_signal: Signal,
}

impl Child {
    /// Its process id, which is also the id of its group.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Sends a signal to it and to what it started in its group.
    ///
    /// # Errors
    /// When it is not there any more.
    pub fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        // Once it was waited for, its number may belong to somebody else.
        if self.ended().is_some() {
            bail!("{} is not running", self.name);
        }
        kill_process_group(self.pid, signal.number())
            .with_context(|| format!("cannot signal {}", self.name))
    }

    /// Waits until it has ended, at most so long.
    ///
    /// # Errors
    /// When it is still running then.
    pub async fn wait(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.ended() {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!(
                    "{} is still running after {} s",
                    self.name,
                    within.as_secs()
                );
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until it has ended, however long that takes.
    pub async fn end(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Asks it to end and waits; kills it when that took longer than `grace`.
    pub async fn stop(&mut self, grace: Duration) {
        if self.signal(self.stop_signal).is_ok() && self.wait(grace).await.is_err() {
            tracing::warn!("{} did not stop in time and was killed", self.name);
            self.kill();
        }
    }

    /// Kills it and whatever it started and left behind in its group.
    pub fn kill_group(&mut self) {
        self.kill();
        // Nobody may be left; and a group that still has somebody keeps its number.
        let _ = kill_process_group(self.pid, Signal::Kill.number());
    }

    /// Kills it and waits for its end.
    pub fn kill(&mut self) {
        if self.signal(Signal::Kill).is_ok() {
            let _ = self.process.wait();
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}
