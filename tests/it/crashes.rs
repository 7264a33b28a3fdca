//! What is killed or wiped costs time, never a request and never money twice.

use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::Connection;
use testkit::{Account, DEMO_DOCKET};

/// The fetcher dies after the bytes are paid for and kept, before anything is saved. A lock on
/// the table of dockets holds it at exactly that step.
#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_capture_pays_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("victim").await?;
    let mut database = stack.database().await?;

    let mut hold = database.begin().await?;
    sqlx::query("lock table dockets in share row exclusive mode")
        .execute(&mut *hold)
        .await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let id = request["id"].as_i64().context("an id")?;
    stack
        .wait_for_state(id, "captured", Duration::from_secs(60))
        .await?;
    stack.kill("docket-fetcher").await?;
    hold.rollback().await?;
    stack.restart("docket-fetcher").await?;

    let done = api.wait(&request, Duration::from_secs(120)).await?;
    ensure!(
        done["status"] == 2,
        "ended with {}: {}",
        done["status"],
        done["message"]
    );
    let sold = stack.simulator().ledger().await?;
    ensure!(sold.len() == 1, "sold {} times", sold.len());
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// NATS dies and loses everything it had while requests wait; Postgres still knows them.
#[tokio::test(flavor = "multi_thread")]
async fn wiped_nats_loses_no_request() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let cases = 12;
    let mut stack = stack
        .simulator_arg("--cases")
        .simulator_arg(4 * cases)
        .simulator_arg("--latency-ms")
        .simulator_arg(300)
        .start()
        .await?;
    let api = stack.user("waiter").await?;
    let mut requests = Vec::new();
    for (court, number) in stack.simulator().cases(cases).await? {
        let form = [
            ("request_type", "1"),
            ("court", &*court),
            ("docket_number", &*number),
        ];
        requests.push(api.submit(&Account::demo(), &form).await?);
    }
    stack.wipe_nats().await?;
    for request in &requests {
        let done = api.wait(request, Duration::from_secs(180)).await?;
        ensure!(
            done["status"] == 2,
            "ended with {}: {}",
            done["status"],
            done["message"]
        );
    }
    let sold = stack.simulator().ledger().await?;
    ensure!(
        sold.len() == requests.len(),
        "{} requests, {} sales",
        requests.len(),
        sold.len()
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
