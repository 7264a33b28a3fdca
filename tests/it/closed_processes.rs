//! A process that holds secrets is closed to whoever runs beside it, and leaves nothing when it dies.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use anyhow::{Context, ensure};
use dev_stack::child::{Child, CommandSpec};
use rlimit::Resource;
use testkit::{Account, DEMO_DOCKET};
use tokio::time::{Instant, sleep};

const SERVICES: [&str; 5] = ["gateway", "login", "docket-fetcher", "pdf-fetcher", "ocr"];

/// What the names of settings end with that are secrets.
const SECRETS: [&str; 3] = ["KEY", "CREDENTIALS", "SECRETS"];

const LOOK_EVERY: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who is not root, and whom every machine with Postgres has.
const SOMEBODY: &str = "postgres";

/// A key that no service was ever given.
const KEY: &str = "5ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4";

fn is_root() -> anyhow::Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        ensure!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_service_has_a_secret_in_its_environment_or_may_leave_a_dump() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let mut seen = 0;
    for (service, process) in stack.processes() {
        if !SERVICES.contains(&service) {
            continue;
        }
        seen += 1;
        let place = Path::new("/proc").join(process.to_string());
        let limits = fs::read_to_string(place.join("limits"))?;
        let dumps = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max core file size"));
        let dumps: Vec<&str> = dumps.context("a limit")?.split_whitespace().collect();
        ensure!(
            dumps[..2] == ["0", "0"],
            "{service} may leave dumps: {dumps:?}"
        );
        let environment = fs::read(place.join("environ"))?;
        let environment = String::from_utf8_lossy(&environment).into_owned();
        ensure!(environment.contains("PATH="), "{service}: {environment}");
        for variable in environment.split('\0') {
            let name = variable.split('=').next().unwrap_or_default();
            // Says where a file is.
            let is_secret = name != "PACER_FETCH_TLS_KEY"
                && SECRETS.iter().any(|secret| name.ends_with(secret));
            ensure!(!is_secret, "{service} has {name} in its environment");
        }
        let has = environment.contains(stack.database_url());
        ensure!(
            !has,
            "{service} has the database's password in its environment"
        );
    }
    ensure!(seen == SERVICES.len(), "only {seen} services run");
    Ok(())
}

/// A service with a secret in its environment, run by somebody, in a directory that they may write.
struct Service {
    child: Child,
    log: PathBuf,
    directory: tempfile::TempDir,
}

impl Service {
    async fn start() -> anyhow::Result<Service> {
        let directory = dev_stack::services::temporary_directory()?;
        std::os::unix::fs::chown(directory.path(), Some(owner(SOMEBODY)?), None)?;
        let log = directory.path().join("log");
        let mut recipe =
            CommandSpec::new("login", program("login")?, Some(log.clone())).user(Some(SOMEBODY));
        recipe.directory = Some(directory.path().to_owned());
        let nowhere = "nats://127.0.0.1:1".to_owned();
        recipe.environment.extend([
            ("PACER_FETCH_NATS_URL".to_owned(), nowhere),
            ("PACER_FETCH_SESSION_KEY".to_owned(), KEY.to_owned()),
            ("PACER_FETCH_LOGIN_KEY".to_owned(), KEY.to_owned()),
            ("PACER_FETCH_LOGIN_SHARED_KEY".to_owned(), KEY.to_owned()),
            (
                "PACER_FETCH_REQUIRE_CONFINEMENT".to_owned(),
                "true".to_owned(),
            ),
        ]);
        let service = Service {
            child: recipe.start()?,
            log,
            directory,
        };
        until("the service starts", || service.said().contains("starting")).await?;
        Ok(service)
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

fn program(name: &str) -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let directory = test.parent().and_then(Path::parent);
    Ok(directory
        .context("a test lies two directories deep")?
        .join(name))
}

fn owner(name: &str) -> anyhow::Result<u32> {
    let told = Command::new("id").args(["-u", name]).output()?;
    Ok(String::from_utf8(told.stdout)?.trim().parse()?)
}

/// Runs a program as somebody.
fn as_somebody(program: &[&str]) -> anyhow::Result<Output> {
    let user = [
        format!("--reuid={SOMEBODY}"),
        format!("--regid={SOMEBODY}"),
        "--clear-groups".to_owned(),
        "--".to_owned(),
    ];
    Ok(Command::new("setpriv").args(user).args(program).output()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_of_the_same_user_cannot_look_into_a_service() -> anyhow::Result<()> {
    if !is_root()? {
        testkit::skip("only root can start a service and its neighbour as somebody else");
        return Ok(());
    }
    let service = Service::start().await?;
    ensure!(!service.said().contains(KEY), "{}", service.said());
    let look = |process: u32, what: &str| as_somebody(&["cat", &format!("/proc/{process}/{what}")]);
    for what in ["environ", "maps", "auxv"] {
        let seen = look(service.child.id(), what)?;
        ensure!(!seen.status.success(), "a neighbour sees {what}: {seen:?}");
    }
    // The same look into a process that is not closed.
    let open = CommandSpec::new("sleep", "sleep", None).user(Some(SOMEBODY));
    let open = open.arguments(["60"]).start()?;
    until("a process that is open is looked into", || {
        look(open.id(), "environ")
            .is_ok_and(|seen| seen.status.success() && !seen.stdout.is_empty())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_crashes_leaves_no_dump() -> anyhow::Result<()> {
    if !is_root()? {
        testkit::skip("only root can start a service as somebody else");
        return Ok(());
    }
    let (_, most) = Resource::CORE.get()?;
    Resource::CORE.set(most, most)?;
    let mut service = Service::start().await?;
    let process = service.child.id().to_string();
    Command::new("kill").args(["-ABRT", &process]).status()?;
    service.child.wait(PATIENCE).await?;
    let left: Vec<_> = fs::read_dir(service.directory.path())?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    ensure!(left == ["log"], "{left:?} was left");
    Ok(())
}

/// What is at rest is for nobody but the services, whatever they were started with.
#[tokio::test(flavor = "multi_thread")]
async fn files_and_folders_of_services_are_theirs_alone() -> anyhow::Result<()> {
    fn look(folder: &Path, seen: &mut usize) -> anyhow::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let about = fs::metadata(&path)?;
            let mode = about.mode();
            ensure!(mode & 0o077 == 0, "{}: {mode:o}", path.display());
            *seen += 1;
            if about.is_dir() {
                look(&path, seen)?;
            }
        }
        Ok(())
    }

    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    api.wait(&request, Duration::from_secs(120)).await?;
    let mut seen = 0;
    look(&stack.directory().join("blobs"), &mut seen)?;
    ensure!(seen > 1, "only {seen} were looked at");
    stack.stop().await
}
