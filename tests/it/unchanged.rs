//! Dockets that are held, and need not be bought again.

use std::time::Duration;

use anyhow::ensure;
use fetch_bus::wire::{
    DocketOptions, RequestType, Status, SubmitRequest, fetch_client::FetchClient,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use testkit::{Account, Api, Stack};
use tonic::Request;

const PATIENCE: Duration = Duration::from_secs(180);

const COURT: &str = "okwd";
const NUMBER: &str = "5:16-cv-00432";
const DOCKET: [(&str, &str); 3] = [
    ("request_type", "1"),
    ("court", COURT),
    ("docket_number", NUMBER),
];

async fn ask(api: &Api, more: &[(&str, &str)]) -> anyhow::Result<Value> {
    let form = [&DOCKET[..], more].concat();
    Ok(api
        .wait(&api.submit(&Account::demo(), &form).await?, PATIENCE)
        .await?)
}

async fn sales(stack: &Stack) -> anyhow::Result<usize> {
    Ok(stack.simulator().ledger().await?.len())
}

/// Moves what was bought to a day.
async fn bought_on(stack: &Stack, moment: &str) -> anyhow::Result<()> {
    sqlx::query("update captures set date_created = $1::text::timestamptz")
        .bind(moment)
        .execute(&mut stack.database().await?)
        .await?;
    Ok(())
}

const SKIP: (&str, &str) = ("skip_if_unchanged", "true");

#[tokio::test(flavor = "multi_thread")]
async fn docket_in_which_nothing_was_filed_is_not_bought_again() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("frugal").await?;

    // Nothing is held yet: it is bought, whatever is wished.
    let parties = ("show_parties_and_counsel", "true");
    let first = ask(&api, &[parties, SKIP]).await?;
    ensure!(first["status"] == 2 && sales(&stack).await? == 1, "{first}");
    // All of the entries of the demo case are years old.
    for more in [&[parties, SKIP][..], &[SKIP]] {
        let again = ask(&api, more).await?;
        let said = again["message"].as_str().unwrap_or_default();
        ensure!(again["status"] == 2, "{again}");
        ensure!(again["docket"] == first["docket"], "{again}");
        ensure!(
            said.starts_with("Successfully completed fetch and save. Nothing was bought:"),
            "{said}"
        );
    }
    ensure!(sales(&stack).await? == 1, "bought again");

    // More than is held, or a part of it, is bought.
    let members = ("show_list_of_member_cases", "true");
    let part = ("de_date_end", "2016-12-31");
    for (bought, more) in [(2, [members, SKIP]), (3, [part, SKIP])] {
        let done = ask(&api, &more).await?;
        ensure!(done["status"] == 2, "{done}");
        ensure!(sales(&stack).await? == bought, "{done}");
    }
    // Without the wish it is bought as always.
    let done = ask(&api, &[parties]).await?;
    ensure!(
        done["message"] == "Successfully completed fetch and save.",
        "{done}"
    );
    ensure!(sales(&stack).await? == 4, "{done}");

    // Something was filed after it was bought, or perhaps.
    bought_on(&stack, "2015-06-01 12:00:00Z").await?;
    let done = ask(&api, &[parties, SKIP]).await?;
    ensure!(
        done["message"] == "Successfully completed fetch and save.",
        "{done}"
    );
    ensure!(sales(&stack).await? == 5, "{done}");

    over_grpc(&stack, &api, &first).await?;
    ensure!(sales(&stack).await? == 5, "bought over gRPC");

    let appeal = [
        ("request_type", "1"),
        ("court", "ca1"),
        ("docket_number", "16-1432"),
        SKIP,
    ];
    let answer = api.post(&Account::demo(), &appeal).await?;
    ensure!(
        answer.status == 400 && answer.body.to_string().contains("skip_if_unchanged"),
        "{}",
        answer.body
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// The other front door understands it too.
async fn over_grpc(stack: &Stack, api: &Api, first: &Value) -> anyhow::Result<()> {
    let mut client = FetchClient::new(stack.grpc().await?);
    let account = Account::demo();
    let mut request = Request::new(SubmitRequest {
        request_type: RequestType::Docket.into(),
        pacer_username: account.username.clone(),
        pacer_password: account.password.expose_secret().to_owned(),
        court: Some(COURT.to_owned()),
        docket_number: Some(NUMBER.to_owned()),
        options: Some(DocketOptions {
            show_parties_and_counsel: Some(true),
            show_terminated_parties: Some(false),
            ..DocketOptions::default()
        }),
        skip_if_unchanged: Some(true),
        ..SubmitRequest::default()
    });
    let token = format!("Token {}", api.token).parse()?;
    request.metadata_mut().insert("authorization", token);
    let accepted = client.submit(request).await?.into_inner();
    ensure!(accepted.status() == Status::Enqueued, "{accepted:?}");
    let done = api
        .wait(&serde_json::json!({"id": accepted.id}), PATIENCE)
        .await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(said.contains("Nothing was bought:"), "{done}");
    ensure!(done["docket"] == first["docket"], "{done}");
    Ok(())
}
