//! Several documents in one request: what is missing on the way is fetched first, each document by a request of its own,
//! and all within one limit.

use std::time::Duration;

use anyhow::{Context, ensure};
use pacer_fetch_client::raw::Method;
use serde_json::{Value, json};
use testkit::{Account, Api, SimulatedDocument, Stack};

const PATIENCE: Duration = Duration::from_secs(240);
const COURT: &str = "okwd";
const NUMBER: &str = "5:16-cv-00432";

/// The documents of the demo case that can be bought.
async fn documents(stack: &Stack) -> anyhow::Result<Vec<SimulatedDocument>> {
    let cases = stack.simulator().cases_of(COURT).await?;
    let case = cases.into_iter().find(|case| case.docket_number == NUMBER);
    let case = case.context("the demo case")?.pacer_case_id;
    stack.simulator().documents(COURT, &case, false).await
}

/// The entries of some of its main documents, lowest first.
async fn entries(stack: &Stack, count: usize) -> anyhow::Result<Vec<u32>> {
    let documents = documents(stack).await?;
    let mains = documents.iter().filter(|it| it.attachment_number == 0);
    let mut entries: Vec<u32> = mains.filter_map(|it| it.document_number).collect();
    entries.sort_unstable();
    entries.dedup();
    entries.truncate(count);
    ensure!(entries.len() == count, "{entries:?}");
    Ok(entries)
}

fn listed(entries: &[u32]) -> String {
    let entries: Vec<String> = entries.iter().map(u32::to_string).collect();
    entries.join(",")
}

fn form(entries: &str) -> Vec<(&str, &str)> {
    vec![
        ("request_type", "2"),
        ("court", COURT),
        ("docket_number", NUMBER),
        ("entry_number", entries),
    ]
}

async fn sold(stack: &Stack) -> anyhow::Result<(Vec<String>, i64)> {
    let sales = stack.simulator().ledger().await?;
    let kinds = sales.iter();
    let kinds = kinds.map(|sale| sale.item["kind"].as_str().unwrap_or_default().to_owned());
    Ok((kinds.collect(), sales.iter().map(|sale| sale.cents).sum()))
}

async fn plan(api: &Api, request: &Value) -> anyhow::Result<Value> {
    let path = format!("recap-fetch/{}/?expand=plan", request["id"]);
    Ok(api.get(&path).await?["plan"].clone())
}

fn said(request: &Value) -> &str {
    request["message"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docket_and_the_documents_of_some_entries_come_with_one_request() -> anyhow::Result<()>
{
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ranger").await?;
    let wanted = entries(&stack, 3).await?;
    let list = listed(&wanted);
    let quote = api.quote(&form(&list)).await?.body;
    // The docket, and three documents that nobody has seen.
    ensure!(
        quote["at_most_cents"] == 1200 && quote["fits"] == true,
        "{quote}"
    );
    let first = &quote["address"]["fetched_first"];
    ensure!(*first == json!(["docket_report"]), "{quote}");

    let request = api.submit(&Account::demo(), &form(&list)).await?;
    ensure!(
        said(&request).starts_with("Waits for the documents of entries"),
        "{request}"
    );
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(
        said(&done)
            .starts_with("Successfully completed fetch and save. 3 of 3 documents of entries"),
        "{done}"
    );
    let (kinds, cents) = sold(&stack).await?;
    ensure!(
        kinds == ["docket", "document", "document", "document"],
        "{kinds:?}"
    );
    ensure!(cents <= 1200, "{cents}");
    let plan = plan(&api, &request).await?;
    ensure!(plan["steps"].as_array().map(Vec::len) == Some(4), "{plan}");
    ensure!(plan["cost_cents"] == cents, "{plan}");
    stack.assert_bill_equals_ledger().await?;

    // Again nothing is bought.
    let quote = api.quote(&form(&list)).await?.body;
    ensure!(quote["at_most_cents"] == 0, "{quote}");
    let request = api.submit(&Account::demo(), &form(&list)).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(
        done["status"] == 2 && said(&done).contains("0 of them were fetched now"),
        "{done}"
    );
    ensure!(sold(&stack).await?.0.len() == 4, "bought again");
    // What was set aside is free again.
    let spend = api.get("recap-fetch/spend/").await?;
    ensure!(spend["budget"]["reserved_cents"] == 0, "{spend}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_attachments_of_an_entry_come_with_one_request() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("collector").await?;
    let documents = documents(&stack).await?;
    let attachment = documents.iter().find(|it| it.attachment_number > 0);
    let entry = attachment
        .and_then(|it| it.document_number)
        .context("an attachment")?;
    let text = entry.to_string();
    let mut form = form(&text);
    form.push(("attachments", "all"));
    let refused = api.quote(&form).await?;
    ensure!(
        refused.status == 400 && refused.body["max_cost_cents"].is_array(),
        "{}",
        refused.body
    );
    form.push(("max_cost_cents", "3000"));
    let quote = api.quote(&form).await?.body;
    ensure!(quote["at_most_cents"] == 3000, "{quote}");
    let first = &quote["address"]["fetched_first"];
    ensure!(
        *first == json!(["docket_report", "attachment_page"]),
        "{quote}"
    );
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let plan = plan(&api, &request).await?;
    let kinds = plan["steps"].as_array().into_iter().flatten();
    let kinds: Vec<i64> = kinds
        .filter_map(|step| step["request_type"].as_i64())
        .collect();
    ensure!(kinds[..2] == [1, 3], "{plan}");
    let path = format!("recap-documents/?docket_entry__entry_number={entry}&is_available=true");
    let stored = api.all(&path).await?;
    let of_entry = documents
        .iter()
        .filter(|it| it.document_number == Some(entry));
    ensure!(
        stored.len() >= of_entry.count(),
        "{} stored: {done}",
        stored.len()
    );
    let (_, cents) = sold(&stack).await?;
    ensure!(cents <= 3000, "{cents}");
    stack.assert_bill_equals_ledger().await?;
    // It says of which docket they are, and nothing is left to be fetched first.
    ensure!(done["docket"].is_number(), "{done}");
    let quote = api.quote(&form).await?.body;
    ensure!(quote["address"]["fetched_first"] == json!([]), "{quote}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_holds_for_the_sum_and_it_is_said_what_did_not_fit() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("careful").await?;
    let wanted = entries(&stack, 4).await?;
    let list = listed(&wanted);
    let mut form = form(&list);
    form.push(("max_cost_cents", "299"));
    let refused = api.post(&Account::demo(), &form).await?;
    ensure!(
        refused.status == 400,
        "the docket alone may cost more: {}",
        refused.body
    );
    form[4].1 = "310";
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    let (_, cents) = sold(&stack).await?;
    ensure!(cents <= 310, "{cents}: {done}");
    ensure!(
        done["status"] == 2 || said(&done).contains("max_cost_cents"),
        "{done}"
    );
    println!("{cents} cents: {}", said(&done));
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_does_not_stop_the_others() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("unlucky").await?;
    let wanted = entries(&stack, 3).await?;
    let documents = documents(&stack).await?;
    let unlucky = documents
        .iter()
        .find(|it| it.attachment_number == 0 && it.document_number == Some(wanted[1]))
        .context("a document")?;
    let serial = &unlucky.pacer_doc_id[4..];
    let refusal = "<html><body>You do not have permission to view this document.</body></html>";
    let fault = json!({"court": COURT, "path": serial, "kind": "page", "body": refusal});
    stack.simulator().order_fault(&fault).await?;
    let list = listed(&wanted);
    let request = api.submit(&Account::demo(), &form(&list)).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let not = format!("Not fetched: entry {} (", wanted[1]);
    ensure!(
        said(&done).contains("2 of 3 documents") && said(&done).contains(&not),
        "{done}"
    );
    let (kinds, _) = sold(&stack).await?;
    ensure!(kinds.len() == 3, "{kinds:?}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_cancels_all_that_has_not_begun() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("fickle").await?;
    let mut database = stack.database().await?;
    sqlx::query("update courts set held_since = now(), held_reason = 'a test'")
        .execute(&mut database)
        .await?;
    let wanted = entries(&stack, 2).await?;
    let list = listed(&wanted);
    let request = api.submit(&Account::demo(), &form(&list)).await?;
    let step = testkit::until("a step", PATIENCE, async || {
        let plan = plan(&api, &request).await?;
        let step = plan["steps"][0]["id"].as_i64();
        Ok(step.ok_or("none yet"))
    });
    let step = step.await?;
    let path = format!("/api/rest/v4/recap-fetch/{}/cancel/", request["id"]);
    let cancelled = api.send(api.request(Method::POST, &path)).await?;
    ensure!(
        cancelled.status == 200 && cancelled.body["status"] == 3,
        "{}",
        cancelled.body
    );
    let of_step = api.get(&format!("recap-fetch/{step}/")).await?;
    ensure!(of_step["status"] == 3, "{of_step}");
    ensure!(sold(&stack).await?.0.is_empty(), "nothing was bought");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_is_refused_before_anything_is_done() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("typo").await?;
    for (entries, more, field) in [
        ("20-1", None, "entry_number"),
        ("1-", None, "entry_number"),
        ("1-501", None, "entry_number"),
        ("1-2", Some(("attachment_number", "1")), "attachment_number"),
        ("1-2", Some(("request_type", "3")), "entry_number"),
        ("1", Some(("attachments", "some")), "attachments"),
    ] {
        let mut form = form(entries);
        if let Some((name, value)) = more {
            form.retain(|(known, _)| *known != name);
            form.push((name, value));
        }
        let refused = api.quote(&form).await?;
        ensure!(
            refused.status == 400 && refused.body[field].is_array(),
            "{form:?}: {}",
            refused.body
        );
    }
    stack.stop().await
}
