//! Runs a command beside a private Postgres and NATS, and ends them with it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Context;

use crate::child::{Child, CommandSpec, Signal};
use crate::stop::StopSignals;
use crate::{Durability, Nats, Postgres, programs};

/// What a shell calls the end by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// How long the command may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(10);

/// Runs `command` with these variables set, and gives its exit status:
///
/// - `PACER_FETCH_TEST_DATABASE_URL`: a database of a private Postgres, with the right to make
///   more of them;
/// - `PACER_FETCH_TEST_NATS_URL`: a private NATS server;
/// - `PACER_FETCH_NATS_SERVER`: the program that this server is, to start more of them.
///
/// Everything lies in a temporary directory and is gone afterwards. The command cannot read
/// from the terminal: Ctrl-C reaches us, and we end the command before the servers.
///
/// # Errors
/// When the servers or the command cannot be started.
pub async fn run_beside(
    tools: &Path,
    durability: Durability,
    command: &[OsString],
) -> anyhow::Result<u8> {
    let mut stop = StopSignals::listen()?;
    let directory = temporary_directory()?;
    let nats_program = programs::nats_server(tools)?;
    let (postgres_home, nats_home) = (
        directory.path().join("postgres"),
        directory.path().join("nats"),
    );
    let starting = async {
        tokio::try_join!(
            Postgres::start(&postgres_home, durability),
            Nats::start(&nats_home, &nats_program),
        )
    };
    let (mut postgres, mut nats) = tokio::select! {
        started = starting => started?,
        () = stop.next() => return Ok(INTERRUPTED),
    };

    let mut recipe = recipe(command)?;
    recipe.environment.insert(
        "PACER_FETCH_TEST_DATABASE_URL".into(),
        postgres.url("postgres"),
    );
    recipe
        .environment
        .insert("PACER_FETCH_TEST_NATS_URL".into(), nats.url());
    let nats_server = nats_program.display().to_string();
    recipe
        .environment
        .insert("PACER_FETCH_NATS_SERVER".into(), nats_server);
    let code = until_ended(recipe.start()?, &mut stop).await;

    nats.stop().await;
    postgres.stop().await;
    Ok(code)
}

/// A temporary directory that the account of Postgres may pass through.
///
/// # Errors
/// When it cannot be made.
pub fn temporary_directory() -> anyhow::Result<tempfile::TempDir> {
    let directory = tempfile::Builder::new().prefix("pacer-fetch-").tempdir()?;
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711))?;
    Ok(directory)
}

fn recipe(command: &[OsString]) -> anyhow::Result<CommandSpec> {
    let (program, arguments) = command
        .split_first()
        .context("there is no command to run")?;
    let name = program.to_string_lossy().into_owned();
    let mut recipe = CommandSpec::new(&name, program, None).arguments(arguments);
    recipe.inherits_environment = true;
    Ok(recipe)
}

async fn until_ended(mut child: Child, stop: &mut StopSignals) -> u8 {
    let ended = tokio::select! {
        status = child.end() => Some(status),
        () = stop.next() => None,
    };
    let code = match ended {
        Some(status) => code_of(status),
        None => {
            // Asked like by a terminal: the whole group at once.
            let _ = child.signal(Signal::Interrupt);
            let _ = child.wait(GRACE).await;
            INTERRUPTED
        }
    };
    child.kill_group();
    code
}

/// The status as a shell tells it.
fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
