//! Documents that come in their own ways, and what they cost.

use std::time::Duration;

use anyhow::{Context, ensure};
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(180);

/// Docket, entry, and the price in cents; `None` where it does not matter.
const PECULIAR: [(&str, i64, Option<i32>); 9] = [
    // At once, in a frame, by a script.
    ("1:20-cv-90009", 1, None),
    ("1:20-cv-90009", 2, None),
    ("1:20-cv-90009", 3, None),
    // Thirty pages are paid of more.
    ("1:20-cv-90009", 5, Some(300)),
    // A transcript has no such limit.
    ("1:20-cv-90014", 2, Some(400)),
    // An opinion whose price is nothing.
    ("1:20-cv-90014", 3, Some(0)),
    // With attachments, and scanned.
    ("1:20-cv-90009", 7, None),
    ("1:20-cv-90009", 8, None),
    // Can be had only without the case.
    ("1:20-cv-90008", 12, None),
];

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_bought_once_however_they_come() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("collector").await?;
    for number in ["1:20-cv-90008", "1:20-cv-90009", "1:20-cv-90014"] {
        let form = [
            ("request_type", "1"),
            ("court", "cand"),
            ("docket_number", number),
        ];
        fetch(&api, &form).await?;
    }
    for (number, entry, cents) in PECULIAR {
        let what = format!("{number}, document {entry}");
        buy(&stack, &api, number, entry, cents)
            .await
            .context(what)?;
    }
    let sold = stack.simulator().ledger().await?;
    let free = 1;
    ensure!(
        sold.len() == 3 + PECULIAR.len() - free,
        "sold {} times",
        sold.len()
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn buy(
    stack: &Stack,
    api: &Api,
    number: &str,
    entry: i64,
    cents: Option<i32>,
) -> anyhow::Result<()> {
    let mut database = stack.database().await?;
    let id: i64 = sqlx::query_scalar(
        "select d.id from recap_documents d
         join docket_entries e on e.id = d.docket_entry_id
         join dockets k on k.id = e.docket_id
         where k.docket_number_raw like $1 || '%' and e.entry_number = $2
           and d.attachment_number is null",
    )
    .bind(number)
    .bind(entry)
    .fetch_one(&mut database)
    .await?;
    let request = fetch(
        api,
        &[("request_type", "2"), ("recap_document", &id.to_string())],
    )
    .await?;
    let billed: i32 = sqlx::query_scalar(
        "select billed_cents from purchases where request_id = $1 and state = 'captured'",
    )
    .bind(request)
    .fetch_one(&mut database)
    .await?;
    ensure!(
        cents.is_none_or(|cents| cents == billed),
        "costs {billed} cents"
    );
    Ok(())
}

async fn fetch(api: &Api, form: &[(&str, &str)]) -> anyhow::Result<i64> {
    let request = api.submit(&Account::demo(), form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    request["id"].as_i64().context("an id")
}
