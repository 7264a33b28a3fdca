//! What is killed or wiped costs time, never a request and never money twice.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use sqlx::Connection;
use testkit::{Account, DEMO_DOCKET, Stack};

/// The fetcher dies after the bytes are paid for and kept, before anything is saved. A lock on
/// the table of dockets holds it at exactly that step.
#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_capture_pays_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("victim").await?;
    let mut database = stack.database().await?;

    let mut hold = database.begin().await?;
    sqlx::query("lock table dockets in share row exclusive mode")
        .execute(&mut *hold)
        .await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let id = request["id"].as_i64().context("an id")?;
    stack
        .wait_for_state(id, "captured", Duration::from_secs(60))
        .await?;
    stack.kill("docket-fetcher").await?;
    hold.rollback().await?;
    stack.restart("docket-fetcher").await?;

    let done = api.wait(&request, Duration::from_secs(120)).await?;
    ensure!(
        done["status"] == 2,
        "ended with {}: {}",
        done["status"],
        done["message"]
    );
    let sold = stack.simulator().ledger().await?;
    ensure!(sold.len() == 1, "sold {} times", sold.len());
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// NATS dies and loses everything it had while requests wait; Postgres still knows them.
#[tokio::test(flavor = "multi_thread")]
async fn wiped_nats_loses_no_request() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let cases = 12;
    let mut stack = stack
        .simulator_arg("--cases")
        .simulator_arg(4 * cases)
        .simulator_arg("--latency-ms")
        .simulator_arg(300)
        .start()
        .await?;
    let api = stack.user("waiter").await?;
    let mut requests = Vec::new();
    for (court, number) in stack.simulator().cases(cases).await? {
        let form = [
            ("request_type", "1"),
            ("court", &*court),
            ("docket_number", &*number),
        ];
        requests.push(api.submit(&Account::demo(), &form).await?);
    }
    stack.wipe_nats().await?;
    for request in &requests {
        let done = match api.wait(request, Duration::from_secs(60)).await {
            Ok(done) => done,
            // Who was asked for the session did not remember it in time: then it waits for a login.
            Err(_) => {
                let answer = api.log_in(&Account::demo(), &[]).await?;
                ensure!(answer.status == 200, "{answer:?}");
                api.wait(request, Duration::from_secs(120)).await?
            }
        };
        ensure!(
            done["status"] == 2,
            "ended with {}: {}",
            done["status"],
            done["message"]
        );
    }
    let sold = stack.simulator().ledger().await?;
    ensure!(
        sold.len() == requests.len(),
        "{} requests, {} sales",
        requests.len(),
        sold.len()
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// The answer to a purchase is lost on the way after the court has billed it. Whether it is
/// bought once more is the caller's to say; never in silence.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_bought_again_only_if_told_to() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("doubter").await?;
    let simulator = stack.simulator();
    let lost = json!({"path": "DktRpt.pl", "method": "POST", "times": 1, "kind": "reset"});

    simulator.order_fault(&lost).await?;
    let careful = [DEMO_DOCKET, &[("on_doubt", "stop")]].concat();
    let request = api.submit(&Account::demo(), &careful).await?;
    let done = api.wait(&request, Duration::from_secs(60)).await?;
    ensure!(done["status"] == 3, "{done}");
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(said.contains("PACER may have charged for it"), "{said}");
    ensure!(simulator.ledger().await?.len() == 1, "bought once");
    ensure!(
        ledger(&stack).await? == [("doubt".to_owned(), false)],
        "the ledger tells it"
    );

    simulator.order_fault(&lost).await?;
    let bold = [DEMO_DOCKET, &[("on_doubt", "once_more")]].concat();
    let request = api.submit(&Account::demo(), &bold).await?;
    let done = api.wait(&request, Duration::from_secs(60)).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(simulator.ledger().await?.len() == 3, "bought once more");
    let lines = ledger(&stack).await?;
    let told = [("doubt", false), ("doubt", false), ("captured", true)];
    ensure!(
        lines == told.map(|(state, flagged)| (state.to_owned(), flagged)),
        "{lines:?}"
    );
    stack.stop().await
}

/// A proxy before the court stops waiting, and the court goes on and charges.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_gives_up_leaves_a_doubt() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("doubter").await?;
    let careful = [DEMO_DOCKET, &[("on_doubt", "stop")]].concat();
    for (sold, status) in [(1, 504), (2, 502)] {
        let given_up = json!({"path": "DktRpt.pl", "method": "POST", "kind": "status",
                              "status": status, "billed": true});
        stack.simulator().order_fault(&given_up).await?;
        let request = api.submit(&Account::demo(), &careful).await?;
        let done = api.wait(&request, Duration::from_secs(60)).await?;
        ensure!(done["status"] == 3, "{done}");
        let said = done["message"].as_str().unwrap_or_default();
        ensure!(said.contains("PACER may have charged for it"), "{said}");
        let sales = stack.simulator().ledger().await?.len();
        ensure!(sales == sold, "sold {sales} times");
    }
    let lines = ledger(&stack).await?;
    let doubt = ("doubt".to_owned(), false);
    ensure!(lines == [doubt.clone(), doubt], "{lines:?}");
    stack.stop().await
}

/// Whoever waits for somebody else's purchase does so without asking the court.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_purchase_of_another_asks_the_court_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let password = "not-a-real-password";
    let stack = ["demo", "other"].iter().fold(stack, |stack, account| {
        stack
            .simulator_arg("--account")
            .simulator_arg(format!("{account}:{password}"))
    });
    let stack = stack
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .start()
        .await?;
    let api = stack.user("twin").await?;
    let slow = json!({"path": "DktRpt", "method": "POST", "kind": "delay", "ms": 15_000});
    stack.simulator().order_fault(&slow).await?;
    let mut requests = Vec::new();
    for account in ["demo", "other"] {
        let form = [DEMO_DOCKET, &[("skip_if_unchanged", "true")]].concat();
        let account = Account::new(account, password);
        requests.push(api.submit(&account, &form).await?);
    }
    for request in &requests {
        let done = api.wait(request, Duration::from_secs(120)).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    ensure!(stack.simulator().ledger().await?.len() == 1, "bought once");
    let asked = stack.simulator().requests().await?;
    let paths: Vec<&str> = asked
        .iter()
        .filter(|request| request["court"] == "okwd")
        .filter_map(|request| request["path"].as_str())
        .collect();
    let lookups = paths
        .iter()
        .filter(|path| path.contains("possible_case_numbers"));
    ensure!(lookups.count() == 2, "{paths:?}");
    ensure!(
        !paths.iter().any(|path| path.contains("iquery")),
        "{paths:?}"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn ledger(stack: &Stack) -> anyhow::Result<Vec<(String, bool)>> {
    let lines = sqlx::query_as("select state, flagged from purchases order by id");
    Ok(lines.fetch_all(&mut stack.database().await?).await?)
}

/// Two requests for the same docket at the same time are one purchase; both get it.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_docket_asked_for_twice_is_bought_once() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .simulator_arg("--latency-ms")
        .simulator_arg(200)
        .start()
        .await?;
    let api = stack.user("twin").await?;
    let mut requests = Vec::new();
    for _ in 0..3 {
        requests.push(api.submit(&Account::demo(), DEMO_DOCKET).await?);
    }
    for request in &requests {
        let done = api.wait(request, Duration::from_secs(60)).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    ensure!(stack.simulator().ledger().await?.len() == 1, "bought once");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
