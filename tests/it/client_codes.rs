//! Each client code of an account is a login of its own, and logins of an account have turns.

use std::time::Duration;

use anyhow::{Context, ensure};
use fetch_bus::wire::{LogInRequest, fetch_client::FetchClient};
use pacer_fetch_client::raw::Answer;
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::time::{Instant, timeout};
use tonic::Code;

use crate::repeats::sign;

const PASSWORD: &str = "not-a-real-password";

/// Between two logins of an account here.
const GAP: Duration = Duration::from_secs(4);

async fn start(changes: &[(&str, &str, &str)]) -> anyhow::Result<Option<Stack>> {
    let Some(stack) = testkit::stack() else {
        return Ok(None);
    };
    let stack = ["demo", "second"].into_iter().fold(stack, |stack, name| {
        let account = format!("{name}:{PASSWORD}");
        stack.simulator_arg("--account").simulator_arg(account)
    });
    let stack = changes.iter().fold(stack, |stack, (process, name, value)| {
        stack.with(|builder| builder.setting(process, name, value))
    });
    Ok(Some(stack.start().await?))
}

fn with_gap() -> [(&'static str, &'static str, &'static str); 2] {
    [
        ("login", "LOGIN_MIN_GAP_MS", "4000"),
        ("gateway", "IN_FLIGHT_PER_USER", "1"),
    ]
}

/// A docket booked to a matter.
fn matter(code: &'static str) -> Vec<(&'static str, &'static str)> {
    [DEMO_DOCKET, &[("client_code", code)]].concat()
}

async fn rows(stack: &Stack) -> anyhow::Result<i64> {
    let count = sqlx::query_scalar("select count(*) from fetch_requests");
    Ok(count.fetch_one(&mut stack.database().await?).await?)
}

/// Connections of gateways in the midst of a transaction in which nothing happens, and all.
async fn connections(stack: &Stack) -> anyhow::Result<(i64, i64)> {
    let counts = sqlx::query_as(
        "select count(*) filter (where state like 'idle in transaction%'
                and now() - state_change > interval '100 milliseconds'), count(*)
         from pg_stat_activity where usename like '%gateway%'",
    );
    Ok(counts.fetch_one(&mut stack.database().await?).await?)
}

/// Submits a docket for a matter, also while another call of this user is under way.
async fn book(api: Api, code: &'static str) -> anyhow::Result<Answer> {
    loop {
        let answer = api.post(&Account::demo(), &matter(code)).await?;
        let said = answer.body["detail"].as_str().unwrap_or_default();
        if !said.contains("may be in progress at once") {
            return Ok(answer);
        }
    }
}

/// Waits until a call of this user is under way, of which there may be one.
async fn until_it_waits(api: &Api) -> anyhow::Result<()> {
    let deadline = Instant::now() + GAP;
    loop {
        let path = "/api/rest/v4/recap-fetch/login/";
        let answer = api.send(api.request("GET".parse()?, path)).await?;
        if answer.status == 429 {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "nothing is under way");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_client_code_waits_for_its_turn_and_keeps_nobody_waiting() -> anyhow::Result<()> {
    let Some(stack) = start(&with_gap()).await? else {
        return Ok(());
    };
    let (firm, other) = (stack.user("firm").await?, stack.user("other").await?);
    let began = Instant::now();
    firm.submit(&Account::demo(), &matter("one")).await?;
    let second = tokio::spawn(book(firm.clone(), "two"));
    // It counts as a call under way, and somebody else's goes past it.
    until_it_waits(&firm).await?;
    let account = Account::new("second", PASSWORD);
    other.submit(&account, DEMO_DOCKET).await?;
    let (in_transaction, all) = connections(&stack).await?;
    ensure!(in_transaction == 0 && all > 0, "{in_transaction} of {all}");
    ensure!(!second.is_finished(), "it still waits");
    let second = second.await??;
    ensure!(second.status == 201, "{second:?}");
    ensure!(began.elapsed() >= GAP, "{:?}", began.elapsed());
    ensure!(stack.simulator().logins("demo").await? == (2, 0));
    ensure!(rows(&stack).await? == 3);
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_waits_no_more_and_nobody_is_logged_in() -> anyhow::Result<()> {
    let Some(stack) = start(&with_gap()).await? else {
        return Ok(());
    };
    let firm = stack.user("firm").await?;
    firm.submit(&Account::demo(), &matter("one")).await?;
    let first = Instant::now();
    let waiting = tokio::spawn(book(firm.clone(), "two"));
    until_it_waits(&firm).await?;
    waiting.abort();
    // Its place among the calls under way is free long before its turn comes.
    let path = "/api/rest/v4/recap-fetch/login/";
    loop {
        let answer = firm.send(firm.request("GET".parse()?, path)).await?;
        if answer.status == 200 {
            break;
        }
        ensure!(first.elapsed() < GAP, "it is still under way");
    }
    // The turn is there for somebody else, whose login comes after it.
    firm.submit(&Account::demo(), &matter("three")).await?;
    ensure!(first.elapsed() + Duration::from_millis(500) >= GAP);
    ensure!(stack.simulator().logins("demo").await? == (2, 0));
    ensure!(rows(&stack).await? == 2, "none of who hung up");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_is_far_away_is_told_and_not_waited_for() -> anyhow::Result<()> {
    let Some(stack) = start(&[("login", "LOGIN_MAX_PER_HOUR", "1")]).await? else {
        return Ok(());
    };
    let firm = stack.user("firm").await?;
    firm.submit(&Account::demo(), &matter("one")).await?;
    let soon = Duration::from_secs(20);
    let second = firm.submission(&Account::demo(), &matter("two")).send();
    let answer = timeout(soon, second).await.context("it waits")??;
    ensure!(answer.status() == 429, "{answer:?}");
    let header = |name: &str| answer.headers().get(name)?.to_str().ok();
    ensure!(header("pacer-login-refusal") == Some("too_many_logins"));
    let after: u64 = header("retry-after").context("when")?.parse()?;
    ensure!((3500..=3601).contains(&after), "{after}");
    let said: serde_json::Value = answer.json().await?;
    let said = said["detail"].as_str().context("a sentence")?;
    for words in [
        "PacerLoginException: A PACER account is logged in at most once every 60 seconds and 1 times",
        &format!("try again in {after} seconds"),
        "PACER_FETCH_LOGIN_MAX_PER_HOUR",
    ] {
        ensure!(said.contains(words), "{said}");
    }

    let mut client = FetchClient::new(stack.grpc().await?);
    let login = LogInRequest {
        pacer_username: Account::demo().username,
        pacer_password: PASSWORD.to_owned(),
        client_code: Some("two".to_owned()),
        ..LogInRequest::default()
    };
    let login = client.log_in(sign(login, &firm.token)?);
    let refused = timeout(soon, login).await.context("it waits")?;
    let refused = refused.err().context("refused")?;
    ensure!(refused.code() == Code::ResourceExhausted, "{refused}");
    ensure!(refused.metadata().contains_key("retry-after"));
    ensure!(stack.simulator().logins("demo").await? == (1, 0));
    ensure!(rows(&stack).await? == 1);
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_code_is_not_kept_until_it_is_no_good() -> anyhow::Result<()> {
    let Some(stack) = start(&with_gap()).await? else {
        return Ok(());
    };
    let firm = stack.user("firm").await?;
    firm.submit(&Account::demo(), &matter("one")).await?;
    let code = [&matter("two")[..], &[("otp_code", "123456")]].concat();
    let answer = firm.post(&Account::demo(), &code).await?;
    ensure!(answer.status == 429, "{answer:?}");
    ensure!(stack.simulator().logins("demo").await? == (1, 0));
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_may_be_logged_in_more_often_than_others() -> anyhow::Result<()> {
    let Some(stack) = start(&[("login", "LOGIN_LIMITS_OF", "demo:0:3")]).await? else {
        return Ok(());
    };
    let firm = stack.user("firm").await?;
    let began = Instant::now();
    for code in ["one", "two", "three"] {
        firm.submit(&Account::demo(), &matter(code)).await?;
    }
    ensure!(began.elapsed() < Duration::from_secs(45), "it waited");
    let fourth = firm.post(&Account::demo(), &matter("four")).await?;
    ensure!(fourth.status == 429, "{fourth:?}");
    let said = fourth.body["detail"].as_str().unwrap_or_default();
    // Nothing of what this account is allowed.
    ensure!(
        said.contains("unless the operator allows it more"),
        "{said}"
    );
    ensure!(!said.contains("every 0 seconds and 3 times"), "{said}");
    ensure!(stack.simulator().logins("demo").await? == (3, 0));
    stack.stop().await
}
