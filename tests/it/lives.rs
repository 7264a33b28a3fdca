//! A docket, a document with a text layer, a scan, and a menu of attachments.

use std::{process::Command, time::Duration};

use anyhow::{Context, ensure};
use secrecy::ExposeSecret;
use serde_json::Value;
use testkit::{Account, DEMO_DOCKET, Stack};

use crate::doors::{metrics, value_of};

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn a_docket_its_documents_and_a_menu() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("lawyer").await?;
    let account = Account::demo();

    let done = api
        .wait(&api.submit(&account, DEMO_DOCKET).await?, PATIENCE)
        .await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(
        done["message"] == "Successfully completed fetch and save.",
        "{done}"
    );
    let docket = done["docket"].as_i64().context("a docket")?;
    for version in ["v3", "v4"] {
        let read = api.get_at(version, &format!("dockets/{docket}/")).await?;
        ensure!(
            read["court_id"] == "okwd" && read["docket_number"] == "5:16-cv-00432",
            "{read}"
        );
    }
    ensure!(
        !api.all(&format!("attorneys/?docket={docket}"))
            .await?
            .is_empty(),
        "attorneys"
    );

    for scanned in [false, true] {
        let document = document_of_the_demo_case(&stack, docket, scanned).await?;
        let form = [
            ("request_type", "2"),
            ("recap_document", &*document.to_string()),
        ];
        let done = api
            .wait(&api.submit(&account, &form).await?, PATIENCE)
            .await?;
        ensure!(done["status"] == 2, "{done}");
        let read = api.get(&format!("recap-documents/{document}/")).await?;
        let source = if scanned { 1 } else { 2 };
        ensure!(
            read["ocr_status"] == source,
            "ocr_status {}",
            read["ocr_status"]
        );
        ensure!(
            read["plain_text"]
                .as_str()
                .is_some_and(|text| text.len() > 100),
            "its text"
        );
        let path = read["filepath_local"].as_str().context("filepath_local")?;
        let pdf = api.download(path).await?;
        ensure!(pdf.starts_with(b"%PDF-"), "the PDF");
        ensure!(read["file_size"] == pdf.len(), "file_size");
        // A second purchase is refused at the door.
        let again = api.post(&account, &form).await?;
        ensure!(again.status == 400, "{}", again.body);
    }

    let document =
        document_with_attachments(&api.all(&format!("docket-entries/?docket={docket}")).await?)?;
    let form = [
        ("request_type", "3"),
        ("recap_document", &*document.to_string()),
    ];
    let done = api
        .wait(&api.submit(&account, &form).await?, PATIENCE)
        .await?;
    ensure!(done["status"] == 2, "{done}");
    let attachments = api
        .all(&format!(
            "recap-documents/?docket_entry__docket={docket}&document_type=2"
        ))
        .await?;
    ensure!(!attachments.is_empty(), "attachments");

    // Whose network read the lines of the scan is counted; which one it is, the tests of ocr know.
    let metrics = metrics(&mut stack, "ocr").await?;
    let pages = value_of(&metrics, "pacer_fetch_recognised_pages_total{network=");
    ensure!(
        pages.is_some_and(|pages| pages > 0),
        "{pages:?} in\n{metrics}"
    );

    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// The two commands of the README, as a shell runs them.
#[tokio::test(flavor = "multi_thread")]
async fn the_two_curl_commands_work_as_written() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("shell").await?;
    let account = Account::demo();

    let first = curl(
        &stack,
        &api.token,
        &[
            "request_type=1",
            "docket_number=5:16-cv-00432",
            "court=okwd",
            &format!("pacer_username={}", account.username),
            &format!("pacer_password={}", account.password.expose_secret()),
        ],
    )?;
    let done = api.wait(&first, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(
        done["show_parties_and_counsel"] == false,
        "a form without a box leaves it out"
    );
    let docket = done["docket"].as_i64().context("a docket")?;

    let document = document_of_the_demo_case(&stack, docket, true).await?;
    let second = curl(
        &stack,
        &api.token,
        &[
            "request_type=2",
            &format!("recap_document={document}"),
            &format!("pacer_username={}", account.username),
            &format!("pacer_password={}", account.password.expose_secret()),
        ],
    )?;
    let done = api.wait(&second, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.stop().await
}

fn curl(stack: &Stack, token: &str, data: &[&str]) -> anyhow::Result<Value> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "-X", "POST"]);
    command.arg("--cacert").arg(stack.ca());
    for pair in data {
        command.args(["--data", pair]);
    }
    command.args(["--header", &format!("Authorization: Token {token}")]);
    command.arg(format!("{}/api/rest/v3/recap-fetch/", stack.http_url()));
    let output = command.output().context("curl")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A document of the demo case which is a scan, or is not.
async fn document_of_the_demo_case(
    stack: &Stack,
    docket: i64,
    scanned: bool,
) -> anyhow::Result<i64> {
    let number = stack
        .simulator()
        .document_number("okwd", "5:16-cv-00432", scanned)
        .await?;
    let id: i64 = sqlx::query_scalar(
        "select d.id from recap_documents d join docket_entries e on e.id = d.docket_entry_id
         where e.docket_id = $1 and d.pacer_doc_id = $2",
    )
    .bind(docket)
    .bind(number)
    .fetch_one(&mut stack.database().await?)
    .await?;
    Ok(id)
}

fn document_with_attachments(entries: &[Value]) -> anyhow::Result<i64> {
    entries
        .iter()
        .find(|entry| {
            entry["description"]
                .as_str()
                .unwrap_or_default()
                .contains("(Attachments:")
        })
        .and_then(|entry| entry["recap_documents"][0]["id"].as_i64())
        .context("an entry with attachments")
}
