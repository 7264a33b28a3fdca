//! Buys a docket and prints what is on it.
//!
//! With the simulated courts of `make run`:
//!
//! ```sh
//! . .run/dev/env
//! cargo run --package pacer-fetch-client --example docket
//! ```

#![allow(clippy::print_stdout)] // It tells what it bought.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, ensure};
use pacer_fetch_client::{Account, Client, NewRequest};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let setting = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    let (url, token) = (setting("PACER_FETCH_URL")?, setting("PACER_FETCH_TOKEN")?);
    let client = match std::env::var_os("PACER_FETCH_CA") {
        Some(ca) => Client::trusting(&url, &token, &PathBuf::from(ca))?,
        None => Client::new(&url, &token),
    };
    print!("{}", buy(&client).await?);
    Ok(())
}

/// Buys the docket of the demonstration and the first document on it.
pub async fn buy(client: &Client) -> anyhow::Result<String> {
    let account = Account::demo();
    let wanted = NewRequest::docket("okwd", "5:16-cv-00432").max_cost_cents(300);
    let quote = client.quote(&wanted).await?;
    ensure!(quote.fits, "{}", quote.refusal.unwrap_or_default());

    let accepted = client.submit(&account, &wanted).await?;
    let done = client.wait(accepted.id, Duration::from_secs(120)).await?;
    ensure!(done.succeeded(), "{}", done.message);

    let docket = client.docket(done.docket.context("no docket")?).await?;
    let entries = client.entries(docket.id).await?;
    let parties = client.parties(docket.id).await?;
    let mut told = format!(
        "{} ({} entries, {} parties)\n",
        docket.case_name,
        entries.len(),
        parties.len()
    );

    let documents = entries.iter().flat_map(|entry| &entry.recap_documents);
    let mut sold = documents.filter(|document| !document.pacer_doc_id.is_empty());
    let first = sold.next().context("no document")?;
    let accepted = client
        .submit(&account, &NewRequest::document(first.id))
        .await?;
    let done = client.wait(accepted.id, Duration::from_secs(120)).await?;
    ensure!(done.succeeded(), "{}", done.message);
    let document = client.document(first.id).await?;
    let path = document.filepath_local.context("no file")?;
    let file = client.file(&path).await?;
    told += &format!("document {}: {} bytes\n", first.document_number, file.len());
    Ok(told)
}
