//! A neighbour is down: what cannot be done without it is refused at once, with a sentence, and
//! the rest goes on.

use std::{process::Command, time::Duration};

use anyhow::{Context, ensure};
use dev_stack::Durability;
use fetch_bus::wire::{CancelRequest, GetRequest, WatchRequest, fetch_client::FetchClient};
use pacer_fetch_client::raw::http_client;
use serde_json::json;
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    repeats::{Told, demo, message, post, sign},
    shut_out::Sending,
};

const PATIENCE: Duration = Duration::from_secs(120);

/// What "at once" means on a machine that runs other tests meanwhile: well below any limit on waiting for the
/// neighbour that is down.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What health checks call the service.
const FETCH: &str = "pacer_fetch.v1.Fetch";

/// How long it takes until a neighbour's end is known, and a call that was under way is given up.
const KNOWN_WITHIN: Duration = Duration::from_secs(4);

/// Longer than a watch takes to find out that it cannot look: it looks every two seconds, for the caller and then
/// for the row, and each waits ten for a connection.
const FOUND_AWAY_WITHIN: Duration = Duration::from_secs(25);

fn is_refused(told: &Told, about: &str) -> anyhow::Result<()> {
    ensure!(told.status == 503 && told.retry_after.is_some(), "{told:?}");
    let text = told.body["detail"].as_str().unwrap_or_default();
    ensure!(text.contains(about), "{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_everybody_is_told_so_at_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let before = post(&api, "before", &demo(json!({}))).await?;
    ensure!(before.status == 201, "{before:?}");
    api.wait(&before.body, PATIENCE).await?;
    let id = before.id()?;
    let grpc = stack.grpc_endpoint()?;
    let calling = async {
        let begun = Instant::now();
        // From before its end is known until it is: each answer comes within the time that takes.
        while begun.elapsed() < KNOWN_WITHIN {
            let asked = Instant::now();
            let told = post(&api, "away", &demo(json!({}))).await?;
            ensure!(told.status == 503 || told.status == 201, "{told:?}");
            let took = asked.elapsed();
            ensure!(took < KNOWN_WITHIN, "it took {took:?} to say {told:?}");
        }
        for _ in 0..20 {
            let asked = Instant::now();
            is_refused(&post(&api, "away", &demo(json!({}))).await?, "database")?;
            ensure!(asked.elapsed() < AT_ONCE, "POST: {:?}", asked.elapsed());
            let asked = Instant::now();
            let read = status(&api, &format!("recap-fetch/{id}/")).await?;
            ensure!(read == 503 && asked.elapsed() < AT_ONCE, "GET: {read}");
        }
        let channel = grpc.connect().await?;
        let mut client = FetchClient::new(channel.clone());
        let asked = Instant::now();
        let get = sign(
            GetRequest {
                id,
                ..GetRequest::default()
            },
            &api.token,
        )?;
        let refused = client.get(get).await.err().context("Get is answered")?;
        ensure!(refused.code() == Code::Unavailable, "{refused}");
        let submit = client.submit(sign(message("grpc"), &api.token)?).await;
        let refused = submit.err().context("Submit is answered")?;
        ensure!(refused.code() == Code::Unavailable, "{refused}");
        ensure!(refused.message().contains("database"), "{refused}");
        ensure!(asked.elapsed() < AT_ONCE, "gRPC: {:?}", asked.elapsed());
        // How it is is told without the database, and as it is.
        let mut health = HealthClient::new(channel);
        for service in ["", FETCH] {
            let told = health_of(&mut health, service).await?;
            ensure!(told == ServingStatus::NotServing, "{service:?} is {told:?}");
        }
        anyhow::Ok(health)
    };
    let (crashed, told) = tokio::join!(
        stack.inner().crash_postgres(Duration::from_secs(15)),
        timeout(Duration::from_secs(15), calling)
    );
    let mut health = told.context("the database is back before all was asked")??;
    crashed?;
    let after = until_accepted(&api).await?;
    for service in ["", FETCH] {
        let told = health_of(&mut health, service).await?;
        ensure!(told == ServingStatus::Serving, "{service:?} is {told:?}");
    }
    api.wait(&after.body, PATIENCE).await?;
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Streams are long-lived: whoever holds one is told what happens afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn streams_outlive_a_database_that_is_away() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    // What was written just before the crash is needed after it.
    let mut stack = stack
        .with(|builder| builder.durability(Durability::Safe))
        .start()
        .await?;
    let api = stack.user("ann").await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    let mut sending = Sending::open(&mut client, &api).await?;
    let first = sending.submit("first").await??.context("an answer")?;
    let id = first.id;
    let watch = sign(WatchRequest { id, expand: None }, &api.token)?;
    let mut changes = client.watch(watch).await?.into_inner();
    ensure!(changes.message().await?.is_some(), "it is watched");

    let (crashed, told) = tokio::join!(
        stack
            .inner()
            .crash_postgres(FOUND_AWAY_WITHIN + KNOWN_WITHIN),
        timeout(FOUND_AWAY_WITHIN, changes.message())
    );
    ensure!(told.is_err(), "the watch said {told:?}");
    crashed?;
    until_accepted(&api).await?;
    let cancel = sign(CancelRequest { id }, &api.token)?;
    let cancelled = client.cancel(cancel).await?.into_inner();
    let told = timeout(PATIENCE, changes.message()).await??;
    let told = told.context("the watch has ended without a word")?;
    ensure!(told.status == cancelled.status, "{told:?}");
    let second = sending.submit("second").await??;
    ensure!(second.is_some(), "nothing more can be sent");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_starts_before_its_database_answers_and_waits() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("ann").await?;
    stack.kill("gateway").await?;
    let right = stack.inner().env("gateway")?["PACER_FETCH_DATABASE_URL"].clone();
    // A database where nobody listens yet.
    let port = dev_stack::free_port()?;
    let nowhere = format!("postgres://nobody:nothing@127.0.0.1:{port}/nothing");
    stack.inner().set("gateway", "DATABASE_URL", &nowhere)?;
    stack.inner().start_again("gateway")?;
    let deadline = Instant::now() + PATIENCE;
    let told = loop {
        // Until it listens.
        match post(&api, "early", &demo(json!({}))).await {
            Ok(told) => break told,
            Err(error) => ensure!(Instant::now() < deadline, "{error}"),
        }
    };
    is_refused(&told, "still starting")?;
    let (ready, said) = ready(&mut stack, "gateway").await?;
    ensure!(ready == 503, "{said}");
    ensure!(said.contains("waiting: the database"), "{said}");
    stack.inner().set("gateway", "DATABASE_URL", &right)?;
    stack.restart("gateway").await?;
    until_accepted(&api).await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_the_gateway_reads_and_a_fetcher_is_not_ready() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = api.wait(&request, PATIENCE).await?;
    let docket = format!("dockets/{}/", done["docket"]);
    signal_nats(&stack, "-KILL")?;

    for fetcher in ["docket-fetcher", "pdf-fetcher", "ocr"] {
        let said = until_ready_is(&mut stack, fetcher, 503).await?;
        ensure!(said.contains("nats: failed"), "{fetcher}: {said}");
    }
    without_nats(&mut stack, &api, &docket).await?;
    // One that starts now does the same.
    stack.kill("gateway").await?;
    stack.inner().start_again("gateway")?;
    let deadline = Instant::now() + PATIENCE;
    while status(&api, &docket).await.ok() != Some(200) {
        ensure!(Instant::now() < deadline, "a gateway without NATS reads");
        sleep(Duration::from_millis(50)).await;
    }
    until_ready_is(&mut stack, "gateway", 200).await?;
    without_nats(&mut stack, &api, &docket).await?;

    stack.inner().restart_nats().await?;
    until_accepted(&api).await?;
    for process in ["gateway", "docket-fetcher", "pdf-fetcher", "ocr"] {
        let said = until_ready_is(&mut stack, process, 200).await?;
        ensure!(said.contains("nats: ok"), "{process}: {said}");
    }
    stack.stop().await
}

async fn without_nats(stack: &mut Stack, api: &Api, docket: &str) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (status, said) = ready(stack, "gateway").await?;
        ensure!(status == 200, "{said}");
        if said.contains("nats: failed: no new requests are accepted") {
            break;
        }
        ensure!(Instant::now() < deadline, "{said}");
    }
    for _ in 0..5 {
        let asked = Instant::now();
        is_refused(&post(api, "away", &demo(json!({}))).await?, "login service")?;
        ensure!(asked.elapsed() < AT_ONCE, "POST: {:?}", asked.elapsed());
        ensure!(status(api, docket).await? == 200, "{docket} can be read");
    }
    let mut client = FetchClient::new(stack.grpc().await?);
    let refused = client.submit(sign(message("grpc"), &api.token)?).await;
    let refused = refused.err().context("Submit is answered")?;
    ensure!(refused.code() == Code::Unavailable, "{refused}");
    Ok(())
}

async fn health_of(
    health: &mut HealthClient<Channel>,
    service: &str,
) -> anyhow::Result<ServingStatus> {
    let service = service.to_owned();
    let told = health.check(HealthCheckRequest { service }).await?;
    Ok(told.into_inner().status())
}

fn signal_nats(stack: &Stack, signal: &str) -> anyhow::Result<()> {
    let processes = stack.processes();
    let nats = processes.iter().find(|(name, _)| *name == "nats");
    let (_, id) = nats.context("NATS runs")?;
    let sent = Command::new("kill")
        .args([signal, &id.to_string()])
        .status()?;
    ensure!(sent.success(), "NATS was not sent {signal}");
    Ok(())
}

async fn status(api: &Api, path: &str) -> anyhow::Result<u16> {
    let path = format!("/api/rest/v4/{path}");
    let answer = api.request("GET".parse()?, &path).send().await?;
    Ok(answer.status().as_u16())
}

async fn ready(stack: &mut Stack, process: &str) -> anyhow::Result<(u16, String)> {
    let admin = stack.inner().env(process)?["PACER_FETCH_ADMIN_LISTEN"].clone();
    let answer = http_client()
        .get(format!("http://{admin}/readyz"))
        .send()
        .await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

async fn until_ready_is(stack: &mut Stack, process: &str, wanted: u16) -> anyhow::Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // A process that starts does not listen yet.
        let now = ready(stack, process).await;
        match now {
            Ok((status, said)) if status == wanted => return Ok(said),
            now => ensure!(Instant::now() < deadline, "{process}: {now:?}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn until_accepted(api: &Api) -> anyhow::Result<Told> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let after = post(api, "after", &demo(json!({}))).await?;
        if after.status == 201 {
            return Ok(after);
        }
        ensure!(Instant::now() < deadline, "{after:?}");
        sleep(Duration::from_millis(200)).await;
    }
}

/// A server that is frozen keeps its connections and answers nothing.
#[tokio::test(flavor = "multi_thread")]
async fn while_nats_is_frozen_logins_are_refused_in_time() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let told = api.log_in(&Account::demo(), &[]).await?;
    ensure!(told.status == 200, "{told:?}");
    signal_nats(&stack, "-STOP")?;
    let began = Instant::now();
    let told = timeout(Duration::from_secs(20), api.log_in(&Account::demo(), &[])).await;
    signal_nats(&stack, "-CONT")?;
    let told = told.context("no answer")??;
    ensure!(told.status == 503, "after {:?}: {told:?}", began.elapsed());
    stack.stop().await
}
