//! `make bench-accepts`: how many requests the front door accepts in a second.
//!
//! The real programs, all on this machine: gateway, login, NATS, Postgres and the callers themselves
//! share its processors. The courts are paused, so that what is measured is accepting alone: token,
//! fields, price, login with a session that lives, the row and its reservation, 201. In between, the
//! same number of connections commit rows of one column to the same Postgres, which is the most that
//! could be hoped for. Rounds of both take turns, after one that is not counted. `CALLERS` (64), `USERS` (20), `ROUNDS` (5) and
//! `SECONDS` (5) may be set; `BUDGET=1` gives every user a budget, which costs a lock on it.

#![allow(clippy::print_stdout, reason = "printing is what a benchmark is for")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use sqlx::{Connection, PgConnection};
use testkit::{Account, Api, Stack};
use tokio::time::{Instant, sleep};

/// The password of the accounts, which exist in the simulator only.
const PASSWORD: &str = "not-a-real-password";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let callers = number("CALLERS", 64)?;
    let users = number("USERS", 20)?;
    let rounds = number("ROUNDS", 5)?;
    let round = Duration::from_secs(number("SECONDS", 5)?.try_into()?);
    let mut builder = testkit::stack()
        .context("the programs, Postgres and NATS are needed")?
        .with(|builder| builder.setting_of_all("LOG", "error"));
    if number("BUDGET", 0)? > 0 {
        let settings = ["BUDGET_QUARTER_CENTS", "1000000000"];
        builder = builder.with(|builder| builder.setting_of_all(settings[0], settings[1]));
    }
    for user in 0..users {
        let account = format!("{}:{PASSWORD}", login(user));
        builder = builder.simulator_arg("--account").simulator_arg(account);
    }
    let stack = builder.start().await?;
    let mut database = stack.database().await?;
    sqlx::query("update courts set held_since = now(), held_reason = 'a benchmark'")
        .execute(&mut database)
        .await?;
    sqlx::query("create table single_rows (number bigint generated always as identity)")
        .execute(&mut database)
        .await?;
    let courts: Vec<String> =
        sqlx::query_scalar("select id from courts where kind in ('FD', 'FB') order by id")
            .fetch_all(&mut database)
            .await?;
    let courts: Arc<[String]> = courts.into();
    let apis = log_in(&stack, users, &courts).await?;

    println!("{callers} callers, {users} users, {} courts", courts.len());
    // Postgres plans for a table that it last saw empty until it looks again, within a minute.
    accept(&apis, callers, &courts, round).await?;
    sqlx::query("analyze").execute(&mut database).await?;
    let (mut accepted, mut committed) = (Vec::new(), Vec::new());
    for number in 1..=rounds {
        committed.push(commit(&stack, callers, round).await?);
        let (rate, mut times) = accept(&apis, callers, &courts, round).await?;
        times.sort_unstable();
        let quantile = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!(
            "  round {number}: {rate:.0} accepted/s, p50 {:.1} ms, p99 {:.1} ms; {:.0} commits/s",
            quantile(50),
            quantile(99),
            committed[number - 1]
        );
        accepted.push(rate);
    }
    println!(
        "median: {:.0} accepted/s, {:.0} commits of a single row/s",
        median(&mut accepted),
        median(&mut committed)
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

fn login(user: usize) -> String {
    format!("bench-{user}")
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The users, each with an account that is logged in.
async fn log_in(
    stack: &Stack,
    users: usize,
    courts: &[String],
) -> anyhow::Result<Vec<(Api, Account)>> {
    let mut apis = Vec::new();
    for user in 0..users {
        let api = stack.user(&login(user)).await?;
        let account = Account::new(&login(user), PASSWORD);
        submit(&api, &account, &courts[0], 0).await?;
        apis.push((api, account));
    }
    Ok(apis)
}

async fn submit(api: &Api, account: &Account, court: &str, case: usize) -> anyhow::Result<()> {
    let case = (case % 90_000 + 10_000).to_string();
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("pacer_case_id", &case),
    ];
    api.submit(account, &form).await?;
    Ok(())
}

/// Callers that send one request after the other; accepted per second, and how long each took.
async fn accept(
    apis: &[(Api, Account)],
    callers: usize,
    courts: &Arc<[String]>,
    round: Duration,
) -> anyhow::Result<(f64, Vec<Duration>)> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let calling = (0..callers).map(|caller| {
        let (api, account) = apis[caller % apis.len()].clone();
        let (next, courts) = (next.clone(), courts.clone());
        tokio::spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < round {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let sent = Instant::now();
                submit(&api, &account, &courts[number % courts.len()], number).await?;
                times.push(sent.elapsed());
            }
            anyhow::Ok(times)
        })
    });
    let mut times = Vec::new();
    for caller in try_join_all(calling).await? {
        times.extend(caller?);
    }
    ensure!(!times.is_empty(), "nothing was accepted");
    Ok((rate(times.len(), begun.elapsed()), times))
}

/// As many connections that commit a row each, one after the other; commits per second.
async fn commit(stack: &Stack, connections: usize, round: Duration) -> anyhow::Result<f64> {
    let url = stack.database_url();
    let connecting = (0..connections).map(|_| PgConnection::connect(url));
    let connections = try_join_all(connecting).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let committing: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            let stop = stop.clone();
            tokio::spawn(async move {
                let mut commits = 0;
                while !stop.load(Ordering::Relaxed) {
                    sqlx::query("insert into single_rows default values")
                        .execute(&mut connection)
                        .await?;
                    commits += 1;
                }
                connection.close().await?;
                anyhow::Ok(commits)
            })
        })
        .collect();
    sleep(round).await;
    stop.store(true, Ordering::Relaxed);
    let mut commits = 0;
    for connection in try_join_all(committing).await? {
        commits += connection?;
    }
    Ok(rate(commits, begun.elapsed()))
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
