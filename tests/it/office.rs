//! Offices that are letters: a docket number such as `A:20-cv-90016`, all the way.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(180);

/// A year and serial that two offices of every district court share, 1 and A.
const SHARED: &str = "20-90016";

async fn docket(api: &Api, number: &str) -> anyhow::Result<Value> {
    let form = [
        ("request_type", "1"),
        ("court", "nysd"),
        ("docket_number", number),
    ];
    Ok(api
        .wait(&api.submit(&Account::demo(), &form).await?, PATIENCE)
        .await?)
}

/// The court's ids of the dockets that were sold, in order.
async fn sold(stack: &Stack) -> anyhow::Result<Vec<String>> {
    let sales = stack.simulator().ledger().await?;
    let id = |item: &Value| item["pacer_case_id"].as_str().map(str::to_owned);
    let ids = sales.iter().map(|sale| id(&sale.item));
    ids.collect::<Option<_>>().context("a case that was sold")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_is_a_letter_is_told_from_one_that_is_a_digit() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("reader").await?;
    let cases = stack.simulator().cases_of("nysd").await?;
    let id_of = |number: &str| {
        let case = cases.iter().find(|case| case.docket_number == number);
        case.map(|case| case.pacer_case_id.clone())
            .context("a case")
    };
    let (digit, letter) = (id_of("1:20-cv-90016")?, id_of("A:20-cv-90016")?);

    // Without the office nothing is bought, and both are named.
    let done = docket(&api, SHARED).await?;
    ensure!(done["status"] == 3, "{done}");
    let message = done["message"].as_str().context("a message")?;
    ensure!(
        message.starts_with("Unable to parse pacer_case_id for docket."),
        "{message}"
    );
    for (id, number) in [(&digit, "1:20-cv-90016"), (&letter, "A:20-cv-90016")] {
        ensure!(message.contains(&format!("{id} ({number} ")), "{message}");
    }
    ensure!(sold(&stack).await?.is_empty(), "neither of two");

    // What a docket is called is read from its page in the form of the contract, which knows no
    // letter before the colon. So it is the court's id that tells the two apart.
    let mut held = Vec::new();
    for (asked, number, id) in [
        ("A:20-cv-90016", "20-cv-90016", &letter),
        ("1:20-cv-90016", "1:20-cv-90016", &digit),
        ("a:20-cv-90016", "20-cv-90016", &letter),
    ] {
        let done = docket(&api, asked).await?;
        ensure!(done["status"] == 2, "{asked}: {done}");
        let docket = done["docket"].as_i64().context("a docket")?;
        let read = api.get(&format!("dockets/{docket}/")).await?;
        ensure!(
            read["docket_number"] == number && read["pacer_case_id"] == id.as_str(),
            "{asked}: {read}"
        );
        ensure!(read["docket_number_core"] == "2090016", "{asked}: {read}");
        held.push(docket);
    }
    ensure!(
        held[0] == held[2] && held[0] != held[1],
        "two cases are two dockets: {held:?}"
    );
    // One that is held is found again, although its number alone would not do.
    let again = held[0].to_string();
    let form = [("request_type", "1"), ("docket", &*again)];
    let done = api
        .wait(&api.submit(&Account::demo(), &form).await?, PATIENCE)
        .await?;
    ensure!(done["status"] == 2 && done["docket"] == held[0], "{done}");
    let ids = sold(&stack).await?;
    ensure!(
        ids == [letter.clone(), digit, letter.clone(), letter],
        "the court sold {ids:?}"
    );

    // What is filed there is bought like anything else.
    let entries = api
        .all(&format!("docket-entries/?docket={}", held[0]))
        .await?;
    let documents = entries
        .iter()
        .filter_map(|entry| entry["recap_documents"].as_array());
    let mut ids = documents
        .flatten()
        .filter(|document| document["pacer_doc_id"] != "");
    let document = ids.next().context("a document")?["id"].to_string();
    let form = [("request_type", "2"), ("recap_document", &*document)];
    let done = api
        .wait(&api.submit(&Account::demo(), &form).await?, PATIENCE)
        .await?;
    ensure!(done["status"] == 2, "{done}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
