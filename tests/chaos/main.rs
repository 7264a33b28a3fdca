//! The chaos harness: the real programs under kills, freezes, wipes and bad answers.
//!
//! `make test` runs a short storm; `make chaos` the long one, which prints its figures. Measured
//! ones are in `docs/CHAOS.md`.

// What a storm did is for whoever reads its output.
#![allow(clippy::print_stdout)]

mod books;
mod conductor;
mod fail_over;
mod goodbye;
mod limiter;
mod load;
mod manners;
mod orders;
mod outage;
mod plan;
mod skew;
mod storm;
mod twins;

use std::time::Duration;

use plan::Plan;

/// The seed of the storms, unless `PACER_FETCH_CHAOS_SEED` names another.
const SEED: u64 = 20_261_128;

fn seed() -> u64 {
    setting("PACER_FETCH_CHAOS_SEED", SEED)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_storm_loses_nothing_and_buys_nothing_twice() -> anyhow::Result<()> {
    storm::run(&Plan::short(seed())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_finishes_what_is_on_the_wire_and_begins_no_purchase() -> anyhow::Result<()>
{
    goodbye::run().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_has_everything_that_was_confirmed() -> anyhow::Result<()> {
    fail_over::nothing_confirmed_is_lost().await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make chaos"]
async fn chaos_an_asynchronous_standby_forgets_purchases_that_only_the_court_remembers()
-> anyhow::Result<()> {
    fail_over::what_an_asynchronous_standby_forgets().await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make chaos"]
async fn chaos_a_long_storm_loses_nothing_and_buys_nothing_twice() -> anyhow::Result<()> {
    let things = setting("PACER_FETCH_CHAOS_THINGS", plan::THINGS);
    storm::run(&Plan::long(seed(), things)).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make chaos"]
async fn chaos_whoever_wakes_sends_nothing_and_brings_home_what_it_paid_for() -> anyhow::Result<()>
{
    storm::run(&Plan::freezes(seed())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_ask_for_the_same_at_once_are_one_sale() -> anyhow::Result<()> {
    let size = twins::Size {
        rounds: 3,
        accounts: &[2, 3],
        gaps_ms: &[1500],
        kills: 1,
    };
    twins::run(&size).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make chaos"]
async fn chaos_accounts_that_ask_for_the_same_at_once_are_one_sale() -> anyhow::Result<()> {
    let size = twins::Size {
        rounds: setting("PACER_FETCH_TWINS_ROUNDS", 50),
        accounts: &[2, 3, 5],
        gaps_ms: &[200, 1000, 2000],
        kills: 10,
    };
    twins::run(&size).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make bench-manners"]
async fn bench_manners() -> anyhow::Result<()> {
    let size = manners::Size {
        requests: setting("PACER_FETCH_BENCH_REQUESTS", 20_000),
        gap_ms: setting("PACER_FETCH_BENCH_GAP_MS", 4000),
        kill_every: Duration::from_secs(setting("PACER_FETCH_BENCH_KILL_SECONDS", 120)),
    };
    manners::run(size, seed()).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make bench-limiter"]
async fn bench_limiter() -> anyhow::Result<()> {
    limiter::run().await
}

fn setting<T: std::str::FromStr>(name: &str, usual: T) -> T {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(usual)
}
