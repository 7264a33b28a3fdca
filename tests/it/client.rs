//! The client for Rust programs, against the running stack: its example, and what it says of a no.

use std::time::Duration;

use anyhow::ensure;
use fetch_model::PublicStatus;
use pacer_fetch_client::{Account, Client, Error, NewRequest};

/// The example as its readers compile it.
#[path = "../../crates/pacer-fetch-client/examples/docket.rs"]
#[allow(dead_code)] // Its `main` reads the environment, which tests share.
mod docket;

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_client_buys_what_it_says() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let client = Client::from(stack.user("example").await?);
    let told = docket::buy(&client).await?;
    ensure!(
        told.contains(" entries, ") && !told.contains("(0 "),
        "{told}"
    );
    ensure!(told.contains("document 1: "), "{told}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_tells_a_no_from_silence_and_cancels_what_waits() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let client = Client::from(stack.user("typed").await?);
    let (demo, wanted) = (Account::demo(), NewRequest::docket("okwd", "5:16-cv-00432"));

    let wrong = Account::new("demo", "wrong");
    let refused = client.submit(&wrong, &wanted).await.unwrap_err();
    ensure!(refused.status() == Some(400), "{refused}");
    ensure!(
        refused.to_string().contains("PacerLoginException"),
        "{refused}"
    );
    let missing = client.docket(1).await.unwrap_err();
    ensure!(missing.status() == Some(404), "{missing}");
    let nobody = Client::new("http://127.0.0.1:9", "token");
    let silent = nobody.request(1).await.unwrap_err();
    ensure!(matches!(silent, Error::NoAnswer(_)), "{silent}");

    let quote = client.quote(&wanted).await?;
    ensure!(quote.fits && quote.at_most_cents == Some(300), "{quote:?}");
    let session = client.log_in(&demo).await?;
    ensure!(session.session_ends.is_some(), "{session:?}");

    let tomorrow = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let later = wanted.not_before(tomorrow);
    let accepted = client.submit_once("of-the-client", &demo, &later).await?;
    let again = client.submit_once("of-the-client", &demo, &later).await?;
    ensure!(accepted.id == again.id, "{accepted:?} {again:?}");
    let waited = client.wait(accepted.id, Duration::ZERO).await.unwrap_err();
    ensure!(matches!(waited, Error::NotEnded { .. }), "{waited}");
    let cancelled = client.cancel(accepted.id).await?;
    ensure!(
        cancelled.is_final() && cancelled.status != PublicStatus::Successful,
        "{cancelled:?}"
    );
    stack.stop().await
}
