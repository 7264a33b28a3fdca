//! The second front door: the same service over gRPC.

use std::time::Duration;

use anyhow::{Context, ensure};
use fetch_bus::wire::{
    GetRequest, RequestType, Status, SubmitRequest, WatchRequest, fetch_client::FetchClient,
};
use futures_util::StreamExt;
use secrecy::ExposeSecret;
use testkit::Account;
use tokio::time::timeout;
use tonic::{Code, Request, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn submit_get_and_watch_work_over_grpc() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("caller").await?;
    let channel = stack.grpc().await?;
    let mut client = FetchClient::new(channel.clone());

    let anonymous = client.submit(demo(&Account::demo())).await.unwrap_err();
    ensure!(anonymous.code() == Code::Unauthenticated, "{anonymous}");
    let wrong = Account::new(&Account::demo().username, "not-the-password");
    let refused = client
        .submit(signed(demo(&wrong), &api.token)?)
        .await
        .unwrap_err();
    ensure!(refused.code() == Code::InvalidArgument, "{refused}");
    ensure!(
        refused.message().contains("PacerLoginException"),
        "{refused}"
    );
    let incomplete = SubmitRequest {
        court: None,
        ..demo(&Account::demo())
    };
    let refused = client
        .submit(signed(incomplete, &api.token)?)
        .await
        .unwrap_err();
    ensure!(
        refused.message().contains("without 'court' parameter"),
        "{refused}"
    );

    // A second login of the account would come too soon after the refused one.
    let other = Account::new("demo-filer", Account::demo().password.expose_secret());
    let accepted = client
        .submit(signed(demo(&other), &api.token)?)
        .await?
        .into_inner();
    ensure!(accepted.status() == Status::Enqueued, "{accepted:?}");
    let watched = WatchRequest {
        id: accepted.id,
        expand: None,
    };
    let mut changes = client
        .watch(signed(watched, &api.token)?)
        .await?
        .into_inner();
    let mut seen = Vec::new();
    while let Some(change) = timeout(PATIENCE, changes.next())
        .await
        .context("no more changes")?
    {
        seen.push(change?.status());
    }
    ensure!(seen.last() == Some(&Status::Successful), "{seen:?}");

    let got = client
        .get(signed(
            GetRequest {
                id: accepted.id,
                ..GetRequest::default()
            },
            &api.token,
        )?)
        .await?
        .into_inner();
    ensure!(
        got.status() == Status::Successful && got.docket.is_some(),
        "{got:?}"
    );
    let same = api.get(&format!("recap-fetch/{}/", accepted.id)).await?;
    ensure!(
        same["docket"].as_i64() == got.docket,
        "both doors tell the same: {same}"
    );
    let stranger = stack.user("stranger").await?;
    let asked = signed(
        GetRequest {
            id: accepted.id,
            ..GetRequest::default()
        },
        &stranger.token,
    )?;
    let foreign = client.get(asked).await.unwrap_err();
    ensure!(foreign.code() == Code::NotFound, "{foreign}");

    healthy(channel.clone()).await?;
    ensure!(
        reflected(channel)
            .await?
            .contains(&"pacer_fetch.v1.Fetch".to_owned()),
        "reflection"
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_codes_reach_the_sign_on_over_grpc() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .start()
        .await?;
    let api = stack.user("caller").await?;
    let mut client = FetchClient::new(stack.grpc().await?);
    let account = Account::new("demo-totp", Account::demo().password.expose_secret());

    let without = client.submit(signed(demo(&account), &api.token)?).await;
    let refused = without.unwrap_err();
    ensure!(
        refused.code() == Code::InvalidArgument && refused.message().contains("PacerLogin"),
        "{refused}"
    );
    let with_code = SubmitRequest {
        otp_code: Some(stack.simulator().one_time_code("demo-totp").await?),
        ..demo(&account)
    };
    let accepted = client.submit(signed(with_code, &api.token)?).await?;
    let request = serde_json::json!({"id": accepted.into_inner().id});
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(
        stack.simulator().logins("demo-totp").await? == (1, 1),
        "refused without the code, once"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

fn demo(account: &Account) -> SubmitRequest {
    SubmitRequest {
        request_type: RequestType::Docket.into(),
        pacer_username: account.username.clone(),
        pacer_password: account.password.expose_secret().to_owned(),
        court: Some("okwd".into()),
        docket_number: Some("5:16-cv-00432".into()),
        ..SubmitRequest::default()
    }
}

fn signed<T>(message: T, token: &str) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", format!("Token {token}").parse()?);
    Ok(request)
}

async fn healthy(channel: Channel) -> anyhow::Result<()> {
    let service = "pacer_fetch.v1.Fetch".to_owned();
    let answer = HealthClient::new(channel)
        .check(HealthCheckRequest { service })
        .await?;
    ensure!(
        answer.into_inner().status() == ServingStatus::Serving,
        "not serving"
    );
    Ok(())
}

async fn reflected(channel: Channel) -> anyhow::Result<Vec<String>> {
    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let questions = futures_util::stream::iter([question]);
    let mut client = ServerReflectionClient::new(channel);
    let mut answers = client.server_reflection_info(questions).await?.into_inner();
    let answer = answers.next().await.context("no answer")??;
    match answer.message_response {
        Some(MessageResponse::ListServicesResponse(list)) => Ok(list
            .service
            .into_iter()
            .map(|service| service.name)
            .collect()),
        other => anyhow::bail!("{other:?}"),
    }
}
