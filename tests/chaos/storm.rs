//! One storm from beginning to end, and what must hold after it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use dev_stack::{Durability, Replication};
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
const CAP: u32 = 4;
const GAP_MS: u32 = 20;

/// The gap at every third court: longer than an answer takes, so that of two who ask for the same
/// thing at once the second has its turn when the first is done.
const LONG_GAP_MS: u32 = 500;

/// How a court thinks before it answers, so that there is something to be killed in.
const LATENCY_MS: u32 = 40;

/// How long a password may be in anybody's memory after the last login.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(60);

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
        // A crash of Postgres may lose nothing that it has confirmed, and neither may its loss.
        .with(|builder| {
            let builder = builder
                .durability(Durability::Safe)
                .setting_of_all("KILL_POINTS", &directory);
            match plan.fail_overs {
                0 => builder,
                _ => builder.standby(Replication::Synchronous),
            }
        });
    for number in 0..plan.users {
        builder = builder
            .simulator_arg("--account")
            .simulator_arg(load::account(number));
    }
    let mut stack = builder.start().await?;
    let users = load::users(&stack, plan).await?;
    let items = load::items(&stack, plan, &users[0]).await?;
    take_time_at_some_courts(&mut stack, plan).await?;
    let skewed = match plan.skewed {
        true => skew::skew(&mut stack).await?,
        false => 0,
    };

    let begun = Instant::now();
    let count = items.len();
    let gate = Arc::new(load::Gate::new(count));
    let at = load::Addresses::of(&mut stack);
    let submitting = tokio::spawn(load::submit_all(items, users.clone(), at, gate.clone()));
    let guessing = tokio::spawn(load::guess_all(users.clone(), gate.clone()));
    let damage = Conductor::new(&mut stack, orders, plan, gate.clone())
        .storm()
        .await?;
    let stormed = begun.elapsed();
    let asked = submitting.await??;
    let guessed = guessing.await?;
    let done = gate.submitted();
    ensure!(done == count, "{done} of {count} were submitted");
    let mut broken = damage.broken.clone();
    let (unfinished, taken_up) = settle(&stack, &users, plan.calm_within).await?;
    broken.extend(unfinished);
    let books = books::compare(&stack).await?;
    let figures = Figures {
        things: count,
        asked: asked.count,
        skewed,
        stormed,
        settled: begun.elapsed(),
        taken_up,
        ends: ends(&stack).await?,
    };
    println!("{}", table(plan, &damage, &figures, &books));

    broken.extend(lost(&stack, &asked, plan).await?);
    broken.extend(books.broken.iter().cloned());
    broken.extend(too_calm(plan, &damage, &books));
    if guessed < users.len() {
        broken.push(format!("only {guessed} wrong passwords were refused"));
    }
    broken.extend(passwords(&mut stack).await?);
    for promise in &broken {
        println!("BROKEN: {promise}");
    }
    ensure!(broken.is_empty(), "{} promises were broken", broken.len());
    println!("all passwords, {guessed} refused ones too: in no table, no message, no file");
    Ok(())
}

/// Makes the gap of every third court long.
async fn take_time_at_some_courts(stack: &mut Stack, plan: &Plan) -> anyhow::Result<()> {
    let gap = LONG_GAP_MS.to_string();
    for court in load::COURTS[..plan.courts].iter().step_by(3) {
        let change = ["court", "set", court, "--gap-ms", &gap];
        stack.inner().command(&change).await?;
    }
    Ok(())
}

/// Whether the storm was none, or money was spent twice in one that gave no reason to.
fn too_calm(plan: &Plan, damage: &Damage, books: &books::Books) -> Vec<String> {
    let mut broken = Vec::new();
    let excused = damage.kills() > 0 || damage.frozen_again > 0 || plan.faults > 0;
    if !excused && books.doubled_and_flagged > 0 {
        // Nobody died or stayed away for too long, and no answer was lost.
        broken.push("bought twice without need".to_owned());
    }
    let missed = plan.points.iter();
    let missed: Vec<&str> = missed
        .filter(|point| !damage.at_points.contains_key(point))
        .map(|point| point.name())
        .collect();
    if plan.point_kills >= 100 && !missed.is_empty() {
        broken.push(format!("nobody was killed at {missed:?}"));
    }
    let planned = [
        (plan.fail_overs, damage.fail_overs, "fail-overs"),
        (plan.kinds_away, damage.kinds_away, "kinds of worker away"),
        (
            plan.sweepers_frozen,
            damage.sweepers_frozen,
            "sweepers frozen",
        ),
    ];
    for (planned, done, what) in planned {
        if done < planned {
            broken.push(format!("only {done} of {planned} {what}"));
        }
    }
    broken
}

/// Wherever a password or a one-time code was left. Ends the stack.
async fn passwords(stack: &mut Stack) -> anyhow::Result<Vec<String>> {
    let of_logins: i64 = sqlx::query_scalar("select count(*) from login_records")
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(of_logins > 0, "no row of logins is there to be searched");
    let tables = stack.tables_with(load::PASSWORD).await?;
    let messages = stack.nats_contents_with(load::PASSWORD).await?;
    let forgotten = stack.until_forgotten(load::PASSWORD, FORGOTTEN_WITHIN);
    let remembered = forgotten.await.err().map(|error| format!("{error:#}"));
    stack.inner().stop().await;
    let files = stack.files_with(load::PASSWORD)?;
    let places = tables
        .into_iter()
        .chain(messages)
        .chain(files)
        .chain(remembered);
    Ok(places
        .map(|place| format!("a password in {place}"))
        .collect())
}

/// Waits until every request is final; says so when they are not in time. Callers whose requests wait for
/// a login log in again; how many of these went on.
async fn settle(
    stack: &Stack,
    users: &[load::User],
    within: Duration,
) -> anyhow::Result<(Option<String>, i64)> {
    let deadline = Instant::now() + within;
    let mut database = stack.database().await?;
    let mut taken_up = 0;
    loop {
        taken_up += load::log_in_again(&mut database, users).await?;
        let open: Vec<(i64, String, i32, i32, String)> = sqlx::query_as(
            "select id, state::text, attempts, snoozes, message from fetch_requests
             where state not in ('done', 'failed', 'cancelled') order by id",
        )
        .fetch_all(&mut database)
        .await?;
        if open.is_empty() {
            return Ok((None, taken_up));
        }
        if Instant::now() > deadline {
            let unfinished = format!(
                "{} requests are not final after {} s, such as {:?}",
                open.len(),
                within.as_secs(),
                &open[..open.len().min(5)]
            );
            return Ok((Some(unfinished), taken_up));
        }
        time::sleep(Duration::from_millis(200)).await;
    }
}

/// How many ended how.
async fn ends(stack: &Stack) -> anyhow::Result<BTreeMap<String, i64>> {
    let ends: Vec<(String, i64)> = sqlx::query_as(
        "select state::text || case when state = 'done' then '' else ': ' || message end, count(*)
         from fetch_requests group by 1",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    let mut counted = BTreeMap::new();
    for (end, number) in ends {
        let end: String = end.chars().take(110).collect();
        *counted.entry(end).or_default() += number;
    }
    Ok(counted)
}

/// Every id that was answered is a row, every row has its end with a date, and every request is
/// there once: those that were made, and those for the dockets that documents stand on.
async fn lost(stack: &Stack, asked: &load::Asked, plan: &Plan) -> anyhow::Result<Vec<String>> {
    let rows: Vec<(i64, bool)> = sqlx::query_as(
        "select id, date_completed is not null and (state = 'done' or message <> '')
         from fetch_requests",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    let known: BTreeSet<i64> = rows.iter().map(|(id, _)| *id).collect();
    let answered: BTreeSet<i64> = asked.answered.iter().copied().collect();
    let mut broken = Vec::new();
    let missing: Vec<&i64> = answered.difference(&known).collect();
    if !missing.is_empty() {
        broken.push(format!("lost: {missing:?}"));
    }
    if answered.len() < asked.answered.len() {
        broken.push("two requests were answered with the same id".to_owned());
    }
    let made = asked.count + plan.courts;
    if rows.len() != made {
        broken.push(format!(
            "{made} requests were made, and {} rows are there",
            rows.len()
        ));
    }
    let unfinished = rows.iter().filter(|(_, finished)| !finished);
    broken.extend(unfinished.map(|(id, _)| format!("request {id} ended without date or word")));
    Ok(broken)
}

/// What was counted beside the damage and the books.
struct Figures {
    things: usize,
    asked: usize,
    skewed: usize,
    stormed: Duration,
    settled: Duration,
    taken_up: i64,
    ends: BTreeMap<String, i64>,
}

/// The table of `docs/CHAOS.md`.
fn table(plan: &Plan, damage: &Damage, figures: &Figures, books: &books::Books) -> String {
    let points: Vec<String> = Point::ALL
        .iter()
        .filter_map(|point| {
            let kills = damage.at_points.get(point)?;
            Some(format!("{} {kills}", point.name()))
        })
        .collect();
    let mut ends: Vec<(&String, &i64)> = figures.ends.iter().collect();
    ends.sort_by_key(|(_, number)| -**number);
    let ends: Vec<String> = ends
        .iter()
        .map(|(end, number)| format!("{number} {end}"))
        .collect();
    let went_on: String = damage
        .went_on
        .iter()
        .map(|outage| format!("| outage | {outage} |\n"))
        .collect();
    format!(
        "| What | Figure |\n|---|---|\n\
         | seed | {} |\n\
         | kills | {}, of these {} at a point: {} |\n\
         | freezes, bad answers, processes with wrong clocks | {} ({} of a process that had hardly \
         woken), {}, {} |\n\
         | NATS restarted, wiped; Postgres crashed, failed over | {}, {}; {}, {} |\n\
         {went_on}\
         | requests | {} for {} things, and {} for the dockets that documents stand on; the storm \
         took {} s, all final after {} s |\n\
         | waited for a login when the storm was over, and went on | {} |\n\
         | how they ended | {} |\n\
         {books}",
        plan.seed,
        damage.kills(),
        damage.kills() - damage.at_random,
        points.join(", "),
        damage.freezes,
        damage.frozen_again,
        damage.faults,
        figures.skewed,
        damage.nats_restarts,
        damage.nats_wipes,
        damage.postgres_crashes,
        damage.fail_overs,
        figures.asked,
        figures.things,
        plan.courts,
        figures.stormed.as_secs(),
        figures.settled.as_secs(),
        figures.taken_up,
        ends.join("; "),
    )
}
