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
use fetch_bus::wire::{WatchAllRequest, fetch_client::FetchClient};
use futures_util::{StreamExt, future::try_join_all};
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::time::{sleep, timeout};
use tonic::Code;

use crate::repeats::sign;

const PATIENCE: Duration = Duration::from_secs(120);

/// Between two attempts at a gateway that is away. A browser waits longer.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A change as it was heard: the event's number, the request's, and whether it is final.
type Heard = (i64, i64, bool);

/// Listens at this path of one gateway after the other until enough requests are final, and comes again whenever a
/// stream ends, with the number of the last event.
async fn listen(
    apis: Vec<Api>,
    path: String,
    after: Option<i64>,
    finals: usize,
    came_again: Arc<AtomicUsize>,
) -> anyhow::Result<Vec<Heard>> {
    let (mut heard, mut last, mut seen) = (Vec::new(), after, BTreeSet::new());
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
        let (mut body, mut text) = (answer.bytes_stream(), String::new());
        while let Some(Ok(piece)) = body.next().await {
            text.push_str(std::str::from_utf8(&piece)?);
            while let Some((message, rest)) = text.split_once("\n\n") {
                if let Some((event, id, is_final)) = read(message)? {
                    last = Some(event);
                    heard.push((event, id, is_final));
                    if is_final {
                        seen.insert(id);
                    }
                }
                text = rest.to_owned();
            }
            if seen.len() == finals {
                return Ok(heard);
            }
        }
        let times = came_again.fetch_add(1, Ordering::Relaxed);
        ensure!(times < 1000, "streams end again and again");
    }
    anyhow::bail!("there is no gateway")
}

/// None for a comment.
fn read(message: &str) -> anyhow::Result<Option<Heard>> {
    let field = |name: &str| {
        let mut lines = message.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let Some(data) = field("data") else {
        return Ok(None);
    };
    let data: Value = serde_json::from_str(data)?;
    ensure!(field("event") == Some("request"), "{message}");
    ensure!(field("id").context("a number")? == data["event"].to_string());
    let number = |key: &str| data[key].as_i64().with_context(|| format!("{key} in {data}"));
    let is_final = data["is_final"].as_bool().context("is_final")?;
    ensure!(data["state"].is_string() && data["status"].is_i64() && data["message"].is_string());
    Ok(Some((number("event")?, number("id")?, is_final)))
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
    const REQUESTS: usize = 30;
    const LISTENERS: usize = 20;

    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.replicas("gateway", 2).start().await?;
    let (ann, ben) = (stack.user("ann").await?, stack.user("ben").await?);
    let gateways = ["gateway", "gateway-2"];
    let urls = gateways.map(|name| stack.inner().http_url_of(name));
    let urls: Vec<String> = urls.into_iter().flatten().collect();
    let everywhere = |api: &Api| -> Vec<Api> { urls.iter().map(|url| api.at(url)).collect() };
    let (anns, bens) = (everywhere(&ann), everywhere(&ben));

    let came_again = Arc::new(AtomicUsize::new(0));
    let all = || "/api/rest/v4/recap-fetch/events/".to_owned();
    let mut listeners = Vec::new();
    for number in 0..LISTENERS {
        // Half begin at one gateway, half at the other.
        let mut apis = anns.clone();
        apis.rotate_left(number % 2);
        let listening = listen(apis, all(), Some(0), REQUESTS, came_again.clone());
        listeners.push(tokio::spawn(listening));
    }
    let other = listen(bens.clone(), all(), Some(0), 1, came_again.clone());
    let other = tokio::spawn(other);

    let mut ids = Vec::new();
    let mut one = None;
    for number in 0..REQUESTS {
        let api = &anns[number % 2];
        let request = loop {
            match api.submit(&Account::demo(), DEMO_DOCKET).await {
                Ok(request) => break request,
                Err(_) => sleep(AGAIN_AFTER).await,
            }
        };
        let id = request["id"].as_i64().context("an id")?;
        ids.push(id);
        if number == 0 {
            let path = format!("/api/rest/v4/recap-fetch/{id}/events/");
            let listening = listen(anns.clone(), path, None, 1, came_again.clone());
            one = Some(tokio::spawn(listening));
        }
        if number % 10 == 4 {
            let killed = gateways[number / 10 % 2];
            stack.kill(killed).await?;
            stack.restart(killed).await?;
        }
    }
    let bens_request = bens[0].submit(&Account::demo(), DEMO_DOCKET).await?;
    let bens_id = bens_request["id"].as_i64().context("an id")?;

    let heard = timeout(PATIENCE, try_join_all(listeners)).await??;
    let expected = written(&stack, "ann").await?;
    let finals = expected.iter().filter(|(_, _, is_final)| *is_final).count();
    ensure!(finals == REQUESTS, "{finals} ended in {expected:?}");
    ensure!(expected.len() >= REQUESTS * 3, "{} changes", expected.len());
    for heard in heard {
        ensure!(heard? == expected, "something was lost, doubled or disordered");
    }
    let of_one = timeout(PATIENCE, one.context("it was begun")?).await???;
    let only = |(_, id, _): &&Heard| *id == ids[0];
    let expected: Vec<Heard> = expected.iter().filter(only).copied().collect();
    ensure!(of_one == expected, "{of_one:?}, not {expected:?}");
    let of_ben = timeout(PATIENCE, other).await???;
    ensure!(of_ben.iter().all(|(_, id, _)| *id == bens_id), "{of_ben:?}");
    println!(
        "{} listeners came again {} times",
        LISTENERS + 2,
        came_again.load(Ordering::Relaxed)
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_where_it_was_and_says_when_it_is_over() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let (ann, ben) = (stack.user("ann").await?, stack.user("ben").await?);
    let mut client = FetchClient::new(stack.grpc().await?);
    let watch = sign(WatchAllRequest { after: None }, &ann.token)?;
    let mut from_now = client.watch_all(watch).await?.into_inner();
    let request = ann.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = ann.wait(&request, PATIENCE).await?;
    let id = done["id"].as_i64().context("an id")?;
    let path = format!("/api/rest/v4/recap-fetch/{id}/events/");
    let none = Arc::new(AtomicUsize::new(0));
    let whole = listen(vec![ann.clone()], path.clone(), None, 1, none.clone()).await?;
    ensure!(whole == written(&stack, "ann").await?, "{whole:?}");

    let rest = listen(vec![ann.clone()], path.clone(), Some(whole[1].0), 1, none).await?;
    ensure!(rest == whole[2..], "{rest:?}");
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
        let expected = json!({"after": ["Send the id of an event, or 0 for all that are kept."]});
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
    let watch = sign(WatchAllRequest { after }, &ann.token)?;
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
