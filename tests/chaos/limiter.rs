//! What the turns at the courts cost: the same work with and without them, by turns, in one run.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use sqlx::PgConnection;

use crate::manners::{self, Place};

/// Pairs of rounds; in every other pair the order is turned round.
const PAIRS: usize = 20;

/// Dockets of every court in a round.
const EACH: usize = 4;

/// Whose they are. One user's purchases are booked one after the other, and wait for that.
const USERS: usize = 20;

/// The least gap there is: every request takes its turn, and hardly one waits for it.
const GAP_MS: u32 = 1;

/// Measures, and prints.
///
/// # Errors
/// When the stack does not do its work.
pub async fn run() -> anyhow::Result<()> {
    let Some(builder) = testkit::stack() else {
        return Ok(());
    };
    let orders = tempfile::tempdir()?;
    let directory = orders.path().display().to_string();
    let stack = builder
        .court_gap_ms(GAP_MS)
        .court_cap(4)
        .with(|builder| {
            builder
                .setting_of_all("LOG", "error")
                .setting_of_all("KILL_POINTS", &directory)
        })
        .simulator_arg("--cases")
        .simulator_arg(8)
        .simulator_arg("--entries")
        .simulator_arg(6)
        .start()
        .await?;
    let places = manners::places(&stack).await?;
    let mut templates = Vec::new();
    for (user, place) in places.iter().take(USERS).enumerate() {
        let name = format!("user-{user}");
        templates.push(manners::template(&stack, &name, place).await?);
    }
    let mut bench = Bench {
        database: stack.database().await?,
        places: &places,
        templates,
        next: 0,
    };
    // The first round warms everything up.
    bench.round().await?;
    let (mut with, mut without) = (Rounds::default(), Rounds::default());
    for pair in 0..PAIRS {
        let first_without = pair % 2 == 1;
        for turn in 0..2 {
            let off = (turn == 0) == first_without;
            switch(orders.path(), off)?;
            let busy = busy()?;
            let seconds = bench.round().await?.as_secs_f64();
            let rounds = if off { &mut without } else { &mut with };
            rounds.rates.push((EACH * places.len()) as f64 / seconds);
            rounds.busy.push(self::busy()? - busy);
        }
    }
    println!(
        "{} courts, {} requests a round, {PAIRS} rounds each",
        places.len(),
        EACH * places.len(),
    );
    told("requests/s", &with.rates, &without.rates);
    told("processor time", &with.busy, &without.busy);
    Ok(())
}

/// What was measured in rounds of one kind.
#[derive(Default)]
struct Rounds {
    /// Requests per second.
    rates: Vec<f64>,
    /// Processor time, in ticks of the system's clock.
    busy: Vec<f64>,
}

fn told(what: &str, with: &[f64], without: &[f64]) {
    let ratios: Vec<f64> = with.iter().zip(without).map(|(a, b)| a / b).collect();
    println!(
        "{what}: {:.1} with turns, {:.1} without, which is {:+.1} %; pairs {ratios:.3?}, median {:+.1} %",
        mean(with),
        mean(without),
        100.0 * (mean(with) / mean(without) - 1.0),
        100.0 * (median(ratios.clone()) - 1.0),
    );
}

/// The time that this machine's processors were not idle, in ticks. The stack keeps them all busy,
/// and this scatters less from round to round than the time on the clock does.
fn busy() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let all = stat.lines().next().context("the line of all processors")?;
    let ticks = all.split_whitespace().skip(1).map(str::parse);
    let ticks: Vec<f64> = ticks.collect::<Result<_, _>>()?;
    // user, nice, system, idle, waiting for discs, interrupts (two kinds).
    let busy = [0, 1, 2, 5, 6].map(|kind| ticks.get(kind).copied().unwrap_or(0.0));
    Ok(busy.iter().sum())
}

fn switch(orders: &Path, off: bool) -> anyhow::Result<()> {
    let file = orders.join(kill_point::TURNS_OFF);
    match off {
        true => std::fs::write(file, "")?,
        false if file.exists() => std::fs::remove_file(file)?,
        false => {}
    }
    Ok(())
}

struct Bench<'a> {
    database: PgConnection,
    places: &'a [Place],
    /// A request of each user.
    templates: Vec<i64>,
    next: usize,
}

impl Bench<'_> {
    /// The same amount of work as every round; how long it took.
    async fn round(&mut self) -> anyhow::Result<Duration> {
        let numbers = self.next..self.next + EACH;
        self.next += EACH;
        let begun = Instant::now();
        let database = &mut self.database;
        let each = self.places.len().div_ceil(self.templates.len());
        for (template, places) in self.templates.iter().zip(self.places.chunks(each)) {
            manners::queue_dockets(database, *template, places, numbers.clone()).await?;
        }
        manners::empty(database, Duration::from_secs(180)).await?;
        let took = begun.elapsed();
        let failed: i64 =
            sqlx::query_scalar("select count(*) from fetch_requests where state = 'failed'")
                .fetch_one(database)
                .await?;
        ensure!(failed == 0, "{failed} requests failed");
        Ok(took)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    (values[middle] + values[(values.len() - 1) / 2]) / 2.0
}
