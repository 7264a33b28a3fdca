//! A buyer that cannot speak for a while is waited for, and what our own database did not say in time
//! is nobody's doubt and no court's fault.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, ensure};
use dev_stack::{Durability, Signal};
use kill_point::{Order, Point};
use serde_json::json;
use sqlx::PgConnection;
use testkit::{Account, DEMO_DOCKET, Stack};
use tokio::time::{Instant, sleep};

use crate::hangs::set_standby;

const PATIENCE: Duration = Duration::from_secs(180);

/// So old that it would be given up by the time at which the lease of a frozen worker has run out, were
/// it counted from its beginning.
const OLD: &str = "clock_timestamp() - date_created > interval '15 s'";

/// Frozen in the middle of a purchase for longer than a lease, the buyer goes on, and its answer comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_that_was_frozen_brings_home_what_it_paid_for() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.replicas("docket-fetcher", 2).start().await?;
    let api = stack.user("patient").await?;
    let mut database = stack.database().await?;
    let slow = json!({"path": "DktRpt", "method": "POST", "kind": "delay", "ms": 50_000});
    stack.simulator().order_fault(&slow).await?;
    let form = [DEMO_DOCKET, &[("on_doubt", "once_more")]].concat();
    let request = api.submit(&Account::demo(), &form).await?;
    let id = request["id"].as_i64().context("an id")?;
    is_so(
        &mut database,
        &format!("exists (select from purchases where {OLD})"),
    )
    .await?;
    let buyer = buyer_of(&stack, &mut database, id).await?;
    stack.signal(&buyer, Signal::Stop)?;
    let claims = "(select count(*) from fetch_steps where step = 'claimed')";
    is_so(&mut database, &format!("{claims} = 2")).await?;
    stack.signal(&buyer, Signal::Continue)?;

    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(
        done["message"] == "Successfully completed fetch and save.",
        "{done}"
    );
    let sold = stack.simulator().ledger().await?.len();
    ensure!(sold == 1, "sold {sold} times");
    ensure!(lines(&mut database).await? == [("captured".to_owned(), false)]);
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// The process that has a request.
async fn buyer_of(stack: &Stack, database: &mut PgConnection, id: i64) -> anyhow::Result<String> {
    let worker: String = sqlx::query_scalar("select worker from fetch_requests where id = $1")
        .bind(id)
        .fetch_one(database)
        .await?;
    let (_, number) = worker.rsplit_once('-').context("a name with a number")?;
    let number: u32 = number.parse()?;
    let processes = stack.processes();
    let found = processes.iter().find(|(_, process)| *process == number);
    Ok(found.context("a process of ours")?.0.to_owned())
}

/// Every purchase: its state, and whether it is flagged.
async fn lines(database: &mut PgConnection) -> anyhow::Result<Vec<(String, bool)>> {
    let lines = sqlx::query_as("select state, flagged from purchases order by id");
    Ok(lines.fetch_all(database).await?)
}

async fn is_so(database: &mut PgConnection, condition: &str) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let question = format!("select {condition}");
    loop {
        let is_so: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(question.clone()))
            .fetch_one(&mut *database)
            .await?;
        if is_so {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "not {condition}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A fetcher that is about to write an intent whose commit no standby confirms.
struct Committing {
    stack: Stack,
    database: PgConnection,
    request: serde_json::Value,
    _orders: tempfile::TempDir,
}

/// Who waits for a standby to confirm an intent. Only who wrote one has taken a number for it: a sweep
/// has the table locked as well, and its commit hangs too.
const COMMIT_HANGS: &str = "wait_event = 'SyncRep' and pid in (
    select pid from pg_locks where relation = 'purchases_id_seq'::regclass and mode = 'RowExclusiveLock')";

impl Committing {
    async fn begin() -> anyhow::Result<Option<Committing>> {
        let Some(stack) = testkit::stack() else {
            return Ok(None);
        };
        let orders = tempfile::tempdir()?;
        let directory = orders.path().display().to_string();
        let mut stack = stack
            .with(|builder| {
                builder.durability(Durability::Safe).setting(
                    "docket-fetcher",
                    "KILL_POINTS",
                    &directory,
                )
            })
            .start()
            .await?;
        let api = stack.user("buyer").await?;
        let mut database = stack.database().await?;
        let freeze = orders.path().join(Point::BeforeIntent.name());
        fs::write(freeze, Order::Freeze.text())?;
        let form = [DEMO_DOCKET, &[("on_doubt", "stop")]].concat();
        let request = api.submit(&Account::demo(), &form).await?;
        is_hit(orders.path()).await?;
        set_standby(&mut database, "nobody").await?;
        stack.signal("docket-fetcher", Signal::Continue)?;
        let hangs = format!("exists (select from pg_stat_activity where {COMMIT_HANGS})");
        is_so(&mut database, &hangs).await?;
        Ok(Some(Committing {
            stack,
            database,
            request,
            _orders: orders,
        }))
    }

    /// Nothing was sent, and so the intent is void, the next attempt buys, and no court is blamed.
    async fn ends_well(mut self) -> anyhow::Result<()> {
        let id = self.request["id"].as_i64().context("an id")?;
        let over = format!(
            "exists (select from fetch_requests where id = {id} and date_completed is not null)"
        );
        is_so(&mut self.database, &over).await?;
        let (status, message): (i16, String) =
            sqlx::query_as("select status, message from fetch_requests where id = $1")
                .bind(id)
                .fetch_one(&mut self.database)
                .await?;
        let lines = lines(&mut self.database).await?;
        ensure!(status == 2, "{message}: {lines:?}");
        ensure!(
            message == "Successfully completed fetch and save.",
            "{message}: {lines:?}"
        );
        let told = ["void", "captured"].map(|state| (state.to_owned(), false));
        ensure!(lines == told, "{lines:?}");
        let blamed: i32 =
            sqlx::query_scalar("select consecutive_failures from courts where id = 'okwd'")
                .fetch_one(&mut self.database)
                .await?;
        ensure!(blamed == 0, "the court is blamed");
        self.stack.assert_bill_equals_ledger().await?;
        self.stack.stop().await
    }
}

async fn is_hit(orders: &Path) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let prefix = format!("hit.{}.", Point::BeforeIntent.name());
    loop {
        for entry in fs::read_dir(orders)? {
            if entry?
                .file_name()
                .display()
                .to_string()
                .starts_with(&prefix)
            {
                return Ok(());
            }
        }
        ensure!(Instant::now() < deadline, "nobody writes an intent");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_whose_commit_was_cut_off_is_void_and_no_doubt() -> anyhow::Result<()> {
    let Some(mut committing) = Committing::begin().await? else {
        return Ok(());
    };
    // It is committed by now, and only here: whoever waits for it is told that the server is gone.
    let cut =
        format!("select pg_terminate_backend(pid) from pg_stat_activity where {COMMIT_HANGS}");
    sqlx::query(sqlx::AssertSqlSafe(cut))
        .execute(&mut committing.database)
        .await?;
    set_standby(&mut committing.database, "").await?;
    committing.ends_well().await
}

/// Longer than a connection may take to stand, and four times as long as a lease.
#[tokio::test(flavor = "multi_thread")]
async fn an_intent_whose_commit_hangs_is_void_and_nobody_is_taken_for_dead() -> anyhow::Result<()> {
    let Some(mut committing) = Committing::begin().await? else {
        return Ok(());
    };
    // Given up, it is waited for: only then can it be told void.
    let given_up = "exists (select from pg_stat_activity
                            where wait_event_type = 'Lock' and query like '%for no key update%')";
    is_so(&mut committing.database, given_up).await?;
    set_standby(&mut committing.database, "").await?;
    let id = committing.request["id"].as_i64().context("an id")?;
    let taken_back = format!("(select max(attempts) from fetch_requests where id = {id}) = 0");
    is_so(
        &mut committing.database,
        "exists (select from purchases where state = 'captured')",
    )
    .await?;
    is_so(&mut committing.database, &taken_back).await?;
    committing.ends_well().await
}
