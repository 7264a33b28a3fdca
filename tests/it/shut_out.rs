//! Who is shut out buys nothing more and is told nothing more, also where the door was passed before.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use dev_stack::Signal;
use fetch_bus::wire::{
    FetchRequest, SubmitRequest, SubmitResult, WatchRequest, fetch_client::FetchClient,
    submit_result::Outcome,
};
use futures_util::stream;
use serde_json::json;
use testkit::{Account, Api, Stack};
use tokio::{sync::mpsc, time::timeout};
use tonic::{Code, Status, Streaming, transport::Channel};

use crate::repeats::{demo, message, post, sign};

/// Longer than anything takes here.
const SOON: Duration = Duration::from_secs(20);

/// Nothing more is told after two seconds; the rest is for a machine that does much else.
const TOLD_WITHIN: Duration = Duration::from_secs(2 + 2);

/// A stream of requests that is open.
pub struct Sending {
    sender: mpsc::Sender<SubmitRequest>,
    answers: Streaming<SubmitResult>,
}

impl Sending {
    pub async fn open(client: &mut FetchClient<Channel>, api: &Api) -> anyhow::Result<Sending> {
        let (sender, receiver) = mpsc::channel(1);
        let sent = stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|message| (message, receiver))
        });
        let answers = client.submit_many(sign(sent, &api.token)?).await?;
        Ok(Sending {
            sender,
            answers: answers.into_inner(),
        })
    }

    /// What becomes of one more; none if the stream has ended without a word.
    pub async fn submit(
        &mut self,
        key: &str,
    ) -> anyhow::Result<Result<Option<FetchRequest>, Status>> {
        // Nothing is to be bought meanwhile.
        let tomorrow = Utc::now() + TimeDelta::hours(20);
        let message = SubmitRequest {
            not_before: Some(prost_types::Timestamp {
                seconds: tomorrow.timestamp(),
                nanos: 0,
            }),
            ..message(key)
        };
        // Whoever has ended the stream takes no more.
        let _ = self.sender.send(message).await;
        let answer = timeout(SOON, self.answers.message()).await;
        let answer = answer.context("no answer")?;
        Ok(match answer {
            Ok(None) => Ok(None),
            Ok(Some(result)) => match result.outcome.context("an outcome")? {
                Outcome::Request(request) => Ok(Some(request)),
                Outcome::Error(error) => Err(Status::new(Code::from(error.code), error.message)),
            },
            Err(status) => Err(status),
        })
    }
}

async fn rows_of(stack: &Stack, user: &str) -> anyhow::Result<i64> {
    let count = "select count(*) from fetch_requests join users on users.id = user_id
                 where users.name = $1 or users.name like '(deleted user%'";
    let mut database = stack.database().await?;
    Ok(sqlx::query_scalar(count)
        .bind(user)
        .fetch_one(&mut database)
        .await?)
}

async fn command(stack: &mut Stack, words: &str) -> anyhow::Result<String> {
    let words: Vec<&str> = words.split(' ').collect();
    stack.inner().command(&words).await
}

/// The number of a user's only token.
async fn token_of(stack: &mut Stack, user: &str) -> anyhow::Result<String> {
    let listed = command(stack, &format!("token list {user}")).await?;
    let line = listed.lines().find(|line| line.contains("first"));
    let number = line.context("a token")?.split_whitespace().next();
    Ok(number.context("its number")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_requests_ends_for_who_is_shut_out() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    for (user, verb) in [
        ("ann", "token revoke"),
        ("ben", "user deactivate"),
        ("cem", "user delete"),
    ] {
        let api = stack.user(user).await?;
        let mut sending = Sending::open(&mut client, &api).await?;
        let mut before = 0;
        if user != "cem" {
            let first = sending.submit("first").await??;
            ensure!(first.is_some(), "{user} is let in");
            before = 1;
        }
        let whom = match verb {
            "token revoke" => token_of(&mut stack, user).await?,
            _ => user.to_owned(),
        };
        command(&mut stack, &format!("{verb} {whom}")).await?;
        // At once: whatever the gateway believes of the token, nothing is written.
        for key in ["second", "third"] {
            match sending.submit(key).await? {
                Ok(None) => {}
                Err(status) => ensure!(status.code() == Code::Unauthenticated, "{status}"),
                Ok(Some(bought)) => anyhow::bail!("{user} goes on after {verb}: {bought:?}"),
            }
        }
        ensure!(rows_of(&stack, user).await? == before, "{user} has more");
    }
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_while_pacer_is_asked_buys_nothing() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .with(|builder| builder.setting("gateway", "IN_FLIGHT_PER_USER", "1"))
        .start()
        .await?;
    let tomorrow = json!({"not_before": Utc::now() + TimeDelta::hours(20)});
    // The gateway has met the login service before.
    let first = stack.user("first").await?;
    ensure!(post(&first, "k", &demo(tomorrow.clone())).await?.status == 201);
    for (user, verb) in [("ann", "token revoke"), ("ben", "user deactivate")] {
        let api = stack.user(user).await?;
        let whom = match verb {
            "token revoke" => token_of(&mut stack, user).await?,
            _ => user.to_owned(),
        };
        stack.signal("login", Signal::Stop)?;
        let (waiting, body) = (api.clone(), demo(tomorrow.clone()));
        let waiting = tokio::spawn(async move {
            loop {
                let told = post(&waiting, "k", &body).await?;
                // Whoever looks below may have had the only place.
                if told.status != 429 {
                    return anyhow::Ok(told);
                }
            }
        });
        // It has passed the door: it takes the only place that there is.
        timeout(SOON, async {
            let list = "/api/rest/v4/recap-fetch/";
            while api.request("GET".parse()?, list).send().await?.status() != 429 {}
            anyhow::Ok(())
        })
        .await
        .context("it does not come in")??;
        command(&mut stack, &format!("{verb} {whom}")).await?;
        stack.signal("login", Signal::Continue)?;
        let told = timeout(SOON, waiting).await.context("no answer")???;
        ensure!(told.status == 401, "after {verb}: {told:?}");
        ensure!(rows_of(&stack, user).await? == 0, "{user} has bought");
    }
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_watches_nothing_any_more() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    let tomorrow = json!({"not_before": Utc::now() + TimeDelta::hours(20)});
    for (user, verb) in [("ann", "token revoke"), ("ben", "user deactivate")] {
        let api = stack.user(user).await?;
        let id = post(&api, "k", &demo(tomorrow.clone())).await?.id()?;
        let watched = sign(WatchRequest { id, expand: None }, &api.token)?;
        let mut changes = client.watch(watched).await?.into_inner();
        ensure!(changes.message().await?.is_some(), "it is watched");
        let whom = match verb {
            "token revoke" => token_of(&mut stack, user).await?,
            _ => user.to_owned(),
        };
        command(&mut stack, &format!("{verb} {whom}")).await?;
        let told = timeout(TOLD_WITHIN, changes.message()).await;
        let told = told.with_context(|| format!("{user} goes on watching after {verb}"))?;
        let ended = told.err().context("it was told something")?;
        ensure!(ended.code() == Code::Unauthenticated, "{ended}");
    }
    stack.stop().await
}

/// Nothing is written by a login alone that would tell, so the door asks: whose token was believed a moment
/// ago tries no password with it.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_is_logged_in_no_more_from_that_moment_on() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let mut database = stack.database().await?;
    for (user, shut_out) in [
        (
            "ann",
            "update api_tokens set revoked = now() where user_id = $1",
        ),
        ("ben", "update users set is_active = false where id = $1"),
    ] {
        let api = stack.user(user).await?;
        let told = api.log_in(&Account::demo(), &[]).await?;
        ensure!(told.status == 200, "{told:?}");
        let id: i64 = sqlx::query_scalar("select id from users where name = $1")
            .bind(user)
            .fetch_one(&mut database)
            .await?;
        // What is believed of the token is fresh.
        let read = api.get("recap-fetch/login/").await?;
        ensure!(read["waiting"] == 0, "{read}");
        sqlx::query(shut_out)
            .bind(id)
            .execute(&mut database)
            .await?;
        let told = api.log_in(&Account::demo(), &[]).await?;
        ensure!(told.status == 401, "{told:?}");
    }
    stack.stop().await
}
