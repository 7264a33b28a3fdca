//! A docket that is tracked: the real service asks the simulated court day after day, buys what was filed, and tells.

use std::time::Duration;

use anyhow::{Context, ensure};
use axum::http::Method;
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testkit::{Account, Api, Stack};

use crate::webhooks::{Receiver, send};

const PATIENCE: Duration = Duration::from_secs(90);

const COURT: &str = "okwd";
const CASE: &str = "42100";
const NUMBER: &str = "5:16-cv-00432";

/// What is true about the case at its court: of each entry when it was filed, and entered.
async fn entries(stack: &Stack) -> anyhow::Result<Vec<(NaiveDate, NaiveDate)>> {
    let case = stack.simulator().case(COURT, CASE).await?;
    let day = |entry: &Value, key: &str| entry[key].as_str().and_then(|day| day.parse().ok());
    let entries = case["entries"].as_array().context("entries")?.iter();
    let entries =
        entries.map(|entry| Some((day(entry, "date_filed")?, day(entry, "date_entered")?)));
    entries.collect::<Option<_>>().context("days of entries")
}

async fn run(stack: &Stack, sql: String) -> anyhow::Result<()> {
    sqlx::query(AssertSqlSafe(sql))
        .execute(&mut stack.database().await?)
        .await?;
    Ok(())
}

/// What was bought just now was bought on the evening of this day.
async fn bought_on(stack: &Stack, day: NaiveDate, after: i64) -> anyhow::Result<()> {
    let sql = format!(
        "update captures set date_created = '{day} 22:00:00Z'
         where id in (select capture_id from purchases where request_id >= {after})"
    );
    run(stack, sql).await
}

/// The tracker, once it has asked again, and what came of that was noted.
async fn until_asked(api: &Api, tracker: &Value, last: &Value) -> anyhow::Result<Value> {
    let path = format!("trackers/{}/", tracker["id"]);
    let looked = testkit::until("the tracker", PATIENCE, async || {
        let tracker = api.get(&path).await?;
        let is_done = tracker["is_asking"] == false && tracker["recap_fetch"] != *last;
        Ok(match is_done {
            true => Ok(tracker),
            false => Err(tracker),
        })
    });
    looked.await
}

async fn money_of(api: &Api, request: &Value) -> anyhow::Result<Value> {
    let request = api
        .get(&format!("recap-fetch/{request}/?expand=money,changes"))
        .await?;
    ensure!(request["status"] == 2, "{request}");
    Ok(request)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_a_docket_that_is_tracked() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .court_gap_ms(20)
        .replicas("gateway", 2)
        .start()
        .await?;
    let (api, simulator) = (stack.user("ann").await?, stack.simulator());
    let receiver = Receiver::start().await?;
    let endpoint = json!({"url": receiver.url, "event_type": 100, "enabled": true});
    send(&api, Method::POST, "webhooks/", &endpoint).await?;

    let entries = entries(&stack).await?;
    let first_day = entries.get(1).context("a second entry")?.1;
    simulator
        .show_until(COURT, Some(&first_day.to_string()))
        .await?;
    let form = [
        ("request_type", "1"),
        ("court", COURT),
        ("docket_number", NUMBER),
    ];
    let bought = api.submit(&Account::demo(), &form).await?;
    let bought = api.wait(&bought, PATIENCE).await?;
    ensure!(bought["status"] == 2, "{bought}");
    bought_on(&stack, first_day, 0).await?;
    let sold_before = simulator.ledger().await?.len();

    let account = Account::demo();
    let new = json!({
        "docket": bought["docket"], "max_cost_cents": 900, "lane": "interactive",
        "pacer_username": account.username, "pacer_password": secrecy::ExposeSecret::expose_secret(&account.password),
    });
    let (mut last, mut tracker) = (Value::Null, Value::Null);
    let (mut cost, mut asked, mut told) = (0, 0, 0);
    println!(
        "{:<12} {:>7}  {:<22} {:>6} {:>6}  told",
        "day", "entered", "asked", "cost", "spent"
    );
    for passed in 0..31 {
        let day = first_day + Days::new(passed);
        simulator.show_until(COURT, Some(&day.to_string())).await?;
        match passed {
            0 => tracker = send(&api, Method::POST, "trackers/", &new).await?,
            _ => {
                let due = "update fetch_trackers set next_due = clock_timestamp()";
                run(&stack, due.to_owned()).await?;
            }
        }
        tracker = until_asked(&api, &tracker, &last).await?;
        last = tracker["recap_fetch"].clone();
        let request = money_of(&api, &last).await?;
        let cents = request["money"]["cost_cents"].as_i64().context("a cost")?;
        let new = request["changes"]["entries_new"]
            .as_i64()
            .unwrap_or_default();
        (asked, cost) = (asked + 1, cost + cents);
        bought_on(&stack, day, last.as_i64().context("a request")?).await?;
        let entered = entries
            .iter()
            .filter(|(_, entered)| *entered == day)
            .count();
        let what = match cents {
            0 => "asked, nothing filed",
            _ => "asked and bought",
        };
        ensure!(
            tracker["state"] == "active" && tracker["spent_cents"] == cost,
            "{tracker}"
        );
        let mut told_today = String::new();
        if new > 0 {
            told += 1;
            let heard = receiver.until_heard(told).await?;
            let body = heard[told - 1].json()?;
            ensure!(body["payload"]["recap_fetch"] == last, "{body}");
            ensure!(body["payload"]["entries_new"] == new, "{body}");
            ensure!(body["payload"]["tracker"] == tracker["id"], "{body}");
            ensure!(body["payload"]["cost_cents"] == cents, "{body}");
            told_today = format!("{new} new entries");
        }
        let spent = tracker["spent_cents"].to_string();
        println!("{day:<12} {entered:>7}  {what:<22} {cents:>6} {spent:>6}  {told_today}");
    }
    println!("asked {asked} times, spent {cost} cents, told {told} times");

    // A second tracker of the docket is refused before anybody is logged in.
    let mut second = new.clone();
    second["pacer_password"] = json!("wrong");
    let request = api.request(Method::POST, "/api/rest/v4/trackers/");
    let refused = api.send(request.json(&second)).await?;
    let said = refused.body.to_string();
    ensure!(
        refused.status == 400 && said.contains("You have a tracker of this"),
        "{refused:?}"
    );

    // What was sold is what was told, and most days cost nothing.
    let sold = simulator.ledger().await?.len() - sold_before;
    ensure!(
        sold as i64 * 10 == cost && sold < 16,
        "{sold} sales, {cost} cents"
    );
    let last_day = first_day + Days::new(30);
    let is_in_time = |(_, entered): &&(NaiveDate, NaiveDate)| *entered <= last_day;
    let there = api
        .all(&format!("docket-entries/?docket={}", bought["docket"]))
        .await?
        .len();
    let entered = entries.iter().filter(is_in_time).count();
    ensure!(
        told >= 3 && there <= entered && there + 2 >= entered,
        "{there} of {entered} entries"
    );
    ensure!(receiver.heard().len() == told, "told once each");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
