//! A request for a court that lets nobody in ends some day.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use testkit::{Account, DEMO_DOCKET};

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn court_that_is_closed_for_a_day_ends_the_request() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("patient").await?;
    let closed = json!({"court": "okwd", "times": null, "kind": "maintenance"});
    stack.simulator().order_fault(&closed).await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let id = request["id"].as_i64().context("an id")?;
    stack.wait_for_state(id, "waiting", PATIENCE).await?;

    // A day passes.
    let mut database = stack.database().await?;
    sqlx::query(
        "update courts set open_since = open_since - interval '25 hours' where id = 'okwd'",
    )
    .execute(&mut database)
    .await?;
    sqlx::query(
        "update fetch_requests set date_created = date_created - interval '25 hours',
                                   begins_at = begins_at - interval '25 hours'
         where id = $1",
    )
    .bind(id)
    .execute(&mut database)
    .await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(
        done["status"] == 3 && done["message"] == "Blocked by court: okwd",
        "{done}"
    );
    let ended: bool = sqlx::query_scalar(
        "select date_completed is not null and state = 'failed' from fetch_requests where id = $1",
    )
    .bind(id)
    .fetch_one(&mut database)
    .await?;
    ensure!(ended, "it is over");
    ensure!(stack.simulator().ledger().await?.is_empty(), "nothing sold");
    stack.stop().await
}
