//! What a request says beyond the contract, from the answer to its POST to what it has changed.

use std::time::Duration;

use anyhow::{Context, ensure};
use fetch_bus::wire::{GetRequest, fetch_client::FetchClient};
use pacer_fetch_client::raw::Method;
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack, until};

use crate::repeats::{demo, sign};

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_told_what_a_request_costs_and_what_it_has_changed() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let plain = stack.user("ann").await?;
    let made = command(
        &stack,
        "token create ann --name robot --expand money,life,changes",
    )
    .await?;
    let robot = plain.with_token(made.split_whitespace().last().context("a token")?);

    // Refused before anybody is logged in.
    let wrong = post(&plain, "?expand=monney", &demo(json!({}))).await?;
    ensure!(wrong.0 == 400 && wrong.1["expand"].is_array(), "{wrong:?}");
    let none = plain.get("recap-fetch/?count=on").await?;
    ensure!(none["count"] == 0, "{none}");

    let limit = json!({"max_cost_cents": 900});
    let (status, sent) = post(&robot, "", &demo(limit)).await?;
    ensure!(status == 201, "{sent}");
    ensure!(sent["life"]["next_step"].is_null(), "{sent}");
    ensure!(sent["money"]["max_cost_cents"] == 900, "{sent}");
    let done = robot.wait(&sent, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let sold = stack.simulator().ledger().await?;
    let bill: i64 = sold.iter().map(|sale| sale.cents).sum();
    ensure!(
        bill > 0 && done["money"]["cost_cents"] == bill,
        "{bill}: {done}"
    );
    ensure!(done["money"]["is_settled"] == true, "{done}");
    ensure!(done["money"]["reserved_cents"] == 0, "{done}");
    ensure!(done["life"]["state"] == "done", "{done}");
    let docket = done["docket"].as_i64().context("a docket")?;
    let count = async |list: &str| {
        let counted = plain.get(&format!("{list}/?count=on")).await?;
        anyhow::Ok(counted["count"].clone())
    };
    let changes = &done["changes"];
    ensure!(changes["docket_new"] == true, "{done}");
    ensure!(
        changes["entries_new"] == count("docket-entries").await?,
        "{done}"
    );
    ensure!(
        changes["documents_new"] == count("recap-documents").await?,
        "{done}"
    );
    ensure!(changes["parties_new"] == count("parties").await?, "{done}");

    // The same again costs again, and changes nothing; without the token's groups it is the contract's.
    let (_, sent) = post(&plain, "?wait=60&expand=changes", &demo(json!({}))).await?;
    ensure!(sent["status"] == 2, "{sent}");
    let nothing = json!({"docket_new": false, "entries_new": 0, "entries_changed": 0, "documents_new": 0,
                         "documents_changed": 0, "parties_new": 0, "parties_changed": 0});
    ensure!(sent["changes"] == nothing, "{sent}");
    ensure!(sent.get("money").is_none(), "{sent}");

    // A document gets its file.
    let document = stack.main_document(docket, 1).await?;
    let number = document.to_string();
    let form = [("request_type", "2"), ("recap_document", number.as_str())];
    let sent = robot.submit(&Account::demo(), &form).await?;
    let done = robot.wait(&sent, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(done["changes"]["documents_changed"] == 1, "{done}");
    ensure!(done["money"]["cost_cents"].as_i64() > Some(0), "{done}");

    fails(&stack, &plain, &robot).await?;
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// A request that fails says why in a word and what to do in a sentence, over both doors.
async fn fails(stack: &Stack, plain: &Api, robot: &Api) -> anyhow::Result<()> {
    let unknown = [DEMO_DOCKET, &[("docket_number", "5:16-cv-99999")]].concat();
    let sent = robot.submit(&Account::demo(), &unknown).await?;
    let done = robot.wait(&sent, PATIENCE).await?;
    ensure!(done["status"] == 3, "{done}");
    ensure!(done["life"]["failure"] == "number_unknown", "{done}");
    let step = "Check the court and the docket number.";
    ensure!(done["life"]["next_step"] == step, "{done}");
    ensure!(done["life"]["retry_after"].is_null(), "{done}");
    ensure!(
        done["money"]["cost_cents"] == 0 && done["changes"].is_null(),
        "{done}"
    );
    let id = done["id"].as_i64().context("an id")?;
    let mut client = FetchClient::new(stack.grpc().await?);
    let asked = GetRequest {
        id,
        ..GetRequest::default()
    };
    let told = client.get(sign(asked, &plain.token)?).await?.into_inner();
    ensure!(
        (&*told.failure, &*told.next_step) == ("number_unknown", step),
        "{told:?}"
    );

    // The operator changes what a token is told.
    let listed = command(stack, "token list ann").await?;
    let line = listed.lines().find(|line| line.contains("robot"));
    let line = line.context("the token")?;
    ensure!(line.contains("money,life,changes"), "{listed}");
    let number = line.split_whitespace().next().context("its number")?;
    command(stack, &format!("token expand {number}")).await?;
    let path = format!("recap-fetch/{id}/");
    until("the groups are gone", PATIENCE, async || {
        let told = robot.get(&path).await?;
        Ok(match told.get("life") {
            None => Ok(()),
            Some(_) => Err(told),
        })
    })
    .await?;
    ensure!(command(stack, "token expand 987654 money").await.is_err());
    let misspelt = command(stack, &format!("token expand {number} monney")).await;
    let misspelt = misspelt.err().context("a group of that name")?.to_string();
    ensure!(
        misspelt.contains("money, life, queue, changes, plan"),
        "{misspelt}"
    );
    Ok(())
}

async fn command(stack: &Stack, words: &str) -> anyhow::Result<String> {
    let words: Vec<&str> = words.split(' ').collect();
    stack.command(&words).await
}

/// Submits this as JSON, with this query: the status and the body of the answer.
async fn post(api: &Api, query: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
    let path = format!("/api/rest/v4/recap-fetch/{query}");
    let request = api.request(Method::POST, &path);
    let request = request.header("Content-Type", "application/json");
    let answer = request.body(body.to_string()).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}
