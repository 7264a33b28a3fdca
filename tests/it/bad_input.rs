//! Bad input gets the answers of the contract, and leaves nothing behind.

use anyhow::ensure;
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_answered_and_stores_nothing() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("clumsy").await?;
    let docket = [("request_type", "1"), ("docket_number", "5:16-cv-00432")];

    check(
        &api,
        &[&docket[..], &[("court", "ala")]].concat(),
        400,
        json!({
            "court": ["Invalid pk \"ala\" - object does not exist."]
        }),
    )
    .await?;
    check(
        &api,
        &docket,
        400,
        json!({"non_field_errors": [
            "Cannot use 'docket_number' parameter without 'court' parameter."
        ]}),
    )
    .await?;
    check(
        &api,
        &[("docket_number", "1"), ("court", "okwd")],
        400,
        json!({
            "request_type": ["This field is required."]
        }),
    )
    .await?;
    let bad_date = [
        &docket[..],
        &[("court", "okwd"), ("de_date_start", "1/2/2020")],
    ]
    .concat();
    check(
        &api,
        &bad_date,
        400,
        json!({"de_date_start": [
            "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
        ]}),
    )
    .await?;
    check(
        &api,
        &[("request_type", "2"), ("recap_document", "99999")],
        400,
        json!({
            "recap_document": ["Invalid pk \"99999\" - object does not exist."]
        }),
    )
    .await?;
    check(
        &api,
        &[("request_type", "2")],
        400,
        json!({"non_field_errors": [
            "recap_document is a required field for attachment page and PDF fetches."
        ]}),
    )
    .await?;

    let wrong = Account::new(&Account::demo().username, "not-the-password");
    let answer = api
        .post(&wrong, &[&docket[..], &[("court", "okwd")]].concat())
        .await?;
    ensure!(answer.status == 400, "{}", answer.body);
    let said = answer.body["non_field_errors"][0]
        .as_str()
        .unwrap_or_default();
    ensure!(
        said.starts_with("PacerLoginException: Invalid username/password: "),
        "{said}"
    );

    let answer = api
        .post_bytes("application/json", &vec![b' '; 32 << 20])
        .await?;
    ensure!(answer.status == 413, "an oversized body: {}", answer.status);
    ensure!(answer.body["detail"].is_string(), "{}", answer.body);
    let answer = api.post_bytes("application/json", b"[]").await?;
    ensure!(answer.status == 400, "{}", answer.body);
    let answer = api.post_bytes("text/plain", b"hello").await?;
    ensure!(answer.status == 415, "{}", answer.body);
    let answer = api.anonymous().post(&Account::demo(), &docket).await?;
    ensure!(answer.status == 401, "{}", answer.body);
    ensure!(
        answer.body == json!({"detail": "Authentication credentials were not provided."}),
        "{}",
        answer.body
    );

    nothing_is_stored(&stack).await?;
    ensure!(
        stack.simulator().ledger().await?.is_empty(),
        "nothing was bought"
    );
    stack.stop().await
}

async fn check(api: &Api, form: &[(&str, &str)], status: u16, body: Value) -> anyhow::Result<()> {
    let answer = api.post(&Account::demo(), form).await?;
    ensure!(
        answer.status == status,
        "{form:?}: {} {}",
        answer.status,
        answer.body
    );
    ensure!(answer.body == body, "{form:?}: {}", answer.body);
    Ok(())
}

async fn nothing_is_stored(stack: &Stack) -> anyhow::Result<()> {
    let mut database = stack.database().await?;
    for table in ["fetch_requests", "purchases", "captures", "dockets"] {
        let sql = format!("select count(*) from {table}");
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut database)
            .await?;
        ensure!(rows == 0, "{rows} rows in {table}");
    }
    Ok(())
}

/// What a court refuses ends in a final state with a sentence, and costs what the court says.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_not_there_is_said_so() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("guesser").await?;
    let form = [
        ("request_type", "1"),
        ("docket_number", "5:99-cv-99999"),
        ("court", "okwd"),
    ];
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api
        .wait(&request, std::time::Duration::from_secs(60))
        .await?;
    ensure!(done["status"] == 3, "{done}");
    ensure!(
        done["message"]
            == "Cannot find case by docket number (perhaps it's sealed?) The court knows no case \
                with that number.",
        "{done}"
    );
    ensure!(
        stack.simulator().ledger().await?.is_empty(),
        "nothing was bought"
    );
    stack.stop().await
}
