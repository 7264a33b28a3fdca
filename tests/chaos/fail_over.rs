//! A Postgres that is lost: what its standby has of it, and what an asynchronous one has not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use dev_stack::{Pair, Replication};
use sqlx::{PgPool, postgres::PgPoolOptions};
use testkit::{Account, Stack};
use tokio::{task::JoinSet, time};

/// Who writes at the same time.
const WRITERS: usize = 8;

/// Rows that are confirmed before the loss, and again after it.
const ROWS: usize = 200;

/// Loses a primary whose clients write without a pause, and looks for every row that was confirmed
/// on the standby that took over.
///
/// # Errors
/// When one is missing.
pub async fn nothing_confirmed_is_lost() -> anyhow::Result<()> {
    if testkit::stack().is_none() {
        return Ok(());
    }
    let directory = dev_stack::services::temporary_directory()?;
    let mut pair = Pair::start(directory.path(), Replication::Synchronous).await?;
    let pool = PgPoolOptions::new()
        .max_connections(u32::try_from(WRITERS)? + 2)
        .connect(&pair.url("postgres"))
        .await?;
    sqlx::query("create table rows (number bigint primary key)")
        .execute(&pool)
        .await?;
    let (stop, last) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicI64::new(0)),
    );
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(pool.clone(), last.clone(), stop.clone()));
    }
    until_there_are(&pool, ROWS).await?;
    pair.fail_over(Duration::from_millis(500)).await?;
    let there: i64 = sqlx::query_scalar("select count(*) from rows")
        .fetch_one(&pool)
        .await?;
    until_there_are(&pool, usize::try_from(there)? + ROWS).await?;
    pair.add_standby().await?;
    until_there_are(&pool, usize::try_from(there)? + 2 * ROWS).await?;
    stop.store(true, Ordering::Relaxed);
    let confirmed: Vec<i64> = writers.join_all().await.into_iter().flatten().collect();
    let lost: Vec<i64> = sqlx::query_scalar(
        "select number from unnest($1::bigint[]) number where number not in (select number from rows)",
    )
    .bind(&confirmed)
    .fetch_all(&pool)
    .await?;
    ensure!(confirmed.len() > 2 * ROWS, "{} rows", confirmed.len());
    ensure!(lost.is_empty(), "confirmed and lost: {lost:?}");
    pair.stop().await;
    Ok(())
}

/// Writes row after row until it is told to stop; gives those that were confirmed.
async fn write(pool: PgPool, last: Arc<AtomicI64>, stop: Arc<AtomicBool>) -> Vec<i64> {
    let mut confirmed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = last.fetch_add(1, Ordering::Relaxed);
        let insert = sqlx::query("insert into rows values ($1)").bind(number);
        match insert.execute(&pool).await {
            Ok(_) => confirmed.push(number),
            // Nobody knows.
            Err(_) => time::sleep(Duration::from_millis(20)).await,
        }
    }
    confirmed
}

async fn until_there_are(pool: &PgPool, rows: usize) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let there: Result<i64, _> = sqlx::query_scalar("select count(*) from rows")
            .fetch_one(pool)
            .await;
        if there.is_ok_and(|there| there >= i64::try_from(rows).unwrap_or(i64::MAX)) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "there are never {rows} rows");
        time::sleep(Duration::from_millis(10)).await;
    }
}

/// Buys one docket that the standby sees, and one that it does not; then loses the primary. Shows
/// why a standby has to be synchronous: the second purchase is in no book of ours any more, and
/// whoever asks for the docket again pays again, unflagged.
///
/// # Errors
/// When it is not so.
pub async fn what_an_asynchronous_standby_forgets() -> anyhow::Result<()> {
    let Some(builder) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = builder
        .with(|builder| builder.standby(Replication::Asynchronous))
        .start()
        .await?;
    let api = stack.user("forgotten").await?;
    let cases = stack.simulator().cases(2).await?;
    let (_, seen) = &cases[0];
    let (_, unseen) = &cases[1];
    let form = |number| {
        [
            ("request_type", "1"),
            ("court", "okwd"),
            ("docket_number", number),
        ]
    };
    let within = Duration::from_secs(60);

    let first = api.submit(&Account::demo(), &form(seen)).await?;
    ensure!(api.wait(&first, within).await?["status"] == 2, "bought");
    until_followed_to_the_end(&stack).await?;
    stack.inner().pair()?.cut_off_standby().await?;
    let second = api.submit(&Account::demo(), &form(unseen)).await?;
    ensure!(api.wait(&second, within).await?["status"] == 2, "bought");
    stack.inner().pair()?.fail_over(Duration::ZERO).await?;

    let (charged, booked) = books(&stack).await?;
    ensure!(
        (charged, booked) == (2, 1),
        "{charged} charged, {booked} booked"
    );
    let again = submit_soon(&api, &form(unseen)).await?;
    ensure!(api.wait(&again, within).await?["status"] == 2, "bought");
    let (charged, booked) = books(&stack).await?;
    ensure!(
        (charged, booked) == (3, 2),
        "{charged} charged, {booked} booked"
    );
    let told = stack.assert_bill_equals_ledger().await;
    ensure!(told.is_err(), "only the court's books tell, and they do");
    println!(
        "an asynchronous standby that had missed one purchase: {charged} charges at the court, \
         {booked} in our books, one of them for what had been bought"
    );
    stack.inner().stop().await;
    Ok(())
}

/// Submits while the services find the new server.
async fn submit_soon(
    api: &testkit::Api,
    form: &[(&str, &str)],
) -> anyhow::Result<serde_json::Value> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = api.post(&Account::demo(), form).await?;
        if answer.status == 201 {
            return Ok(answer.body);
        }
        ensure!(
            Instant::now() < deadline,
            "{} {}",
            answer.status,
            answer.body
        );
        time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the standby has on its disk what the primary has written.
async fn until_followed_to_the_end(stack: &Stack) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut database = stack.database().await?;
    let end: String = sqlx::query_scalar("select pg_current_wal_lsn()::text")
        .fetch_one(&mut database)
        .await?;
    loop {
        let follows: bool = sqlx::query_scalar(
            "select coalesce(bool_and(flush_lsn >= $1::pg_lsn), false) from pg_stat_replication",
        )
        .bind(&end)
        .fetch_one(&mut database)
        .await?;
        if follows {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "the standby does not follow");
        time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the courts charged, and what we booked.
async fn books(stack: &Stack) -> anyhow::Result<(usize, i64)> {
    let charged = stack.simulator().ledger().await?.len();
    let booked = sqlx::query_scalar("select count(*) from purchases where state = 'captured'")
        .fetch_one(&mut stack.database().await?)
        .await?;
    Ok((charged, booked))
}
