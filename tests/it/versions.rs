//! Versions side by side: the schema may be newer than a program, and a program that is newer than
//! the schema waits for it.

use std::time::Duration;

use anyhow::{Context, ensure};
use dev_stack::postgres::with_database;
use pacer_fetch_client::raw::http_client;
use testkit::{Account, DEMO_DOCKET, Stack};
use tokio::time::{Instant, sleep};

/// Everything that has a database.
const SERVICES: [&str; 4] = ["gateway", "docket-fetcher", "pdf-fetcher", "ocr"];

/// A migration that was never written: what version N+1 would leave behind.
const OF_TOMORROW: &str = "
    create table of_tomorrow (id bigint primary key);
    alter table fetch_requests add column of_tomorrow text not null default 'x';
    alter table purchases add column of_tomorrow integer;
    insert into _sqlx_migrations (version, description, success, checksum, execution_time)
    values (9999, 'of tomorrow', true, 'x', 0);";

#[tokio::test(flavor = "multi_thread")]
async fn programs_start_again_after_the_next_version_has_migrated() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("early").await?;
    sqlx::raw_sql(OF_TOMORROW)
        .execute(&mut stack.database().await?)
        .await?;
    for service in SERVICES {
        stack.restart(service).await?;
    }
    stack.inner().command(&["migrate"]).await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = api.wait(&request, Duration::from_secs(120)).await?;
    ensure!(done["status"] == 2, "{done}");
    let sold = stack.simulator().ledger().await?;
    ensure!(sold.len() == 1, "sold {} times", sold.len());
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_waits_for_a_schema_that_is_too_old_and_says_so() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    // A database of which nobody has made anything yet, for all of them.
    sqlx::raw_sql("create database nothing_yet")
        .execute(&mut stack.database().await?)
        .await?;
    let nothing_yet = with_database(stack.database_url(), "nothing_yet");
    stack.inner().database_url.clone_from(&nothing_yet);
    let told = "waiting: the database has nothing for this service yet, this version needs ";
    for service in SERVICES {
        stack.inner().stop_one(service).await?;
        let environment = stack.inner().env(service)?;
        if let Some(url) = environment.get_mut("PACER_FETCH_DATABASE_URL") {
            *url = with_database(url, "nothing_yet");
        }
        stack.inner().start_again(service)?;
    }
    for service in SERVICES {
        until_ready_says(&mut stack, service, told).await?;
        let log = std::fs::read_to_string(stack.directory().join(format!("logs/{service}.log")))?;
        ensure!(log.contains(told), "{service} has not logged it");
    }
    let refused = stack.inner().command(&["court", "show"]).await;
    let refused = format!(
        "{:#}",
        refused.err().context("an operator is told as well")?
    );
    ensure!(refused.contains("run `pacer-fetch migrate`"), "{refused}");

    // Both databases are of this one deployment.
    let migrate = ["migrate", "--share-roles"];
    stack.inner().command(&migrate).await?;
    for service in SERVICES {
        until_ready_says(&mut stack, service, "postgres: ok").await?;
    }
    let api = stack.user("early").await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = api.wait(&request, Duration::from_secs(120)).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.stop().await
}

async fn until_ready_says(stack: &mut Stack, service: &str, words: &str) -> anyhow::Result<()> {
    let admin = stack.inner().env(service)?.get("PACER_FETCH_ADMIN_LISTEN");
    let url = format!("http://{}/readyz", admin.context("an admin address")?);
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = match http_client().get(&url).send().await {
            Ok(answer) => answer.text().await?,
            Err(error) => error.to_string(),
        };
        if answer.contains(words) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{service} says {answer:?}");
        sleep(Duration::from_millis(50)).await;
    }
}
