//! What is shipped beside the programs names what the programs read.

mod compose;
mod defaults;
mod kubernetes;
mod needs;

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use anyhow::{Context, ensure};
use fetch_runtime::{FromEnv, Settings, names_of, usual_grace};

/// What every process reads for its own frame.
const FRAME: [&str; 6] = [
    "LOG",
    "LOG_JSON",
    "OTLP_ENDPOINT",
    "ADMIN_LISTEN",
    "GRACE_MS",
    "REQUIRE_CONFINEMENT",
];

/// What `make nats-users` writes.
fn nats_users() -> String {
    let users = fetch_bus::accounts(|role| format!("${}", role.variable()), |_| String::new());
    format!("# Written by `make nats-users` from fetch-bus/src/access.rs.\n{users}")
}

#[test]
fn servers_permit_what_the_programs_are_made_for_and_nothing_else() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for file in ["deploy/nats-users.conf", "k8s/nats/users.conf"] {
        let path = root.join(file);
        if std::env::var_os("PACER_FETCH_WRITE").is_some() {
            fs::write(&path, nats_users())?;
        }
        let text = fs::read_to_string(&path).context(file)?;
        ensure!(
            text == nats_users(),
            "{file} differs from the table: run `make nats-users`"
        );
    }
    Ok(())
}

#[test]
fn the_example_names_every_setting_and_no_other() -> anyhow::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/example.env");
    let text = fs::read_to_string(&file).context("deploy/example.env")?;
    let shown: BTreeSet<String> = text
        .lines()
        .map(|line| line.trim_start_matches(['#', ' ']))
        .filter_map(|line| line.strip_prefix("PACER_FETCH_")?.split_once('='))
        .map(|(name, _)| name.to_owned())
        .collect();
    let read: BTreeSet<String> = FRAME
        .into_iter()
        .map(str::to_owned)
        .chain(names_of::<gateway::Config>())
        .chain(names_of::<login::Config>())
        .chain(names_of::<docket_fetcher::Config>())
        .chain(names_of::<pdf_fetcher::Config>())
        .chain(names_of::<ocr::service::Config>())
        .chain(names_of::<cli::OwnerConfig>())
        .map(|name| name.trim_start_matches("PACER_FETCH_").to_owned())
        .collect();
    let missing: Vec<_> = read.difference(&shown).collect();
    let stale: Vec<_> = shown.difference(&read).collect();
    ensure!(missing.is_empty(), "not in the example: {missing:?}");
    ensure!(stale.is_empty(), "nobody reads: {stale:?}");
    Ok(())
}

/// An answer that was paid for may be on its way when a process is told to stop.
#[test]
fn no_process_is_killed_before_its_own_grace_period_is_over() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let compose = fs::read_to_string(root.join("deploy/compose.yaml"))?;
    let all = seconds(&compose, "stop_grace_period:").context("for every service")?;
    for (service, grace) in [
        ("gateway", grace_of::<gateway::Config>()),
        ("login", grace_of::<login::Config>()),
        ("docket-fetcher", grace_of::<docket_fetcher::Config>()),
        ("pdf-fetcher", grace_of::<pdf_fetcher::Config>()),
        ("ocr", grace_of::<ocr::service::Config>()),
    ] {
        let (_, block) = compose
            .split_once(&format!("\n  {service}:\n"))
            .with_context(|| format!("{service} in compose.yaml"))?;
        let block = block.split("\n\n").next().unwrap_or_default();
        let here = seconds(block, "stop_grace_period:").unwrap_or(all);
        ensure!(here > grace, "compose.yaml kills {service} after {here:?}");
        let manifest = fs::read_to_string(root.join(format!("k8s/base/{service}.yaml")))?;
        let there = seconds(&manifest, "terminationGracePeriodSeconds:").context(service)?;
        ensure!(there > grace, "Kubernetes kills {service} after {there:?}");
    }
    let answer = longest_answer();
    let fetchers = grace_of::<docket_fetcher::Config>();
    ensure!(fetchers > answer, "a fetcher gives up after {fetchers:?}");
    Ok(())
}

/// How long a process works on when it is told to stop, unless it is set.
fn grace_of<C: FromEnv>() -> Duration {
    usual_grace(&C::from_env(&mut Settings::of::<&str, &str>([])))
}

/// How long the answer of a court may take.
fn longest_answer() -> Duration {
    let config = docket_fetcher::Config::from_env(&mut Settings::of::<&str, &str>([]));
    config.courts.total_timeout
}

/// The number of seconds that is said after these words, first of all.
fn seconds(text: &str, words: &str) -> Option<Duration> {
    let (_, rest) = text.split_once(words)?;
    let number: String = rest
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    number.parse().ok().map(Duration::from_secs)
}
