//! Appellate courts' pages on the way to dockets, menus and documents, and the setting about ACMS.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(180);
/// The case of every appellate court whose filings are all different.
const FILINGS: &str = "20-90003";

async fn fetch(api: &Api, form: &[(&str, &str)]) -> anyhow::Result<Value> {
    Ok(api
        .wait(&api.submit(&Account::demo(), form).await?, PATIENCE)
        .await?)
}

async fn docket(api: &Api, court: &str, number: &str) -> anyhow::Result<Value> {
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
    ];
    fetch(api, &form).await
}

async fn of_document(api: &Api, kind: &str, document: &str) -> anyhow::Result<Value> {
    let form = [("request_type", kind), ("recap_document", document)];
    let done = fetch(api, &form).await?;
    ensure!(done["status"] == 2, "{done}");
    Ok(done)
}

/// The main document of an entry.
async fn document(stack: &Stack, docket: &Value, entry: i64) -> anyhow::Result<String> {
    let id: i64 = sqlx::query_scalar(
        "select d.id from recap_documents d
         join docket_entries e on e.id = d.docket_entry_id
         where e.docket_id = $1 and d.document_number = $2::text order by d.id limit 1",
    )
    .bind(docket["docket"].as_i64().context("a docket")?)
    .bind(entry.to_string())
    .fetch_one(&mut stack.database().await?)
    .await?;
    Ok(id.to_string())
}

async fn attempts(stack: &Stack, request: &Value) -> anyhow::Result<i32> {
    let attempts = sqlx::query_scalar("select attempts from fetch_requests where id = $1")
        .bind(request["id"].as_i64().context("an id")?)
        .fetch_one(&mut stack.database().await?)
        .await?;
    Ok(attempts)
}

/// What a court was asked with this method, with this part in it.
async fn asked(stack: &Stack, court: &str, method: &str, part: &str) -> anyhow::Result<usize> {
    let requests = stack.simulator().requests().await?;
    let is_such = |request: &&Value| {
        request["court"] == court
            && request["method"] == method
            && request["path"].as_str().unwrap_or_default().contains(part)
    };
    Ok(requests.iter().filter(is_such).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn appellate_pages_lead_on_in_the_same_attempt() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("lawyer").await?;
    let simulator = stack.simulator();

    // The browser is sent to the options of the report, by the court's own id of the case.
    let cases = simulator.cases_of("ca5").await?;
    let case = cases.iter().find(|case| case.docket_number == FILINGS);
    let id = &case.context("the case")?.pacer_case_id;
    let body = format!(
        "<html><head><meta http-equiv='REFRESH' \
         content='0;URL=TransportRoom?servlet=DocketReportFilter.jsp&caseId={id}'></head></html>"
    );
    let refresh = json!({"court": "ca5", "times": 1, "kind": "page", "body": body});
    simulator.order_fault(&refresh).await?;
    let done = docket(&api, "ca5", FILINGS).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(attempts(&stack, &done).await? == 0, "in one attempt");
    let by_id = format!("caseId={id}");
    ensure!(asked(&stack, "ca5", "GET", &by_id).await? == 1, "by its id");

    // The price is shown once more: its form is posted url-encoded, which is all it reads.
    let done = docket(&api, "ca3", FILINGS).await?;
    let price = json!({"court": "ca3", "path": "pacer=t", "times": 1, "kind": "price_page"});
    simulator.order_fault(&price).await?;
    of_document(&api, "2", &document(&stack, &done, 5).await?).await?;
    ensure!(
        asked(&stack, "ca3", "POST", "TransportRoom").await? == 1,
        "the form of the price page"
    );

    // A servlet that is not at its path is looked for where it was, for documents and menus too.
    let done = docket(&api, "ca11", FILINGS).await?;
    // The server says so by its status or, with a good one, by its page.
    let gone = json!({"court": "ca11", "path": "ShowDoc", "times": 1, "kind": "status",
        "status": 404});
    let page =
        "<html><head>\n<title>404 Not Found</title>\n</head><body><h1>Not Found</h1></body></html>";
    let gone_page = json!({"court": "ca11", "path": "ShowDoc", "times": 1, "kind": "page",
        "body": page});
    let asked_for = [
        ("2", 5, &gone),
        ("3", 6, &gone),
        ("2", 1, &gone_page),
        ("3", 7, &gone_page),
    ];
    for (kind, entry, gone) in asked_for {
        let id = document(&stack, &done, entry).await?;
        simulator.order_fault(gone).await?;
        let before = asked(&stack, "ca11", "GET", "/cmecf/").await?;
        let done = of_document(&api, kind, &id).await?;
        ensure!(attempts(&stack, &done).await? == 0, "in one attempt");
        let now = asked(&stack, "ca11", "GET", "/cmecf/").await?;
        ensure!(now > before, "{kind}: where it was");
    }
    let sold = simulator.ledger().await?.len();
    ensure!(sold == 6, "three dockets and three documents, not {sold}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_of_acms_are_asked_for_where_that_is_set() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| builder.setting("docket-fetcher", "ASK_CMECF_FOR_ACMS", "true"))
        .start()
        .await?;
    let api = stack.user("lawyer").await?;

    // The court says that it has no such case, and bills a page for that: so it is off by default.
    let done = docket(&api, "ca2", "23-90021").await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 3 && said.starts_with("Cannot find case by docket number"),
        "{done}"
    );
    ensure!(stack.simulator().ledger().await?.len() == 1, "one page");

    // What was not moved is found.
    let done = docket(&api, "ca2", "23-90025").await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(stack.simulator().ledger().await?.len() == 2, "a docket");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
