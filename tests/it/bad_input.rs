//! Bad input gets the answers of the contract, and leaves nothing behind.

use anyhow::ensure;
use secrecy::ExposeSecret;
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
            "recap_document": ["Invalid pk \"99999\" - object does not exist. New ids on this server begin \
                at 1000000000, so this is probably one of another server, such as CourtListener. Find the docket here by \
                its court and docket number, or fetch it, and use the ids that this server gives."]
        }),
    )
    .await?;
    check(
        &api,
        &[("request_type", "2"), ("recap_document", "1000000112")],
        400,
        json!({
            "recap_document": ["Invalid pk \"1000000112\" - object does not exist."]
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

/// A guard with a wrong letter would be no guard: it is refused before anybody is logged in. What nobody
/// could have meant is ignored, as in the contract, and named.
#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_guard_is_refused_and_a_strange_field_is_named() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("hasty").await?;
    let demo = Account::demo();
    for (sent, meant) in [
        ("max_cost_cent", "max_cost_cents"),
        ("maxCostCents", "max_cost_cents"),
        ("on_dobut", "on_doubt"),
        ("line", "lane"),
    ] {
        let form = [testkit::DEMO_DOCKET, &[(sent, "1")]].concat();
        let answer = api.post(&demo, &form).await?;
        let said = answer.body[sent][0].as_str().unwrap_or_default();
        ensure!(
            answer.status == 400 && said.contains(meant),
            "{sent}: {answer:?}"
        );
        ensure!(api.quote(&form).await?.status == 400, "{sent}");
        let json = json!({"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432",
            "pacer_username": demo.username, "pacer_password": demo.password.expose_secret(), sent: 1});
        let answer = api
            .post_bytes("application/json", json.to_string().as_bytes())
            .await?;
        let said = answer.body[sent][0].as_str().unwrap_or_default();
        ensure!(
            answer.status == 400 && said.contains(meant),
            "{sent}: {answer:?}"
        );
    }
    let answer = api.log_in(&demo, &[("client_cod", "matter")]).await?;
    ensure!(answer.status == 400, "{answer:?}");
    for (query, status) in [("max_cost_cents=1", 400), ("max_cost_cent=1", 400)] {
        let path = format!("/api/rest/v4/recap-fetch/?{query}");
        let body = json!({"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432",
            "pacer_username": demo.username, "pacer_password": demo.password.expose_secret()});
        let request = api.request("POST".parse()?, &path).json(&body);
        let answer = api.send(request).await?;
        ensure!(answer.status == status, "{query}: {answer:?}");
    }
    ensure!(
        stack.simulator().logins("demo").await? == (0, 0),
        "nobody was logged in"
    );

    // An old answer that is sent back, and notes of a caller's own.
    let form = [
        testkit::DEMO_DOCKET,
        &[("status", "1"), ("foo", "x"), ("reference", "7")],
    ]
    .concat();
    let answer = api.submission(&demo, &form).send().await?;
    ensure!(answer.status() == 201, "{answer:?}");
    let ignored = answer.headers().get("pacer-fetch-ignored");
    ensure!(
        ignored.is_some_and(|names| names == "foo, reference"),
        "{ignored:?}"
    );
    let request: Value = answer.json().await?;
    let path = format!("/api/rest/v4/recap-fetch/{}/", request["id"]);
    for (query, status, named) in [
        ("?queu=1", 400, None),
        ("?queue=1&steps=1&format=json", 200, None),
        ("?queue=1&colour=red", 200, Some("colour")),
    ] {
        let request = api.request("GET".parse()?, &format!("{path}{query}"));
        let answer = request.send().await?;
        ensure!(answer.status() == status, "{query}: {answer:?}");
        let ignored = answer.headers().get("pacer-fetch-ignored");
        let ignored = ignored.map(|names| names.to_str()).transpose()?;
        ensure!(ignored == named, "{query}: {ignored:?}");
    }
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
