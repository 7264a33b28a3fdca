//! A night of bulk work: accepted by day, bought when nobody sits there any more, by sessions that the
//! caller's own machine renews.

use std::{collections::BTreeSet, fs, time::Duration};

use anyhow::ensure;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use testkit::{Account, Stack};
use tokio::time::{Instant, sleep};

use crate::logins_again::until_waiting;

const USERNAME: &str = "night-owl";
const CANARY: &str = "Canary-5e07!kept-by-the-caller";

/// District courts whose ids are the same everywhere.
const COURTS: [&str; 10] = [
    "akd", "almd", "alnd", "alsd", "ared", "arwd", "azd", "cacd", "caed", "cand",
];

const CASES_EACH: usize = 20;
const REQUESTS: usize = CASES_EACH * COURTS.len();

/// What an hour is here: until we end a session, and until PACER does.
const HOUR_SECONDS: (u32, u32) = (4, 5);

const PATIENCE: Duration = Duration::from_secs(120);

async fn start() -> anyhow::Result<Option<Stack>> {
    let Some(stack) = testkit::stack() else {
        return Ok(None);
    };
    let (ours, theirs) = HOUR_SECONDS;
    let stack = stack
        .simulator_arg("--account")
        .simulator_arg(format!("{USERNAME}:{CANARY}"))
        .simulator_arg("--session-seconds")
        .simulator_arg(theirs)
        .simulator_arg("--cases")
        .simulator_arg(4 * CASES_EACH)
        .simulator_arg("--entries")
        .simulator_arg(4)
        .with(|builder| {
            builder
                .setting("login", "SESSION_SECONDS", &ours.to_string())
                .setting("login", "LOGIN_MIN_GAP_MS", "0")
                .setting("login", "LOGIN_MAX_PER_HOUR", "3600")
                .setting("gateway", "COURT_ACCOUNT_CAP", "8")
        })
        .start()
        .await?;
    Ok(Some(stack))
}

/// Bulk work runs at any time, or not at any that will come in this test.
async fn let_it_be_night(stack: &Stack, night: bool) -> anyhow::Result<()> {
    let window = match night {
        true => "bulk_from = '00:00', bulk_until = '00:00'",
        false => {
            "bulk_from = (now() at time zone 'America/Chicago' + interval '10 h')::time(0),
             bulk_until = (now() at time zone 'America/Chicago' + interval '11 h')::time(0)"
        }
    };
    let change = format!("update courts set {window}");
    sqlx::query(sqlx::AssertSqlSafe(change))
        .execute(&mut stack.database().await?)
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_of_bulk_work_outlives_many_sessions() -> anyhow::Result<()> {
    let Some(mut stack) = start().await? else {
        return Ok(());
    };
    let api = stack.user("firm").await?;
    let account = Account::new(USERNAME, CANARY);
    let_it_be_night(&stack, false).await?;
    let mut cases = Vec::new();
    for court in COURTS {
        let ordinary = stack.simulator().cases_of(court).await?;
        let ordinary = ordinary
            .into_iter()
            .filter(|case| case.kind == "civil" && case.peculiarity == "none");
        cases.extend(
            ordinary
                .take(CASES_EACH)
                .map(|case| (court, case.docket_number)),
        );
    }
    let submitted = stream::iter(cases).map(|(court, number)| {
        let (api, account) = (&api, &account);
        async move {
            let form = [
                ("request_type", "1"),
                ("court", court),
                ("docket_number", &*number),
                ("lane", "bulk"),
            ];
            api.submit(account, &form).await
        }
    });
    let requests: Vec<_> = submitted.buffered(8).try_collect().await?;
    ensure!(requests.len() == REQUESTS);
    let by_day = stack.simulator().logins(USERNAME).await?.0;

    // Night comes, and the sessions of the day are over.
    sleep(Duration::from_secs(u64::from(HOUR_SECONDS.1))).await;
    let_it_be_night(&stack, true).await?;
    until_waiting(&stack, REQUESTS.try_into()?).await?;

    let home = tempfile::tempdir()?;
    let file = home.path().join("password");
    fs::write(&file, format!("{CANARY}\n"))?;
    let begun = Instant::now();
    let arguments = [
        "login",
        "--keep",
        "--password-file",
        &file.display().to_string(),
    ];
    let settings = [
        ("PACER_USERNAME", USERNAME),
        ("URL", &api.url),
        ("TOKEN", &api.token),
    ];
    let mut keeper = stack
        .inner()
        .start_command("keeper", &arguments, &settings)?;
    for request in &requests {
        let done = api.wait(request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let lasted = begun.elapsed();
    ensure!(keeper.ended().is_none(), "the keeper has given up");
    keeper.stop(Duration::from_secs(10)).await;
    let ended = keeper.ended();
    ensure!(ended.is_some_and(|status| status.success()), "{ended:?}");

    let sold = stack.simulator().ledger().await?;
    let things: BTreeSet<String> = sold.iter().map(|sale| sale.item.to_string()).collect();
    ensure!(
        sold.len() == REQUESTS && things.len() == REQUESTS,
        "{} sales of {} things",
        sold.len(),
        things.len()
    );
    stack.assert_bill_equals_ledger().await?;
    let logins = stack.simulator().logins(USERNAME).await?;
    let by_night = logins.0 - by_day;
    println!(
        "{REQUESTS} dockets in {:.1} s of night, {by_night} logins by the keeper",
        lasted.as_secs_f64()
    );
    ensure!(by_night >= 2 && logins.1 == 0, "{logins:?}");

    let found = stack.tables_with(CANARY).await?;
    ensure!(found.is_empty(), "in tables: {found:?}");
    let found = stack.nats_contents_with(CANARY).await?;
    ensure!(found.is_empty(), "in NATS: {found:?}");
    stack
        .until_forgotten(CANARY, Duration::from_secs(60))
        .await?;
    stack.stop_keeping_files().await?;
    let found = stack.files_with(CANARY)?;
    ensure!(found.is_empty(), "in files: {found:?}");
    Ok(())
}

/// A password that is refused is tried once; that a service is away is borne.
#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_never_tries_a_refused_password_twice() -> anyhow::Result<()> {
    let Some(mut stack) = start().await? else {
        return Ok(());
    };
    let api = stack.user("firm").await?;
    let home = tempfile::tempdir()?;
    let file = home.path().join("password");
    fs::write(&file, "not-the-password")?;
    let file = file.display().to_string();
    let arguments = ["login", "--keep", "--password-file", &file];
    let settings = [
        ("PACER_USERNAME", USERNAME),
        ("URL", &api.url),
        ("TOKEN", &api.token),
    ];
    let mut keeper = stack
        .inner()
        .start_command("refused", &arguments, &settings)?;
    let status = keeper.wait(PATIENCE).await?;
    // A supervisor is told by it not to start this again.
    ensure!(status.code() == Some(5), "{status}");
    let said = fs::read_to_string(stack.inner().logs().join("refused.log"))?;
    ensure!(said.contains("Invalid username/password"), "{said}");
    ensure!(said.contains("The login is not tried again."), "{said}");
    ensure!(
        stack.simulator().logins(USERNAME).await? == (0, 1),
        "tried once"
    );

    // PACER does not answer at first; the keeper tries again, and ends when it is told to.
    let away = json!({"path": "cso-auth", "times": 1, "kind": "status", "status": 503});
    stack.simulator().order_fault(&away).await?;
    fs::write(&file, CANARY)?;
    let mut keeper = stack
        .inner()
        .start_command("patient", &arguments, &settings)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = fs::read_to_string(stack.inner().logs().join("patient.log"))?;
        if said.contains("logged in; the session ends at") {
            ensure!(said.contains("not logged in: "), "{said}");
            break;
        }
        ensure!(Instant::now() < deadline, "{said}");
        sleep(Duration::from_millis(50)).await;
    }
    keeper.stop(Duration::from_secs(10)).await;
    let ended = keeper.ended();
    ensure!(ended.is_some_and(|status| status.success()), "{ended:?}");
    stack.stop().await
}

/// The account of the night owl that needs one-time codes, and what they are made of.
const WITH_CODES: (&str, &str) = ("night-owl-with-codes", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

/// An account with a second factor is kept logged in by a machine that has its secret; the service sees
/// codes, each good once.
#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_makes_the_one_time_codes_of_its_account() -> anyhow::Result<()> {
    let (username, secret) = WITH_CODES;
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .simulator_arg("--account")
        .simulator_arg(format!("{username}:{CANARY}:totp={secret}"))
        .simulator_arg("--session-seconds")
        .simulator_arg(HOUR_SECONDS.1)
        .with(|builder| {
            builder
                .setting("login", "SESSION_SECONDS", &HOUR_SECONDS.0.to_string())
                .setting("login", "LOGIN_MIN_GAP_MS", "0")
        })
        .start()
        .await?;
    let api = stack.user("firm").await?;
    let home = tempfile::tempdir()?;
    let (password, codes) = (home.path().join("password"), home.path().join("secret"));
    fs::write(&password, format!("{CANARY}\n"))?;
    fs::write(&codes, format!("{}\n", secret.to_lowercase()))?;
    let (password, codes) = (password.display().to_string(), codes.display().to_string());
    let arguments = [
        "login",
        "--keep",
        "--password-file",
        &password,
        "--otp-secret-file",
        &codes,
    ];
    let settings = [
        ("PACER_USERNAME", username),
        ("URL", &api.url),
        ("TOKEN", &api.token),
    ];
    let mut keeper = stack
        .inner()
        .start_command("codes", &arguments, &settings)?;
    let deadline = Instant::now() + PATIENCE;
    while stack.simulator().logins(username).await?.0 < 2 {
        ensure!(keeper.ended().is_none(), "the keeper has given up");
        ensure!(Instant::now() < deadline, "not logged in again");
        sleep(Duration::from_millis(100)).await;
    }
    keeper.stop(Duration::from_secs(10)).await;
    let ended = keeper.ended();
    ensure!(ended.is_some_and(|status| status.success()), "{ended:?}");
    let refused = stack.simulator().logins(username).await?.1;
    ensure!(
        refused == 0,
        "{refused} logins refused: a code came twice, or too late"
    );
    for text in [secret, CANARY] {
        ensure!(stack.tables_with(text).await?.is_empty(), "in tables");
        ensure!(stack.nats_contents_with(text).await?.is_empty(), "in NATS");
    }
    stack.stop_keeping_files().await?;
    let found = stack.files_with(CANARY)?;
    ensure!(found.is_empty(), "in files: {found:?}");
    Ok(())
}
