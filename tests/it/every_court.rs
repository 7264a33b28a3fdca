//! All courts in one simulator, each by CourtListener's id of it.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(300);

/// Courts by PACER's ids of them, as far as something can be bought there.
async fn courts(stack: &Stack) -> anyhow::Result<Vec<(String, String)>> {
    Ok(
        sqlx::query_as("select pacer_id, id from courts order by id")
            .fetch_all(&mut stack.database().await?)
            .await?,
    )
}

async fn buy(api: &Api, form: &[(&str, &str)]) -> anyhow::Result<Value> {
    let request = api.submit(&Account::demo(), form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    Ok(done)
}

/// Buys a docket by the court and its number. The contract's `court` field does not know the
/// multidistrict panel, so its dockets are bought by way of one that is held.
async fn docket(stack: &Stack, api: &Api, court: &str, number: &str) -> anyhow::Result<i64> {
    let held;
    let mut form = vec![("request_type", "1")];
    if court == "jpml" {
        held = hold_docket(stack, court, number).await?.to_string();
        form.push(("docket", &held));
    } else {
        form.extend([("court", court), ("docket_number", number)]);
    }
    let done = buy(api, &form).await?;
    done["docket"].as_i64().context("a docket")
}

async fn hold_docket(stack: &Stack, court: &str, number: &str) -> anyhow::Result<i64> {
    let id = sqlx::query_scalar(
        "insert into dockets (court_id, docket_number, docket_number_raw) values ($1, $2, $2)
         returning id",
    )
    .bind(court)
    .bind(number)
    .fetch_one(&mut stack.database().await?)
    .await?;
    Ok(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_docket_of_every_court_is_bought() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("everywhere").await?;
    let courts = courts(&stack).await?;
    ensure!(courts.len() == 205, "{} courts", courts.len());

    let failed: Vec<String> = stream::iter(&courts)
        .map(|(pacer, court)| {
            let (api, stack) = (&api, &stack);
            async move {
                match one_docket(stack, api, pacer, court).await {
                    Ok(()) => None,
                    Err(error) => Some(format!("{court}: {error:#}")),
                }
            }
        })
        .buffer_unordered(16)
        .filter_map(|failed| async move { failed })
        .collect()
        .await;
    println!(
        "{} of {} courts sold a docket",
        courts.len() - failed.len(),
        courts.len()
    );
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    ensure!(
        stack.simulator().ledger().await?.len() == courts.len(),
        "one sale a court"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn one_docket(stack: &Stack, api: &Api, pacer: &str, court: &str) -> anyhow::Result<()> {
    let cases = stack.simulator().cases_of(pacer).await?;
    let case = cases
        .iter()
        .find(|case| case.peculiarity == "none" && is_old(&case.docket_number))
        .context("an ordinary case")?;
    let docket = docket(stack, api, court, &case.docket_number).await?;
    let read = api.get(&format!("dockets/{docket}/")).await?;
    ensure!(
        read["court_id"] == court && read["docket_number"].is_string(),
        "{read}"
    );
    let entries = api.all(&format!("docket-entries/?docket={docket}")).await?;
    ensure!(!entries.is_empty(), "no entries");
    Ok(())
}

/// Two courts keep newer cases in ACMS.
fn is_old(number: &str) -> bool {
    let year = number.rsplit_once(':').map_or(number, |(_, number)| number);
    year.get(..2)
        .and_then(|year| year.parse::<u8>().ok())
        .is_some_and(|year| year < 22)
}

#[tokio::test(flavor = "multi_thread")]
async fn docket_menu_and_document_of_every_type_of_court_are_bought() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("everywhere").await?;

    // A docket of each type, and the place of an entry with several documents.
    let cases = [
        ("okwd", "1:20-cv-90009", 7),
        ("nebraskab", "1:20-bk-90009", 7),
        ("arb", "1:20-bk-90009", 7),
        ("cit", "1:20-cv-90009", 7),
        ("uscfc", "1:20-cv-90009", 7),
        ("jpml", "1:20-cv-90009", 7),
        ("ca1", "20-90003", 6),
        ("ca9", "20-90003", 6),
        ("ca10", "20-90003", 6),
        ("ca11", "20-90003", 6),
        ("cadc", "20-90003", 6),
        ("cafc", "20-90003", 6),
        ("cavc", "20-90003", 6),
    ];
    for (court, number, place) in cases {
        whole(&stack, &api, court, number, place)
            .await
            .with_context(|| court.to_owned())?;
    }
    let sold = stack.simulator().ledger().await?.len();
    ensure!(sold == 2 * cases.len(), "{sold} sales");
    println!("{} courts: docket, menu and document each", cases.len());
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn whole(
    stack: &Stack,
    api: &Api,
    court: &str,
    number: &str,
    place: usize,
) -> anyhow::Result<()> {
    let docket = docket(stack, api, court, number).await?;
    let mut entries = api.all(&format!("docket-entries/?docket={docket}")).await?;
    entries.sort_by_key(|entry| entry["recap_sequence_number"].to_string());
    // Courts without numbers go by the document, so there the place counts.
    let numbered = entries.iter().find(|entry| entry["entry_number"] == place);
    let entry = numbered.unwrap_or(&entries[place - 1]);
    let main = entry["recap_documents"][0]["id"]
        .as_i64()
        .context("a document")?;
    buy(
        api,
        &[("request_type", "3"), ("recap_document", &main.to_string())],
    )
    .await?;
    let entry = entry["id"].as_i64().context("an entry")?;
    let path = format!("recap-documents/?docket_entry={entry}&document_type=2");
    let mut attachments = api.all(&path).await?;
    ensure!(!attachments.is_empty(), "no attachments");
    attachments.sort_by_key(|attachment| attachment["attachment_number"].as_i64());
    let last = attachments
        .last()
        .and_then(|attachment| attachment["id"].as_i64())
        .context("an attachment")?;
    buy(
        api,
        &[("request_type", "2"), ("recap_document", &last.to_string())],
    )
    .await?;
    let read = api.get(&format!("recap-documents/{last}/")).await?;
    ensure!(read["is_available"] == true, "{read}");
    let path = read["filepath_local"].as_str().context("a path")?;
    ensure!(
        api.download(path).await?.starts_with(b"%PDF-"),
        "{path} is no PDF"
    );
    Ok(())
}
