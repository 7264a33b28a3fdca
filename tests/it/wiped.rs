//! What became of passwords in the memory of the processes that they passed through.

use std::time::Duration;

use anyhow::ensure;
use fetch_bus::wire::fetch_client::FetchClient;
use testkit::{Account, Stack};
use tokio::time::{Instant, sleep};

use crate::repeats::{demo, message, post, sign};

/// After so long nothing is left. Connections are closed after a second here.
const WIPED_WITHIN: Duration = Duration::from_secs(20);

/// With letters that JSON and forms escape, each in its way.
const CANARY: &str = "Canary-91be wiped\"after";

/// The part that no escape changes.
const LOOKED_FOR: &str = "Canary-91be";

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_in_no_memory_after_the_login() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .simulator_arg("--account")
        .simulator_arg(format!("canary:{CANARY}"))
        .with(|builder| {
            builder
                .setting("gateway", "HEAD_TIMEOUT_MS", "1000")
                .setting("login", "LOGIN_MIN_GAP_MS", "0")
        })
        .start()
        .await?;
    if stack.memory_with("gateway", LOOKED_FOR).is_err() {
        testkit::skip("the memory of other processes may not be read");
        return Ok(());
    }
    let api = stack.user("careful").await?;
    let right = Account::new("canary", CANARY);
    let form = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", "5:16-cv-00432"),
    ];
    // In every format, once right and then wrong.
    let accepted = api.post(&right, &form).await?;
    ensure!(accepted.status == 201, "{accepted:?}");
    let wrong = format!("{CANARY}-wrong");
    let json = demo(serde_json::json!({"pacer_username": "canary", "pacer_password": wrong}));
    let refused = post(&api, "json", &json).await?;
    ensure!(refused.status == 400, "{refused:?}");
    let part = |name: &str, value: &str| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut multipart: String = form.iter().map(|(name, value)| part(name, value)).collect();
    multipart += &part("pacer_username", "canary");
    multipart += &part("pacer_password", &wrong);
    multipart += "--X--\r\n";
    let media_type = "multipart/form-data; boundary=X";
    let refused = api.post_bytes(media_type, multipart.as_bytes()).await?;
    ensure!(refused.status == 400, "{refused:?}");
    // Not even understood.
    let broken = format!("{{\"pacer_password\": \"{LOOKED_FOR}\", \"a\": ");
    let refused = api
        .post_bytes("application/json", broken.as_bytes())
        .await?;
    ensure!(refused.status == 400, "{refused:?}");
    {
        let mut client = FetchClient::new(stack.grpc().await?);
        let mut submit = message("grpc");
        submit.pacer_username = "canary".to_owned();
        submit.pacer_password = wrong;
        let refused = client.submit(sign(submit, &api.token)?).await;
        ensure!(refused.is_err(), "a wrong password");
    }
    for process in ["gateway", "login", "docket-fetcher", "pdf-fetcher", "ocr"] {
        until_wiped(&stack, process).await?;
    }
    stack.stop().await
}

async fn until_wiped(stack: &Stack, process: &str) -> anyhow::Result<()> {
    let deadline = Instant::now() + WIPED_WITHIN;
    loop {
        let found = stack.memory_with(process, LOOKED_FOR)?;
        if found.is_empty() {
            return Ok(());
        }
        ensure!(
            Instant::now() < deadline,
            "left in the memory of {process}:\n{}",
            found.join("\n")
        );
        sleep(Duration::from_millis(200)).await;
    }
}
