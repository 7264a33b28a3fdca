//! Whoever listens hears of each change once and in order, whatever becomes of the gateways.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use fetch_bus::wire::{WatchAllRequest, fetch_client::FetchClient};
use futures_util::{StreamExt, future::try_join_all};
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::time::{sleep, timeout};
use tonic::{Code, transport::Endpoint};

use crate::repeats::sign;

const PATIENCE: Duration = Duration::from_secs(120);

/// Between two attempts at a gateway that is away. A browser waits longer.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A change as it was heard: the event's number, the request's, and whether it is final.
type Heard = (i64, i64, bool);

/// What somebody heard, and how long after it was written, in milliseconds.
#[derive(Debug, Default)]
struct Listened {
    heard: Vec<Heard>,
    late: Vec<i64>,
}

impl Listened {
    fn note(&mut self, heard: Heard, written: DateTime<Utc>) {
        self.heard.push(heard);
        self.late.push((Utc::now() - written).num_milliseconds());
    }
}

/// Listens at this path of one gateway after the other until enough requests are final, and comes again whenever a
/// stream ends, with the number of the last event.
async fn listen(
    apis: Vec<Api>,
    path: String,
    after: Option<i64>,
    finals: usize,
    begun: Arc<AtomicUsize>,
) -> anyhow::Result<Listened> {
    let (mut listened, mut last, mut seen) = (Listened::default(), after, BTreeSet::new());
    for api in apis.iter().cycle() {
        let request = api.request("GET".parse()?, &path);
        let request = match last {
            Some(last) => request.header("Last-Event-ID", last.to_string()),
            None => request,
        };
        let Ok(answer) = request.send().await else {
            sleep(AGAIN_AFTER).await;
            continue;
        };
        if answer.status() == 503 {
            sleep(AGAIN_AFTER).await;
            continue;
        }
        ensure!(answer.status() == 200, "{answer:?}");
        ensure!(
            answer.headers()["content-type"] == "text/event-stream",
            "{answer:?}"
        );
        let times = begun.fetch_add(1, Ordering::Relaxed);
        ensure!(times < 100_000, "streams end again and again");
        let (mut body, mut text) = (answer.bytes_stream(), String::new());
        while let Some(Ok(piece)) = body.next().await {
            text.push_str(std::str::from_utf8(&piece)?);
            while let Some((message, rest)) = text.split_once("\n\n") {
                if let Some(number) = field(message, "id") {
                    last = Some(number.parse()?);
                }
                if let Some((heard, at)) = read(message)? {
                    let (_, id, is_final) = heard;
                    listened.note(heard, at);
                    if is_final {
                        seen.insert(id);
                    }
                }
                text = rest.to_owned();
            }
            if seen.len() == finals {
                return Ok(listened);
            }
        }
    }
    anyhow::bail!("there is no gateway")
}

fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = message.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// None for a comment, and for a number alone.
fn read(message: &str) -> anyhow::Result<Option<(Heard, DateTime<Utc>)>> {
    let Some(data) = field(message, "data") else {
        return Ok(None);
    };
    let data: Value = serde_json::from_str(data)?;
    ensure!(field(message, "event") == Some("request"), "{message}");
    ensure!(field(message, "id").context("a number")? == data["event"].to_string());
    let number = |key: &str| {
        data[key]
            .as_i64()
            .with_context(|| format!("{key} in {data}"))
    };
    let is_final = data["is_final"].as_bool().context("is_final")?;
    ensure!(data["state"].is_string() && data["status"].is_i64() && data["message"].is_string());
    let at = data["at"].as_str().context("a time")?.parse()?;
    Ok(Some(((number("event")?, number("id")?, is_final), at)))
}

/// What the database has of these users' requests.
async fn written(stack: &Stack, name: &str) -> anyhow::Result<Vec<Heard>> {
    let events = sqlx::query_as(
        "select e.id, request_id, state in ('done', 'failed', 'cancelled')
         from request_events e join users u on u.id = user_id where u.name = $1 order by e.id",
    );
    Ok(events
        .bind(name)
        .fetch_all(&mut stack.database().await?)
        .await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_heard_once_and_in_order_while_gateways_are_killed() -> anyhow::Result<()> {
    storm(30, 10).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make bench-events"]
async fn bench_events() -> anyhow::Result<()> {
    storm(1000, 10).await
}

/// So many requests at two gateways, one of which is killed after every fifteenth of them. So many listen to
/// all by server-sent events, and as many by `WatchAll`; each request is waited for, and some are listened to alone.
async fn storm(requests: usize, listeners: usize) -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .replicas("gateway", 2)
        .court_gap_ms(0)
        .court_cap(64)
        .start()
        .await?;
    let (ann, ben) = (stack.user("ann").await?, stack.user("ben").await?);
    let gateways = ["gateway", "gateway-2"];
    let urls = gateways.map(|name| stack.inner().http_url_of(name));
    let urls: Vec<String> = urls.into_iter().flatten().collect();
    let everywhere = |api: &Api| -> Vec<Api> { urls.iter().map(|url| api.at(url)).collect() };
    let (anns, bens) = (everywhere(&ann), everywhere(&ben));
    let grpc = gateways.map(|name| stack.inner().grpc_url_of(name));
    let grpc: Vec<Endpoint> = grpc
        .into_iter()
        .flatten()
        .map(|url| stack.grpc_endpoint_at(&url))
        .collect::<Result<_, _>>()?;

    let begun = Arc::new(AtomicUsize::new(0));
    let all = || "/api/rest/v4/recap-fetch/events/".to_owned();
    let (mut by_http, mut by_grpc, mut of_one) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..listeners {
        // Half begin at one gateway, half at the other.
        let (mut apis, mut endpoints) = (anns.clone(), grpc.clone());
        apis.rotate_left(number % 2);
        endpoints.rotate_left(number % 2);
        let listening = listen(apis, all(), Some(0), requests, begun.clone());
        by_http.push(tokio::spawn(listening));
        let token = ann.token.clone();
        let watching = watch_all(endpoints, token, requests, begun.clone());
        by_grpc.push(tokio::spawn(watching));
    }
    let other = listen(bens.clone(), all(), Some(0), 1, begun.clone());
    let other = tokio::spawn(other);

    let mut waiting = Vec::new();
    for number in 0..requests {
        let api = &anns[number % 2];
        let request = loop {
            match api.submit(&Account::demo(), DEMO_DOCKET).await {
                Ok(request) => break request,
                Err(_) => sleep(AGAIN_AFTER).await,
            }
        };
        let id = request["id"].as_i64().context("an id")?;
        if number % 100 == 0 {
            let path = format!("/api/rest/v4/recap-fetch/{id}/events/");
            let listening = listen(anns.clone(), path, None, 1, begun.clone());
            of_one.push((id, tokio::spawn(listening)));
        }
        waiting.push(tokio::spawn(wait(anns.clone(), id)));
        if number % 15 == 4 {
            let killed = gateways[number / 15 % 2];
            stack.kill(killed).await?;
            stack.restart(killed).await?;
        }
    }
    let bens_request = bens[0].submit(&Account::demo(), DEMO_DOCKET).await?;
    let bens_id = bens_request["id"].as_i64().context("an id")?;

    let by_http = timeout(PATIENCE, try_join_all(by_http)).await??;
    let by_grpc = timeout(PATIENCE, try_join_all(by_grpc)).await??;
    for done in timeout(PATIENCE, try_join_all(waiting)).await?? {
        done?;
    }
    let expected = written(&stack, "ann").await?;
    let finals = expected.iter().filter(|(_, _, is_final)| *is_final).count();
    ensure!(finals == requests, "{finals} ended in {expected:?}");
    ensure!(expected.len() >= requests * 3, "{} changes", expected.len());
    let mut delays = Vec::new();
    for heard in by_http.into_iter().chain(by_grpc) {
        let Listened { heard, late } = heard?;
        ensure!(
            heard == expected,
            "something was lost, doubled or disordered"
        );
        delays.extend(late);
    }
    for (id, listened) in of_one {
        let listened = timeout(PATIENCE, listened).await???;
        let only = |(_, about, _): &&Heard| *about == id;
        let expected: Vec<Heard> = expected.iter().filter(only).copied().collect();
        ensure!(listened.heard == expected, "{listened:?}, not {expected:?}");
    }
    let of_ben = timeout(PATIENCE, other).await???.heard;
    ensure!(of_ben.iter().all(|(_, id, _)| *id == bens_id), "{of_ben:?}");
    delays.sort_unstable();
    let quantile = |share: usize| delays[(delays.len() - 1) * share / 1000];
    println!(
        "{} changes, {} times heard, {} ms late at p50, {} at p95, {} at p99, {} at most; {} streams \
         were begun",
        expected.len(),
        delays.len(),
        quantile(500),
        quantile(950),
        quantile(990),
        quantile(1000),
        begun.load(Ordering::Relaxed)
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Waits for the end of a request, at one gateway after the other.
async fn wait(apis: Vec<Api>, id: i64) -> anyhow::Result<()> {
    for api in apis.iter().cycle() {
        match api.get(&format!("recap-fetch/{id}/?wait=60")).await {
            Ok(request) if request["status"] == 2 => return Ok(()),
            Ok(request) => ensure!(request["status"] != 3, "{request}"),
            Err(_) => sleep(AGAIN_AFTER).await,
        }
    }
    anyhow::bail!("there is no gateway")
}

/// The same as [`listen`] over gRPC.
async fn watch_all(
    endpoints: Vec<Endpoint>,
    token: String,
    finals: usize,
    begun: Arc<AtomicUsize>,
) -> anyhow::Result<Listened> {
    let (mut listened, mut after, mut seen) = (Listened::default(), Some(0), BTreeSet::new());
    for endpoint in endpoints.iter().cycle() {
        let Ok(channel) = endpoint.connect().await else {
            sleep(AGAIN_AFTER).await;
            continue;
        };
        let mut client = FetchClient::new(channel);
        let watch = sign(
            WatchAllRequest {
                after,
                expand: None,
            },
            &token,
        )?;
        let Ok(events) = client.watch_all(watch).await else {
            sleep(AGAIN_AFTER).await;
            continue;
        };
        begun.fetch_add(1, Ordering::Relaxed);
        let mut events = events.into_inner();
        while let Some(Ok(event)) = events.next().await {
            after = Some(event.event);
            let at = event.at.context("a time")?;
            let at = DateTime::from_timestamp(at.seconds, at.nanos.try_into()?);
            listened.note(
                (event.event, event.id, event.is_final),
                at.context("a time")?,
            );
            if event.is_final {
                seen.insert(event.id);
            }
            if seen.len() == finals {
                return Ok(listened);
            }
        }
    }
    anyhow::bail!("there is no gateway")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_where_it_was_and_says_when_it_is_over() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let (ann, ben) = (stack.user("ann").await?, stack.user("ben").await?);
    let mut client = FetchClient::new(stack.grpc().await?);
    let watch = sign(
        WatchAllRequest {
            after: None,
            expand: None,
        },
        &ann.token,
    )?;
    let mut from_now = client.watch_all(watch).await?.into_inner();
    let request = ann.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = ann.wait(&request, PATIENCE).await?;
    let id = done["id"].as_i64().context("an id")?;
    let path = format!("/api/rest/v4/recap-fetch/{id}/events/");
    let none = Arc::new(AtomicUsize::new(0));
    let whole = listen(vec![ann.clone()], path.clone(), None, 1, none.clone()).await?;
    let whole = whole.heard;
    ensure!(whole == written(&stack, "ann").await?, "{whole:?}");

    let rest = listen(vec![ann.clone()], path.clone(), Some(whole[1].0), 1, none).await?;
    ensure!(rest.heard == whole[2..], "{rest:?}");
    let last = whole.last().context("an end")?.0;
    let get = async |api: &Api, path: &str| -> anyhow::Result<(u16, Value)> {
        let answer = api.request("GET".parse()?, path).send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.unwrap_or_default()))
    };
    let (over, _) = get(&ann, &format!("{path}?after={last}")).await?;
    ensure!(over == 204, "nothing more comes: {over}");
    let (foreign, _) = get(&ben, &path).await?;
    ensure!(foreign == 404, "it is not ben's: {foreign}");
    for wrong in ["-1", "soon", "99999999999999999999"] {
        let (status, said) = get(&ann, &format!("{path}?after={wrong}")).await?;
        let expected = json!({"after": ["Send the number of an event, here or as Last-Event-ID, or 0 for all that are kept."]});
        ensure!(status == 400 && said == expected, "{wrong}: {said}");
    }
    let (nobody, _) = get(&ann.anonymous(), "/api/rest/v4/recap-fetch/events/").await?;
    ensure!(nobody == 401, "{nobody}");

    // The same over gRPC, and again after what was heard.
    let mut heard = Vec::new();
    while heard.len() < whole.len() {
        let event = timeout(PATIENCE, from_now.next()).await?;
        let event = event.context("it has no end")??;
        ensure!(event.at.is_some() && event.status > 0, "{event:?}");
        heard.push((event.event, event.id, event.is_final));
    }
    ensure!(heard == whole, "{heard:?}");
    let after = Some(whole[0].0);
    let watch = sign(
        WatchAllRequest {
            after,
            expand: None,
        },
        &ann.token,
    )?;
    let mut again = client.watch_all(watch).await?.into_inner();
    let event = timeout(PATIENCE, again.next()).await?.context("more")??;
    ensure!(event.event == whole[1].0, "{event:?}");

    // Whoever is shut out hears no more.
    let tokens = stack.command(&["user", "deactivate", "ann"]).await?;
    let ended = async {
        loop {
            match again.next().await {
                Some(Ok(_)) => {}
                Some(Err(status)) => return Ok(status),
                None => anyhow::bail!("it ended without a reason"),
            }
        }
    };
    let status = timeout(PATIENCE, ended).await??;
    ensure!(status.code() == Code::Unauthenticated, "{status}: {tokens}");
    stack.stop().await
}

/// What was missed is told, also to whoever had heard nothing yet, and after the server has begun anew.
#[tokio::test(flavor = "multi_thread")]
async fn who_asked_for_what_comes_misses_nothing_of_it() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.replicas("gateway", 2).start().await?;
    let ann = stack.user("ann").await?;
    let request = ann.submit(&Account::demo(), DEMO_DOCKET).await?;
    ann.wait(&request, PATIENCE).await?;
    let before = written(&stack, "ann").await?;
    let other = stack.inner().http_url_of("gateway-2");
    let gateways = vec![ann.clone(), ann.at(&other.context("another gateway")?)];
    let begun = Arc::new(AtomicUsize::new(0));
    let path = "/api/rest/v4/recap-fetch/events/".to_owned();
    let listening = tokio::spawn(listen(gateways.clone(), path, None, 2, begun.clone()));
    let until_begun = async |times: usize| {
        testkit::until("a stream", PATIENCE, async || {
            let now = begun.load(Ordering::Relaxed);
            Ok((now >= times).then_some(()).ok_or(now))
        })
        .await
    };
    until_begun(1).await?;
    stack.kill("gateway").await?;
    let request = gateways[1].submit(&Account::demo(), DEMO_DOCKET).await?;
    gateways[1].wait(&request, PATIENCE).await?;
    stack.restart("gateway").await?;
    until_begun(2).await?;

    stack.inner().crash_postgres(Duration::from_secs(3)).await?;
    until_begun(3).await?;
    let request = loop {
        match gateways[1].submit(&Account::demo(), DEMO_DOCKET).await {
            Ok(request) => break request,
            Err(_) => sleep(AGAIN_AFTER).await,
        }
    };
    gateways[1].wait(&request, PATIENCE).await?;
    let heard = timeout(PATIENCE, listening).await???.heard;
    let all = written(&stack, "ann").await?;
    ensure!(heard == all[before.len()..], "{heard:?}, not {all:?}");
    stack.stop().await
}
