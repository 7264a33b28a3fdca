//! Nobody has to poll: an answer waits for the end of its request.

use std::time::Duration;

use anyhow::{Context, ensure};
use dev_stack::Signal;
use fetch_bus::wire::{WatchRequest, fetch_client::FetchClient};
use futures_util::StreamExt;
use pacer_fetch_client::raw::Method;
use serde_json::{Value, json};
use testkit::Api;
use tokio::time::{Instant, timeout};
use tonic::Code;

use crate::repeats::{demo, sign};

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_answered_once_it_is_over_or_the_gateway_stops() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("ann").await?;

    // Bought within one call.
    let (status, done) = post(&api, "?wait=60", &demo(json!({}))).await?;
    ensure!((status, &done["status"]) == (201, &json!(2)), "{done}");
    ensure!(done["docket"].is_i64(), "{done}");
    let (status, wrong) = post(&api, "?wait=61", &demo(json!({}))).await?;
    ensure!(status == 400 && wrong["wait"].is_array(), "{wrong}");
    let requests = api.get("recap-fetch/?count=on").await?;
    ensure!(requests["count"] == 1, "refused, and accepted: {requests}");

    // Nobody works on the next one.
    stack.inner().stop_one("docket-fetcher").await?;
    let waiting = tokio::spawn({
        let api = api.clone();
        async move { post(&api, "?wait=60", &demo(json!({}))).await }
    });
    let mut database = stack.database().await?;
    let id = testkit::until("a second request", PATIENCE, async || {
        let question = "select id from fetch_requests where status = 1";
        let id: Option<i64> = sqlx::query_scalar(question)
            .fetch_optional(&mut database)
            .await?;
        Ok(id.ok_or("none"))
    })
    .await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    let watched = sign(WatchRequest { id, expand: None }, &api.token)?;
    let mut watching = client.watch(watched).await?.into_inner();
    watching.next().await.context("the request as it is")??;
    let begun = Instant::now();
    stack.signal("gateway", Signal::Terminate)?;
    let (status, answer) = timeout(PATIENCE, waiting).await???;
    ensure!(status == 201 && answer["id"] == id, "{status}: {answer}");
    ensure!(answer["status"] == 1, "{answer}");
    let ended = timeout(PATIENCE, watching.next()).await?;
    let status = ended.context("a reason")?.err().context("an end")?;
    ensure!(status.code() == Code::Unavailable, "{status}");
    ensure!(
        begun.elapsed() < Duration::from_secs(20),
        "who waits keeps the gateway from its end"
    );
    stack.restart("gateway").await?;
    stack.restart("docket-fetcher").await?;
    let done = api.get(&format!("recap-fetch/{id}/?wait=60")).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Submits this as JSON, with this query: the status and the body of the answer.
async fn post(api: &Api, query: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
    let path = format!("/api/rest/v4/recap-fetch/{query}");
    let request = api.request(Method::POST, &path);
    let request = request.header("Content-Type", "application/json");
    let answer = request.body(body.to_string()).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}
