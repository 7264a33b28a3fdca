//! Documents that are asked for by an address, of which nothing is stored yet: what is missing on the way is
//! fetched first, and the bill is within what was quoted.

use std::time::Duration;

use anyhow::{Context, ensure};
use pacer_fetch_client::raw::Method;
use serde_json::Value;
use testkit::{Account, Api, DEMO_DOCKET, Stack};

const PATIENCE: Duration = Duration::from_secs(180);
const COURT: &str = "okwd";
const NUMBER: &str = "5:16-cv-00432";
/// A case of cand whose document 2 is a transcript of forty pages.
const RARITIES: &str = "1:20-cv-90014";

/// The court's id of a case.
async fn case_id(stack: &Stack, number: &str) -> anyhow::Result<String> {
    let cases = stack.simulator().cases_of(COURT).await?;
    let case = cases.into_iter().find(|case| case.docket_number == number);
    Ok(case.context("a case")?.pacer_case_id)
}

/// What a browser shows of a main document of the demo case that can be bought: its address.
async fn address(stack: &Stack) -> anyhow::Result<String> {
    let case = case_id(stack, NUMBER).await?;
    let id = stack
        .simulator()
        .document_number(COURT, NUMBER, false)
        .await?;
    let (court, serial) = id.split_at(3);
    // As a link to the document itself, past the menu.
    let serial = &serial[1..];
    Ok(format!(
        "https://ecf.{COURT}.uscourts.gov/doc1/{court}1{serial}?caseid={case}&magic_num=MAGIC"
    ))
}

fn document_at(url: &str) -> [(&str, &str); 2] {
    [("request_type", "2"), ("url", url)]
}

/// What was sold, in order: kinds and cents.
async fn sold(stack: &Stack) -> anyhow::Result<Vec<(String, i64)>> {
    let sales = stack.simulator().ledger().await?;
    let kind = |item: &Value| item["kind"].as_str().unwrap_or_default().to_owned();
    Ok(sales
        .iter()
        .map(|sale| (kind(&sale.item), sale.cents))
        .collect())
}

fn cents(sold: &[(String, i64)]) -> i64 {
    sold.iter().map(|(_, cents)| cents).sum()
}

async fn plan(api: &Api, request: &Value) -> anyhow::Result<Value> {
    let path = format!("recap-fetch/{}/?expand=plan", request["id"]);
    Ok(api.get(&path).await?["plan"].clone())
}

fn steps_of(quote: &Value) -> Vec<&str> {
    let steps = quote["steps"].as_array().into_iter().flatten();
    steps.filter_map(|step| step["step"].as_str()).collect()
}

/// The first step of a request.
async fn step_of(api: &Api, request: &Value) -> anyhow::Result<i64> {
    let plan = plan(api, request).await?;
    plan["steps"][0]["id"]
        .as_i64()
        .with_context(|| format!("a step: {plan}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_pasted_address_the_docket_comes_first_and_the_bill_is_as_quoted() -> anyhow::Result<()>
{
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("paster").await?;
    let url = address(&stack).await?;
    let quote = api.quote(&document_at(&url)).await?.body;
    let steps = steps_of(&quote);
    ensure!(
        steps == ["docket_report", "price_page", "document"],
        "{quote}"
    );
    ensure!(
        quote["fits"] == true && quote["at_most_cents"] == 600,
        "{quote}"
    );
    ensure!(
        quote["address"]["fetched_first"][0] == "docket_report",
        "{quote}"
    );

    let request = api.submit(&Account::demo(), &document_at(&url)).await?;
    ensure!(request["recap_document"].is_null(), "{request}");
    let said = request["message"].as_str().unwrap_or_default();
    ensure!(
        said.starts_with("Waits for the docket, which is fetched first"),
        "{request}"
    );
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let document = done["recap_document"].as_i64().context("a document")?;
    let stored = api.get(&format!("recap-documents/{document}/")).await?;
    ensure!(stored["is_available"] == true, "{stored}");

    let sales = sold(&stack).await?;
    let kinds: Vec<&str> = sales.iter().map(|(kind, _)| kind.as_str()).collect();
    ensure!(kinds == ["docket", "document"], "{sales:?}");
    ensure!(cents(&sales) <= 600, "{sales:?}");
    let plan = plan(&api, &request).await?;
    ensure!(
        plan["steps"]
            .as_array()
            .is_some_and(|steps| steps.len() == 1),
        "{plan}"
    );
    ensure!(plan["steps"][0]["state"] == "done", "{plan}");
    ensure!(plan["cost_cents"] == sales[0].1, "{plan} {sales:?}");
    stack.assert_bill_equals_ledger().await?;

    // Now it is held.
    let quote = api.quote(&document_at(&url)).await?.body;
    ensure!(
        steps_of(&quote) == ["held"] && quote["at_most_cents"] == 0,
        "{quote}"
    );
    ensure!(quote["address"]["recap_document"] == document, "{quote}");
    ensure!(quote["address"]["docket_modified"].is_string(), "{quote}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_by_its_place_takes_the_entry_and_its_menu() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("counter").await?;
    let case = case_id(&stack, NUMBER).await?;
    let documents = stack.simulator().documents(COURT, &case, false).await?;
    let attachment = documents.into_iter().find(|it| it.attachment_number > 0);
    let attachment = attachment.context("an attachment")?;
    let entry = attachment.document_number.context("a number")?.to_string();
    let number = attachment.attachment_number.to_string();
    let form = [
        ("request_type", "2"),
        ("court", COURT),
        ("docket_number", NUMBER),
        ("entry_number", &*entry),
        ("attachment_number", &*number),
    ];
    let quote = api.quote(&form).await?.body;
    let expected = [
        "case_lookup",
        "docket_report",
        "attachment_page",
        "price_page",
        "document",
    ];
    ensure!(steps_of(&quote) == expected, "{quote}");
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let document = done["recap_document"].as_i64().context("a document")?;
    let stored = api.get(&format!("recap-documents/{document}/")).await?;
    ensure!(
        stored["is_available"] == true
            && stored["attachment_number"] == attachment.attachment_number,
        "{stored}"
    );
    let sales = sold(&stack).await?;
    // One entry of the docket is one page of it.
    ensure!(
        sales.len() == 2 && sales[0] == ("docket".to_owned(), 10),
        "{sales:?}"
    );
    let plan = plan(&api, &request).await?;
    let kinds: Vec<_> = plan["steps"].as_array().into_iter().flatten().collect();
    ensure!(kinds.len() == 2 && kinds[1]["request_type"] == 3, "{plan}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// People leave the office of a court out. The docket that was bought says which case it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_says_less_than_the_stored_one_leads_to_what_was_bought() -> anyhow::Result<()>
{
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("brief").await?;
    let case = case_id(&stack, NUMBER).await?;
    let documents = stack.simulator().documents(COURT, &case, false).await?;
    let attachment = documents.into_iter().find(|it| it.attachment_number > 0);
    let attachment = attachment.context("an attachment")?;
    let entry = attachment.document_number.context("a number")?.to_string();
    let number = attachment.attachment_number.to_string();
    let form = [
        ("request_type", "2"),
        ("court", COURT),
        ("docket_number", "16-cv-432"),
        ("entry_number", &*entry),
        ("attachment_number", &*number),
    ];
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let document = done["recap_document"].as_i64().context("a document")?;
    let stored = api.get(&format!("recap-documents/{document}/")).await?;
    ensure!(
        stored["attachment_number"] == attachment.attachment_number,
        "{stored}"
    );
    let sales = sold(&stack).await?;
    ensure!(sales.len() == 2, "{sales:?}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_holds_for_the_sum_of_all_steps() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("frugal").await?;
    let mut form = vec![
        ("request_type", "2"),
        ("court", "cand"),
        ("docket_number", RARITIES),
        ("entry_number", "2"),
        ("max_cost_cents", "299"),
    ];
    // The docket alone may cost more.
    let refused = api.quote(&form).await?.body;
    ensure!(refused["fits"] == false, "{refused}");
    form[4].1 = "400";
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    // A transcript of forty pages, and the page of the docket before it.
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 3
            && said
                == "This may cost $4.10, but max_cost_cents allows only $4.00. This was not bought. \
                    What was fetched before it cost $0.10.",
        "{done}"
    );
    let sales = sold(&stack).await?;
    ensure!(sales == [("docket".to_owned(), 10)], "{sales:?}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dies_between_the_steps_costs_nothing_twice() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("victim").await?;
    let url = address(&stack).await?;
    let mut database = stack.database().await?;
    let mut hold = sqlx::Connection::begin(&mut database).await?;
    sqlx::query("lock table dockets in share row exclusive mode")
        .execute(&mut *hold)
        .await?;
    let request = api.submit(&Account::demo(), &document_at(&url)).await?;
    let step = step_of(&api, &request).await?;
    stack.wait_for_state(step, "captured", PATIENCE).await?;
    stack.kill("docket-fetcher").await?;
    stack.kill("gateway").await?;
    hold.rollback().await?;
    stack.restart("docket-fetcher").await?;
    stack.restart("gateway").await?;
    stack.wait_for_state(step, "done", PATIENCE).await?;
    // Whoever made the next step is gone as well.
    stack.kill("gateway").await?;
    stack.restart("gateway").await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let sales = sold(&stack).await?;
    ensure!(sales.len() == 2, "{sales:?}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cancels_cancels_what_comes_first_unless_it_is_bought() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("fickle").await?;
    let url = address(&stack).await?;
    let tomorrow = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let tomorrow = tomorrow.to_rfc3339();
    let form = [&document_at(&url)[..], &[("not_before", &*tomorrow)]].concat();
    let request = api.submit(&Account::demo(), &form).await?;
    let step = step_of(&api, &request).await?;
    let cancelled = cancel(&api, &request).await?;
    ensure!(cancelled["status"] == 3, "{cancelled}");
    let of_step = api.get(&format!("recap-fetch/{step}/")).await?;
    let said = of_step["message"].as_str().unwrap_or_default();
    ensure!(said.starts_with("Cancelled by its owner."), "{of_step}");

    // The docket is paid for, and not stored yet.
    let mut database = stack.database().await?;
    let mut hold = sqlx::Connection::begin(&mut database).await?;
    sqlx::query("lock table dockets in share row exclusive mode")
        .execute(&mut *hold)
        .await?;
    let request = api.submit(&Account::demo(), &document_at(&url)).await?;
    let step = step_of(&api, &request).await?;
    stack.wait_for_state(step, "captured", PATIENCE).await?;
    let cancelled = cancel(&api, &request).await?;
    ensure!(cancelled["status"] == 3, "{cancelled}");
    hold.rollback().await?;
    stack.wait_for_state(step, "done", PATIENCE).await?;
    let after = api.get(&format!("recap-fetch/{}/", request["id"])).await?;
    ensure!(after["message"] == cancelled["message"], "{after}");
    let sales = sold(&stack).await?;
    ensure!(sales.len() == 1, "{sales:?}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn cancel(api: &Api, request: &Value) -> anyhow::Result<Value> {
    let path = format!("/api/rest/v4/recap-fetch/{}/cancel/", request["id"]);
    let answer = api.send(api.request(Method::POST, &path)).await?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.body);
    Ok(answer.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_asked_twice_at_once_is_bought_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .simulator_arg("--latency-ms")
        .simulator_arg(300)
        .start()
        .await?;
    let api = stack.user("twice").await?;
    let url = address(&stack).await?;
    let account = Account::demo();
    let form = document_at(&url);
    let (one, other) = tokio::try_join!(api.submit(&account, &form), api.submit(&account, &form))?;
    for request in [one, other] {
        let done = api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let sales = sold(&stack).await?;
    ensure!(sales.len() == 2, "{sales:?}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_step_ends_with_ends_the_request() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("unlucky").await?;
    let unknown = [
        ("request_type", "2"),
        ("court", COURT),
        ("docket_number", "5:99-cv-99999"),
        ("entry_number", "1"),
    ];
    let request = api.submit(&Account::demo(), &unknown).await?;
    let done = api.wait(&request, PATIENCE).await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 3 && said.starts_with("Cannot find case by docket number"),
        "{done}"
    );
    ensure!(
        sold(&stack).await?.is_empty(),
        "nothing was there to be bought"
    );

    // The docket is there, and has no such entry.
    let docket = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    ensure!(
        api.wait(&docket, PATIENCE).await?["status"] == 2,
        "{docket}"
    );
    let beyond = [
        ("request_type", "2"),
        ("court", COURT),
        ("docket_number", NUMBER),
        ("entry_number", "99999"),
    ];
    let request = api.submit(&Account::demo(), &beyond).await?;
    let done = api.wait(&request, PATIENCE).await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 3 && said.starts_with("There is no entry 99999:"),
        "{done}"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
