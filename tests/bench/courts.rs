//! `make bench-courts`: what one court that never answers costs all the others.
//!
//! The real programs on simulated courts. Rounds without and with a hanging court take turns, so
//! that whatever else the machine does hits both alike; the figures are of the healthy courts
//! only, from acceptance to the end. `COURTS` (200) and `ROUNDS` (3 of each) may be set.

#![allow(clippy::print_stdout, reason = "printing is what a benchmark is for")]

use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use testkit::{Account, Api, Stack};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// The court that hangs.
const HANGING: &str = "okwd";

/// Requests of a healthy court in a round.
const PER_COURT: usize = 2;

/// Requests that are sent in a second, well below what the machine can do.
const PER_SECOND: f64 = 12.0;

/// Requests that wait at the hanging court.
const STUCK: usize = 20;

const PATIENCE: Duration = Duration::from_secs(300);

/// A court by CourtListener's id, and the number of a case there.
type Case = (String, String);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let courts = number("COURTS", 200)?;
    let rounds = number("ROUNDS", 3)?;
    let stack = testkit::stack().context("the programs, Postgres and NATS are needed")?;
    let mut stack = stack.court_gap_ms(20).court_cap(2).start().await?;
    let api = stack.user("bench").await?;
    let cases = cases(&stack, courts.saturating_sub(1)).await?;
    println!(
        "{} healthy courts, {} requests a round",
        cases.len(),
        cases.len() * PER_COURT
    );
    // Everything is loaded and every connection is made.
    round(&stack, &api, &cases[..cases.len().min(20)]).await?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for pair in 1..=rounds {
        // Which of both is first takes turns as well.
        for hangs in [pair % 2 == 0, pair % 2 == 1] {
            let times = if hangs {
                hang(&stack, &api).await?;
                let times = round(&stack, &api, &cases).await?;
                heal(&mut stack).await?;
                times
            } else {
                round(&stack, &api, &cases).await?
            };
            told(if hangs { "one hangs" } else { "all well " }, &times);
            if hangs { &mut with } else { &mut without }.extend(times);
        }
    }
    println!("together:");
    told("all well ", &without);
    told("one hangs", &with);
    let ratio = |share| quantile(&with, share) / quantile(&without, share);
    println!(
        "one hangs / all well: p50 {:.3}, p99 {:.3}",
        ratio(0.5),
        ratio(0.99)
    );
    stack.stop().await
}

fn number(name: &str, usual: usize) -> anyhow::Result<usize> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{name} must be a number")),
        Err(_) => Ok(usual),
    }
}

/// An ordinary case of each of so many courts.
async fn cases(stack: &Stack, count: usize) -> anyhow::Result<Vec<Case>> {
    let courts: Vec<(String, String)> = sqlx::query_as(
        "select pacer_id, id from courts where kind not in ('F') and id <> $1 order by id",
    )
    .bind(HANGING)
    .fetch_all(&mut stack.database().await?)
    .await?;
    let mut cases = Vec::new();
    for (pacer_id, id) in courts {
        let known = stack
            .simulator()
            .cases_of(&pacer_id)
            .await
            .unwrap_or_default();
        let case = known.into_iter().find(|case| case.peculiarity == "none");
        // The contract's `court` field does not know the multidistrict panel.
        if let Some(case) = case.filter(|_| id != "jpml") {
            cases.push((id, case.docket_number));
        }
    }
    cases.truncate(count);
    ensure!(cases.len() >= 2, "courts to compare");
    Ok(cases)
}

async fn submit(api: &Api, court: &str, number: &str) -> anyhow::Result<i64> {
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
    ];
    let accepted = api.submit(&Account::demo(), &form).await?;
    accepted["id"].as_i64().context("an id")
}

/// Sends the requests of a round at an even pace; how many seconds each took.
async fn round(stack: &Stack, api: &Api, cases: &[Case]) -> anyhow::Result<Vec<f64>> {
    let mut pace = interval(Duration::from_secs_f64(1.0 / PER_SECOND));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let pace = stream::unfold(pace, |mut pace| async move {
        pace.tick().await;
        Some(((), pace))
    });
    let wanted = (0..PER_COURT).flat_map(|_| cases);
    let ids: Vec<i64> = stream::iter(wanted)
        .zip(pace)
        .map(|((court, number), ())| submit(api, court, number))
        .buffer_unordered(16)
        .try_collect()
        .await?;
    let mut database = stack.database().await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (open, failed): (i64, i64) = sqlx::query_as(
            "select count(*) filter (where date_completed is null),
                    count(*) filter (where state not in ('done') and date_completed is not null)
             from fetch_requests where id = any($1)",
        )
        .bind(&ids)
        .fetch_one(&mut database)
        .await?;
        ensure!(failed == 0, "{failed} requests failed");
        if open == 0 {
            break;
        }
        ensure!(Instant::now() < deadline, "{open} requests are not done");
        sleep(Duration::from_millis(200)).await;
    }
    Ok(sqlx::query_scalar(
        "select extract(epoch from date_completed - date_created)::float8
         from fetch_requests where id = any($1)",
    )
    .bind(&ids)
    .fetch_all(&mut database)
    .await?)
}

/// One court answers nothing more, and has plenty to do.
async fn hang(stack: &Stack, api: &Api) -> anyhow::Result<()> {
    let simulator = stack.simulator();
    let number = simulator.cases(1).await?.remove(0).1;
    let fault = json!({"court": HANGING, "times": null, "kind": "hang"});
    simulator.order_fault(&fault).await?;
    let mut first = None;
    for _ in 0..STUCK {
        let id = submit(api, HANGING, &number).await?;
        first.get_or_insert(id);
    }
    let first = first.context("a request at the hanging court")?;
    stack.wait_for_state(first, "running", PATIENCE).await
}

/// The court is well again, and what hung there is forgotten.
async fn heal(stack: &mut Stack) -> anyhow::Result<()> {
    stack.simulator().cancel_faults().await?;
    sqlx::query(
        "update fetch_requests set state = 'cancelled', status = 3, lease_until = null,
             date_completed = now(), not_before = null
         where target_court = $1 and date_completed is null",
    )
    .bind(HANGING)
    .execute(&mut stack.database().await?)
    .await?;
    stack.kill("docket-fetcher").await?;
    stack.restart("docket-fetcher").await
}

fn told(what: &str, times: &[f64]) {
    println!(
        "  {what}: {} requests, p50 {:.3} s, p99 {:.3} s",
        times.len(),
        quantile(times, 0.5),
        quantile(times, 0.99)
    );
}

fn quantile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of thousands"
    )]
    let place = (last as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
