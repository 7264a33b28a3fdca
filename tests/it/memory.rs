//! Large documents pass through the processes without being held by them.

use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use testkit::{Account, Api, Stack};
use tokio::time::Instant;

/// How large, how many, and how much memory for it.
struct Load {
    /// Bytes of each document.
    document_bytes: usize,
    /// Documents that are bought at the same time.
    purchases: usize,
    /// Downloads at the same time.
    downloads: usize,
    /// The most that a process may ever have had in memory, in megabytes.
    most_mb: u64,
    patience: Duration,
}

#[tokio::test(flavor = "multi_thread")]
async fn large_documents_are_never_in_memory() -> anyhow::Result<()> {
    pass_through(Load {
        document_bytes: 60_000_000,
        purchases: 4,
        downloads: 4,
        most_mb: 120,
        patience: Duration::from_secs(240),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "moves gigabytes: make bench-memory"]
async fn bench_memory_of_16_purchases_and_20_downloads() -> anyhow::Result<()> {
    pass_through(Load {
        document_bytes: 150_000_000,
        purchases: 16,
        downloads: 20,
        most_mb: 200,
        patience: Duration::from_secs(1800),
    })
    .await
}

async fn pass_through(load: Load) -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .simulator_arg("--cases")
        .simulator_arg(20)
        .simulator_arg("--document-bytes")
        .simulator_arg(load.document_bytes)
        .court_cap(16)
        .start()
        .await?;
    let api = stack.user("collector").await?;
    let documents = documents(&stack, &api, &load).await?;
    let idle = peaks(&mut stack)?;
    // What is measured is how documents come and go; who reads them has limits of its own.
    stack.kill("ocr").await?;

    let started = Instant::now();
    let requests: Vec<Value> = stream::iter(&documents)
        .map(|document| submit(&api, *document))
        .buffer_unordered(load.purchases)
        .try_collect()
        .await?;
    for request in &requests {
        let id = request["id"].as_i64().context("an id")?;
        stack.wait_for_state(id, "reading", load.patience).await?;
    }
    let bought_in = started.elapsed();
    stack.assert_bill_equals_ledger().await?;
    let bought = peaks(&mut stack)?;

    let started = Instant::now();
    let paths: Vec<String> = sqlx::query_scalar(
        "select filepath_local from recap_documents where sha256 is not null order by id",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    ensure!(paths.len() == load.purchases, "{paths:?}");
    let lengths: Vec<u64> = stream::iter(paths.iter().cycle().take(load.downloads))
        .map(|path| api.download_and_forget(path))
        .buffer_unordered(load.downloads)
        .try_collect()
        .await?;
    let given_in = started.elapsed();
    for length in lengths {
        ensure!(length >= load.document_bytes as u64, "{length} bytes came");
    }
    let given = peaks(&mut stack)?;

    println!(
        "{} purchases of {} MB at the same time in {:.1} s, {} downloads in {:.1} s",
        load.purchases,
        load.document_bytes / 1_000_000,
        bought_in.as_secs_f64(),
        load.downloads,
        given_in.as_secs_f64(),
    );
    println!(
        "{:<16}{:>10}{:>10}{:>10}",
        "most MB, after", "start", "purchases", "downloads"
    );
    let mut too_much = Vec::new();
    for (process, most) in &given {
        let at = |peaks: &BTreeMap<String, u64>| peaks.get(process).copied().unwrap_or_default();
        println!(
            "{process:<16}{:>10}{:>10}{most:>10}",
            at(&idle),
            at(&bought)
        );
        if *most > load.most_mb {
            too_much.push(process.clone());
        }
    }
    ensure!(
        too_much.is_empty(),
        "more than {} MB: {too_much:?}",
        load.most_mb
    );
    Ok(())
}

/// Documents that nobody has bought yet.
async fn documents(stack: &Stack, api: &Api, load: &Load) -> anyhow::Result<Vec<i64>> {
    for (court, number) in stack.simulator().cases(1).await? {
        let form = [
            ("request_type", "1"),
            ("court", &*court),
            ("docket_number", &*number),
        ];
        let docket = api.submit(&Account::demo(), &form).await?;
        let docket = api.wait(&docket, load.patience).await?;
        ensure!(docket["status"] == 2, "{docket}");
    }
    let documents: Vec<i64> = sqlx::query_scalar(
        "select id from recap_documents where pacer_doc_id <> '' and document_type = 1
         order by id limit $1",
    )
    .bind(i64::try_from(load.purchases)?)
    .fetch_all(&mut stack.database().await?)
    .await?;
    ensure!(documents.len() == load.purchases, "{documents:?}");
    Ok(documents)
}

async fn submit(api: &Api, document: i64) -> anyhow::Result<Value> {
    let id = document.to_string();
    let form = [("request_type", "2"), ("recap_document", &*id)];
    Ok(api.submit(&Account::demo(), &form).await?)
}

/// The most that each process of ours has ever had in memory, in megabytes.
fn peaks(stack: &mut Stack) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut peaks = BTreeMap::new();
    for (name, process) in stack.inner().processes() {
        if ["gateway", "docket-fetcher", "pdf-fetcher", "login"].contains(&name) {
            let status = fs::read_to_string(format!("/proc/{process}/status"))?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next());
            let kilobytes: u64 = kilobytes.context("VmHWM")?.parse()?;
            peaks.insert(name.to_owned(), kilobytes / 1000);
        }
    }
    Ok(peaks)
}
