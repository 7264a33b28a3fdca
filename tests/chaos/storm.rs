//! One storm from beginning to end, and what must hold after it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use dev_stack::Durability;
use kill_point::Point;
use testkit::Stack;
use tokio::time;

use crate::{
    books,
    conductor::{Conductor, Damage},
    load,
    orders::Orders,
    plan::Plan,
    skew,
};

/// Room of a court, and its gap: a storm is about kills, not about manners.
const CAP: u32 = 6;
const GAP_MS: u32 = 20;

/// How a court thinks before it answers, so that there is something to be killed in.
const LATENCY_MS: u32 = 40;

/// Storms, and holds the promises against what is left. Nothing where the stack cannot run.
///
/// # Errors
/// When a promise does not hold.
pub async fn run(plan: &Plan) -> anyhow::Result<()> {
    let Some(builder) = testkit::stack() else {
        return Ok(());
    };
    let orders_home = tempfile::tempdir()?;
    let orders = Orders::new(orders_home.path())?;
    let directory = orders.directory().display().to_string();
    let mut builder = builder
        .court_gap_ms(GAP_MS)
        .court_cap(CAP)
        .replicas("gateway", 2)
        .replicas("login", 2)
        .replicas("ocr", 2)
        .replicas("docket-fetcher", plan.fetchers)
        .replicas("pdf-fetcher", plan.fetchers)
        .simulator_arg("--cases")
        .simulator_arg((2 * plan.dockets.div_ceil(plan.courts)).max(8))
        .simulator_arg("--entries")
        .simulator_arg(plan.entries)
        .simulator_arg("--latency-ms")
        .simulator_arg(LATENCY_MS)
        // A crash of Postgres may lose nothing that it has confirmed.
        .with(|builder| {
            builder
                .durability(Durability::Safe)
                .setting_of_all("KILL_POINTS", &directory)
        });
    for number in 0..plan.users {
        let account = format!("{}:{}", load::login(number), load::PASSWORD);
        builder = builder.simulator_arg("--account").simulator_arg(account);
    }
    let mut stack = builder.start().await?;
    let users = load::users(&stack, plan).await?;
    let items = load::items(&stack, plan, &users[0]).await?;
    let skewed = match plan.skewed {
        true => skew::skew(&mut stack).await?,
        false => 0,
    };

    let begun = Instant::now();
    let count = items.len();
    let gate = Arc::new(load::Gate::new(count));
    let url = stack.database_url().to_owned();
    let submitting = tokio::spawn(load::submit_all(items, users, url, gate.clone()));
    let damage = Conductor::new(&mut stack, orders, plan, gate.clone())
        .storm()
        .await?;
    let stormed = begun.elapsed();
    let answered = submitting.await??;
    let done = gate.submitted();
    ensure!(done == count, "{done} of {count} were submitted");
    let left = settle(&stack, plan.calm_within).await?;
    println!("storm with seed {}: {}", plan.seed, said(&damage));
    println!(
        "{count} requests, {skewed} processes with skewed clocks; storm {} s, all final after {} s",
        stormed.as_secs(),
        begun.elapsed().as_secs()
    );
    for (end, number) in &left {
        println!("  {number:5}  {end}");
    }

    lost(&stack, &answered, count).await?;
    let books = books::compare(&stack).await?;
    println!("{books}");
    ensure!(books.doubled_with_stop == 0, "bought twice with `stop`");
    if damage.kills() == 0 && damage.frozen_again == 0 && plan.faults == 0 {
        // Nobody died or stayed away for too long, and no answer was lost: there is no excuse.
        ensure!(books.doubled_and_flagged == 0, "bought twice without need");
    }
    if damage.kills() >= plan.point_kills {
        let missed: Vec<&str> = plan
            .points
            .iter()
            .filter(|point| !damage.at_points.contains_key(point))
            .map(|point| point.name())
            .collect();
        let long_enough = plan.point_kills >= 100;
        ensure!(
            !long_enough || missed.is_empty(),
            "nobody was killed at {missed:?}"
        );
    }
    let tables = stack.tables_with(load::PASSWORD).await?;
    let messages = stack.nats_contents_with(load::PASSWORD).await?;
    ensure!(tables.is_empty(), "a password in tables: {tables:?}");
    ensure!(messages.is_empty(), "a password in NATS: {messages:?}");
    stack.inner().stop().await;
    let files = stack.files_with(load::PASSWORD)?;
    ensure!(files.is_empty(), "a password in files: {files:?}");
    println!("the password of every account: in no table, no message, no file");
    Ok(())
}

/// Waits until every request is final; gives how many ended how.
async fn settle(stack: &Stack, within: Duration) -> anyhow::Result<BTreeMap<String, i64>> {
    let deadline = Instant::now() + within;
    let mut database = stack.database().await?;
    loop {
        let open: Vec<(i64, String, i32, i32, String)> = sqlx::query_as(
            "select id, state, attempts, snoozes, message from fetch_requests
             where state not in ('done', 'failed', 'cancelled') order by id",
        )
        .fetch_all(&mut database)
        .await?;
        if open.is_empty() {
            break;
        }
        ensure!(
            Instant::now() < deadline,
            "{} requests are not final after {} s, such as {:?}",
            open.len(),
            within.as_secs(),
            &open[..open.len().min(5)]
        );
        time::sleep(Duration::from_millis(200)).await;
    }
    let ends: Vec<(String, i64)> = sqlx::query_as(
        "select state || case when state = 'done' then '' else ': ' || message end, count(*)
         from fetch_requests group by 1 order by 2 desc",
    )
    .fetch_all(&mut database)
    .await?;
    let mut counted = BTreeMap::new();
    for (end, number) in ends {
        let end: String = end.chars().take(110).collect();
        *counted.entry(end).or_default() += number;
    }
    Ok(counted)
}

/// Every id that was answered is a row, every row has its end with a date, and there are as many
/// as there were things to buy.
async fn lost(stack: &Stack, answered: &[i64], count: usize) -> anyhow::Result<()> {
    let rows: Vec<(i64, bool)> = sqlx::query_as(
        "select id, date_completed is not null and (state = 'done' or message <> '')
         from fetch_requests",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    let known: BTreeSet<i64> = rows.iter().map(|(id, _)| *id).collect();
    let missing: Vec<&i64> = answered.iter().filter(|id| !known.contains(id)).collect();
    ensure!(missing.is_empty(), "lost: {missing:?}");
    ensure!(rows.len() >= count, "only {} rows", rows.len());
    let unfinished = rows.iter().find(|(_, finished)| !finished);
    ensure!(
        unfinished.is_none(),
        "an end without date or word: {unfinished:?}"
    );
    println!("{} rows, all final, 0 lost", rows.len());
    Ok(())
}

fn said(damage: &Damage) -> String {
    let points: Vec<String> = Point::ALL
        .iter()
        .filter_map(|point| {
            let kills = damage.at_points.get(point)?;
            Some(format!("{} {kills}", point.name()))
        })
        .collect();
    format!(
        "{} kills, {} of them at a point ({}); {} freezes, {} of them of a process that \
         had hardly woken; {} bad answers, {} restarts and {} wipes of NATS, {} crashes of Postgres",
        damage.kills(),
        damage.kills() - damage.at_random,
        points.join(", "),
        damage.freezes,
        damage.frozen_again,
        damage.faults,
        damage.nats_restarts,
        damage.nats_wipes,
        damage.postgres_crashes
    )
}
