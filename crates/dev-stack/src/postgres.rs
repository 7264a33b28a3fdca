//! A private Postgres server.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use fetch_keys::random_hex;
use rustix::process::{Pid, geteuid, kill_process};
use tokio::time::{Instant, sleep};

use crate::child::{Child, CommandSpec, Signal};
use crate::{Certificates, free_port, programs};

/// Name of the database user that owns everything, and migrates. Services have roles of their own.
pub const USER: &str = "pacer_fetch";

/// The account that Postgres runs as when we are root, which it refuses to be.
const SYSTEM_USER: &str = "postgres";

const READY_WITHIN: Duration = Duration::from_secs(60);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a standby calls itself, and the slot in which its primary keeps what it has not seen.
const STANDBY: &str = "standby";

/// Whether data must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit is on the disk.
    Safe,
    /// Commits are remembered by the operating system only: much faster, and enough for a test.
    Careless,
}

/// A Postgres server on the loopback interface, with a password, that speaks to nobody without TLS.
/// Dropping it ends it at once.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    recipe: CommandSpec,
    certificates: Certificates,
    programs: PathBuf,
    home: PathBuf,
    durability: Durability,
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
        if !home.join("data/PG_VERSION").exists() {
            make_data(&programs, &home, &home.join("postgres.log")).await?;
        }
        demand_tls(&home.join("data/pg_hba.conf"))?;
        let certificates = Certificates::make(&home.join("tls"))?;
        give_to_postgres(&certificates.certificate)?;
        give_to_postgres(&certificates.key)?;
        serve(programs, home, certificates, durability, &[]).await
    }

    /// Copies this server to `directory`, whatever was there, and starts the copy as a standby
    /// that follows this one.
    ///
    /// # Errors
    /// When it cannot be copied, or the copy cannot be started in time.
    pub async fn standby(&self, directory: &Path) -> anyhow::Result<Postgres> {
        let home = home_for_postgres(directory)?;
        let data = home.join("data");
        if data.exists() {
            fs::remove_dir_all(&data).context("cannot delete the data of an earlier server")?;
        }
        keep_password(&home, &self.password)?;
        let log = home.join("postgres.log");
        let port = self.port.to_string();
        let mut recipe = self
            .client("pg_basebackup", log.clone())
            .user(system_user())
            .arguments(["--host", "127.0.0.1", "--port", &port, "--username", USER])
            .arguments([
                "--wal-method",
                "stream",
                "--checkpoint",
                "fast",
                "--no-sync",
            ])
            .arguments(["--create-slot", "--slot", STANDBY, "--write-recovery-conf"])
            .arguments(["--pgdata".into(), data.into_os_string()]);
        recipe.directory = Some(home.clone());
        let status = recipe.start()?.wait(READY_WITHIN).await?;
        if !status.success() {
            bail!("pg_basebackup failed; see {}", log.display());
        }
        // Its name is what `synchronous_standby_names` of its primary means.
        let settings = [
            &*format!("cluster_name={STANDBY}"),
            "wal_retrieve_retry_interval=200ms",
        ];
        // Clients know one address for both, and believe one authority.
        let certificates = self.certificates.clone();
        let programs = self.programs.clone();
        serve(programs, home, certificates, self.durability, &settings).await
    }

    /// From now on confirms nothing that its standby has not written to its disk.
    ///
    /// # Errors
    /// When it does not take the setting.
    pub async fn wait_for_standby(&self) -> anyhow::Result<()> {
        self.ask(&format!(
            "alter system set synchronous_standby_names = '{STANDBY}'"
        ))
        .await?;
        self.ask("select pg_reload_conf()").await?;
        Ok(())
    }

    /// Waits until a standby follows, in this way: `sync` or `async`.
    ///
    /// # Errors
    /// When none does within a minute.
    pub async fn until_followed(&self, how: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        let question = "select sync_state from pg_stat_replication where state = 'streaming'";
        while self.ask(question).await?.trim() != how {
            if Instant::now() > deadline {
                bail!("no standby follows as {how}");
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Makes a standby a primary, which waits for no standby of its own. Whoever was the primary
    /// must be dead: two of them would both take writes.
    ///
    /// # Errors
    /// When it is none, or does not become a primary in time.
    pub async fn promote(&self) -> anyhow::Result<()> {
        let log = self.home.join("postgres.log");
        let recipe = CommandSpec::new("pg_ctl", self.programs.join("pg_ctl"), Some(log))
            .user(system_user())
            .arguments(["promote", "--wait", "--pgdata"])
            .arguments([self.home.join("data")]);
        let status = recipe.start()?.wait(READY_WITHIN).await?;
        if !status.success() {
            bail!("pg_ctl promote failed: {status}");
        }
        self.ask("alter system reset synchronous_standby_names")
            .await?;
        self.ask("select pg_reload_conf()").await?;
        Ok(())
    }

    /// What `psql` prints for a statement.
    ///
    /// # Errors
    /// When the statement fails.
    async fn ask(&self, statement: &str) -> anyhow::Result<String> {
        let name = format!("psql-{}.out", random_hex::<4>());
        let output = self.home.join(name);
        let port = self.port.to_string();
        let recipe = self
            .client("psql", output.clone())
            .arguments(["--host", "127.0.0.1", "--port", &port, "--username", USER])
            .arguments(["--no-psqlrc", "--no-align", "--tuples-only"])
            .arguments(["--command", statement, "postgres"]);
        let status = recipe.start()?.wait(READY_WITHIN).await?;
        let text = fs::read_to_string(&output)?;
        fs::remove_file(&output)?;
        if !status.success() {
            bail!("{statement}: {status}\n{text}");
        }
        Ok(text)
    }

    /// A program of Postgres that connects to this server.
    fn client(&self, program: &str, output: PathBuf) -> CommandSpec {
        let mut recipe = CommandSpec::new(program, self.programs.join(program), Some(output));
        let ca = self.certificates.ca.display().to_string();
        for (name, value) in [
            ("PGPASSWORD", self.password.as_str()),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", &ca),
        ] {
            recipe.environment.insert(name.to_owned(), value.to_owned());
        }
        recipe
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it with everybody who works for it, as a lost machine would.
    pub fn kill(&mut self) {
        // Frozen first, so that it starts nobody else meanwhile; and it is the one who would
        // collect the dead, so their numbers stay theirs.
        if self.child.signal(Signal::Stop).is_err() {
            return;
        }
        for worker in children_of(self.child.id()) {
            // It may just have ended by itself.
            let _ = kill_process(worker, rustix::process::Signal::KILL);
        }
        self.child.kill();
    }

    /// Where `database` is, and whom to believe to be it. Holds the password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_at(self.port, database)
    }

    /// The same by way of another port that leads here.
    pub(crate) fn url_at(&self, port: u16, database: &str) -> String {
        let ca = self.certificates.ca.display().to_string();
        let mut parameters = reqwest::Url::parse("postgres://parameters").expect("this is a URL");
        parameters
            .query_pairs_mut()
            .append_pair("sslmode", "verify-full")
            .append_pair("sslrootcert", &ca);
        format!(
            "postgres://{USER}:{}@127.0.0.1:{port}/{database}?{}",
            self.password,
            parameters.query().unwrap_or_default()
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
        self.start_again().await
    }

    /// Starts it again, on the same port, after it has ended.
    ///
    /// # Errors
    /// When it does not come back in time.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let data = self.home.join("data");
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            self.child = self.recipe.start()?;
            if until_ready(&mut self.child, &data, deadline).await? {
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

/// Starts a server on the data in `home`, with more `settings` than those that all have.
async fn serve(
    programs: PathBuf,
    home: PathBuf,
    certificates: Certificates,
    durability: Durability,
    settings: &[&str],
) -> anyhow::Result<Postgres> {
    let password = fs::read_to_string(home.join("password"))?;
    let data = home.join("data");
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let port = free_port()?;
        let mut recipe = server(&programs, &home, port, durability);
        for (setting, file) in [
            ("ssl_cert_file", &certificates.certificate),
            ("ssl_key_file", &certificates.key),
        ] {
            let setting = format!("{setting}={}", file.display());
            recipe = recipe.arguments(["-c", &setting]);
        }
        for setting in settings {
            recipe = recipe.arguments(["-c", setting]);
        }
        let mut child = recipe.start()?;
        if until_ready(&mut child, &data, deadline).await? {
            return Ok(Postgres {
                child,
                recipe,
                certificates,
                programs,
                home,
                durability,
                port,
                password,
            });
        }
        // The port was taken meanwhile, or an earlier server is still shutting down.
        if Instant::now() > deadline {
            bail!(
                "Postgres ends as soon as it is started; see {}",
                home.join("postgres.log").display()
            );
        }
        sleep(Duration::from_millis(250)).await;
    }
}

fn server(programs: &Path, home: &Path, port: u16, durability: Durability) -> CommandSpec {
    let log = home.join("postgres.log");
    let mut recipe = CommandSpec::new("postgres", programs.join("postgres"), Some(log))
        .user(system_user())
        .arguments(["-D".into(), home.join("data").into_os_string()])
        .arguments(["-h", "127.0.0.1", "-p", &port.to_string()])
        .arguments([
            "-c",
            "unix_socket_directories=",
            "-c",
            "ssl=on",
            "-c",
            "max_connections=300",
            // Who it was that was denied something.
            "-c",
            "log_line_prefix=%m [%p] %q%u@%d ",
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
    let password = keep_password(home, &random_hex::<16>())?;
    let mut recipe = CommandSpec::new("initdb", programs.join("initdb"), Some(log.to_owned()))
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

/// Whoever comes without TLS is sent away, whatever their password.
fn demand_tls(rules: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(rules)?;
    let rule = |line: &str| match line.strip_prefix("host ") {
        Some(rest) => format!("hostssl {rest}\n"),
        None => format!("{line}\n"),
    };
    // Written in place: it stays its owner's.
    fs::write(rules, text.lines().map(rule).collect::<String>())?;
    Ok(())
}

/// Writes the password down for its owner alone; gives the file.
fn keep_password(home: &Path, password: &str) -> anyhow::Result<PathBuf> {
    let file = home.join("password");
    fs::write(&file, password)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    give_to_postgres(&file)?;
    Ok(file)
}

/// The same server by its URL, and another database there.
///
/// # Panics
/// When this is no URL of a database.
#[must_use]
pub fn with_database(server: &str, database: &str) -> String {
    let mut url = reqwest::Url::parse(server).expect("the URL of a server can be read");
    url.set_path(database);
    url.to_string()
}

/// The processes that were started by this one.
fn children_of(parent: u32) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_child = |directory: &Path| {
        let stat = fs::read_to_string(directory.join("stat")).ok()?;
        // The name, in brackets, may hold anything; after it come the state and the parent.
        let (_, rest) = stat.rsplit_once(')')?;
        Some(rest.split_whitespace().nth(1)?.parse() == Ok(parent))
    };
    processes
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            is_child(&entry.path())?
                .then(|| Pid::from_raw(number))
                .flatten()
        })
        .collect()
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
        sleep(LOOK_EVERY).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_the_url_changes() {
        let url = with_database(
            "postgres://user:secret@127.0.0.1:5432/postgres?sslmode=verify-full&sslrootcert=%2Fca",
            "test_1",
        );
        let expected =
            "postgres://user:secret@127.0.0.1:5432/test_1?sslmode=verify-full&sslrootcert=%2Fca";
        assert_eq!(url, expected);
    }
}
