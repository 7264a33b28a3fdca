//! Who asks to be told that their requests have ended is told, at least once and in the contract's words, whatever
//! becomes of gateways and receivers.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use fetch_bus::wire::{
    GetWebhookEventRequest, ReplayWebhookEventRequest, webhooks_client::WebhooksClient,
};
use pacer_fetch_client::{Client, NewWebhook, WebhookChange, WebhookEventFilter};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::net::TcpListener;

use crate::{doors::number_of, repeats::sign};

const PATIENCE: Duration = Duration::from_secs(60);

/// What a receiver answers when it does not answer.
const NEVER: u16 = 0;

/// A delivery as it arrived.
#[derive(Debug, Clone)]
pub struct Heard {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Heard {
    fn key(&self) -> String {
        self.header("idempotency-key")
    }

    fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    pub fn json(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Insists that whoever has this secret has sent it.
    fn ensure_signed(&self, secret: &str) -> anyhow::Result<()> {
        Webhook::new(secret)?
            .verify(&self.body, &self.headers)
            .with_context(|| format!("{:?}", self.headers))
    }
}

/// A receiver on this machine.
#[derive(Debug)]
pub struct Receiver {
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    pub async fn start() -> anyhow::Result<Receiver> {
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let status = Arc::new(AtomicU16::new(200));
        let (all, answers) = (heard.clone(), status.clone());
        let receive = async move |_: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let path = uri.path().to_owned();
            all.lock().unwrap().push(Heard {
                path,
                headers,
                body,
            });
            match answers.load(Ordering::Relaxed) {
                NEVER => std::future::pending().await,
                status => (StatusCode::from_u16(status).unwrap(), "as you say"),
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hooks", listener.local_addr()?);
        let routes = Router::new().fallback(receive);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Receiver { url, heard, status })
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// What arrived, once so many deliveries have.
    pub async fn until_heard(&self, count: usize) -> anyhow::Result<Vec<Heard>> {
        let heard = self.until_heard_at_least(count).await?;
        ensure!(heard.len() == count, "{count} were expected: {heard:#?}");
        Ok(heard)
    }

    async fn until_heard_at_least(&self, count: usize) -> anyhow::Result<Vec<Heard>> {
        let looked = testkit::until("deliveries", PATIENCE, async || {
            let heard = self.heard();
            Ok(match heard.len() >= count {
                true => Ok(heard),
                false => Err(format!("{} of {count}", heard.len())),
            })
        });
        looked.await
    }
}

pub async fn send(api: &Api, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
    let request = api.request(method, &format!("/api/rest/v4/{path}"));
    let answer = api.send(request.json(body)).await?;
    ensure!((200..300).contains(&answer.status), "{path}: {answer:?}");
    Ok(answer.body)
}

/// An endpoint that is on.
async fn register(api: &Api, url: &str, version: i64) -> anyhow::Result<Value> {
    let body = json!({"url": url, "version": version, "enabled": true});
    send(api, Method::POST, "webhooks/", &body).await
}

/// The delivery of this number, once it stands there.
async fn until_status(api: &Api, id: &Value, status: i64) -> anyhow::Result<Value> {
    let path = format!("webhook-events/{id}/");
    let looked = testkit::until("a delivery", PATIENCE, async || {
        let event = api.get(&path).await?;
        Ok(match event["event_status"] == status {
            true => Ok(event),
            false => Err(event),
        })
    });
    looked.await
}

/// Makes due what waits, as if the time had passed.
async fn hurry(stack: &Stack) -> anyhow::Result<()> {
    let due = "update webhook_events set next_try = clock_timestamp() where next_try is not null";
    sqlx::query(due)
        .execute(&mut stack.database().await?)
        .await?;
    Ok(())
}

async fn bought(api: &Api) -> anyhow::Result<Value> {
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    Ok(done)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_has_ended_is_told_to_each_version_once_signed_and_as_a_get_answers()
-> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.replicas("gateway", 2).start().await?;
    let (ann, ben) = (stack.user("ann").await?, stack.user("ben").await?);
    let receiver = Receiver::start().await?;
    let mut endpoints = Vec::new();
    for version in [1, 2] {
        endpoints.push(register(&ann, &format!("{}/{version}", receiver.url), version).await?);
    }
    let bens = format!("{}/ben", receiver.url);
    send(&ben, Method::POST, "webhooks/", &json!({"url": bens})).await?;

    let done = bought(&ann).await?;
    bought(&ben).await?;
    let heard = receiver.until_heard(2).await?;
    let keys: BTreeSet<String> = heard.iter().map(Heard::key).collect();
    ensure!(keys.len() == 2, "each has a key of its own: {keys:?}");
    for told in &heard {
        let body = told.json()?;
        let version = body["webhook"]["version"].as_i64().context("a version")?;
        let endpoint = &endpoints[usize::try_from(version - 1)?];
        ensure!(told.path == format!("/hooks/{version}"), "{told:?}");
        ensure!(
            told.header("content-type") == "application/json",
            "{told:?}"
        );
        ensure!(told.header("webhook-id") == told.key(), "{told:?}");
        told.ensure_signed(endpoint["secret"].as_str().context("a secret")?)?;
        // What a `GET` answers, letter for letter.
        ensure!(body["payload"] == done, "{body} is not {done}");
        ensure!(body["webhook"]["event_type"] == 3, "{body}");
        let made = body["webhook"]["date_created"].as_str().context("a time")?;
        ensure!(made.ends_with("+00:00"), "{made}");
        let out_of_date = match version {
            1 => json!("2024-11-18T00:00:00+00:00"),
            _ => Value::Null,
        };
        ensure!(body["webhook"]["deprecation_date"] == out_of_date, "{body}");
        let path = format!("webhook-events/?webhook={}", endpoint["id"]);
        let events = ann.all(&path).await?;
        let [event] = events.as_slice() else {
            anyhow::bail!("{events:?}");
        };
        let event = until_status(&ann, &event["id"], 2).await?;
        ensure!(
            event["event_id"] == told.key() && event["content"] == body,
            "{event}"
        );
        ensure!(
            event["status_code"] == 200 && event["response"] == "as you say",
            "{event}"
        );
        ensure!(event["recap_fetch"] == done["id"], "{event}");
    }
    ensure!(
        ben.all("webhook-events/").await?.is_empty(),
        "ben's endpoint is off"
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_gets_the_same_bytes_eight_times_and_more_when_it_is_switched_on_again()
-> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let receiver = Receiver::start().await?;
    receiver.answer(500);
    let endpoint = register(&api, &receiver.url, 2).await?;
    let path = format!("webhooks/{}/", endpoint["id"]);
    bought(&api).await?;
    for tries in 1..=8 {
        receiver.until_heard(tries).await?;
        let event = &api.all("webhook-events/").await?[0];
        if tries < 8 {
            let event = until_status(&api, &event["id"], 1).await?;
            ensure!(
                event["error_message"] == "The answer was 500 Internal Server Error.",
                "{event}"
            );
            let retries = testkit::until("the retry", PATIENCE, async || {
                let event = api.get(&format!("webhook-events/{}/", event["id"])).await?;
                Ok(match event["retry_counter"] == tries {
                    true => Ok(()),
                    false => Err(event),
                })
            });
            retries.await?;
            hurry(&stack).await?;
        } else {
            until_status(&api, &event["id"], 3).await?;
        }
    }
    let heard = receiver.heard();
    ensure!(
        heard
            .iter()
            .all(|told| told.key() == heard[0].key() && told.body == heard[0].body)
    );
    let given_up = api.get(&path).await?;
    ensure!(
        given_up["enabled"] == false && given_up["failure_count"] == 8,
        "{given_up}"
    );
    ensure!(
        given_up["warning"]
            .as_str()
            .is_some_and(|it| it.starts_with("Switched off on "))
    );

    // What ends meanwhile is not sent, and not lost.
    let parked = bought(&api).await?;
    let parked = api
        .all(&format!("webhook-events/?recap_fetch={}", parked["id"]))
        .await?;
    until_status(&api, &parked[0]["id"], 4).await?;
    receiver.answer(204);
    send(&api, Method::PATCH, &path, &json!({"enabled": true})).await?;
    until_status(&api, &parked[0]["id"], 2).await?;
    let failed = &api.all("webhook-events/?event_status=3").await?[0];
    send(
        &api,
        Method::POST,
        &format!("webhook-events/{}/replay/", failed["id"]),
        &json!({}),
    )
    .await?;
    until_status(&api, &failed["id"], 2).await?;
    let heard = receiver.until_heard(10).await?;
    ensure!(heard[9].key() == heard[0].key() && heard[9].body == heard[0].body);
    heard[9].ensure_signed(endpoint["secret"].as_str().context("a secret")?)?;
    stack.stop().await
}

/// The typed client over HTTP and any client over gRPC have the same endpoints and deliveries.
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_registered_by_the_client_and_its_delivery_sent_again_over_grpc()
-> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let client = Client::from(api.clone());
    let receiver = Receiver::start().await?;
    let made = client
        .create_webhook(&NewWebhook::enabled(&receiver.url))
        .await?;
    let id = made.webhook.id;
    let test = client.test_webhook(id).await?;
    ensure!(test.is_test && test.recap_fetch.is_none(), "{test:?}");
    receiver.until_heard(1).await?[0].ensure_signed(made.secret.expose_secret())?;

    let done = bought(&api).await?;
    let heard = receiver.until_heard(2).await?.remove(1);
    let about = WebhookEventFilter {
        recap_fetch: done["id"].as_i64(),
        webhook: Some(id),
        is_test: Some(false),
        ..WebhookEventFilter::default()
    };
    let events = client.webhook_events(about).await?;
    ensure!(
        events.len() == 1 && events[0].event_id == heard.key(),
        "{events:?}"
    );
    until_status(&api, &events[0].id.into(), 2).await?;

    let mut grpc = WebhooksClient::new(stack.grpc().await?);
    let get = sign(GetWebhookEventRequest { id: events[0].id }, &api.token)?;
    let told = grpc.get_webhook_event(get).await?.into_inner();
    ensure!(
        told.content.as_bytes() == heard.body && told.event_id == heard.key(),
        "{told:?}"
    );
    let replay = sign(ReplayWebhookEventRequest { id: told.id }, &api.token)?;
    grpc.replay_webhook_event(replay).await?;
    let again = receiver.until_heard(3).await?.remove(2);
    ensure!(again.key() == heard.key() && again.body == heard.body);

    let rotated = client.rotate_webhook_secret(id).await?;
    ensure!(rotated.webhook.previous_secret_until.is_some());
    let off = WebhookChange {
        enabled: Some(false),
        ..WebhookChange::default()
    };
    ensure!(!client.update_webhook(id, &off).await?.enabled);
    let refused = client.replay_webhook_event(told.id).await.unwrap_err();
    ensure!(refused.status() == Some(409), "{refused}");
    ensure!(client.webhooks().await? == [client.webhook(id).await?]);
    client.delete_webhook(id).await?;
    let gone = client.webhook_event(told.id).await.unwrap_err();
    ensure!(gone.status() == Some(404), "{gone}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gateway_was_sending_when_it_was_killed_is_sent_again() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let receiver = Receiver::start().await?;
    receiver.answer(NEVER);
    register(&api, &receiver.url, 2).await?;
    let done = bought(&api).await?;
    let first = receiver.until_heard(1).await?.remove(0);
    stack.kill("gateway").await?;
    receiver.answer(200);
    stack.restart("gateway").await?;
    // As if the time of the dead one were over.
    hurry(&stack).await?;
    let again = receiver.until_heard(2).await?.remove(1);
    ensure!(again.key() == first.key() && again.body == first.body);
    let event = &api.all("webhook-events/").await?[0];
    let event = until_status(&api, &event["id"], 2).await?;
    ensure!(event["retry_counter"] == 0, "nothing has failed: {event}");
    ensure!(event["recap_fetch"] == done["id"], "{event}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_while_no_gateway_runs_is_told_when_one_does() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let receiver = Receiver::start().await?;
    register(&api, &receiver.url, 2).await?;
    let done = bought(&api).await?;
    receiver.until_heard(1).await?;
    stack.kill("gateway").await?;
    // Whoever ends it, and however.
    let ended = "update fetch_requests set status = 3, state = 'failed', failure = '{\"code\": \"internal\"}'
                 where id = $1";
    let id = done["id"].as_i64().context("an id")?;
    sqlx::query(ended)
        .bind(id)
        .execute(&mut stack.database().await?)
        .await?;
    stack.restart("gateway").await?;
    let heard = receiver.until_heard(2).await?;
    ensure!(heard[1].json()?["payload"]["status"] == 3, "{heard:?}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_delays_nobody_else() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let (ann, ben) = (stack.user("ann").await?, stack.user("ben").await?);
    let (hanging, prompt) = (Receiver::start().await?, Receiver::start().await?);
    hanging.answer(NEVER);
    let anns = register(&ann, &hanging.url, 2).await?;
    let bens = register(&ben, &prompt.url, 2).await?;
    let test = async |api: &Api, endpoint: &Value| {
        let path = format!("webhooks/{}/test/", endpoint["id"]);
        send(api, Method::POST, &path, &json!({})).await
    };
    // Four at a time, three seconds each. More than may be asked for.
    let due = "insert into webhook_events (webhook_id, user_id, debug)
               select id, user_id, true from webhook_endpoints, generate_series(1, 40)
               where id = $1";
    sqlx::query(due)
        .bind(anns["id"].as_i64())
        .execute(&mut stack.database().await?)
        .await?;
    hanging.until_heard_at_least(4).await?;
    let event = test(&ben, &bens).await?;
    let told = prompt.until_heard(1).await?.remove(0);
    ensure!(hanging.heard().len() < 40, "ben's was the last");
    told.ensure_signed(bens["secret"].as_str().context("a secret")?)?;
    ensure!(told.json()?["payload"]["id"] == 0, "{told:?}");
    let event = until_status(&ben, &event["id"], 2).await?;
    ensure!(event["debug"] == true, "{event}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_manage_endpoints_by_command() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let receiver = Receiver::start().await?;
    let webhook = async |arguments: &[&str]| {
        let all: Vec<&str> = ["webhook"].iter().chain(arguments).copied().collect();
        stack.command(&all).await
    };
    let added = webhook(&["add", "ann", &receiver.url]).await?;
    let secret = added.lines().find(|line| line.starts_with("whsec_"));
    let secret = secret.with_context(|| added.clone())?;
    let endpoint = &api.all("webhooks/").await?[0];
    ensure!(endpoint["enabled"] == false && endpoint["url"] == receiver.url.as_str());
    let id = endpoint["id"].to_string();
    let (said, succeeded) = stack
        .command_with_status(&["webhook", "add", "ann", &receiver.url])
        .await?;
    ensure!(
        !succeeded && said.contains("has an endpoint for event type 3 in version 2 already"),
        "{said}"
    );
    // One that hears of what was filed is another.
    let filed = webhook(&["add", "ann", &receiver.url, "--event-type", "100"]).await?;
    ensure!(filed.contains("whsec_"), "{filed}");
    let other = &api.all("webhooks/").await?[0];
    ensure!(other["event_type"] == 100, "{other}");
    webhook(&["remove", &other["id"].to_string()]).await?;
    let (said, succeeded) = stack
        .command_with_status(&[
            "webhook",
            "add",
            "ann",
            "ftp://127.0.0.1/",
            "--version",
            "1",
        ])
        .await?;
    ensure!(
        !succeeded && said.contains("begins with https://"),
        "{said}"
    );

    webhook(&["test", &id]).await?;
    receiver.until_heard(1).await?[0].ensure_signed(secret)?;
    webhook(&["enable", &id]).await?;
    bought(&api).await?;
    let told = receiver.until_heard(2).await?.remove(1);
    let event = &api.all("webhook-events/?debug=false").await?[0];
    until_status(&api, &event["id"], 2).await?;
    let log = webhook(&["log", "--webhook", &id, "--status", "2"]).await?;
    ensure!(
        log.matches("delivered successfully").count() == 2 && log.contains("test"),
        "{log}"
    );

    let rotated = webhook(&["rotate-secret", &id]).await?;
    let new = rotated.lines().find(|line| line.starts_with("whsec_"));
    webhook(&["replay", &event["id"].to_string()]).await?;
    let again = receiver.until_heard(3).await?.remove(2);
    ensure!(again.key() == told.key() && again.body == told.body);
    again.ensure_signed(secret)?;
    again.ensure_signed(new.with_context(|| rotated.clone())?)?;

    // Whoever stole a token may have registered one.
    stack
        .command(&["token", "create", "ann", "--name", "stolen"])
        .await?;
    let stolen = number_of(&stack.command(&["token", "list", "ann"]).await?, "stolen")?;
    let revoked = stack
        .command(&["token", "revoke", &stolen.to_string()])
        .await?;
    ensure!(
        revoked.contains(&format!("  {id} {}", receiver.url)),
        "{revoked}"
    );

    webhook(&["disable", &id]).await?;
    let list = webhook(&["list", "ann"]).await?;
    ensure!(
        list.contains("disabled") && list.contains(&receiver.url),
        "{list}"
    );
    webhook(&["remove", &id]).await?;
    ensure!(api.all("webhooks/").await?.is_empty() && api.all("webhook-events/").await?.is_empty());
    let (_, succeeded) = stack
        .command_with_status(&["webhook", "remove", &id])
        .await?;
    ensure!(!succeeded);
    stack.stop().await
}
