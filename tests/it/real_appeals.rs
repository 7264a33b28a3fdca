//! Saved dockets of real appellate courts through the whole system, by their numbers.

use std::{collections::BTreeSet, path::Path, time::Duration};

use anyhow::{Context, ensure};
use serde_json::Value;
use testkit::{Account, Api};

/// Saved dockets of courts that can be bought from, each with a number of its own.
const FILES: usize = 7;

#[tokio::test(flavor = "multi_thread")]
async fn every_saved_appeal_is_bought_read_and_stored_whole() -> anyhow::Result<()> {
    let Some(corpus) = testkit::extra("corpus") else {
        return Ok(());
    };
    let corpus = corpus.join("dockets/appellate");
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .simulator_arg("--pages")
        .simulator_arg(corpus.display())
        .start()
        .await?;
    let api = stack.user("reader").await?;

    let replayed = stack.simulator().replay().await?;
    let mut whole = 0;
    for page in replayed.as_array().context("a list of pages")? {
        let court = page["court"].as_str().context("court")?;
        // The panels are none of the courts that anything is bought from.
        if court.starts_with("bap") {
            continue;
        }
        let file = page["file"].as_str().context("file")?;
        bought_whole(&api, court, Path::new(file))
            .await
            .with_context(|| file.to_owned())?;
        whole += 1;
    }
    println!("{whole} of {FILES} appeals whole");
    ensure!(whole == FILES, "{whole} appeals");
    // Saved pages show the receipts of their own day, so only the number can be compared.
    let sold = stack.simulator().ledger().await?.len();
    ensure!(sold == FILES, "{sold} sales");
    stack.stop().await
}

async fn bought_whole(api: &Api, court: &str, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file.with_extension("json"))?;
    let expected: Value = serde_json::from_str(&text)?;
    let number = expected["docket_number"].as_str().context("a number")?;
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
        ("show_parties_and_counsel", "true"),
        ("show_terminated_parties", "true"),
    ];
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, Duration::from_secs(120)).await?;
    ensure!(done["status"] == 2, "{}", done["message"]);
    let docket = done["docket"].as_i64().context("a docket")?;

    let read = api.get(&format!("dockets/{docket}/")).await?;
    for field in ["docket_number", "case_name"] {
        ensure!(read[field] == expected[field], "{field} is {}", read[field]);
    }
    ensure!(
        read["appeal_from_str"] == expected["appeal_from"]
            && read["appellate_fee_status"] == expected["fee_status"]
            && read["appellate_case_type_information"] == expected["case_type_information"],
        "what only appeals have"
    );
    let below = &expected["originating_court_information"];
    for field in ["date_filed", "date_judgment", "court_reporter"] {
        if below[field].as_str().is_some_and(|text| !text.is_empty()) {
            let stored = &read["original_court_info"][field];
            ensure!(*stored == below[field], "{field} below is {stored}");
        }
    }
    let stored = api.all(&format!("docket-entries/?docket={docket}")).await?;
    let listed = expected["docket_entries"].as_array().context("entries")?;
    ensure!(
        stored.len() == listed.len(),
        "{} entries of {}",
        stored.len(),
        listed.len()
    );
    let names = |list: &[Value]| -> BTreeSet<String> {
        list.iter()
            .filter_map(|party| party["name"].as_str().map(str::to_owned))
            .collect()
    };
    let parties = api.all(&format!("parties/?docket={docket}")).await?;
    let printed = expected["parties"].as_array().context("parties")?;
    ensure!(names(&parties) == names(printed), "parties");
    Ok(())
}
