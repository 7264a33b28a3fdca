//! Many requests in one call: what is wrong with one is told of it, the others are accepted together or not at all.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use pacer_fetch_client::raw::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(180);
const LINES: &str = "application/x-ndjson";

/// An answer, and whether it was given before.
#[derive(Debug)]
struct Told {
    status: u16,
    replayed: bool,
    text: String,
    body: Value,
}

impl Told {
    fn results(&self) -> &[Value] {
        self.body["results"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The requests, where they were accepted.
    fn ids(&self) -> Vec<i64> {
        let results = self.results().iter();
        results.filter_map(|line| line["id"].as_i64()).collect()
    }
}

async fn send(
    api: &Api,
    query: &str,
    key: Option<&str>,
    media: &str,
    body: &str,
) -> anyhow::Result<Told> {
    let path = format!("/api/rest/v4/recap-fetch/batch/{query}");
    let mut call = api
        .request(Method::POST, &path)
        .timeout(PATIENCE)
        .header("Content-Type", media);
    if let Some(key) = key {
        call = call.header("Idempotency-Key", key);
    }
    let answer = call.body(body.to_owned()).send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await?;
    Ok(Told {
        status,
        replayed: headers.contains_key("idempotent-replayed"),
        body: serde_json::from_str(&text)?,
        text,
    })
}

/// What all requests of a batch have in common: the login of the demo, and what is given.
fn common(more: Value) -> String {
    let account = Account::demo();
    let mut fields = json!({
        "pacer_username": account.username, "pacer_password": account.password.expose_secret(),
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    json!({ "defaults": fields }).to_string()
}

fn lines(common: &str, requests: &[Value]) -> String {
    let requests = requests.iter().map(Value::to_string);
    let all: Vec<String> = std::iter::once(common.to_owned()).chain(requests).collect();
    all.join("\n")
}

/// Dockets of `okwd`, none of which is begun before tomorrow.
fn tomorrow() -> String {
    let tomorrow = chrono::Utc::now() + chrono::TimeDelta::days(1);
    common(json!({
        "request_type": 1, "court": "okwd", "not_before": tomorrow.to_rfc3339(),
    }))
}

fn case(number: usize) -> Value {
    json!({ "pacer_case_id": number.to_string() })
}

async fn rows(stack: &Stack) -> anyhow::Result<i64> {
    let mut database = stack.database().await?;
    let count = sqlx::query_scalar("select count(*) from fetch_requests");
    Ok(count.fetch_one(&mut database).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_is_answered_and_what_is_right_is_bought_with_one_login() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("loader").await?;
    let body = lines(
        &common(json!({"show_parties_and_counsel": false})),
        &[
            json!({"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432"}),
            json!({"request_type": 9, "court": "nowhere"}),
            json!({"request_type": 2}),
            json!({"request_type": 2, "court": "okwd", "docket_number": "5:16-cv-00432", "entry_number": 1}),
            json!({"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432", "note": "x"}),
        ],
    );
    let body = body + "\nnonsense";
    let told = send(&api, "", None, LINES, &body).await?;
    ensure!(told.status == 200, "{told:?}");
    ensure!(
        told.body["accepted"] == 3 && told.body["refused"] == 3,
        "{told:?}"
    );
    let stati: Vec<(u64, u64)> = told
        .results()
        .iter()
        .map(|line| (line["line"].as_u64(), line["status"].as_u64()))
        .map(|(line, status)| (line.unwrap_or(0), status.unwrap_or(0)))
        .collect();
    let expected = [(2, 201), (3, 400), (4, 400), (5, 201), (6, 201), (7, 400)];
    ensure!(stati == expected, "{told:?}");
    let errors = |place: usize| &told.results()[place]["errors"];
    ensure!(
        errors(1)["request_type"][0] == "This is not a valid choice.",
        "{told:?}"
    );
    ensure!(errors(1)["court"][0].is_string(), "{told:?}");
    ensure!(errors(2)["non_field_errors"][0].is_string(), "{told:?}");
    let said = errors(5)["detail"].as_str().unwrap_or_default();
    ensure!(said.starts_with("JSON parse error"), "{told:?}");
    // 300 for each docket, and for the document and what comes before it 600.
    ensure!(told.body["at_most_cents"] == 1200, "{told:?}");
    for id in told.ids() {
        let done = api.wait(&json!({ "id": id }), PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let (logins, _) = stack.simulator().logins("demo").await?;
    ensure!(logins == 1, "{logins} logins");
    stack.assert_bill_equals_ledger().await?;

    // A wrong password is told of its lines alone.
    let wrong = json!({"request_type": 1, "court": "okwd", "pacer_case_id": "1", "pacer_password": "wrong"});
    let right = json!({"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432"});
    let told = send(
        &api,
        "",
        None,
        LINES,
        &lines(&common(json!({})), &[wrong, right]),
    )
    .await?;
    ensure!(told.status == 200 && told.body["accepted"] == 1, "{told:?}");
    ensure!(told.results()[0]["id"].is_null(), "{told:?}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_and_tables_are_batches_too() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("typist").await?;
    let account = Account::demo();
    let (name, password) = (&account.username, account.password.expose_secret());
    let later = (chrono::Utc::now() + chrono::TimeDelta::days(1)).to_rfc3339();
    let csv = format!(
        "request_type,court,pacer_case_id,docket_number,not_before,pacer_username,pacer_password\n\
         1,okwd,1,,{later},{name},{password}\n\
         1,okwd,,\"5:16-cv-00432\",{later},{name},{password}\n\
         1,okwd\n"
    );
    let told = send(&api, "", None, "text/csv; charset=utf-8", &csv).await?;
    ensure!(told.status == 200 && told.body["accepted"] == 2, "{told:?}");
    ensure!(told.results()[2]["line"] == 4, "{told:?}");
    let request = api.get(&format!("recap-fetch/{}/", told.ids()[0])).await?;
    // As in JSON, not as in a form.
    ensure!(request["show_parties_and_counsel"] == true, "{request}");
    let array = format!("[{},{},{}]", tomorrow(), case(1), case(2));
    let told = send(&api, "", None, "application/json", &array).await?;
    ensure!(told.status == 200 && told.ids().len() == 2, "{told:?}");
    let told = send(&api, "", None, "application/json", "{}").await?;
    ensure!(told.status == 400, "{told:?}");
    let told = send(&api, "", None, "text/plain", "x").await?;
    ensure!(told.status == 415, "{told:?}");
    let told = send(&api, "?lane=bulk", None, LINES, "{}").await?;
    ensure!(
        told.status == 400 && told.body["lane"].is_array(),
        "{told:?}"
    );
    let told = send(&api, "?max_costs_cents=1", None, LINES, "{}").await?;
    ensure!(told.status == 400, "{told:?}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_for_all_is_kept_by_each() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("thrifty").await?;
    let (one, other) = (
        case(1),
        json!({"pacer_case_id": "2", "max_cost_cents": 250}),
    );
    let body = lines(&tomorrow(), &[one, other]);
    // The second line has a limit below its price, and is refused by itself.
    let told = send(&api, "?max_cost_cents=300", None, LINES, &body).await?;
    ensure!(told.status == 200, "{told:?}");
    let before = rows(&stack).await?;
    let two = lines(&tomorrow(), &[case(1), case(2)]);
    let told = send(&api, "?max_cost_cents=599", None, LINES, &two).await?;
    ensure!(told.status == 400, "{told:?}");
    ensure!(
        told.body["max_cost_cents"][0]
            == "This may cost $6.00, but max_cost_cents allows only $5.99.",
        "{told:?}"
    );
    ensure!(rows(&stack).await? == before, "nothing was accepted");
    let told = send(&api, "?max_cost_cents=600", None, LINES, &two).await?;
    ensure!(
        told.status == 200 && told.body["at_most_cents"] == 600,
        "{told:?}"
    );
    let mut database = stack.database().await?;
    let limits: Vec<Option<i32>> =
        sqlx::query_scalar("select max_cost_cents from fetch_requests where id = any($1)")
            .bind(told.ids())
            .fetch_all(&mut database)
            .await?;
    ensure!(limits == [Some(300), Some(300)], "{limits:?}");

    // A transcript whose price nobody knows keeps to what was counted for it.
    let transcript = json!({
        "request_type": 2, "court": "cand", "docket_number": "1:20-cv-90014", "entry_number": 2,
    });
    let body = lines(&common(json!({})), &[transcript]);
    let told = send(&api, "?max_cost_cents=600", None, LINES, &body).await?;
    ensure!(told.ids().len() == 1, "{told:?}");
    let done = api.wait(&json!({ "id": told.ids()[0] }), PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.assert_bill_equals_ledger().await?;

    // What the quarter has left counts for all together.
    let spent = "insert into budgets (user_id, per_quarter_cents)
                 select id, 2000 from users where name = 'thrifty'";
    sqlx::query(spent).execute(&mut database).await?;
    let before = rows(&stack).await?;
    let ten: Vec<Value> = (1..=10).map(case).collect();
    let told = send(&api, "", None, LINES, &lines(&tomorrow(), &ten)).await?;
    ensure!(told.status == 400, "{told:?}");
    ensure!(rows(&stack).await? == before, "nothing was accepted");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_sent_again_is_answered_as_before() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("again").await?;
    let body = lines(
        &tomorrow(),
        &[case(1), json!({"court": "nowhere"}), case(2)],
    );
    let first = send(&api, "", Some("b-1"), LINES, &body).await?;
    ensure!(first.status == 200 && first.ids().len() == 2, "{first:?}");
    let before = rows(&stack).await?;
    // Nobody is logged in for a repetition, and nobody looks at the password.
    stack.inner().stop_one("login").await?;
    let other = body.replace(Account::demo().password.expose_secret(), "changed");
    for body in [&body, &other] {
        let again = send(&api, "", Some("b-1"), LINES, body).await?;
        ensure!(again.replayed && again.text == first.text, "{again:?}");
    }
    for (query, changed) in [
        ("", body.replace("nowhere", "elsewhere")),
        ("", format!("{body}\n{}", case(3))),
        ("?max_cost_cents=100000", body.clone()),
    ] {
        let refused = send(&api, query, Some("b-1"), LINES, &changed).await?;
        ensure!(refused.status == 422, "{refused:?}");
    }
    let alone = json!({
        "request_type": 1, "court": "okwd", "pacer_case_id": "1", "pacer_username": "a", "pacer_password": "b",
    });
    let single = api
        .request(Method::POST, "/api/rest/v4/recap-fetch/")
        .header("Idempotency-Key", "b-1")
        .header("Content-Type", "application/json")
        .body(alone.to_string());
    ensure!(api.send(single).await?.status == 422);
    ensure!(rows(&stack).await? == before, "nothing was accepted twice");
    stack.restart("login").await?;

    // Two at once are one.
    let both = tokio::join!(
        send(&api, "", Some("b-2"), LINES, &body),
        send(&api, "", Some("b-2"), LINES, &body)
    );
    for told in [both.0?, both.1?] {
        ensure!([200, 409, 429].contains(&told.status), "{told:?}");
    }
    ensure!(rows(&stack).await? == before + 2, "accepted once");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_need_steps_are_fewer() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("archivist").await?;
    let fields = json!({"request_type": 2, "court": "okwd", "docket_number": "5:16-cv-00432"});
    let requests: Vec<Value> = (1..=501)
        .map(|entry| json!({ "entry_number": entry }))
        .collect();
    let before = rows(&stack).await?;
    let told = send(&api, "", None, LINES, &lines(&common(fields), &requests)).await?;
    let said = told.body["non_field_errors"][0].as_str().context("why")?;
    ensure!(
        told.status == 400 && said.contains("at most 500 of those"),
        "{told:?}"
    );
    ensure!(rows(&stack).await? == before, "nothing was accepted");
    stack.stop().await
}

/// What a law firm loads in a night. The figure is printed.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_are_accepted_in_seconds() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("firm").await?;
    let mut database = stack.database().await?;
    sqlx::query("update courts set held_since = now(), held_reason = 'a test'")
        .execute(&mut database)
        .await?;
    let fields = json!({"request_type": 1, "court": "okwd", "lane": "bulk"});
    let requests: Vec<Value> = (1..=10_000).map(case).collect();
    let body = lines(&common(fields), &requests);
    let begun = Instant::now();
    let told = send(&api, "?max_cost_cents=3000000", Some("night"), LINES, &body).await?;
    let took = begun.elapsed();
    ensure!(told.status == 200, "{}: {:.500}", told.status, told.text);
    println!(
        "10,000 requests were accepted in {:.1} s",
        took.as_secs_f64()
    );
    ensure!(told.body["accepted"] == 10_000, "{}", told.body["accepted"]);
    ensure!(took < Duration::from_secs(60), "{took:?}");
    let ids = told.ids();
    let distinct = ids.iter().collect::<std::collections::BTreeSet<_>>().len();
    ensure!(distinct == 10_000, "{distinct} ids");
    let order = "select pacer_case_id from fetch_requests where id = any($1) order by virtual_time";
    let order: Vec<String> = sqlx::query_scalar(order)
        .bind(ids)
        .fetch_all(&mut database)
        .await?;
    let expected: Vec<String> = (1..=10_000).map(|case| case.to_string()).collect();
    ensure!(
        order == expected,
        "they stand in the queue as they were sent"
    );
    let begun = Instant::now();
    let again = send(&api, "?max_cost_cents=3000000", Some("night"), LINES, &body).await?;
    ensure!(again.replayed && again.text == told.text);
    println!("the same again: {:.1} s", begun.elapsed().as_secs_f64());
    let (logins, _) = stack.simulator().logins("demo").await?;
    ensure!(logins == 1, "{logins} logins");
    let more = format!("{body}\n{}", case(1));
    let refused = send(&api, "", None, LINES, &more).await?;
    let said = refused.body["non_field_errors"][0]
        .as_str()
        .context("why")?;
    ensure!(said.contains("at most 10000"), "{refused:?}");
    stack.stop().await
}
