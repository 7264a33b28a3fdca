//! What is shipped beside the programs names what the programs read.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, ensure};
use fetch_runtime::names_of;

/// What every process reads for its own frame.
const FRAME: [&str; 5] = [
    "LOG",
    "LOG_JSON",
    "OTLP_ENDPOINT",
    "ADMIN_LISTEN",
    "GRACE_MS",
];

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
        .map(|name| name.trim_start_matches("PACER_FETCH_").to_owned())
        .collect();
    let missing: Vec<_> = read.difference(&shown).collect();
    let stale: Vec<_> = shown.difference(&read).collect();
    ensure!(missing.is_empty(), "not in the example: {missing:?}");
    ensure!(stale.is_empty(), "nobody reads: {stale:?}");
    Ok(())
}
