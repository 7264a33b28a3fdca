//! Sessions end, and requests wait for the next login of their owner.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::wire::{LogInRequest, fetch_client::FetchClient};
use serde_json::Value;
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::time::{Instant, sleep};
use tonic::Code;

use crate::repeats::sign;

const PASSWORD: &str = "not-a-real-password";
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until so many requests wait for a login.
pub async fn until_waiting(stack: &Stack, count: i64) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut database = stack.database().await?;
    loop {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from fetch_requests
             where state = 'waiting' and login_until is not null",
        )
        .fetch_one(&mut database)
        .await?;
        if waiting == count {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{waiting} wait, not {count}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn hold_courts(stack: &Stack, held: bool) -> anyhow::Result<()> {
    let change = match held {
        true => "update courts set held_since = now(), held_until = null",
        false => "update courts set held_since = null",
    };
    sqlx::query(change)
        .execute(&mut stack.database().await?)
        .await?;
    Ok(())
}

/// Two accounts of one user, one of another, and room for all of them.
async fn start() -> anyhow::Result<Option<Stack>> {
    let Some(stack) = testkit::stack() else {
        return Ok(None);
    };
    let accounts = ["demo", "second"].map(|name| format!("{name}:{PASSWORD}"));
    let stack = accounts.into_iter().fold(stack, |stack, account| {
        stack.simulator_arg("--account").simulator_arg(account)
    });
    let stack = stack
        .with(|builder| {
            builder.setting("login", "LOGIN_MIN_GAP_MS", "0").setting(
                "gateway",
                "COURT_ACCOUNT_CAP",
                "8",
            )
        })
        .start()
        .await?;
    Ok(Some(stack))
}

async fn dockets(stack: &Stack, api: &Api, count: usize) -> anyhow::Result<Vec<Value>> {
    let mut requests = Vec::new();
    for (court, number) in stack.simulator().cases(count).await? {
        let form = [
            ("request_type", "1"),
            ("court", &*court),
            ("docket_number", &*number),
        ];
        requests.push(api.submit(&Account::demo(), &form).await?);
    }
    Ok(requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_survive_their_session() -> anyhow::Result<()> {
    let Some(stack) = start().await? else {
        return Ok(());
    };
    let (api, stranger) = (stack.user("owner").await?, stack.user("stranger").await?);
    hold_courts(&stack, true).await?;
    let requests = dockets(&stack, &api, 12).await?;
    let cancelled = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    stack.simulator().expire_sessions().await?;
    hold_courts(&stack, false).await?;
    until_waiting(&stack, 13).await?;

    let path = format!("recap-fetch/{}/?queue=1&steps=1", requests[0]["id"]);
    let seen = api.get(&path).await?;
    ensure!(matches!(seen["status"].as_i64(), Some(1 | 5)), "{seen}");
    let said = seen["message"].as_str().unwrap_or_default();
    ensure!(
        said.contains("log in again with the same PACER account and client code by "),
        "{said}"
    );
    ensure!(seen["queue"]["waits_for"] == "login", "{seen}");
    let by = seen["queue"]["waits_until"].as_str().context("by when")?;
    let left = DateTime::parse_from_rfc3339(by)?.to_utc() - Utc::now();
    ensure!(left > TimeDelta::hours(23), "{seen}");
    ensure!(seen["queue"]["eta_seconds"].is_null(), "{seen}");
    ensure!(seen["queue"]["position"].is_null(), "{seen}");
    let waiting = api.get("recap-fetch/login/").await?;
    ensure!(waiting == serde_json::json!({"waiting": 13}), "{waiting}");
    ensure!(stranger.get("recap-fetch/login/").await?["waiting"] == 0);

    // Nobody else's login is it, and no wrong one.
    let (right, wrong) = (Account::demo(), Account::new("demo", "not-the-password"));
    let refused = api.log_in(&wrong, &[]).await?;
    ensure!(refused.status == 400, "{refused:?}");
    let said = refused.body["non_field_errors"][0].as_str();
    ensure!(
        said.is_some_and(|said| said.starts_with("PacerLoginException: ")),
        "{refused:?}"
    );
    for (who, account, form) in [
        (&stranger, &right, &[][..]),
        (&api, &Account::new("second", PASSWORD), &[]),
        (&api, &right, &[("client_code", "matter")]),
    ] {
        let answer = who.log_in(account, form).await?;
        ensure!(answer.status == 200, "{answer:?}");
        ensure!(answer.body["taken_up"] == 0, "{answer:?}");
    }
    ensure!(stranger.anonymous().log_in(&right, &[]).await?.status == 401);
    until_waiting(&stack, 13).await?;
    let path = format!("/api/rest/v4/recap-fetch/{}/cancel/", cancelled["id"]);
    let answer = api.send(api.request("POST".parse()?, &path)).await?;
    ensure!(
        answer.status == 200 && answer.body["status"] == 3,
        "{answer:?}"
    );

    let rows = rows(&stack).await?;
    let answer = api.log_in(&right, &[]).await?;
    ensure!(
        answer.status == 200 && answer.body["taken_up"] == 12,
        "{answer:?}"
    );
    let at = |name: &str| {
        let at = answer.body[name].as_str().context("a time")?;
        anyhow::Ok(DateTime::parse_from_rfc3339(at)?.to_utc())
    };
    let (ends, renewed) = (at("session_ends")?, at("renewed_from")?);
    ensure!(ends - renewed == TimeDelta::minutes(5), "{answer:?}");
    ensure!(ends - Utc::now() > TimeDelta::minutes(56), "{answer:?}");
    let again = api.log_in(&right, &[]).await?;
    ensure!(
        again.body["taken_up"] == 0 && again.body["session_ends"] == answer.body["session_ends"],
        "{again:?}"
    );
    for request in &requests {
        let done = api.wait(request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    ensure!(rows == self::rows(&stack).await?, "a login is no request");
    ensure!(
        stack.simulator().ledger().await?.len() == 12,
        "each bought once"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn rows(stack: &Stack) -> anyhow::Result<i64> {
    let count = sqlx::query_scalar("select count(*) from fetch_requests");
    Ok(count.fetch_one(&mut stack.database().await?).await?)
}

/// Any request is a login too, and so is one over gRPC.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_logs_in_lets_requests_go_on() -> anyhow::Result<()> {
    let Some(stack) = start().await? else {
        return Ok(());
    };
    let api = stack.user("owner").await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    let mut bought = 0;
    for way in ["another request", "gRPC"] {
        hold_courts(&stack, true).await?;
        let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
        stack.simulator().expire_sessions().await?;
        hold_courts(&stack, false).await?;
        until_waiting(&stack, 1).await?;
        bought += 1;
        match way {
            "another request" => {
                api.submit(&Account::demo(), DEMO_DOCKET).await?;
            }
            _ => {
                let login = |password: &str| LogInRequest {
                    pacer_username: "demo".to_owned(),
                    pacer_password: password.to_owned(),
                    ..LogInRequest::default()
                };
                let refused = client.log_in(sign(login("wrong"), &api.token)?).await;
                let refused = refused.err().context("refused")?;
                ensure!(refused.code() == Code::InvalidArgument, "{refused}");
                ensure!(
                    refused.metadata().get("pacer-login-refusal").is_some(),
                    "{refused:?}"
                );
                let reply = client.log_in(sign(login(PASSWORD), &api.token)?).await?;
                let reply = reply.into_inner();
                ensure!(
                    reply.taken_up == 1 && reply.session_ends.is_some(),
                    "{reply:?}"
                );
            }
        }
        let done = api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{way}: {done}");
    }
    ensure!(stack.simulator().ledger().await?.len() >= bought, "bought");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Whoever guesses passwords is stopped here as at any other door, and what waits is none of theirs.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_login_alone_are_counted_with_all_others() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| {
            builder.setting("login", "LOGIN_MIN_GAP_MS", "0").setting(
                "login",
                "LOGIN_MAX_REFUSED_PER_HOUR",
                "3",
            )
        })
        .start()
        .await?;
    let api = stack.user("guesser").await?;
    for (guess, why) in [
        ("one", "credentials"),
        ("two", "credentials"),
        ("three", "credentials"),
        ("four", "too_many_logins"),
    ] {
        let account = Account::new("demo", guess);
        // By turns here and where requests are sent.
        let form = match guess {
            "two" => api.submission(&account, DEMO_DOCKET),
            _ => {
                let login = serde_json::json!({"pacer_username": "demo", "pacer_password": guess});
                let place = "/api/rest/v4/recap-fetch/login/";
                api.request("POST".parse()?, place).json(&login)
            }
        };
        let answer = form.send().await?;
        let status = if guess == "four" { 429 } else { 400 };
        ensure!(answer.status() == status, "{guess}: {answer:?}");
        let refusal = answer.headers().get("pacer-login-refusal");
        ensure!(
            refusal.is_some_and(|said| said == why),
            "{guess}: {answer:?}"
        );
    }
    ensure!(
        stack.simulator().logins("demo").await? == (0, 3),
        "PACER was asked three times"
    );
    stack.stop().await
}

/// Both the server that keeps sessions and the service that remembers them lose them.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_lost_with_nats_are_waited_for() -> anyhow::Result<()> {
    let Some(mut stack) = start().await? else {
        return Ok(());
    };
    let api = stack.user("owner").await?;
    hold_courts(&stack, true).await?;
    let requests = dockets(&stack, &api, 6).await?;
    // Who remembers them is gone as well.
    stack.kill("login").await?;
    stack.wipe_nats().await?;
    stack.restart("login").await?;
    hold_courts(&stack, false).await?;
    until_waiting(&stack, 6).await?;
    let answer = api.log_in(&Account::demo(), &[]).await?;
    ensure!(answer.body["taken_up"] == 6, "{answer:?}");
    for request in &requests {
        let done = api.wait(request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    ensure!(
        stack.simulator().ledger().await?.len() == 6,
        "each bought once"
    );
    stack.stop().await
}

/// A request that will be begun when its session is over says so at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_will_outlive_its_session_says_so() -> anyhow::Result<()> {
    let Some(stack) = start().await? else {
        return Ok(());
    };
    let api = stack.user("owner").await?;
    let later = (Utc::now() + TimeDelta::hours(3)).to_rfc3339();
    let soon = (Utc::now() + TimeDelta::minutes(10)).to_rfc3339();
    // Bulk work begins in two hours at one court, and at any time at another.
    sqlx::query(
        "update courts set
             bulk_from = (now() at time zone 'America/Chicago' + interval '2 h')::time(0),
             bulk_until = (now() at time zone 'America/Chicago' + interval '3 h')::time(0)
         where id = 'okwd'",
    )
    .execute(&mut stack.database().await?)
    .await?;
    for (form, outlives) in [
        (vec![], false),
        (vec![("not_before", soon.as_str())], false),
        (vec![("not_before", later.as_str())], true),
        (vec![("lane", "bulk")], true),
    ] {
        let form = [DEMO_DOCKET, &form].concat();
        let answer = api.submission(&Account::demo(), &form).send().await?;
        let headers = answer.headers();
        ensure!(answer.status() == 201, "{answer:?}");
        ensure!(headers.contains_key("pacer-session-ends"), "{headers:?}");
        let said = headers.get("pacer-outlives-session");
        ensure!(
            said.is_some_and(|said| said == "true") == outlives,
            "{form:?}: {headers:?}"
        );
    }
    stack.stop().await
}

/// A court may be broken, or in the hands of somebody who would have sessions end everywhere. What it shows
/// ends none, and costs no other login.
#[tokio::test(flavor = "multi_thread")]
async fn a_court_that_only_asks_to_log_in_ends_the_session_nowhere_else() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("owner").await?;
    hold_courts(&stack, true).await?;
    let at_the_bad_one = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let mut elsewhere = docket_forms(&stack, "cand", 2).await?;
    let new = elsewhere.pop().context("two cases")?;
    let old = api
        .submit(&Account::demo(), &borrowed(&elsewhere[0]))
        .await?;
    let fault = serde_json::json!({"court": "okwd", "probability": 1.0, "kind": "login_page"});
    stack.simulator().order_fault(&fault).await?;
    sqlx::query("update courts set held_since = null where id = 'okwd'")
        .execute(&mut stack.database().await?)
        .await?;
    until_waiting(&stack, 1).await?;
    hold_courts(&stack, false).await?;
    let done = api.wait(&old, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    // A new request, too, within the minute in which nobody is logged in again.
    let new = api.submit(&Account::demo(), &borrowed(&new)).await?;
    let done = api.wait(&new, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(stack.simulator().logins("demo").await?.0 == 1);
    until_waiting(&stack, 1).await?;
    let waiting = api
        .get(&format!("recap-fetch/{}/", at_the_bad_one["id"]))
        .await?;
    ensure!(waiting["status"] == 5, "{waiting}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

type Form = Vec<(&'static str, String)>;

/// Forms for so many cases of a court.
async fn docket_forms(stack: &Stack, court: &str, count: usize) -> anyhow::Result<Vec<Form>> {
    let cases = stack.simulator().cases_of(court).await?;
    let ordinary = cases
        .into_iter()
        .filter(|case| case.kind == "civil" && case.peculiarity == "none");
    let forms: Vec<Form> = ordinary
        .take(count)
        .map(|case| {
            vec![
                ("request_type", "1".to_owned()),
                ("court", court.to_owned()),
                ("docket_number", case.docket_number),
            ]
        })
        .collect();
    ensure!(
        forms.len() == count,
        "{court} has {} such cases",
        forms.len()
    );
    Ok(forms)
}

fn borrowed(form: &Form) -> Vec<(&'static str, &str)> {
    form.iter().map(|(name, value)| (*name, &**value)).collect()
}
