//! Who may come in, how often, and what is seen of it.

use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use fetch_bus::wire::{ListRequest, fetch_client::FetchClient};
use pacer_fetch_client::raw::http_client;
use serde_json::json;
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};
use tonic::{Code, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::repeats::{demo, message, post, sign};

/// Within this time a token that was revoked opens nothing any more, and a little for the test.
const REVOKED_WITHIN: Duration = Duration::from_millis(2_500);

async fn status(api: &Api, path: &str) -> anyhow::Result<(u16, Option<u64>, String)> {
    let request = api.request("GET".parse()?, &format!("/api/rest/v4/{path}"));
    let answer = request.send().await?;
    let later = answer.headers().get("retry-after");
    let later = later.and_then(|value| value.to_str().ok()?.parse().ok());
    Ok((answer.status().as_u16(), later, answer.text().await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_when_to_come_back() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .with(|builder| {
            builder
                .setting("gateway", "RATE_FETCH", "5/hour")
                .setting("gateway", "RATE_READ", "3/hour")
                .setting("gateway", "RATE_ANONYMOUS", "2/hour")
        })
        .start()
        .await?;
    let (ann, ben) = (stack.user("ann").await?, stack.user("ben").await?);
    // All methods share a scope, what is wrong counts as well, and what was refused at the door
    // does not.
    ensure!(status(&ann.with_token("wrong"), "recap-fetch/").await?.0 == 401);
    let wrong = post(&ann, "wrong", &json!({})).await?;
    ensure!(wrong.status == 400, "{wrong:?}");
    for path in [
        "recap-fetch/",
        "recap-fetch/1/",
        "recap-fetch/spend/",
        "recap-fetch/",
    ] {
        ensure!(status(&ann, path).await?.0 < 429, "{path}");
    }
    let (code, later, text) = status(&ann, "recap-fetch/").await?;
    let later = later.context("a Retry-After")?;
    ensure!(
        code == 429 && (700..=720).contains(&later),
        "{code} {later}"
    );
    let said = format!(
        "Request was throttled. Rate limit exceeded: 5/hour. Expected available in {later} seconds."
    );
    let told: serde_json::Value = serde_json::from_str(&text)?;
    ensure!(told == json!({"detail": said}), "{text}");
    let told = post(&ann, "more", &demo(json!({}))).await?;
    ensure!(told.status == 429, "{told:?}");
    let mut client = FetchClient::new(stack.grpc().await?);
    let refused = client.list(sign(ListRequest::default(), &ann.token)?).await;
    let refused = refused
        .err()
        .context("gRPC is another door to the same house")?;
    ensure!(refused.code() == Code::ResourceExhausted, "{refused}");
    let later = refused.metadata().get("retry-after").context("when")?;
    ensure!(later.to_str()?.parse::<u64>()? > 600, "{later:?}");

    // What was bought is another scope, and other accounts and strangers have their own.
    for _ in 0..3 {
        ensure!(status(&ann, "dockets/").await?.0 == 200);
    }
    ensure!(status(&ann, "courts/").await?.0 == 429);
    ensure!(status(&ben, "recap-fetch/").await?.0 == 200);
    ensure!(status(&ben, "dockets/").await?.0 == 200);
    let stranger = ann.anonymous();
    for _ in 0..2 {
        ensure!(status(&stranger, "courts/").await?.0 == 200);
    }
    ensure!(status(&stranger, "courts/").await?.0 == 429);
    ensure!(status(&ben, "courts/").await?.0 == 200);

    // The operator sees it, at both doors.
    let refused = |why: &str| format!("pacer_fetch_refused_calls_total{{why=\"{why}\"");
    let metrics = metrics(&mut stack, "gateway").await?;
    for (why, times) in [("unauthenticated", 1), ("throttled", 5), ("invalid", 2)] {
        let told = value_of(&metrics, &refused(why));
        ensure!(told == Some(times), "{why}: {told:?} in\n{metrics}");
    }
    stack.stop().await
}

/// What `/metrics` of a process tells.
pub async fn metrics(stack: &mut Stack, process: &str) -> anyhow::Result<String> {
    let admin = stack.inner().env(process)?["PACER_FETCH_ADMIN_LISTEN"].clone();
    let asked = http_client().get(format!("http://{admin}/metrics"));
    Ok(asked.send().await?.text().await?)
}

/// The number of the first series whose name and labels begin so.
pub fn value_of(metrics: &str, series: &str) -> Option<u64> {
    let line = metrics.lines().find(|line| line.starts_with(series))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_logins_and_locks_are_on_the_metrics() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .with(|builder| builder.setting("login", "LOGIN_MAX_REFUSED_PER_HOUR", "2"))
        .start()
        .await?;
    let api = stack.user("guesser").await?;
    let right = Account::demo();
    ensure!(api.post(&right, DEMO_DOCKET).await?.status == 201);
    for number in 0..4 {
        let wrong = Account::new(&format!("nobody-{number}"), "wrong");
        let told = api.post(&wrong, DEMO_DOCKET).await?;
        ensure!(told.status != 201, "{number}: {told:?}");
    }
    let metrics = metrics(&mut stack, "login").await?;
    for (outcome, times) in [("logged_in", 1), ("refused", 2), ("too_many_of_user", 2)] {
        let told = value_of(
            &metrics,
            &format!("pacer_fetch_logins_total{{outcome=\"{outcome}\""),
        );
        ensure!(told == Some(times), "{outcome}: {told:?} in\n{metrics}");
    }
    stack.stop().await
}

/// Each of them costs the database a look.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_tokens_are_looked_up_so_often_and_no_more() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| {
            builder
                .setting("gateway", "RATE_ANONYMOUS", "20/hour")
                .plain_front()
        })
        .start()
        .await?;
    let ann = stack.user("ann").await?;
    ensure!(status(&ann, "recap-fetch/").await?.0 == 200);
    // Also those that come at the same time.
    let guessing = (0..300).map(|number| {
        let wrong = Api::new(&ann.url, &format!("wrong-{number}"));
        async move { status(&wrong, "recap-fetch/").await }
    });
    let told = futures_util::future::try_join_all(guessing).await?;
    let looked_up = told.iter().filter(|(code, ..)| *code == 401).count();
    ensure!((20..=30).contains(&looked_up), "{looked_up} of 300");
    for (code, later, text) in &told {
        ensure!(matches!(code, 401 | 429), "{code} {text}");
        ensure!((*code == 429) == later.is_some(), "{code} {text}");
    }
    let mut client = FetchClient::connect(stack.grpc_url().to_owned()).await?;
    let refused = client.list(sign(ListRequest::default(), "wrong")?).await;
    let refused = refused.err().context("the other door")?;
    ensure!(refused.code() == Code::ResourceExhausted, "{refused}");
    // Whoever was right lately goes on, from the same address.
    ensure!(status(&ann, "recap-fetch/").await?.0 == 200);
    client
        .list(sign(ListRequest::default(), &ann.token)?)
        .await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_we_live_is_told_so_often_and_no_more() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| {
            builder
                .setting("gateway", "RATE_ANONYMOUS", "3/hour")
                .plain_front()
        })
        .start()
        .await?;
    let channel = Channel::from_shared(stack.grpc_url().to_owned())?;
    let mut health = HealthClient::new(channel.connect().await?);
    for _ in 0..3 {
        health.check(HealthCheckRequest::default()).await?;
    }
    let refused = health.check(HealthCheckRequest::default()).await;
    let refused = refused.err().context("a fourth time")?;
    ensure!(refused.code() == Code::ResourceExhausted, "{refused}");
    ensure!(refused.metadata().contains_key("retry-after"));
    stack.stop().await
}

/// Every place at both doors is held by somebody without a token, who asks for something that never
/// ends, or does not take what is answered.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_keep_nobody_out() -> anyhow::Result<()> {
    const PLACES: usize = 30;

    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| {
            builder
                .setting("gateway", "CONNECTIONS", &PLACES.to_string())
                .plain_front()
        })
        .start()
        .await?;
    let ann = stack.user("ann").await?;
    let mut watching = Vec::new();
    for _ in 0..PLACES {
        let channel = Channel::from_shared(stack.grpc_url().to_owned())?;
        let mut health = HealthClient::new(channel.connect().await?);
        let mut changes = health
            .watch(HealthCheckRequest::default())
            .await?
            .into_inner();
        ensure!(changes.message().await?.is_some());
        watching.push((health, changes));
    }
    let mut client = FetchClient::connect(stack.grpc_url().to_owned()).await?;
    client
        .list(sign(ListRequest::default(), &ann.token)?)
        .await?;

    let address = ann.url.trim_start_matches("http://");
    let mut refused = Vec::new();
    for _ in 0..PLACES {
        let mut client = h2::client::Builder::new();
        client.initial_window_size(0);
        let stream = TcpStream::connect(address).await?;
        let (send, connection) = client.handshake::<_, Bytes>(stream).await?;
        tokio::spawn(async move {
            let _ = connection.await;
        });
        let url = format!("{}/api/rest/v4/recap-fetch/", ann.url);
        let get = tonic::codegen::http::Request::get(url).body(())?;
        let (answer, _) = send.ready().await?.send_request(get, true)?;
        let answer = answer.await?;
        ensure!(answer.status() == 401, "{answer:?}");
        refused.push(answer);
    }
    ensure!(status(&ann, "recap-fetch/").await?.0 == 200);
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_reading_buys_nothing() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let full = stack.user("ann").await?;
    let made = command(&mut stack, "token create ann --name reports --read-only").await?;
    let reader = full.with_token(made.split_whitespace().last().context("a token")?);
    let tomorrow = json!({"not_before": chrono::Utc::now() + chrono::Duration::hours(20)});
    let accepted = post(&full, "one", &demo(tomorrow.clone())).await?;
    let id = accepted.id()?;

    ensure!(status(&reader, &format!("recap-fetch/{id}/")).await?.0 == 200);
    let quote = reader.quote(&[
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", "5:16-cv-00432"),
    ]);
    ensure!(quote.await?.status == 200, "a price is only a question");
    let refused = post(&reader, "two", &demo(tomorrow)).await?;
    ensure!(refused.status == 403, "{refused:?}");
    ensure!(refused.body["detail"] == "You do not have permission to perform this action.");
    let cancel = format!("/api/rest/v4/recap-fetch/{id}/cancel/");
    let cancelled = reader
        .send(reader.request("POST".parse()?, &cancel))
        .await?;
    ensure!(cancelled.status == 403, "{cancelled:?}");
    let mut client = FetchClient::new(stack.grpc().await?);
    let refused = client.submit(sign(message("three"), &reader.token)?).await;
    let refused = refused.err().context("gRPC buys for it")?;
    ensure!(refused.code() == Code::PermissionDenied, "{refused}");
    let list = client
        .list(sign(ListRequest::default(), &reader.token)?)
        .await?;
    ensure!(
        list.into_inner().requests.len() == 1,
        "only the first was accepted"
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_named_listed_and_end() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let first = stack.user("ann").await?;
    let again = command(&mut stack, "user add ann").await;
    let told = again.err().context("a second ann")?.to_string();
    ensure!(told.contains("a user named ann exists already"), "{told}");
    ensure!(told.contains("token create"), "{told}");
    let made = command(&mut stack, "token create ann --name laptop --expires-in 30").await?;
    let second = first.with_token(made.split_whitespace().last().context("a token")?);
    let again = command(&mut stack, "token create ann --name laptop").await;
    let told = again.err().context("a second laptop")?.to_string();
    ensure!(
        told.contains("a token named laptop exists already"),
        "{told}"
    );
    for api in [&first, &second] {
        ensure!(status(api, "recap-fetch/").await?.0 == 200);
    }

    // When a token was used is written down when the process ends, at the latest.
    stack.inner().stop_one("gateway").await?;
    let listed = command(&mut stack, "token list ann").await?;
    ensure!(
        listed.contains("laptop") && !listed.contains("never"),
        "{listed}"
    );
    ensure!(
        !listed.contains(&second.token) && listed.contains("until "),
        "{listed}"
    );
    stack.restart("gateway").await?;

    // Revoked, while it is being used.
    let number = number_of(&listed, "laptop")?;
    ensure!(status(&second, "recap-fetch/").await?.0 == 200);
    command(&mut stack, &format!("token revoke {number}")).await?;
    until_refused(&second, "Invalid token.", REVOKED_WITHIN).await?;
    ensure!(
        command(&mut stack, &format!("token revoke {number}"))
            .await
            .is_err()
    );
    ensure!(status(&first, "recap-fetch/").await?.0 == 200);
    let listed = command(&mut stack, "token list ann").await?;
    ensure!(listed.contains("revoked "), "{listed}");
    // Its name is free again.
    command(&mut stack, "token create ann --name laptop").await?;

    // One that ends, to the second.
    let number = number_of(&listed, "first")?;
    let end = "update api_tokens set expires = now() + interval '3 s' where id = $1";
    let mut database = stack.database().await?;
    sqlx::query(end).bind(number).execute(&mut database).await?;
    until_refused(&first, "Invalid token.", Duration::from_secs(5)).await?;

    let ben = stack.user("ben").await?;
    ensure!(status(&ben, "recap-fetch/").await?.0 == 200);
    command(&mut stack, "user deactivate ben").await?;
    until_refused(&ben, "User inactive or deleted.", REVOKED_WITHIN).await?;
    let users = command(&mut stack, "user list").await?;
    ensure!(users.contains("deactivated"), "{users}");
    command(&mut stack, "user activate ben").await?;
    let deadline = Instant::now() + REVOKED_WITHIN;
    while status(&ben, "recap-fetch/").await?.0 != 200 {
        ensure!(Instant::now() < deadline, "ben is still locked out");
    }
    stack.stop().await
}

async fn until_refused(api: &Api, sentence: &str, within: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let (code, _, text) = status(api, "recap-fetch/").await?;
        if code == 401 {
            ensure!(text.contains(sentence), "{text}");
            println!("refused after {:?}", begun.elapsed());
            return Ok(());
        }
        ensure!(begun.elapsed() < within, "{code} {text}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn command(stack: &mut Stack, words: &str) -> anyhow::Result<String> {
    let words: Vec<&str> = words.split(' ').collect();
    stack.inner().command(&words).await
}

/// The number in front of the line that has this word.
pub(crate) fn number_of(listed: &str, word: &str) -> anyhow::Result<i64> {
    let line = listed.lines().find(|line| line.contains(word));
    let number = line.context("a line")?.split_whitespace().next();
    Ok(number.context("a number")?.parse()?)
}
