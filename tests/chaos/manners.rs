//! Whether courts are left in peace: 200 of them, many processes, kills, and wrong clocks.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use pacer::{court::Court, ids::DocketNumber};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sqlx::PgConnection;
use testkit::{Account, Signal, Stack};
use tokio::time;

use crate::skew;

const FETCHERS: usize = 4;
const CAP: u32 = 4;
const COURTS: usize = 200;
const SLOTS: &str = "250";

/// How a court thinks before it answers.
const LATENCY_MS: u32 = 100;

/// How large the run is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Requests to the courts, about.
    pub requests: usize,
    /// The gap of every court.
    pub gap_ms: u32,
    /// Between two kills.
    pub kill_every: Duration,
}

/// Queues work for every court, lets it run under kills, and measures at the courts.
///
/// # Errors
/// When a court was pressed, or not used well enough.
pub async fn run(size: Size, seed: u64) -> anyhow::Result<()> {
    let Some(builder) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = builder
        .court_gap_ms(size.gap_ms)
        .court_cap(CAP)
        .replicas("docket-fetcher", FETCHERS)
        .replicas("pdf-fetcher", FETCHERS)
        // Every place at every court shall find a slot, whoever is dead at the moment.
        .with(|builder| {
            builder
                .setting_of_all("LOG", "error")
                .setting("docket-fetcher", "SLOTS", SLOTS)
                .setting("pdf-fetcher", "SLOTS", SLOTS)
        })
        .simulator_arg("--cases")
        .simulator_arg(8)
        .simulator_arg("--entries")
        .simulator_arg(6)
        .simulator_arg("--latency-ms")
        .simulator_arg(LATENCY_MS)
        .simulator_arg("--min-gap-ms")
        .simulator_arg(size.gap_ms)
        .simulator_arg("--max-in-flight")
        .simulator_arg(CAP)
        .start()
        .await?;
    favour_the_courts(&mut stack);
    let places = places(&stack).await?;
    let template = template(&stack, "patient", &places[0]).await?;
    let mut database = stack.database().await?;
    // A docket in every court first: on these stand the documents.
    queue_dockets(&mut database, template, &places, 0..1).await?;
    empty(&mut database, Duration::from_secs(300)).await?;
    // What is measured is the courts; reading pictures of pages would only take the machine away.
    stack.inner().stop_one("ocr").await?;
    let skewed = skew::skew(&mut stack).await?;
    stack.simulator().forget_traffic().await?;
    let documents = queue_documents(&mut database, template).await?;
    let each = size.requests.saturating_sub(3 * documents) / places.len();
    queue_dockets(&mut database, template, &places, 1..each + 1).await?;

    let begun = Instant::now();
    let allowance = Duration::from_millis(u64::from(size.gap_ms)) * u32::try_from(each + 20)?;
    let kills = press_on(&mut stack, &mut database, size, seed, allowance * 3).await?;
    let took = begun.elapsed();
    measure(&stack, size, kills, skewed, took).await?;
    stack.inner().stop().await;
    Ok(())
}

/// Courts are machines of their own. Here they share ours, and would note a request when they get
/// to run, which is not when it came; so they run first, where that is allowed.
fn favour_the_courts(stack: &mut Stack) {
    let processes = stack.inner().processes();
    let simulator = processes.iter().find(|(name, _)| *name == "pacer-sim");
    let favoured = simulator.is_some_and(|(_, group)| {
        let mut renice = std::process::Command::new("renice");
        renice.args(["--priority", "-15", "--pgrp", &group.to_string()]);
        let output = renice.output();
        output.is_ok_and(|output| output.status.success())
    });
    if !favoured {
        println!("the simulated courts run with the priority of everything else");
    }
}

/// Kills fetchers until nothing waits any more; gives how many.
async fn press_on(
    stack: &mut Stack,
    database: &mut PgConnection,
    size: Size,
    seed: u64,
    within: Duration,
) -> anyhow::Result<u32> {
    let deadline = Instant::now() + within;
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut kills, mut next_kill) = (0, Instant::now() + size.kill_every);
    while waiting(database).await? > 0 {
        ensure!(Instant::now() < deadline, "the queue does not get empty");
        if Instant::now() > next_kill {
            let kind = ["docket-fetcher", "pdf-fetcher"][kills as usize % 2];
            let name = match rng.random_range(1..=FETCHERS) {
                1 => kind.to_owned(),
                number => format!("{kind}-{number}"),
            };
            if kills % 3 == 2 {
                stack.signal(&name, Signal::Stop)?;
                time::sleep(Duration::from_secs(3)).await;
                stack.signal(&name, Signal::Continue)?;
            } else {
                stack.kill(&name).await?;
                stack.inner().start_again(&name)?;
            }
            kills += 1;
            next_kill = Instant::now() + size.kill_every;
        }
        time::sleep(Duration::from_millis(500)).await;
    }
    Ok(kills)
}

/// Holds the courts' own log against what they allow.
async fn measure(
    stack: &Stack,
    size: Size,
    kills: u32,
    skewed: usize,
    took: Duration,
) -> anyhow::Result<()> {
    let mut arrivals: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for request in stack.simulator().requests().await? {
        let court = request["court"].as_str().context("a court")?;
        let at = request["at_ms"].as_u64().context("a time")?;
        arrivals.entry(court.to_owned()).or_default().push(at);
    }
    arrivals.remove("cso");
    let (mut total, mut spans, mut smallest, mut peak) = (0, 0.0, u64::MAX, 0);
    let mut too_close = Vec::new();
    for (court, times) in &arrivals {
        let figures = stack.simulator().traffic(court).await?.context("traffic")?;
        smallest = smallest.min(figures.smallest_gap_ms.unwrap_or(u64::MAX));
        peak = peak.max(figures.peak_in_flight);
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
        too_close.extend(gaps.filter(|gap| *gap < u64::from(size.gap_ms)));
        // While there was work: the last request of a court may be a late retry.
        let busy = times.len() * 9 / 10;
        let span = times
            .get(busy)
            .zip(times.first())
            .map(|(last, first)| last - first);
        total += busy;
        spans += span.unwrap_or_default() as f64 / f64::from(size.gap_ms);
    }
    let all: usize = arrivals.values().map(Vec::len).sum();
    let fewest = arrivals.values().map(Vec::len).min().unwrap_or_default();
    let used = 100.0 * total as f64 / spans;
    println!(
        "{all} requests at {} courts, {fewest} at least at each, with a gap of {} ms in {} s ({:.1}/s), {} processes of each \
         fetcher, {kills} kills and freezes, {skewed} processes with skewed clocks",
        arrivals.len(),
        size.gap_ms,
        took.as_secs(),
        all as f64 / took.as_secs_f64(),
        FETCHERS,
    );
    println!(
        "smallest gap at a court {smallest} ms, {} gaps below the limit; most in flight {peak} of \
         {CAP}; {used:.1} % of the allowance used while there was work",
        too_close.len()
    );
    ensure!(too_close.is_empty(), "too close: {too_close:?} ms");
    ensure!(peak <= u64::from(CAP), "more in flight than the cap");
    ensure!(used >= 95.0, "the courts were not used well enough");
    Ok(())
}

/// A court, and a case of it, named as the court wants it.
#[derive(Debug, Clone)]
pub struct Place {
    court: String,
    /// Nothing at courts of appeals.
    case: String,
    /// Nothing elsewhere.
    number: String,
}

/// Two hundred courts, each with a case. Those of appeals come last.
///
/// # Errors
/// When there are not so many.
pub async fn places(stack: &Stack) -> anyhow::Result<Vec<Place>> {
    let mut courts = stack.simulator().courts().await?;
    courts.retain(|(id, _)| id != "nysb-mega");
    courts.sort_by_key(|(_, kind)| kind == "appellate");
    let mut places = Vec::new();
    for (id, kind) in courts.into_iter().take(COURTS) {
        let cases = stack.simulator().cases_of(&id).await?;
        let case = cases
            .into_iter()
            .find(|case| case.peculiarity == "none" && !may_be_in_acms(&id, &case.docket_number))
            .context("an ordinary case")?;
        let (case, number) = match kind == "appellate" {
            true => (String::new(), case.docket_number),
            false => (case.pacer_case_id, String::new()),
        };
        let court = testkit::client_court_id(&id).to_owned();
        places.push(Place {
            court,
            case,
            number,
        });
    }
    ensure!(places.len() == COURTS, "only {} courts", places.len());
    Ok(places)
}

/// Newer cases of two courts are refused without a request.
fn may_be_in_acms(court: &str, number: &str) -> bool {
    let court = Court::by_pacer_id(court).expect("the simulator has the courts of the registry");
    DocketNumber::parse(number).is_ok_and(|number| court.may_be_in_acms(&number))
}

/// A request that all others are copied from, session and all.
///
/// # Errors
/// When it does not succeed.
pub async fn template(stack: &Stack, user: &str, place: &Place) -> anyhow::Result<i64> {
    let api = stack.user(user).await?;
    let form = [
        ("request_type", "1"),
        ("court", &*place.court),
        ("pacer_case_id", &*place.case),
        ("de_date_start", "1990-01-01"),
    ];
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, Duration::from_secs(60)).await?;
    ensure!(done["status"] == 2, "{done}");
    request["id"].as_i64().context("an id")
}

/// One docket of every court for every number: of the same case, from another day on, and so
/// another thing to buy.
///
/// # Errors
/// When the database does not take them.
pub async fn queue_dockets(
    database: &mut PgConnection,
    template: i64,
    places: &[Place],
    numbers: std::ops::Range<usize>,
) -> anyhow::Result<()> {
    let courts: Vec<&str> = places.iter().map(|place| &*place.court).collect();
    let cases: Vec<&str> = places.iter().map(|place| &*place.case).collect();
    let numbers_of_cases: Vec<&str> = places.iter().map(|place| &*place.number).collect();
    sqlx::query(
        "insert into fetch_requests (user_id, request_type, court, pacer_case_id, docket_number,
             de_date_start, show_parties_and_counsel, show_terminated_parties,
             show_list_of_member_cases, target_court, session_key, account_digest, on_doubt,
             lane, virtual_time)
         select user_id, 1, place.court, place.pacer_case, place.number, date '1960-01-01' + day, false,
             false, false, place.court, session_key, account_digest, 'stop', lane, day
         from fetch_requests, generate_series($4::int, $5::int - 1) day,
             unnest($2::text[], $3::text[], $6::text[]) place(court, pacer_case, number)
         where id = $1",
    )
    .bind(template)
    .bind(courts)
    .bind(cases)
    .bind(i32::try_from(numbers.start)?)
    .bind(i32::try_from(numbers.end)?)
    .bind(numbers_of_cases)
    .execute(database)
    .await?;
    Ok(())
}

/// Every document of the dockets that are there; gives how many.
async fn queue_documents(database: &mut PgConnection, template: i64) -> anyhow::Result<usize> {
    let queued = sqlx::query(
        "insert into fetch_requests (user_id, request_type, recap_document_id,
             show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases,
             target_court, session_key, account_digest, on_doubt, lane, virtual_time)
         select user_id, 2, recap_documents.id, false, false, false, court_id, session_key,
             account_digest, 'stop', lane, row_number() over (partition by court_id)
         from fetch_requests, recap_documents
         join docket_entries on docket_entries.id = docket_entry_id
         join dockets on dockets.id = docket_entries.docket_id
         where fetch_requests.id = $1 and pacer_doc_id <> '' and document_type = 1",
    )
    .bind(template)
    .execute(&mut *database)
    .await?;
    Ok(usize::try_from(queued.rows_affected())?)
}

/// Requests that have not been to their court yet.
async fn waiting(database: &mut PgConnection) -> anyhow::Result<i64> {
    let sql = "select count(*) from fetch_requests
               where state in ('accepted', 'waiting', 'released', 'running', 'captured')";
    Ok(sqlx::query_scalar(sql).fetch_one(database).await?)
}

/// Waits until nothing waits any more.
///
/// # Errors
/// When it takes longer than this.
pub async fn empty(database: &mut PgConnection, within: Duration) -> anyhow::Result<()> {
    let deadline = Instant::now() + within;
    while waiting(database).await? > 0 {
        ensure!(Instant::now() < deadline, "the queue does not get empty");
        time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}
