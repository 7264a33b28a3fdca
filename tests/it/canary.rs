//! A planted password and one-time code are looked for everywhere that outlives the second they
//! were needed in; a planted username in all that is kept.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, ensure};
use testkit::{Account, Api, DEMO_DOCKET, Stack};

use crate::otlp;

const CANARY: &str = "Canary-7f3a!never-at-rest";

/// The one-time code has the password's canary in it, so that one search finds both.
const OTP_CODE: &str = "otp-Canary-7f3a!never-at-rest";

/// Put where no password may be.
const PLANTED: &str = "Canary-c07d!planted";

const USERNAME: &str = "canary-username-9c2e";

/// How long a purchase may take on a busy machine that logs everything.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a password may be in anybody's memory.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(60);

async fn start(traces_to: &str) -> anyhow::Result<Option<Stack>> {
    let Some(stack) = testkit::stack() else {
        return Ok(None);
    };
    let stack = stack
        .simulator_arg("--account")
        .simulator_arg(format!("{USERNAME}:{CANARY}"))
        .with(|builder| {
            builder.setting_of_all("OTLP_ENDPOINT", traces_to).setting(
                "login",
                "LOGIN_MIN_GAP_MS",
                "0",
            )
        })
        .log_everything()
        .start()
        .await?;
    let traced = |(name, process): &(&str, u32)| (*name == "nats").then_some(*process);
    let nats = stack.processes().iter().find_map(traced);
    log_all_of_nats(nats.context("NATS")?)?;
    Ok(Some(stack))
}

/// Has NATS write all messages that pass into its own log.
fn log_all_of_nats(process: u32) -> anyhow::Result<()> {
    // The last of its arguments names its configuration.
    let arguments = fs::read_to_string(format!("/proc/{process}/cmdline"))?;
    let configuration = arguments.trim_end_matches('\0').rsplit('\0').next();
    let configuration = Path::new(configuration.context("arguments")?).to_owned();
    let said = fs::read_to_string(&configuration)?;
    let all = "debug: true\ntrace: true\ntrace_verbose: true\n";
    fs::write(&configuration, said + all)?;
    let signalled = Command::new("kill")
        .args(["-HUP", &process.to_string()])
        .status()?;
    ensure!(signalled.success(), "NATS was not told");
    Ok(())
}

/// Logs in rightly and wrongly, and buys all that the demo does: a docket, a document, a menu.
async fn use_the_password(stack: &Stack, api: &Api) -> anyhow::Result<()> {
    let right = Account::new(USERNAME, CANARY);
    let buy = async |form: &[(&str, &str)]| {
        let request = api.submit(&right, form).await?;
        let done = api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
        Ok(done)
    };
    let form = [DEMO_DOCKET, &[("otp_code", OTP_CODE)]].concat();
    let docket = buy(&form).await?["docket"].as_i64();
    let document = stack.main_document(docket.context("a docket")?, 1).await?;
    let document = document.to_string();
    for kind in ["2", "3"] {
        buy(&[("request_type", kind), ("recap_document", &document)]).await?;
    }
    let wrong_password = format!("{CANARY}-wrong");
    let wrong = Account::new(USERNAME, &wrong_password);
    let refused = api.post(&wrong, &form).await?;
    ensure!(refused.status == 400, "a wrong password is refused");
    ensure!(
        !refused.body.to_string().contains(CANARY),
        "the answer repeats the password"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_a_code_are_nowhere_afterwards() -> anyhow::Result<()> {
    let traces = otlp::Receiver::start().await?;
    let Some(mut stack) = start(&traces.endpoint()).await? else {
        return Ok(());
    };
    use_the_password(&stack, &stack.user("careful").await?).await?;

    let found = stack.tables_with(CANARY).await?;
    ensure!(found.is_empty(), "in tables: {found:?}");
    let found = stack.nats_contents_with(CANARY).await?;
    ensure!(found.is_empty(), "in NATS: {found:?}");
    // Everything on disk: logs, NATS' own among them, blobs, the stores of NATS and Postgres,
    // write-ahead log included.
    stack.stop_keeping_files().await?;
    let found = stack.files_with(CANARY)?;
    ensure!(found.is_empty(), "in files: {found:?}");
    let logged = stack.files_with("MSG_PAYLOAD")?;
    ensure!(
        logged.iter().any(|file| file.ends_with("nats-server.log")),
        "NATS has not logged what passed: {logged:?}"
    );
    let spans = traces.spans();
    for service in ["gateway", "login", "docket-fetcher"] {
        let of_service = spans.iter().filter(|span| span.contains(service));
        ensure!(of_service.count() > 0, "no traces came from {service}");
    }
    let found: Vec<&String> = spans.iter().filter(|span| span.contains(CANARY)).collect();
    ensure!(found.is_empty(), "in traces: {found:?}");
    Ok(())
}

/// Or else the searches could find nothing because they do not look.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_planted_is_found_in_every_store() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let planted = stack.plant(PLANTED).await?;
    let mut found = stack.tables_with(PLANTED).await?;
    found.sort();
    ensure!(found == planted.tables, "in tables: {found:?}");
    let found = stack.nats_contents_with(PLANTED).await?;
    ensure!(found == planted.messages, "in NATS: {found:?}");
    stack.stop_keeping_files().await?;
    let found = stack.files_with(PLANTED)?;
    for part in &planted.files {
        let is_there = found.iter().any(|file| file.contains(part));
        ensure!(is_there, "{part} is not among {found:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_username_is_in_no_row_no_message_and_no_log() -> anyhow::Result<()> {
    let traces = otlp::Receiver::start().await?;
    let Some(mut stack) = start(&traces.endpoint()).await? else {
        return Ok(());
    };
    use_the_password(&stack, &stack.user("careful").await?).await?;
    let receipts: i64 = sqlx::query_scalar(
        "select count(*) from purchases where receipt->'payer'->>'ends_in' = '2e'",
    )
    .fetch_one(&mut stack.database().await?)
    .await?;
    ensure!(receipts > 0, "no receipt was kept");

    let found = stack.tables_with(USERNAME).await?;
    ensure!(found.is_empty(), "in tables: {found:?}");
    let found = stack.nats_contents_with(USERNAME).await?;
    ensure!(found.is_empty(), "in NATS: {found:?}");
    stack.stop_keeping_files().await?;
    // The page itself shows it, as the court prints it, and is kept as it came.
    let (pages, found): (Vec<String>, Vec<String>) = stack
        .files_with(USERNAME)?
        .into_iter()
        .partition(|file| file.ends_with(".zst"));
    ensure!(
        !pages.is_empty(),
        "the search does not see what is compressed"
    );
    ensure!(found.is_empty(), "in files: {found:?}");
    let spans = traces.spans();
    let found: Vec<&String> = spans
        .iter()
        .filter(|span| span.contains(USERNAME))
        .collect();
    ensure!(found.is_empty(), "in traces: {found:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_after_the_login_no_process_has_the_password_in_its_memory() -> anyhow::Result<()>
{
    let traces = otlp::Receiver::start().await?;
    let Some(stack) = start(&traces.endpoint()).await? else {
        return Ok(());
    };
    use_the_password(&stack, &stack.user("careful").await?).await?;
    match stack.until_forgotten(CANARY, FORGOTTEN_WITHIN).await? {
        Some(after) => println!("forgotten by all after {:.1} s", after.as_secs_f64()),
        None => testkit::skip("only root looks into processes that are closed to others"),
    }
    Ok(())
}
