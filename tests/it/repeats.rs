//! A request that is sent again under its Idempotency-Key is the same request, over both doors.

use std::{fs, time::Duration};

use anyhow::{Context, ensure};
use fetch_bus::wire::{
    FetchRequest, RequestType, SubmitRequest, fetch_client::FetchClient, submit_result::Outcome,
};
use futures_util::{StreamExt, future::join_all, stream};
use pacer_fetch_client::raw::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::time;
use tonic::{Code, Request, Response, metadata::MetadataMap};

const PATIENCE: Duration = Duration::from_secs(120);

/// An answer, and whether it is about an earlier request.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
}

impl Told {
    pub(crate) fn id(&self) -> anyhow::Result<i64> {
        let id = self.body["id"].as_i64();
        id.with_context(|| format!("no id in {self:?}"))
    }
}

pub(crate) async fn post(api: &Api, key: &str, body: &Value) -> anyhow::Result<Told> {
    send(api, key, "application/json", body.to_string()).await
}

async fn post_form(api: &Api, key: &str, form: &[(&str, &str)]) -> anyhow::Result<Told> {
    let fields: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    send(
        api,
        key,
        "application/x-www-form-urlencoded",
        fields.join("&"),
    )
    .await
}

async fn send(api: &Api, key: &str, media: &str, body: String) -> anyhow::Result<Told> {
    let answer = api
        .request(Method::POST, "/api/rest/v4/recap-fetch/")
        .header("Idempotency-Key", key.as_bytes())
        .header("Content-Type", media)
        .body(body)
        .send()
        .await?;
    let header = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
    Ok(Told {
        status: answer.status().as_u16(),
        replayed: header("idempotent-replayed").as_deref() == Some("true"),
        retry_after: header("retry-after").and_then(|text| text.parse().ok()),
        body: answer.json().await?,
    })
}

/// The demo docket, as JSON, with these fields changed.
pub(crate) fn demo(changes: Value) -> Value {
    let account = Account::demo();
    let mut body = json!({
        "request_type": 1, "docket_number": "5:16-cv-00432", "court": "okwd",
        "show_parties_and_counsel": true, "show_terminated_parties": false,
        "pacer_username": account.username, "pacer_password": account.password.expose_secret(),
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

async fn rows(stack: &Stack) -> anyhow::Result<i64> {
    let count = "select count(*) from fetch_requests";
    let mut database = stack.database().await?;
    Ok(sqlx::query_scalar(count).fetch_one(&mut database).await?)
}

async fn sold(stack: &Stack) -> anyhow::Result<usize> {
    Ok(stack.simulator().ledger().await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_with_the_first_request_and_buys_nothing() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let first = post(&api, "k-1", &demo(json!({}))).await?;
    ensure!(first.status == 201 && !first.replayed, "{first:?}");
    let id = first.id()?;
    let done = api.wait(&first.body, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");

    // Nobody can log in any more: a repeat needs nobody to.
    stack.inner().stop_one("login").await?;
    let account = Account::demo();
    let form = [
        DEMO_DOCKET,
        &[
            ("pacer_username", &*account.username),
            ("pacer_password", account.password.expose_secret()),
        ],
    ]
    .concat();
    for again in [
        post(&api, "k-1", &demo(json!({}))).await?,
        post_form(&api, "k-1", &form).await?,
        post(&api, "k-1", &demo(json!({"pacer_password": "wrong"}))).await?,
        post(&api, "k-1", &demo(json!({"otp_code": "used up"}))).await?,
    ] {
        ensure!(again.status == 201 && again.replayed, "{again:?}");
        ensure!(again.id()? == id && again.body["status"] == 2, "{again:?}");
    }
    for changed in [
        json!({"docket_number": "5:16-cv-00433"}),
        json!({"court": "nysd"}),
        json!({"show_parties_and_counsel": false}),
        json!({"pacer_username": "demo-filer"}),
        json!({"client_code": "matter"}),
        json!({"max_cost_cents": 1}),
    ] {
        let other = post(&api, "k-1", &demo(changed.clone())).await?;
        ensure!(
            other.status == 422 && !other.replayed,
            "{changed}: {other:?}"
        );
        let text = other.body["detail"].as_str().unwrap_or_default();
        ensure!(text.contains("a different request"), "{text}");
    }
    for bad in ["", "ä", &"k".repeat(256)] {
        let refused = post(&api, bad, &demo(json!({}))).await?;
        ensure!(refused.status == 400, "{bad:?}: {refused:?}");
    }
    stack.restart("login").await?;

    // The key of somebody else is another one.
    let ben = stack.user("ben").await?;
    let bens = post(&ben, "k-1", &demo(json!({}))).await?;
    ensure!(bens.status == 201 && !bens.replayed, "{bens:?}");
    ensure!(bens.id()? != id, "{bens:?}");
    ben.wait(&bens.body, PATIENCE).await?;
    ensure!(rows(&stack).await? == 2, "two requests");
    // Nobody reads from the table who bought, or under which key.
    for secret in ["k-1", &*account.username] {
        let tables = stack.tables_with(secret).await?;
        ensure!(
            !tables.iter().any(|table| table.contains("idempotency")),
            "{tables:?}"
        );
    }
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_under_one_key_are_one_request_and_one_purchase() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.replicas("gateway", 2).start().await?;
    let api = stack.user("ann").await?;
    // Room for one of them: who comes second is not told that the first used it up.
    let budget = ["budget", "set", "ann", "--per-quarter-cents", "400"];
    stack.inner().command(&budget).await?;
    let mut other = api.clone();
    other.url = stack
        .inner()
        .http_url_of("gateway-2")
        .context("another gateway")?;
    let body = demo(json!({}));
    let told = join_all((0..20).map(|turn| {
        let gateway = if turn % 2 == 0 { &api } else { &other };
        post(gateway, "the same", &body)
    }))
    .await;
    let mut ids = Vec::new();
    let mut first = 0;
    for told in told {
        let told = told?;
        ensure!(told.status == 201, "{told:?}");
        first += usize::from(!told.replayed);
        ids.push(told.id()?);
    }
    ids.dedup();
    ensure!(ids.len() == 1 && first == 1, "{ids:?}, {first} first ones");
    let done = api.wait(&json!({"id": ids[0]}), PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(rows(&stack).await? == 1 && sold(&stack).await? == 1, "once");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_what_was_accepted_and_for_nothing_else() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .start()
        .await?;
    let api = stack.user("ann").await?;
    // Refused: the key is as good as new.
    let refused = post(&api, "k", &demo(json!({"pacer_password": "wrong"}))).await?;
    ensure!(refused.status == 400, "{refused:?}");
    let refused = post(&api, "k", &demo(json!({"max_cost_cents": 1}))).await?;
    ensure!(refused.status == 400, "{refused:?}");
    let begun_later = json!({"not_before": chrono::Utc::now() + chrono::Duration::hours(1)});
    let first = post(&api, "k", &demo(begun_later.clone())).await?;
    ensure!(first.status == 201 && !first.replayed, "{first:?}");

    // Cancelled: the repeat says so, and does not begin it again.
    let path = format!("/api/rest/v4/recap-fetch/{}/cancel/", first.id()?);
    let cancelled = api.send(api.request("POST".parse()?, &path)).await?;
    ensure!(cancelled.status == 200, "{cancelled:?}");
    let again = post(&api, "k", &demo(begun_later)).await?;
    ensure!(again.replayed && again.id()? == first.id()?, "{again:?}");
    let message = again.body["message"].as_str().unwrap_or_default();
    ensure!(message.contains("Cancelled"), "{again:?}");

    // Failed: likewise.
    let nothing = demo(json!({"docket_number": "5:16-cv-99999"}));
    let first = post(&api, "k2", &nothing).await?;
    let failed = api.wait(&first.body, PATIENCE).await?;
    ensure!(failed["status"] != 2, "{failed}");
    let again = post(&api, "k2", &nothing).await?;
    ensure!(again.status == 201 && again.replayed, "{again:?}");
    ensure!(again.body["message"] == failed["message"], "{again:?}");
    ensure!(
        rows(&stack).await? == 2 && sold(&stack).await? == 0,
        "nothing bought"
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_the_gateway_died_finds_what_it_had_accepted() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let orders = tempfile::tempdir()?;
    let directory = orders.path().display().to_string();
    let mut stack = stack
        .with(|builder| builder.setting("gateway", "KILL_POINTS", &directory))
        .start()
        .await?;
    let api = stack.user("ann").await?;
    fs::write(
        orders
            .path()
            .join(kill_point::Point::SubmitAfterCommit.name()),
        kill_point::Order::Die.text(),
    )?;
    let lost = post(&api, "k", &demo(json!({}))).await;
    ensure!(lost.is_err(), "it died: {lost:?}");
    stack.restart("gateway").await?;
    let again = post(&api, "k", &demo(json!({}))).await?;
    ensure!(again.status == 201 && again.replayed, "{again:?}");
    let done = api.wait(&again.body, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(rows(&stack).await? == 1 && sold(&stack).await? == 1, "once");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Calls are given up at every moment from before the login to after the answer.
#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_at_any_moment_finds_the_request_again_by_its_key() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    // There is a session from now on, so that what follows takes milliseconds.
    client.submit(sign(message("first"), &api.token)?).await?;
    let (mut left_a_row, mut left_none) = (0, 0);
    for turn in 0..60 {
        let key = format!("k-{turn}");
        let submitted = client.submit(sign(message(&key), &api.token)?);
        let answer = time::timeout(Duration::from_micros(turn * 500), submitted).await;
        let again = client.submit(sign(message(&key), &api.token)?).await?;
        let was_there = is_replayed(again.metadata());
        let id = again.into_inner().id;
        match answer {
            Ok(first) => ensure!(first?.into_inner().id == id && was_there, "{key}"),
            Err(_) if was_there => left_a_row += 1,
            Err(_) => left_none += 1,
        }
        let third = client.submit(sign(message(&key), &api.token)?).await?;
        ensure!(is_replayed(third.metadata()), "{key}");
        ensure!(third.into_inner().id == id, "{key}");
    }
    ensure!(left_a_row + left_none > 5, "{left_a_row}, {left_none}");
    println!("given up: {left_a_row} left a row, {left_none} left none");
    ensure!(rows(&stack).await? == 61, "one a key");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn both_doors_know_the_same_keys() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    let signed = |message: SubmitRequest| sign(message, &api.token);

    let first = client.submit(signed(message("k"))?).await?;
    ensure!(!is_replayed(first.metadata()), "{first:?}");
    let id = first.into_inner().id;
    let again: Response<FetchRequest> = client.submit(signed(message("k"))?).await?;
    ensure!(is_replayed(again.metadata()), "{again:?}");
    ensure!(again.into_inner().id == id, "the same");
    let over_http = post(&api, "k", &demo(json!({"show_terminated_parties": true}))).await?;
    ensure!(over_http.replayed && over_http.id()? == id, "{over_http:?}");

    let other = SubmitRequest {
        client_code: Some("matter".into()),
        ..message("k")
    };
    let refused = client.submit(signed(other.clone())?).await.unwrap_err();
    ensure!(refused.code() == Code::AlreadyExists, "{refused}");
    let refused = client.submit(signed(message(""))?).await.unwrap_err();
    ensure!(refused.code() == Code::InvalidArgument, "{refused}");

    let many = stream::iter([message("k"), other, message("k2"), message("k2")]);
    let mut many = Request::new(many);
    let token = format!("Token {}", api.token).parse()?;
    many.metadata_mut().insert("authorization", token);
    let mut results = client.submit_many(many).await?.into_inner();
    let mut told = Vec::new();
    while let Some(result) = results.next().await {
        let result = result?;
        let outcome = match result.outcome.context("an outcome")? {
            Outcome::Request(request) => request.id,
            Outcome::Error(error) => -i64::from(error.code),
        };
        told.push((outcome, result.replayed));
    }
    let second = told[2].0;
    ensure!(
        told == [(id, true), (-6, false), (second, false), (second, true)] && second != id,
        "{told:?}"
    );
    for request in [id, second] {
        api.wait(&json!({"id": request}), PATIENCE).await?;
    }
    ensure!(rows(&stack).await? == 2, "two keys, two requests");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

pub(crate) fn message(key: &str) -> SubmitRequest {
    let account = Account::demo();
    SubmitRequest {
        request_type: RequestType::Docket.into(),
        pacer_username: account.username,
        pacer_password: account.password.expose_secret().to_owned(),
        court: Some("okwd".into()),
        docket_number: Some("5:16-cv-00432".into()),
        idempotency_key: Some(key.to_owned()),
        ..SubmitRequest::default()
    }
}

pub(crate) fn sign<T>(message: T, token: &str) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    let token = format!("Token {token}").parse()?;
    request.metadata_mut().insert("authorization", token);
    Ok(request)
}

fn is_replayed(metadata: &MetadataMap) -> bool {
    metadata
        .get("idempotent-replayed")
        .is_some_and(|yes| yes == "true")
}
