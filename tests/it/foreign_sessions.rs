//! A session buys for the user and the account that it was opened for, whatever a row says.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::Utc;
use serde_json::Value;
use testkit::{Account, Api, DEMO_DOCKET, Stack};

use crate::logins_again::until_waiting;

const PASSWORD: &str = "not-a-real-password";
const PATIENCE: Duration = Duration::from_secs(60);

/// A request that is accepted now and begun much later.
async fn accepted_for_later(api: &Api, account: &Account) -> anyhow::Result<Value> {
    let later = (Utc::now() + chrono::Duration::hours(20)).to_rfc3339();
    let form = [DEMO_DOCKET, &[("not_before", &later)]].concat();
    Ok(api.submit(account, &form).await?)
}

/// What somebody writes into the row who can write rows and nothing else; then its time has come.
async fn tamper(stack: &Stack, request: &Value, with: &str, of: &Value) -> anyhow::Result<()> {
    let id = request["id"].as_i64().context("an id")?;
    let of = of["id"].as_i64().context("an id")?;
    let statement = format!(
        "update fetch_requests as own set not_before = now(), {with}
         from fetch_requests as other where own.id = $1 and other.id = $2"
    );
    let changed = sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(id)
        .bind(of)
        .execute(&mut stack.database().await?)
        .await?;
    ensure!(changed.rows_affected() == 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_session_in_a_row_buys_nothing() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .simulator_arg("--account")
        .simulator_arg(format!("demo:{PASSWORD}"))
        .simulator_arg("--account")
        .simulator_arg(format!("second:{PASSWORD}"))
        .start()
        .await?;
    let (owner, thief) = (stack.user("owner").await?, stack.user("thief").await?);
    let (demo, second) = (Account::demo(), Account::new("second", PASSWORD));
    // The session of the victim is open, and is not used meanwhile.
    let victim = accepted_for_later(&owner, &demo).await?;

    let session = "session_key = other.session_key";
    let account = "account_digest = other.account_digest";
    let all = format!("{session}, {account}");
    for (who, own, with) in [
        // Of another user and another account: as it is, and with the account to go with it.
        (&thief, &second, session),
        (&thief, &second, all.as_str()),
        // Of another account of the same user.
        (&owner, &second, session),
    ] {
        let request = accepted_for_later(who, own).await?;
        tamper(&stack, &request, with, &victim).await?;
        until_waiting(&stack, 1).await?;
        let seen = who.get(&format!("recap-fetch/{}/", request["id"])).await?;
        let said = seen["message"].as_str().unwrap_or_default();
        ensure!(said.starts_with("Cookie cache expired"), "{with}: {seen}");
        // Neither login lets it go on: the row is of neither.
        for (who, account) in [(&owner, &demo), (&thief, &second), (&owner, &second)] {
            let answer = who.log_in(account, &[]).await?;
            ensure!(answer.body["taken_up"] == 0, "{with}: {answer:?}");
        }
        let path = format!("/api/rest/v4/recap-fetch/{}/cancel/", request["id"]);
        who.send(who.request("POST".parse()?, &path)).await?;
    }
    let sold = stack.simulator().ledger().await?;
    ensure!(sold.is_empty(), "sold with a foreign session: {sold:?}");

    // Nothing else was in their way: with its own session the same request is done.
    tamper(&stack, &victim, session, &victim).await?;
    let ended = owner.wait(&victim, PATIENCE).await?;
    ensure!(ended["status"] == 2, "{ended}");
    let sold = stack.simulator().ledger().await?;
    ensure!(sold.len() == 1 && sold[0].account == "demo", "{sold:?}");
    stack.stop().await
}
