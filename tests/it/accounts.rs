//! Who is logged in, how often, and who pays: real login processes, more than one.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack};

use crate::logins_again::until_waiting;

const PATIENCE: Duration = Duration::from_secs(180);
const PASSWORD: &str = "not-a-real-password";

#[tokio::test(flavor = "multi_thread")]
async fn every_request_bills_the_account_that_was_named() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .replicas("login", 2)
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .simulator_arg("--account")
        .simulator_arg(format!("demo:{PASSWORD}"))
        .simulator_arg("--account")
        .simulator_arg(format!("second:{PASSWORD}"))
        .simulator_arg("--account")
        .simulator_arg(format!("demo-firm:{PASSWORD}:clientcode-required"))
        .start()
        .await?;
    let api = stack.user("firm").await?;
    let (first, second) = (Account::demo(), Account::new("second", PASSWORD));
    let firm = Account::new("demo-firm", PASSWORD);

    buy(&api, &first, &[]).await?;
    buy(&api, &second, &[]).await?;
    buy(&api, &firm, &[("client_code", "matter-1")]).await?;
    buy(&api, &firm, &[("client_code", "matter-2")]).await?;
    buy(&api, &firm, &[("client_code", "matter-1")]).await?;
    // A wrong password after a right one buys nothing, with a session there or without.
    let wrong = api
        .post(&Account::new("demo", "wrong"), DEMO_DOCKET)
        .await?;
    ensure!(wrong.status == 400, "{}", wrong.body);
    let text = wrong.body["non_field_errors"][0]
        .as_str()
        .unwrap_or_default();
    ensure!(
        text.starts_with("PacerLoginException: Invalid username/password: "),
        "{text}"
    );

    let sold = stack.simulator().ledger().await?;
    let payers: Vec<(&str, &str)> = sold
        .iter()
        .map(|sale| (&*sale.account, &*sale.client_code))
        .collect();
    let expected = [
        ("demo", ""),
        ("second", ""),
        ("demo-firm", "matter-1"),
        ("demo-firm", "matter-2"),
        ("demo-firm", "matter-1"),
    ];
    ensure!(payers == expected, "{payers:?}");
    let simulator = stack.simulator();
    ensure!(simulator.logins("demo").await? == (1, 1), "asked once more");
    ensure!(
        simulator.logins("demo-firm").await? == (2, 0),
        "once a code"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// A firm with ten matters has one login, and with it one place at a court.
#[tokio::test(flavor = "multi_thread")]
async fn ten_client_codes_of_one_login_have_one_place_at_a_court() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .simulator_arg("--latency-ms")
        .simulator_arg(150)
        .start()
        .await?;
    let firm = Account::new("demo-firm", PASSWORD);
    let api = stack.user("firm").await?;
    sqlx::query("update courts set cap = 8, account_cap = 1")
        .execute(&mut stack.database().await?)
        .await?;
    let hold = "update courts set held_since = now(), held_until = null where id = 'okwd'";
    sqlx::query(hold)
        .execute(&mut stack.database().await?)
        .await?;
    let mut requests = Vec::new();
    for matter in 0..10 {
        let code = format!("matter-{matter}");
        // Each is to be bought, and not found among what another one has bought.
        let end = (100 + matter).to_string();
        let own = [("client_code", &*code), ("de_number_end", &*end)];
        let form = [DEMO_DOCKET, &own].concat();
        requests.push(api.submit(&firm, &form).await?);
    }
    sqlx::query("update courts set held_since = null where id = 'okwd'")
        .execute(&mut stack.database().await?)
        .await?;
    for request in &requests {
        let done = api.wait(request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let traffic = stack.simulator().traffic("okwd").await?;
    let traffic = traffic.context("the court was asked")?;
    ensure!(traffic.peak_in_flight == 1, "{traffic:?}");

    // Each was bought with the session of its own code, and booked on it.
    let sold = stack.simulator().ledger().await?;
    let mut codes: Vec<&str> = sold.iter().map(|sale| &*sale.client_code).collect();
    codes.sort_unstable();
    let all: Vec<String> = (0..10).map(|matter| format!("matter-{matter}")).collect();
    ensure!(codes == all, "{codes:?}");
    stack.assert_bill_equals_ledger().await?;
    let accounts: i64 =
        sqlx::query_scalar("select count(distinct account_digest) from fetch_requests")
            .fetch_one(&mut stack.database().await?)
            .await?;
    ensure!(accounts == 1, "{accounts} accounts");
    stack.stop().await
}

/// A row that names the session of another matter: it is not used for this one.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_one_client_code_is_never_used_for_another() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let firm = Account::new("demo-firm", PASSWORD);
    let api = stack.user("firm").await?;
    let hold = "update courts set held_since = now(), held_until = null where id = 'okwd'";
    sqlx::query(hold)
        .execute(&mut stack.database().await?)
        .await?;
    let form = [DEMO_DOCKET, &[("client_code", "matter-1")]].concat();
    let request = api.submit(&firm, &form).await?;
    sqlx::query("update fetch_requests set client_code = 'matter-2'")
        .execute(&mut stack.database().await?)
        .await?;
    sqlx::query("update courts set held_since = null where id = 'okwd'")
        .execute(&mut stack.database().await?)
        .await?;
    until_waiting(&stack, 1).await?;
    let seen = api.get(&format!("recap-fetch/{}/", request["id"])).await?;
    let said = seen["message"].as_str().unwrap_or_default();
    ensure!(said.starts_with("Cookie cache expired"), "{seen}");
    // The login that its session is of is not the one that its row is for.
    let again = api.log_in(&firm, &[("client_code", "matter-1")]).await?;
    ensure!(again.body["taken_up"] == 0, "{again:?}");
    ensure!(stack.simulator().ledger().await?.is_empty(), "{seen}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pacer_will_not_sell_to_is_told_at_the_door() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("clerk").await?;
    let says = async |account: &str, words: &str| {
        let account = Account::new(account, PASSWORD);
        let refused = api.post(&account, DEMO_DOCKET).await?;
        let text = refused.body["non_field_errors"][0].as_str();
        let text = text.with_context(|| refused.body.to_string())?;
        ensure!(refused.status == 400 && text.contains(words), "{text}");
        ensure!(text.starts_with("PacerLoginException: "), "{text}");
        anyhow::Ok(())
    };
    says("demo-firm", "send one as client_code").await?;
    // The session was kept: PACER is not asked again.
    says("demo-firm", "send one as client_code").await?;
    ensure!(stack.simulator().logins("demo-firm").await? == (1, 0));
    says("demo-disabled", "PACER has disabled this account").await?;
    ensure!(stack.simulator().ledger().await?.is_empty());
    menu_without_its_client_code(&stack, &api).await?;
    // A filer's account is one like any other.
    buy(&api, &Account::new("demo-filer", PASSWORD), &[]).await?;
    no_rows_but(&stack, 3).await?;
    stack.stop().await
}

/// A menu costs nothing, so that it is asked for; the court wants the code for that too.
async fn menu_without_its_client_code(stack: &Stack, api: &Api) -> anyhow::Result<()> {
    let docket = buy(api, &Account::demo(), &[]).await?;
    let document: i64 = sqlx::query_scalar(
        "select d.id from recap_documents d join docket_entries e on e.id = d.docket_entry_id
         where e.docket_id = $1 and e.entry_number = 1 and d.attachment_number is null",
    )
    .bind(docket["docket"].as_i64().context("a docket")?)
    .fetch_one(&mut stack.database().await?)
    .await?;
    let document = document.to_string();
    let form = [("request_type", "3"), ("recap_document", &*document)];
    let firm = Account::new("demo-firm", PASSWORD);
    let ended = api.wait(&api.submit(&firm, &form).await?, PATIENCE).await?;
    ensure!(
        ended["status"] == 3
            && ended["message"]
                == "Unable to get attachment page: The court requires a client code; send one as \
                    client_code.",
        "{ended}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_one_time_codes_needs_a_code_or_its_secret() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let secret = "JBSWY3DPEHPK3PXP";
    let stack = stack
        .with(|builder| builder.setting("login", "TOTP_SECRETS", &format!("made:{secret}")))
        .simulator_arg("--account")
        .simulator_arg(format!("made:{PASSWORD}:totp={secret}"))
        .simulator_arg("--account")
        .simulator_arg(format!("typed:{PASSWORD}:totp={secret}"))
        .start()
        .await?;
    let api = stack.user("two-factors").await?;
    let typed = Account::new("typed", PASSWORD);
    let refused = api.post(&typed, DEMO_DOCKET).await?;
    let text = refused.body["non_field_errors"][0].as_str();
    let text = text.with_context(|| refused.body.to_string())?;
    ensure!(refused.status == 400, "{text}");
    ensure!(
        text.contains("send its current one-time code as otp_code"),
        "{text}"
    );
    // The same again does not reach PACER; with a code it does, at once.
    ensure!(api.post(&typed, DEMO_DOCKET).await?.body == refused.body);
    let simulator = stack.simulator();
    let code = simulator.one_time_code("typed").await?;
    buy(&api, &typed, &[("otp_code", &code)]).await?;
    ensure!(simulator.logins("typed").await? == (1, 1), "asked twice");

    buy(&api, &Account::new("made", PASSWORD), &[]).await?;
    ensure!(
        simulator.logins("made").await? == (1, 0),
        "with a code of ours"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// A court shows its login page although the session is good, and later because it is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_false_login_page_costs_nothing_and_a_true_one_waits_for_a_login() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .start()
        .await?;
    let api = stack.user("patient").await?;
    let simulator = stack.simulator();
    for method in ["GET", "POST"] {
        let fault = json!({"court": "okwd", "method": method, "times": 1, "kind": "login_page"});
        simulator.order_fault(&fault).await?;
        buy(&api, &Account::demo(), &[]).await?;
    }
    ensure!(simulator.ledger().await?.len() == 2, "each bought once");
    ensure!(simulator.logins("demo").await? == (1, 0), "one session");

    simulator.expire_sessions().await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    until_waiting(&stack, 1).await?;
    let seen = api.get(&format!("recap-fetch/{}/", request["id"])).await?;
    let said = seen["message"].as_str().unwrap_or_default();
    ensure!(seen["status"] == 5, "{seen}");
    ensure!(
        said.starts_with("PacerLoginException while getting pacer_case_id for fq: "),
        "{said}"
    );
    // The dead session is gone in every place, so the next request has a new one.
    buy(&api, &Account::demo(), &[]).await?;
    ensure!(
        simulator.logins("demo").await? == (2, 0),
        "a second session"
    );
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn buy(api: &Api, account: &Account, more: &[(&str, &str)]) -> anyhow::Result<Value> {
    let form = [DEMO_DOCKET, more].concat();
    let request = api.submit(account, &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    Ok(done)
}

async fn no_rows_but(stack: &Stack, count: i64) -> anyhow::Result<()> {
    let rows: i64 = sqlx::query_scalar("select count(*) from fetch_requests")
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(rows == count, "{rows} rows");
    Ok(())
}
