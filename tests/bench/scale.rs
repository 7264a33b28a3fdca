//! `make bench-scale`: how long lists take when there is a lot.
//!
//! The real gateway, asked over HTTP, on a store of `ROWS` (1,000,000) requests, entries and documents each: one caller
//! owns all requests, a docket has a hundred entries, an entry one document. What filters look for is rare, ten rows
//! spread over all, so that whoever looks row by row looks at every one. Each list is asked for `REPEATS` (20) times,
//! or for five seconds, with another number in it each time where `{n}` stands, because numbers that took long to
//! count are remembered.
//!
//! `COMPARE=1` drops the indexes of migration 0009 first, and measures without them and then with them, in one run; and
//! how fast rows are inserted, in statements of a hundred. A million rows take half a minute to write, and ten million as
//! many times as long.

#![allow(clippy::print_stdout, reason = "printing is what a benchmark is for")]

use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::{AssertSqlSafe, PgConnection};
use testkit::Api;
use tokio::time::Instant;

/// What migration 0009 made.
const INDEXES: [&str; 2] = [
    "fetch_requests_of_a_user_by_status",
    "recap_documents_available",
];

/// What is asked for: the version and the rest.
const LISTS: &[(&str, &str)] = &[
    ("v4", "recap-fetch/"),
    ("v4", "recap-fetch/?status=3"),
    ("v4", "recap-fetch/?status__in=1,4,5"),
    ("v4", "recap-fetch/?status!=2"),
    ("v4", "recap-fetch/?count=on"),
    ("v4", "recap-fetch/?status=3&count=on"),
    ("v3", "recap-fetch/"),
    ("v4", "recap-documents/?omit=plain_text"),
    ("v4", "recap-documents/?is_available=true"),
    ("v4", "recap-documents/?is_available=true&count=on"),
    ("v4", "recap-documents/?count=on"),
    ("v4", "recap-documents/?count=on&id__gt={n}"),
    ("v4", "recap-documents/?docket_entry__docket={n}"),
    ("v4", "recap-documents/?docket_entry__docket={n}&count=on"),
    (
        "v4",
        "recap-documents/?docket_entry__docket__court=cand&count=on&id__gt={n}",
    ),
    ("v4", "recap-documents/?pacer_doc_id=0350{n}"),
    ("v3", "recap-documents/"),
    ("v4", "docket-entries/?docket={n}"),
    (
        "v4",
        "docket-entries/?docket={n}&order_by=recap_sequence_number,entry_number",
    ),
    ("v4", "docket-entries/?order_by=-date_modified"),
    ("v4", "dockets/?court=cand"),
    ("v4", "dockets/?docket_number=1:24-cv-{n}"),
    ("v4", "dockets/?nature_of_suit__istartswith=zzz"),
];

/// Rounds of inserts.
const INSERTS: usize = 7;

/// A list is asked for no longer than this, but three times at least.
const LONG_ENOUGH: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let rows = number("ROWS", 1_000_000)?;
    let repeats = number("REPEATS", 20)?;
    let setting = |name: &'static str, value: &'static str| {
        move |builder: dev_stack::Builder| builder.setting_of_all(name, value)
    };
    let stack = testkit::stack()
        .context("the programs, Postgres and NATS are needed")?
        .with(setting("LOG", "error"))
        .with(setting("RATE_FETCH", "none"))
        .with(setting("RATE_READ", "none"))
        .start()
        .await?;
    let api = stack.user("owner").await?;
    let mut database = stack.database().await?;
    let begun = Instant::now();
    fill(&mut database, rows).await?;
    println!(
        "{rows} rows of each kind in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    let asking = Asking {
        api,
        repeats,
        dockets: dockets_of(rows),
    };
    if number("COMPARE", 0)? > 0 {
        let made = indexes(&mut database).await?;
        drop_indexes(&mut database).await?;
        println!("without the indexes of migration 0009");
        asking.measure().await?;
        make(&mut database, &made).await?;
        println!("with them");
        asking.measure().await?;
        compare_inserts(&mut database, rows, &made).await?;
    } else {
        asking.measure().await?;
    }
    stack.stop().await
}

fn number(name: &str, usual: u32) -> anyhow::Result<u32> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{name} must be a number")),
        Err(_) => Ok(usual),
    }
}

async fn run(database: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(database).await?;
    Ok(())
}

/// Past triggers and references, which hold for these rows anyway.
async fn fill(database: &mut PgConnection, rows: u32) -> anyhow::Result<()> {
    let rare = (rows / 10).max(1);
    let dockets = dockets_of(rows);
    // Nobody works on what waits.
    run(
        database,
        "update courts set held_since = now(), held_reason = 'a benchmark'".to_owned(),
    )
    .await?;
    run(
        database,
        "set session_replication_role = replica".to_owned(),
    )
    .await?;
    for sql in [
        format!(
            "insert into dockets (court_id, pacer_case_id, docket_number, docket_number_raw,
                 docket_number_core, case_name, slug, date_filed)
             select (array['cand', 'nysd', 'txsb', 'ilnd'])[n % 4 + 1], n::text, '1:24-cv-' || n,
                 '1:24-cv-' || n, '24' || n, 'Nemo v. Nobody', 'nemo-v-nobody', '2024-01-01'
             from generate_series(1, {dockets}) n"
        ),
        format!(
            "insert into docket_entries (docket_id, entry_number, recap_sequence_number, date_filed,
                 description, date_modified)
             select n % {dockets} + 1, n / {dockets} + 1, '2024-01-01.' || lpad((n / {dockets})::text, 3, '0'),
                 '2024-01-01', repeat('what was filed ', 5), now() - n * interval '1 second'
             from generate_series(1, {rows}) n"
        ),
        format!(
            "insert into recap_documents (docket_entry_id, document_type, document_number, pacer_doc_id,
                 description, is_available, date_modified)
             select n, 1, (n / {dockets} + 1)::text, '0350' || n, 'a document', n % {rare} = 0,
                 now() - n * interval '1 second'
             from generate_series(1, {rows}) n"
        ),
        format!(
            "insert into fetch_requests (user_id, request_type, court, docket_number, status, state, failure,
                 show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases, target_court,
                 session_key, account_digest, on_doubt, lane, virtual_time, date_completed)
             select (select id from users where name = 'owner'), 1, 'cand', '1:24-cv-' || n,
                 case when n % {rare} = 0 then 3 else 2 end,
                 case when n % {rare} = 0 then 'failed' else 'done' end::request_state,
                 case when n % {rare} = 0 then '{{\"code\": \"internal\"}}'::jsonb end,
                 true, true, false, 'cand', 'k', 'd', 'stop', 0, n, now()
             from generate_series(1, {rows}) n"
        ),
    ] {
        run(database, sql).await?;
    }
    run(
        database,
        "set session_replication_role = default".to_owned(),
    )
    .await?;
    // As it is once the database has looked at what is there.
    run(database, "vacuum (analyze)".to_owned()).await
}

/// The statements that make the indexes again.
async fn indexes(database: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    let made: Vec<String> =
        sqlx::query_scalar("select indexdef from pg_indexes where indexname = any($1) order by 1")
            .bind(&INDEXES[..])
            .fetch_all(database)
            .await?;
    ensure!(
        made.len() == INDEXES.len(),
        "the indexes are not there: {made:?}"
    );
    Ok(made)
}

async fn drop_indexes(database: &mut PgConnection) -> anyhow::Result<()> {
    run(database, format!("drop index {}", INDEXES.join(", "))).await
}

async fn make(database: &mut PgConnection, made: &[String]) -> anyhow::Result<()> {
    for index in made {
        run(database, index.clone()).await?;
    }
    run(
        database,
        "vacuum (analyze) fetch_requests, recap_documents".to_owned(),
    )
    .await
}

fn dockets_of(rows: u32) -> u32 {
    (rows / 100).max(1)
}

/// Who asks, and how often.
struct Asking {
    api: Api,
    repeats: u32,
    dockets: u32,
}

impl Asking {
    async fn measure(&self) -> anyhow::Result<()> {
        println!("  {:>9} {:>9} {:>9}  times  list", "first ms", "p50", "p99");
        let mut asked = 0;
        for (version, path) in LISTS {
            let begun = Instant::now();
            let mut times = Vec::new();
            for _ in 0..self.repeats {
                asked += 1;
                let path = path.replace("{n}", &(asked % self.dockets + 1).to_string());
                let sent = Instant::now();
                self.api.get_at(version, &path).await?;
                times.push(sent.elapsed());
                if times.len() >= 3 && begun.elapsed() > LONG_ENOUGH {
                    break;
                }
            }
            let first = times.first().copied().unwrap_or_default();
            times.sort_unstable();
            let quantile = |share: usize| ms(times[(times.len() - 1) * share / 100]);
            println!(
                "  {:>9.1} {:>9.1} {:>9.1}  {:>5}  {version}/{path}",
                ms(first),
                quantile(50),
                quantile(99),
                times.len()
            );
        }
        Ok(())
    }
}

/// How many rows a second are inserted into each of the two tables, in statements of a hundred: the median of
/// rounds that take turns without the indexes and with them.
async fn compare_inserts(
    database: &mut PgConnection,
    rows: u32,
    made: &[String],
) -> anyhow::Result<()> {
    let documents = format!(
        "insert into recap_documents (docket_entry_id, document_type, document_number, pacer_doc_id, is_available)
         select 1 + floor(random() * {rows})::bigint, 1, '2', '0351' || n, n % 10 = 0
         from generate_series(1, 100) n"
    );
    let requests = "insert into fetch_requests (user_id, request_type, court, docket_number,
             show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases, target_court,
             session_key, account_digest, on_doubt, lane, virtual_time)
         select (select id from users where name = 'owner'), 1, 'cand', '1:24-cv-' || n, true, true, false,
             'cand', 'k', 'd', 'stop', 0, n
         from generate_series(1, 100) n";
    for (table, sql) in [
        ("recap_documents", documents),
        ("fetch_requests", requests.to_owned()),
    ] {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        // The first round of each is not counted.
        for round in 0..=INSERTS {
            drop_indexes(database).await?;
            let before = insert(database, &sql).await?;
            make(database, made).await?;
            let after = insert(database, &sql).await?;
            if round > 0 {
                without.push(before);
                with.push(after);
            }
        }
        without.sort_by(f64::total_cmp);
        with.sort_by(f64::total_cmp);
        println!(
            "  inserts into {table}: {:.0} rows/s without the indexes ({:.0} to {:.0}), {:.0} with them ({:.0} to {:.0})",
            without[INSERTS / 2],
            without[0],
            without[INSERTS - 1],
            with[INSERTS / 2],
            with[0],
            with[INSERTS - 1]
        );
    }
    Ok(())
}

async fn insert(database: &mut PgConnection, sql: &str) -> anyhow::Result<f64> {
    let begun = Instant::now();
    for _ in 0..200 {
        sqlx::query(AssertSqlSafe(sql.to_owned()))
            .execute(&mut *database)
            .await?;
    }
    Ok(20_000.0 / begun.elapsed().as_secs_f64())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
