//! A private Postgres server.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::geteuid;
use tokio::time::{Instant, sleep};

use crate::child::{Child, Recipe, Signal};
use crate::{free_port, programs, random_hex};

/// Name of the database user that owns everything.
pub const USER: &str = "pacer_fetch";

/// The account that Postgres runs as when we are root, which it refuses to be.
const SYSTEM_USER: &str = "postgres";

const READY_WITHIN: Duration = Duration::from_secs(60);

/// Whether data must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit is on the disk.
    Safe,
    /// Commits are remembered by the operating system only: much faster, and enough for a test.
    Careless,
}

/// A Postgres server on the loopback interface, with a password. Dropping it ends it at once.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    recipe: Recipe,
    data: PathBuf,
    port: u16,
    password: String,
}

impl Postgres {
    /// Starts a server whose data lies in `directory/data`, making the data first if there is
    /// none.
    ///
    /// # Errors
    /// When no Postgres is installed, or it cannot be started in time.
    pub async fn start(directory: &Path, durability: Durability) -> anyhow::Result<Postgres> {
        let programs = programs::postgres_directory()?;
        let home = home_for_postgres(directory)?;
        let log = home.join("postgres.log");
        if !home.join("data/PG_VERSION").exists() {
            make_data(&programs, &home, &log).await?;
        }
        let password = fs::read_to_string(home.join("password"))?;
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let port = free_port()?;
            let recipe = server(&programs, &home, &log, port, durability);
            let mut child = recipe.start()?;
            let data = home.join("data");
            if until_ready(&mut child, &data, deadline).await? {
                return Ok(Postgres {
                    child,
                    recipe,
                    data,
                    port,
                    password,
                });
            }
            // The port was taken meanwhile, or an earlier server is still shutting down.
            if Instant::now() > deadline {
                bail!(
                    "Postgres ends as soon as it is started; see {}",
                    log.display()
                );
            }
            sleep(Duration::from_millis(250)).await;
        }
    }

    /// Where `database` is. Holds the password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://{USER}:{}@127.0.0.1:{}/{database}",
            self.password, self.port
        )
    }

    /// Its process id.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it after its clients were disconnected.
    pub async fn stop(&mut self) {
        self.child.stop(Duration::from_secs(20)).await;
    }

    /// Ends it at once, as a crash would, and starts it again on the same port.
    ///
    /// # Errors
    /// When it does not come back in time.
    pub async fn crash(&mut self, down_for: Duration) -> anyhow::Result<()> {
        // Its workers are in groups of their own; only the server itself can end them all.
        self.child.signal(Signal::Quit)?;
        self.child.wait(READY_WITHIN).await?;
        sleep(down_for).await;
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            self.child = self.recipe.start()?;
            if until_ready(&mut self.child, &self.data, deadline).await? {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("Postgres does not come back");
            }
            sleep(Duration::from_millis(250)).await;
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.ended().is_some()
    }
}

impl Drop for Postgres {
    #[expect(
        clippy::disallowed_methods,
        reason = "dropping cannot wait in any other way"
    )]
    fn drop(&mut self) {
        // Its workers are in groups of their own; only the server itself can end them all.
        if self.child.signal(Signal::Quit).is_ok() {
            let deadline = std::time::Instant::now() + Duration::from_secs(5);
            while self.child.ended().is_none() && std::time::Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

fn server(programs: &Path, home: &Path, log: &Path, port: u16, durability: Durability) -> Recipe {
    let mut recipe = Recipe::new("postgres", programs.join("postgres"), Some(log.to_owned()))
        .user(system_user())
        .arguments(["-D".into(), home.join("data").into_os_string()])
        .arguments(["-h", "127.0.0.1", "-p", &port.to_string()])
        .arguments([
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=300",
        ]);
    if durability == Durability::Careless {
        for setting in [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ] {
            recipe = recipe.arguments(["-c", setting]);
        }
    }
    recipe.directory = Some(home.to_owned());
    // Not Terminate: that would wait for every client to leave by itself.
    recipe.stop_signal = Signal::Interrupt;
    recipe
}

async fn make_data(programs: &Path, home: &Path, log: &Path) -> anyhow::Result<()> {
    let password = home.join("password");
    fs::write(&password, random_hex::<16>())?;
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600))?;
    give_to_postgres(&password)?;
    let mut recipe = Recipe::new("initdb", programs.join("initdb"), Some(log.to_owned()))
        .user(system_user())
        .arguments(["--username", USER, "--auth", "scram-sha-256", "--no-sync"])
        .arguments(["--encoding", "UTF8", "--locale", "C.UTF-8"])
        .arguments(["--pwfile".into(), password.into_os_string()])
        .arguments(["-D".into(), home.join("data").into_os_string()]);
    recipe.directory = Some(home.to_owned());
    let status = recipe.start()?.wait(READY_WITHIN).await?;
    if !status.success() {
        bail!("initdb failed; see {}", log.display());
    }
    Ok(())
}

/// True when the server takes connections, false when it ended instead.
async fn until_ready(child: &mut Child, data: &Path, deadline: Instant) -> anyhow::Result<bool> {
    loop {
        if child.ended().is_some() {
            return Ok(false);
        }
        if is_ready(child.id(), data) {
            return Ok(true);
        }
        if Instant::now() > deadline {
            bail!("Postgres is not ready after {} s", READY_WITHIN.as_secs());
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// What `pg_ctl` does: the first line of `postmaster.pid` is whose file it is, the eighth how
/// far it has come.
fn is_ready(process_id: u32, data: &Path) -> bool {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.first() == Some(&process_id.to_string().as_str()) && lines.get(7) == Some(&"ready")
}

fn system_user() -> Option<&'static str> {
    geteuid().is_root().then_some(SYSTEM_USER)
}

/// The directory for the server's files: `wanted`, made if need be.
///
/// As root we run the server as another user. If that user may not enter `wanted` (a working
/// copy below `/root`, say), a directory of the system's temporary directory is used instead,
/// and `wanted` becomes a link to it.
///
/// # Errors
/// When a directory cannot be made or given away.
pub fn home_for_postgres(wanted: &Path) -> anyhow::Result<PathBuf> {
    if !wanted.exists() {
        // A link to a directory that was cleared away is in the way of a new one.
        let _ = fs::remove_file(wanted);
        fs::create_dir_all(wanted).with_context(|| format!("cannot make {}", wanted.display()))?;
    }
    let home = fs::canonicalize(wanted)?;
    give_to_postgres(&home)?;
    if system_user().is_none() || may_enter(&home) {
        return Ok(home);
    }
    if home.join("data").exists() {
        bail!("the user {SYSTEM_USER} may not enter {}", home.display());
    }
    let elsewhere =
        std::env::temp_dir().join(format!("pacer-fetch-postgres-{}", random_hex::<8>()));
    fs::create_dir(&elsewhere)?;
    give_to_postgres(&elsewhere)?;
    fs::remove_dir(wanted)?;
    std::os::unix::fs::symlink(&elsewhere, wanted)?;
    Ok(elsewhere)
}

fn may_enter(directory: &Path) -> bool {
    let user = format!("--reuid={SYSTEM_USER}");
    let group = format!("--regid={SYSTEM_USER}");
    let mut command = Command::new("setpriv");
    command
        .args([&user, &group, "--clear-groups", "test", "-w"])
        .arg(directory);
    command.status().is_ok_and(|status| status.success())
}

fn give_to_postgres(path: &Path) -> anyhow::Result<()> {
    let Some(user) = system_user() else {
        return Ok(());
    };
    let users = fs::read_to_string("/etc/passwd")?;
    let line = users
        .lines()
        .find_map(|line| line.strip_prefix(user)?.strip_prefix(':'));
    let mut numbers = line
        .context("there is no user postgres")?
        .split(':')
        .skip(1);
    let mut number = || numbers.next()?.parse::<u32>().ok();
    chown(path, number(), number()).with_context(|| format!("cannot give {} away", path.display()))
}
