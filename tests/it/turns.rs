//! Turns that are far away.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use testkit::Account;
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(180);

/// Further away than a turn that a request without a purchase would wait for.
const FAR: &str = "update courts set next_free = clock_timestamp() + interval '25 s' where id = $1";

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_that_is_under_way_waits_for_a_turn_that_is_far_away() -> anyhow::Result<()> {
    let Some(builder) = testkit::stack() else {
        return Ok(());
    };
    let stack = builder.start().await?;
    let api = stack.user("patient").await?;
    let form = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", "5:16-cv-00432"),
    ];
    let docket = api.submit(&Account::demo(), &form).await?;
    let docket = api.wait(&docket, PATIENCE).await?;
    ensure!(docket["status"] == 2, "{docket}");
    let document: i64 = sqlx::query_scalar(
        "select d.id from recap_documents d
         join docket_entries e on e.id = d.docket_entry_id
         where e.docket_id = $1 and d.pacer_doc_id <> '' and d.attachment_number is null
         order by d.id limit 1",
    )
    .bind(docket["docket"].as_i64().context("a docket")?)
    .fetch_one(&mut stack.database().await?)
    .await?;

    // While the court thinks about the price, everybody else takes the turns after it.
    let slow = json!({"court": "okwd", "path": "doc1", "times": 1, "kind": "delay", "ms": 3000});
    stack.simulator().order_fault(&slow).await?;
    stack.simulator().forget_traffic().await?;
    let document = document.to_string();
    let form = [("request_type", "2"), ("recap_document", &*document)];
    let request = api.submit(&Account::demo(), &form).await?;
    let deadline = Instant::now() + PATIENCE;
    while stack
        .simulator()
        .traffic("okwd")
        .await?
        .is_none_or(|it| it.requests == 0)
    {
        ensure!(Instant::now() < deadline, "the price is never asked for");
        sleep(Duration::from_millis(20)).await;
    }
    let pushed = sqlx::query(FAR)
        .bind("okwd")
        .execute(&mut stack.database().await?)
        .await?;
    ensure!(pushed.rows_affected() == 1, "there is such a court");

    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let traffic = stack.simulator().traffic("okwd").await?;
    let asked = traffic.context("traffic")?.requests;
    ensure!(asked == 2, "a price and a document, each once: {asked}");
    let purchases: Vec<String> =
        sqlx::query_scalar("select state from purchases where request_id = $1")
            .bind(request["id"].as_i64().context("an id")?)
            .fetch_all(&mut stack.database().await?)
            .await?;
    ensure!(purchases == ["captured"], "{purchases:?}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
