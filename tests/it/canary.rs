//! A planted password and one-time code are looked for everywhere that outlives the second they
//! were needed in.

use std::time::Duration;

use anyhow::ensure;
use testkit::{Account, DEMO_DOCKET};

const CANARY: &str = "Canary-7f3a!never-at-rest";

/// The one-time code has the password's canary in it, so that one search finds both.
const OTP_CODE: &str = "otp-Canary-7f3a!never-at-rest";

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_a_code_are_nowhere_afterwards() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .simulator_arg("--account")
        .simulator_arg(format!("canary:{CANARY}"))
        .log_everything()
        .start()
        .await?;
    let api = stack.user("careful").await?;
    let right = Account::new("canary", CANARY);
    let form = [DEMO_DOCKET, &[("otp_code", OTP_CODE)]].concat();
    let done = api
        .wait(&api.submit(&right, &form).await?, Duration::from_secs(60))
        .await?;
    ensure!(done["status"] == 2, "{done}");
    let wrong_password = format!("{CANARY}-wrong");
    let wrong = Account::new("canary", &wrong_password);
    let refused = api.post(&wrong, &form).await?;
    ensure!(refused.status == 400, "a wrong password is refused");
    ensure!(
        !refused.body.to_string().contains(CANARY),
        "the answer repeats the password"
    );

    let found = stack.tables_with(CANARY).await?;
    ensure!(found.is_empty(), "in tables: {found:?}");
    let found = stack.nats_contents_with(CANARY).await?;
    ensure!(found.is_empty(), "in NATS: {found:?}");
    // Everything on disk: logs, blobs, the stores of NATS and Postgres, write-ahead log included.
    stack.stop_keeping_files().await?;
    let found = stack.files_with(CANARY)?;
    ensure!(found.is_empty(), "in files: {found:?}");
    Ok(())
}
