//! What was paid for is fetched, whatever keeps us from asking for it at the moment.

use std::{fs, time::Duration};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(120);

/// Document 2 comes in a frame, document 3 by a script: both are put aside, and fetched after.
const DELIVERIES: &str = "1:20-cv-90009";
const COURT: &str = "cand";

/// The court is asked for the document, sells it, and takes its time to say so.
struct Sold {
    request: Value,
    before: usize,
}

impl Sold {
    async fn of(stack: &Stack, api: &Api, docket: i64, entry: i64) -> anyhow::Result<Sold> {
        let id = stack.main_document(docket, entry).await?;
        let slow = json!({"court": COURT, "path": "doc1", "method": "POST", "kind": "delay",
                          "ms": 4000});
        stack.simulator().order_fault(&slow).await?;
        let before = stack.simulator().ledger().await?.len();
        let id = id.to_string();
        let form = [
            ("request_type", "2"),
            ("recap_document", &*id),
            ("on_doubt", "stop"),
        ];
        let request = api.submit(&Account::demo(), &form).await?;
        let deadline = Instant::now() + PATIENCE;
        while stack.simulator().ledger().await?.len() == before {
            ensure!(Instant::now() < deadline, "it is never sold");
            sleep(Duration::from_millis(20)).await;
        }
        Ok(Sold { request, before })
    }

    async fn comes_home(self, stack: &Stack, api: &Api) -> anyhow::Result<()> {
        let done = api.wait(&self.request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
        let states: Vec<String> =
            sqlx::query_scalar("select state from purchases where request_id = $1")
                .bind(done["id"].as_i64().context("an id")?)
                .fetch_all(&mut stack.database().await?)
                .await?;
        ensure!(states == ["captured"], "{states:?}");
        let sold = stack.simulator().ledger().await?.len() - self.before;
        ensure!(sold == 1, "sold {sold} times");
        Ok(())
    }
}

async fn run(stack: &Stack, sql: &'static str) -> anyhow::Result<()> {
    sqlx::query(sql)
        .execute(&mut stack.database().await?)
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_for_is_fetched_whatever_becomes_of_its_court() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("reader").await?;
    let form = [
        ("request_type", "1"),
        ("court", COURT),
        ("docket_number", DELIVERIES),
    ];
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    let docket = done["docket"].as_i64().context("a docket")?;

    // Its breaker opens, and its operator pauses it. Neither is about one page that costs nothing.
    let sold = Sold::of(&stack, &api, docket, 3).await?;
    run(
        &stack,
        "update courts set paused_until = now() + interval '10 min', open_since = now(),
             openings = 1, open_reason = 'HTTP 403' where id = 'cand'",
    )
    .await?;
    let pause = ["court", "pause", COURT, "--reason", "announced maintenance"];
    stack.inner().command(&pause).await?;
    sold.comes_home(&stack, &api).await?;
    stack.inner().command(&["court", "resume", COURT]).await?;
    run(
        &stack,
        "update courts set paused_until = null, open_since = null, openings = 0 where id = 'cand'",
    )
    .await?;

    // It asks for a pause itself, by an answer to somebody else: that is waited for.
    let sold = Sold::of(&stack, &api, docket, 2).await?;
    run(
        &stack,
        "update courts set next_free = now() + interval '9 min' where id = 'cand'",
    )
    .await?;
    let log = stack.directory().join("logs").join("pdf-fetcher.log");
    let deadline = Instant::now() + PATIENCE;
    while !fs::read_to_string(&log)?.contains("cannot finish a purchase that may be billed") {
        ensure!(Instant::now() < deadline, "it is not waited for");
        let id = sold.request["id"].as_i64().context("an id")?;
        let over: bool = sqlx::query_scalar(
            "select date_completed is not null from fetch_requests where id = $1",
        )
        .bind(id)
        .fetch_one(&mut stack.database().await?)
        .await?;
        ensure!(!over, "it was given up");
        sleep(Duration::from_millis(50)).await;
    }
    run(
        &stack,
        "update courts set next_free = now() where id = 'cand'",
    )
    .await?;
    sold.comes_home(&stack, &api).await?;
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
