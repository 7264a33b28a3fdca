//! `pacer-fetch dev run`: everything, until Ctrl-C.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use dev_stack::stop::StopSignals;
use dev_stack::{DEMO_CASE, Durability, Stack};
use fetch_keys::random_hex;
use fetch_model::{Cents, DatabaseRole};
use pacer_fetch_client::{Account, raw::Api};
use secrecy::ExposeSecret;

use super::place::Place;

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The port of the HTTP API; if it is taken, another free one is used
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Delete the data of earlier runs
    #[arg(long)]
    fresh: bool,
    /// Use the real PACER instead of the simulated one; this costs money
    #[arg(long, requires = "per_quarter_cents")]
    live: bool,
    /// The most that may be spent in a calendar quarter, in cents
    #[arg(long, requires = "live", value_name = "CENTS", value_parser = clap::value_parser!(u32).range(..=2_147_483_647))]
    per_quarter_cents: Option<u32>,
}

pub(crate) async fn run(directory: &Path, options: &RunArguments) -> anyhow::Result<ExitCode> {
    let mut stop = StopSignals::listen()?;
    // Courts of the simulator are hurried, and the database remembers that.
    let place = Place::take(directory, if options.live { "live" } else { "dev" })?;
    if options.fresh {
        place.clear()?;
    }
    println!("starting …");
    let mut stack = tokio::select! {
        started = start(&place, options) => started?,
        () = stop.next() => return Ok(ExitCode::from(130)),
    };
    let user = user(&place, &stack).await?;
    let settings = place.file("env");
    private(&settings, &operators_settings(&stack, &user))?;
    match options.per_quarter_cents {
        Some(cents) => tell_live(&stack, &user, &settings, cents),
        None => tell(&stack, &user, &settings),
    }
    let code = tokio::select! {
        () = stop.next() => ExitCode::SUCCESS,
        name = stack.first_to_end() => {
            println!("{name} exited unexpectedly; see {}", stack.logs().display());
            ExitCode::FAILURE
        }
    };
    println!("stopping …");
    // Whoever asks a second time does not want to wait.
    tokio::select! {
        () = stack.stop() => {}
        () = stop.next() => {}
    }
    Ok(code)
}

async fn start(place: &Place, options: &RunArguments) -> anyhow::Result<Stack> {
    let port = options.port;
    let builder = match options.per_quarter_cents {
        Some(cents) => place.polite_stack()?.real_courts(cents),
        None => place.stack()?,
    };
    let mut builder = builder.durability(Durability::Safe);
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
        builder = builder.http_port(port);
    }
    builder.start().await
}

/// The user of this directory. The token is kept beside the data that it opens, so that ready
/// commands stay good from one run to the next.
async fn user(place: &Place, stack: &Stack) -> anyhow::Result<Api> {
    let file = place.file("token");
    if let Ok(token) = fs::read_to_string(&file) {
        let known = Api::trusting(&stack.http_url, &token, stack.ca())?;
        if known.get("recap-fetch/").await.is_ok() {
            return Ok(known);
        }
    }
    // The user is there already when only the file was lost.
    let fresh = match stack.add_user("developer").await {
        Ok(fresh) => fresh,
        Err(_) => {
            let name = random_hex::<4>();
            let token = stack.add_token("developer", &name).await;
            token.context("cannot make a user")?
        }
    };
    private(&file, &fresh.token)?;
    Ok(fresh)
}

/// Writes a file that nobody else can read, not even for a moment.
fn private(file: &Path, content: &str) -> anyhow::Result<()> {
    fs::write(file, "")?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    Ok(fs::write(file, content)?)
}

/// What the operator's verbs of this command have to know of the stack, for a shell to read.
fn operators_settings(stack: &Stack, user: &Api) -> String {
    let ca = stack.ca().display().to_string();
    let database_url = stack.database_url_of(DatabaseRole::Operator);
    let settings = [
        ("DATABASE_URL", &database_url),
        ("BLOB_URL", &stack.blob_url),
        ("URL", &stack.http_url),
        ("TOKEN", &user.token),
        ("CA", &ca),
        // As the stack's gateways have it.
        ("WEBHOOKS_ALLOW_PRIVATE", &"true".to_owned()),
    ];
    let quoted = |value: &str| format!("'{}'", value.replace('\'', r"'\''"));
    let lines =
        settings.map(|(name, value)| format!("export PACER_FETCH_{name}={}\n", quoted(value)));
    lines.concat()
}

fn tell_live(stack: &Stack, user: &Api, settings: &Path, per_quarter_cents: u32) {
    println!(
        "
The stack is running against the real PACER. Every purchase is billed to the account sent with it, up to
{} per user and calendar quarter (pacer-fetch budget).

   HTTP API    {}/api/rest/v4/
   gRPC API    {}
   authority   {}
   logs        {}
   API token   {}

For the operator's commands, such as `pacer-fetch spend`, first run `. {}`.

Ctrl-C stops everything; the data is kept for the next run.",
        Cents(i32::try_from(per_quarter_cents).unwrap_or(i32::MAX)),
        stack.http_url,
        stack.grpc_url,
        stack.ca().display(),
        stack.logs().display(),
        user.token,
        settings.display(),
    );
}

fn tell(stack: &Stack, user: &Api, settings: &Path) {
    let (url, token, ca) = (&stack.http_url, &user.token, stack.ca().display());
    let (number, court) = DEMO_CASE;
    let account = Account::demo();
    let (username, password) = (account.username, account.password.expose_secret());
    let settings = settings.display();
    let program = std::env::args().next();
    let program = program.as_deref().unwrap_or("pacer-fetch");
    println!(
        "
The stack is running. The courts are simulated, and nobody is billed.

   HTTP API    {url}/api/rest/v4/
   gRPC API    {}
   simulator   {}/admin/ledger
   logs        {}
   API token   {token}

Buy a docket:

   curl --cacert {ca} -X POST {url}/api/rest/v4/recap-fetch/ \\
     --header 'Authorization: Token {token}' \\
     --data request_type=1 --data docket_number={number} --data court={court} \\
     --data show_parties_and_counsel=true \\
     --data pacer_username={username} --data pacer_password={password}

See its status, with the id from the answer:

   curl --cacert {ca} --header 'Authorization: Token {token}' \\
     {url}/api/rest/v4/recap-fetch/ID/

Use the operator's commands:

   . {settings}; {program} retention show

Ctrl-C stops everything; the data is kept for the next run.",
        stack.grpc_url,
        stack.simulator_url,
        stack.logs().display(),
    );
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::Command;

    #[test]
    fn the_real_pacer_is_not_touched_without_a_budget() {
        let parse = |more: &[&str]| {
            let words = [["pacer-fetch", "dev", "run"].as_slice(), more].concat();
            Command::try_parse_from(words)
        };
        assert!(parse(&[]).is_ok());
        let refused = parse(&["--live"]).unwrap_err().to_string();
        assert!(refused.contains("--per-quarter-cents"), "{refused}");
        assert!(parse(&["--live", "--per-quarter-cents", "1000"]).is_ok());
        // A budget that would limit nothing is a mistake too.
        assert!(parse(&["--per-quarter-cents", "1000"]).is_err());
    }
}
