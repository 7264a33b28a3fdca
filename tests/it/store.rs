//! The place where bytes are kept breaks: nothing is bought that could not be kept, and what was
//! bought already is not lost.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(120);

const LOOK_EVERY: Duration = Duration::from_millis(50);

const SENTENCE: &str = "The document store cannot be written to; nothing was bought.";

/// The folder of the blobs with a file in its place: not even root writes there.
struct Broken {
    folder: PathBuf,
    away: PathBuf,
}

impl Broken {
    fn new(folder: &Path) -> anyhow::Result<Broken> {
        let broken = Broken {
            folder: folder.to_owned(),
            away: folder.with_extension("away"),
        };
        fs::rename(&broken.folder, &broken.away)?;
        fs::write(&broken.folder, "not a folder")?;
        Ok(broken)
    }

    fn mend(self) -> anyhow::Result<()> {
        fs::remove_file(&self.folder)?;
        Ok(fs::rename(&self.away, &self.folder)?)
    }
}

/// Waits until `/readyz` of a process answers like this; gives what it said.
async fn ready(stack: &mut Stack, process: &str, status: u16) -> anyhow::Result<String> {
    let admin = stack.inner().env(process)?["PACER_FETCH_ADMIN_LISTEN"].clone();
    let (http, url) = (
        pacer_fetch_client::raw::http_client(),
        format!("http://{admin}/readyz"),
    );
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = http.get(&url).send().await?;
        let (now, said) = (answer.status().as_u16(), answer.text().await?);
        if now == status {
            return Ok(said);
        }
        ensure!(
            Instant::now() < deadline,
            "{process} is not {status}: {now} {said}"
        );
        sleep(LOOK_EVERY).await;
    }
}

/// Waits until a request says this.
async fn says(api: &Api, request: &Value, sentence: &str) -> anyhow::Result<Value> {
    let id = request["id"].as_i64().context("an id")?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = api.get(&format!("recap-fetch/{id}/")).await?;
        if now["message"].as_str() == Some(sentence) {
            return Ok(now);
        }
        ensure!(Instant::now() < deadline, "it never said so: {now}");
        sleep(LOOK_EVERY).await;
    }
}

fn blobs_of(stack: &mut Stack) -> PathBuf {
    let url = stack.inner().blob_url.clone();
    PathBuf::from(url.trim_start_matches("file://"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_written_sells_nothing() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("careful").await?;
    let broken = Broken::new(&blobs_of(&mut stack))?;
    for fetcher in ["docket-fetcher", "pdf-fetcher"] {
        let said = ready(&mut stack, fetcher, 503).await?;
        ensure!(said.contains("Not a directory"), "{fetcher} says {said}");
    }

    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let waiting = says(&api, &request, SENTENCE).await?;
    ensure!(waiting["status"] == 1, "{waiting}");
    ensure!(stack.simulator().ledger().await?.is_empty(), "nothing sold");
    let intents: i64 = sqlx::query_scalar("select count(*) from purchases")
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(intents == 0, "no intent is written");

    broken.mend()?;
    ready(&mut stack, "docket-fetcher", 200).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let attempts: i32 = sqlx::query_scalar("select attempts from fetch_requests")
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(attempts == 0, "no attempt is counted, not {attempts}");
    ensure!(stack.simulator().ledger().await?.len() == 1, "sold once");
    stack.assert_bill_equals_ledger().await?;
    let told = told(&stack, "nothing is bought until this works again")?;
    ensure!(told == 1, "the log is told once, not {told} times");
    stack.stop().await
}

/// How many lines of the docket-fetcher's log have this in them.
fn told(stack: &Stack, words: &str) -> anyhow::Result<usize> {
    let log = fs::read_to_string(stack.directory().join("logs/docket-fetcher.log"))?;
    Ok(log.lines().filter(|line| line.contains(words)).count())
}

/// The store breaks while the court answers: what it sends is paid for.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_for_outlives_a_store_that_breaks() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("patient").await?;
    let slow = json!({"path": "DktRpt.pl", "method": "POST", "times": 1, "kind": "slow_body",
        "ms": 6_000});
    stack.simulator().order_fault(&slow).await?;
    let first = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let mut database = stack.database().await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let intents: i64 = sqlx::query_scalar("select count(*) from purchases")
            .fetch_one(&mut database)
            .await?;
        if intents == 1 {
            break;
        }
        ensure!(Instant::now() < deadline, "nothing is being bought");
        sleep(LOOK_EVERY).await;
    }
    let broken = Broken::new(&blobs_of(&mut stack))?;
    let deadline = Instant::now() + PATIENCE;
    while stack.simulator().ledger().await?.is_empty()
        || told(&stack, "could not record a purchase")? == 0
    {
        ensure!(Instant::now() < deadline, "nothing is being written");
        sleep(LOOK_EVERY).await;
    }
    broken.mend()?;
    let done = api.wait(&first, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(stack.simulator().ledger().await?.len() == 1, "sold once");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
