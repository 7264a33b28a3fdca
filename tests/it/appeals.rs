//! Appeals: dockets, menus and documents of appellate courts, and the pages that stand between.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(180);
/// The case of every appellate court whose filings are all different.
const FILINGS: &str = "20-90003";

async fn docket(
    api: &Api,
    account: &Account,
    court: &str,
    number: &str,
    options: &[(&str, &str)],
) -> anyhow::Result<Value> {
    let mut form = vec![
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
        ("show_parties_and_counsel", "true"),
    ];
    form.extend(options);
    Ok(api
        .wait(&api.submit(account, &form).await?, PATIENCE)
        .await?)
}

async fn of_document(api: &Api, kind: &str, document: i64) -> anyhow::Result<Value> {
    let form = [
        ("request_type", kind),
        ("recap_document", &*document.to_string()),
    ];
    Ok(api
        .wait(&api.submit(&Account::demo(), &form).await?, PATIENCE)
        .await?)
}

/// The entries of the docket that a request brought, in the order of the docket.
async fn entries(api: &Api, done: &Value) -> anyhow::Result<Vec<Value>> {
    ensure!(done["status"] == 2, "{done}");
    let docket = done["docket"].as_i64().context("a docket")?;
    let mut entries = api.all(&format!("docket-entries/?docket={docket}")).await?;
    entries.sort_by_key(|entry| entry["recap_sequence_number"].to_string());
    Ok(entries)
}

fn document_of(entry: &Value) -> anyhow::Result<i64> {
    entry["recap_documents"][0]["id"]
        .as_i64()
        .with_context(|| format!("a document of {entry}"))
}

async fn sales(stack: &Stack) -> anyhow::Result<usize> {
    Ok(stack.simulator().ledger().await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_with_its_menu_and_documents_is_bought_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("lawyer").await?;
    let account = Account::demo();

    let done = docket(&api, &account, "ca1", "16-1432", &[]).await?;
    let read_entries = entries(&api, &done).await?;
    let id = done["docket"].as_i64().context("a docket")?;
    let read = api.get(&format!("dockets/{id}/")).await?;
    ensure!(
        read["court_id"] == "ca1" && read["docket_number"] == "16-1432",
        "{read}"
    );
    ensure!(read["docket_number_core"] == "16001432", "{read}");
    let below = &read["original_court_info"];
    ensure!(below["docket_number"].is_string(), "{read}");
    let row = below["id"].as_i64().context("the case below")?;
    let alone = api
        .get(&format!("originating-court-information/{row}/"))
        .await?;
    ensure!(alone == *below, "{alone} is not {below}");
    let appeal_from = read["appeal_from"].as_str().context("the court below")?;
    ensure!(appeal_from.contains("/courts/"), "{appeal_from}");
    let parties = api.all(&format!("parties/?docket={id}")).await?;
    let counsel = api.all(&format!("attorneys/?docket={id}")).await?;
    ensure!(!parties.is_empty() && !counsel.is_empty(), "people");

    // Document 1 has two addenda: it cannot be had before its menu.
    let main = document_of(&read_entries[0])?;
    let early = of_document(&api, "2", main).await?;
    let message = early["message"].as_str().unwrap_or_default();
    ensure!(
        early["status"] == 3 && message.contains("part of an attachment page"),
        "{early}"
    );
    let menu = of_document(&api, "3", main).await?;
    ensure!(menu["status"] == 2, "{menu}");
    let path = format!(
        "recap-documents/?docket_entry={}",
        read_entries[0]["id"].as_i64().context("an entry")?
    );
    let documents = api.all(&path).await?;
    ensure!(documents.len() == 3, "{documents:?}");
    for document in &documents {
        ensure!(document["document_type"] == 2, "{document}");
        let id = document["id"].as_i64().context("id")?;
        let done = of_document(&api, "2", id).await?;
        ensure!(done["status"] == 2, "{done}");
        let read = api.get(&format!("recap-documents/{id}/")).await?;
        ensure!(read["is_available"] == true, "{read}");
        ensure!(
            read["plain_text"]
                .as_str()
                .is_some_and(|text| text.len() > 50),
            "its text"
        );
    }
    // A document that stands alone needs no menu.
    let done = of_document(&api, "2", document_of(&read_entries[1])?).await?;
    ensure!(done["status"] == 2, "{done}");

    // The docket once more changes no entry and adds no document.
    let before = rows(&stack).await?;
    let again = docket(&api, &account, "ca1", "16-1432", &[]).await?;
    ensure!(again["docket"] == done_docket(id), "{again}");
    ensure!(rows(&stack).await? == before, "the same docket added rows");

    ensure!(sales(&stack).await? == 6, "two dockets and four documents");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

fn done_docket(id: i64) -> Value {
    Value::from(id)
}

async fn rows(stack: &Stack) -> anyhow::Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "select concat_ws('|', e.id, e.date_modified, d.id, d.document_type, d.date_modified)
         from docket_entries e left join recap_documents d on d.docket_entry_id = e.id
         order by e.id, d.id",
    )
    .fetch_all(&mut stack.database().await?)
    .await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_between_us_and_an_appeal_are_answered_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("lawyer").await?;

    // The Federal Circuit doubts links with a foreign referrer.
    let done = docket(&api, &Account::demo(), "cafc", FILINGS, &[]).await?;
    ensure!(entries(&api, &done).await?.len() >= 10, "{done}");
    let requests = stack.simulator().requests().await?;
    let posts = requests
        .iter()
        .filter(|request| request["court"] == "cafc" && request["method"] == "POST")
        .count();
    ensure!(posts == 1, "{posts} forms were posted");

    // This account is asked before a docket is charged.
    let careful = Account::new("demo-receipts", "not-a-real-password");
    let done = docket(&api, &careful, "ca4", FILINGS, &[]).await?;
    ensure!(entries(&api, &done).await?.len() >= 10, "{done}");

    // A login page in between means nothing.
    let fault = serde_json::json!({ "court": "ca6", "kind": "login_page" });
    stack.simulator().order_fault(&fault).await?;
    let done = docket(&api, &Account::demo(), "ca6", FILINGS, &[]).await?;
    ensure!(done["status"] == 2, "{done}");

    // The servlet of some courts has moved, and is looked for where it was.
    let fault = serde_json::json!({ "court": "ca7", "kind": "status", "status": 404 });
    stack.simulator().order_fault(&fault).await?;
    let done = docket(&api, &Account::demo(), "ca7", FILINGS, &[]).await?;
    ensure!(done["status"] == 2, "{done}");

    ensure!(sales(&stack).await? == 4, "one sale a docket");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_an_appeal_reach_the_court_or_are_refused_at_the_door() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("lawyer").await?;
    let account = Account::demo();

    let options = [
        ("de_date_start", "2000-01-01"),
        ("de_date_end", "2000-01-02"),
        ("show_list_of_member_cases", "true"),
    ];
    let done = docket(&api, &account, "ca3", FILINGS, &options).await?;
    ensure!(
        entries(&api, &done).await?.is_empty(),
        "no entry is that old"
    );
    let sold = stack.simulator().ledger().await?;
    let filters = sold[0].item["filters"].to_string();
    for filter in [
        "dateFrom",
        "dateTo",
        "incAssoc",
        "incPtyAty",
        "incDktEntries",
    ] {
        ensure!(filters.contains(filter), "{filter} is not in {filters}");
    }

    let refused = |form: &'static [(&'static str, &'static str)]| {
        let (api, account) = (&api, &account);
        async move {
            let answer = api.post(account, form).await?;
            ensure!(answer.status == 400, "{}", answer.body);
            Ok(answer.body.to_string())
        }
    };
    let by_id = refused(&[
        ("request_type", "1"),
        ("court", "ca3"),
        ("pacer_case_id", "12"),
    ]);
    ensure!(by_id.await?.contains("using a PACER case ID"), "case id");
    let by_number = refused(&[
        ("request_type", "1"),
        ("court", "cavc"),
        ("docket_number", FILINGS),
        ("de_number_start", "3"),
    ]);
    ensure!(
        by_number
            .await?
            .contains("filtering by number is not supported"),
        "numbers"
    );
    ensure!(sales(&stack).await? == 1, "nothing else was bought");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn appeals_that_cannot_be_had_end_with_a_sentence_and_the_right_bill() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("lawyer").await?;
    let account = Account::demo();

    // Not found is billed one page, and final.
    let done = docket(&api, &account, "ca1", "99-4321", &[]).await?;
    let message = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 3 && message.starts_with("Cannot find case by docket number"),
        "{done}"
    );
    ensure!(sales(&stack).await? == 1, "one page");
    // A sealed case is not.
    let done = docket(&api, &account, "ca1", "20-90001", &[]).await?;
    ensure!(done["status"] == 3, "{done}");
    ensure!(sales(&stack).await? == 1, "nothing for a sealed case");
    // A docket without entries is a docket, and billed.
    let done = docket(&api, &account, "ca1", "20-90002", &[]).await?;
    ensure!(entries(&api, &done).await?.is_empty(), "{done}");

    let done = docket(&api, &account, "ca1", FILINGS, &[]).await?;
    let listed = entries(&api, &done).await?;
    let before = sales(&stack).await?;
    for (entry, sentence) in [
        (2, "Unable to download PDF."),
        (3, "Document is restricted and was not fetched"),
    ] {
        let done = of_document(&api, "2", document_of(&listed[entry - 1])?).await?;
        let message = done["message"].as_str().unwrap_or_default();
        ensure!(
            done["status"] == 3 && message.contains(sentence),
            "{entry}: {done}"
        );
    }
    // Nothing that is refused is paid for.
    ensure!(sales(&stack).await? == before, "a refusal was billed");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_that_may_be_in_acms_are_refused_before_money_moves() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("lawyer").await?;
    let account = Account::demo();

    for court in ["ca2", "ca9"] {
        let done = docket(&api, &account, court, "23-90021", &[]).await?;
        let message = done["message"].as_str().unwrap_or_default();
        ensure!(
            done["status"] == 3
                && message.contains("ACMS")
                && message.contains("Nothing was bought"),
            "{done}"
        );
        ensure!(
            stack.simulator().traffic(court).await?.is_none(),
            "{court} was asked"
        );
        let done = docket(&api, &account, court, FILINGS, &[]).await?;
        ensure!(!entries(&api, &done).await?.is_empty(), "{done}");
    }
    ensure!(sales(&stack).await? == 2, "the two old cases");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answer_of_an_appellate_court_is_not_bought_again_unasked() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("lawyer").await?;
    let account = Account::demo();

    let fault = serde_json::json!({ "court": "ca8", "path": "CaseSummary", "kind": "reset" });
    stack.simulator().order_fault(&fault).await?;
    let done = docket(&api, &account, "ca8", FILINGS, &[("on_doubt", "stop")]).await?;
    let message = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 3 && message.contains("PACER may have charged"),
        "{done}"
    );
    ensure!(
        sales(&stack).await? == 1,
        "billed once, and not asked again"
    );

    // Courts without numbers go by the document's id.
    let done = docket(&api, &account, "ca8", FILINGS, &[]).await?;
    let listed = entries(&api, &done).await?;
    let first = &listed[0]["recap_documents"][0];
    ensure!(first["document_number"] == first["pacer_doc_id"], "{first}");
    ensure!(sales(&stack).await? == 2, "and once more as told");
    stack.stop().await
}
