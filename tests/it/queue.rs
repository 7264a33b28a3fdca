//! The queue as its users and its operator see it: cancelling, waiting for a time, places and
//! lists over both doors, and courts that do not delay each other.

use std::time::Duration;

use anyhow::{Context, ensure};
use fetch_bus::{
    RequestEvent, Role,
    wire::{
        CancelRequest, GetRequest, Lane, ListRequest, RequestType, SubmitRequest,
        fetch_client::FetchClient, submit_result::Outcome,
    },
};
use fetch_model::{FetchId, FetchKind, State, UserId};
use futures_util::StreamExt;
use pacer_fetch_client::raw::http_client;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack, until};
use tonic::{Code, Request};

const PATIENCE: Duration = Duration::from_secs(120);

async fn cancel(api: &Api, id: i64) -> anyhow::Result<testkit::Answer> {
    let path = format!("/api/rest/v4/recap-fetch/{id}/cancel/");
    let request = api.request("POST".parse()?, &path);
    Ok(api.send(request).await?)
}

fn id_of(request: &Value) -> anyhow::Result<i64> {
    request["id"].as_i64().context("an id")
}

/// So many days from now, as a client writes it.
async fn in_days(stack: &Stack, days: i32) -> anyhow::Result<String> {
    let sql = "select to_char((now() + make_interval(days => $1)) at time zone 'UTC',
                              'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let written = sqlx::query_scalar(sql).bind(days);
    Ok(written.fetch_one(&mut stack.database().await?).await?)
}

async fn parked(stack: &Stack, api: &Api) -> anyhow::Result<Value> {
    let tomorrow = in_days(stack, 1).await?;
    let form = [DEMO_DOCKET, &[("not_before", &tomorrow)]].concat();
    Ok(api.submit(&Account::demo(), &form).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_its_time_and_is_cancelled_wherever_it_is() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.court_cap(1).start().await?;
    let api = stack.user("owner").await?;
    let stranger = stack.user("stranger").await?;

    for (sent, says) in [
        ("tomorrow", "Datetime has wrong format."),
        ("2026-11-28T18:00:00", "Datetime has wrong format."),
        (&*in_days(&stack, 91).await?, "at most 90 days ahead"),
    ] {
        let form = [DEMO_DOCKET, &[("not_before", sent)]].concat();
        let answer = api.post(&Account::demo(), &form).await?;
        ensure!(answer.status == 400, "{sent}: {}", answer.body);
        let text = answer.body["not_before"][0].as_str().unwrap_or_default();
        ensure!(text.contains(says), "{sent}: {}", answer.body);
    }

    let request = parked(&stack, &api).await?;
    let id = id_of(&request)?;
    ensure!(
        request.get("queue").is_none(),
        "the contract's object: {request}"
    );
    let seen = api
        .get(&format!("recap-fetch/{id}/?queue=1&steps=1"))
        .await?;
    ensure!(seen["status"] == 1, "{seen}");
    ensure!(seen["queue"]["waits_for"] == "not_before", "{seen}");
    ensure!(seen["queue"]["position"].is_null(), "{seen}");
    let eta = seen["queue"]["eta_seconds"]
        .as_i64()
        .context("an estimate")?;
    ensure!((86_000..=86_400).contains(&eta), "{seen}");
    ensure!(seen["life"]["steps"][0]["step"] == "accepted", "{seen}");
    let foreign = cancel(&stranger, id).await?;
    ensure!(foreign.status == 404, "{}", foreign.body);
    let cancelled = cancel(&api, id).await?;
    ensure!(cancelled.status == 200, "{}", cancelled.body);
    ensure!(cancelled.body["status"] == 3, "{}", cancelled.body);
    let again = cancel(&api, id).await?;
    ensure!(again.status == 200, "twice is as good as once");

    // One that is running: the court keeps it waiting before anything is bought.
    let lookup =
        json!({"court": "okwd", "path": "possible", "times": 1, "kind": "delay", "ms": 4000});
    stack.simulator().order_fault(&lookup).await?;
    let running = id_of(&api.submit(&Account::demo(), DEMO_DOCKET).await?)?;
    stack.wait_for_state(running, "running", PATIENCE).await?;
    let waiting = id_of(&api.submit(&Account::demo(), DEMO_DOCKET).await?)?;
    let headers = api
        .request(
            "GET".parse()?,
            &format!("/api/rest/v4/recap-fetch/{waiting}/"),
        )
        .send()
        .await?;
    ensure!(
        headers.headers()["pacer-fetch-position"] == "1",
        "{headers:?}"
    );
    ensure!(
        headers.headers().contains_key("pacer-fetch-eta-seconds"),
        "{headers:?}"
    );
    let cancelled = cancel(&api, running).await?;
    ensure!(cancelled.status == 200, "{}", cancelled.body);
    // The next one gets the place when the first has let go, and is the only one that buys.
    let done = api.wait(&json!({"id": waiting}), PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let ended = api.get(&format!("recap-fetch/{running}/?steps=1")).await?;
    ensure!(ended["life"]["state"] == "cancelled", "{ended}");
    ensure!(stack.simulator().ledger().await?.len() == 1, "bought once");
    let most = stack
        .simulator()
        .traffic("okwd")
        .await?
        .context("traffic")?;
    ensure!(most.peak_in_flight <= 1, "the cap held: {most:?}");

    // And one that has ended.
    let late = cancel(&api, waiting).await?;
    ensure!(late.status == 409, "{}", late.body);
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// What is said on the bus is a hint: only the row ends an attempt.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_only_said_to_be_cancelled_goes_on() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("owner").await?;
    let lookup =
        json!({"court": "okwd", "path": "possible", "times": 1, "kind": "delay", "ms": 3000});
    stack.simulator().order_fault(&lookup).await?;
    let id = id_of(&api.submit(&Account::demo(), DEMO_DOCKET).await?)?;
    stack.wait_for_state(id, "running", PATIENCE).await?;

    let config = stack.nats().config(Role::Gateway);
    let liar = fetch_bus::connect(Role::Gateway, &config).await?;
    let lie = RequestEvent {
        request: FetchId(id),
        user: UserId(1),
        kind: FetchKind::Docket,
        court: "okwd".to_owned(),
        state: State::Cancelled,
        status: 3,
        pages: None,
    };
    let mut lies = tokio::time::interval(Duration::from_millis(3));
    let request = json!({"id": id});
    let done = api.wait(&request, PATIENCE);
    tokio::pin!(done);
    let done = loop {
        tokio::select! {
            done = &mut done => break done?,
            _ = lies.tick() => liar.announce(&lie).await,
        }
    };
    ensure!(done["status"] == 2, "{done}");
    let claims = "select count(*) from fetch_steps where request_id = $1 and step = 'claimed'";
    let claims: i64 = sqlx::query_scalar(claims)
        .bind(id)
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(
        claims == 1,
        "one attempt was enough, and there were {claims}"
    );
    ensure!(stack.simulator().ledger().await?.len() == 1, "bought once");
    stack.stop().await
}

/// A court that never answers keeps its own requests waiting, and nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn a_court_that_hangs_delays_no_other() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.court_cap(2).start().await?;
    let api = stack.user("lawyer").await?;
    let simulator = stack.simulator();
    let hang = json!({"court": "okwd", "times": null, "kind": "hang"});
    simulator.order_fault(&hang).await?;
    let mut stuck = Vec::new();
    for _ in 0..6 {
        stuck.push(id_of(&api.submit(&Account::demo(), DEMO_DOCKET).await?)?);
    }
    stack.wait_for_state(stuck[0], "running", PATIENCE).await?;
    stack.wait_for_state(stuck[1], "running", PATIENCE).await?;
    let mut others = Vec::new();
    for pacer_id in ["cand", "nysd", "txed", "ilnd", "flsd", "mad"] {
        let cases = simulator.cases_of(pacer_id).await?;
        let is_usual =
            |case: &&testkit::SimulatedCase| case.kind == "civil" && case.peculiarity == "none";
        let case = cases.iter().find(is_usual).context("an ordinary case")?;
        let form = [
            ("request_type", "1"),
            ("court", testkit::client_court_id(pacer_id)),
            ("docket_number", &*case.docket_number),
        ];
        others.push(api.submit(&Account::demo(), &form).await?);
    }
    for other in &others {
        let done = api.wait(other, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    for (place, id) in stuck.iter().enumerate() {
        let seen = api.get(&format!("recap-fetch/{id}/?queue=1")).await?;
        let expected = if place < 2 { 4 } else { 1 };
        ensure!(seen["status"] == expected, "{place}: {seen}");
    }
    println!(
        "{} requests at other courts ended while 2 hung and 4 waited",
        others.len()
    );
    // Nobody waits for what will never come.
    stack.kill("docket-fetcher").await?;
    stack.stop().await
}

/// A document of the demo case, by the simulator's word for it.
async fn document(stack: &Stack, docket: &Value, scanned: bool) -> anyhow::Result<String> {
    let number = stack
        .simulator()
        .document_number("okwd", "5:16-cv-00432", scanned)
        .await?;
    let id: i64 = sqlx::query_scalar(
        "select d.id from recap_documents d join docket_entries e on e.id = d.docket_entry_id
         where e.docket_id = $1 and d.pacer_doc_id = $2",
    )
    .bind(docket["docket"].as_i64().context("a docket")?)
    .bind(number)
    .fetch_one(&mut stack.database().await?)
    .await?;
    Ok(id.to_string())
}

/// A kind of worker is killed: what is for it waits and says so, and holds up nobody else. When one
/// comes back, everything is done, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_worker_that_is_gone_stops_no_other_kind() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.court_cap(2).start().await?;
    let api = stack.user("lawyer").await?;
    let account = |name: &str| Account::new(name, Account::demo().password.expose_secret());
    let docket = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let docket = api.wait(&docket, PATIENCE).await?;
    let documents = [
        document(&stack, &docket, false).await?,
        document(&stack, &docket, true).await?,
    ];

    stack.kill("pdf-fetcher").await?;
    let mut waiting = Vec::new();
    for (name, document) in ["demo", "demo-noreceipts"].into_iter().zip(&documents) {
        let form = [("request_type", "2"), ("recap_document", document.as_str())];
        waiting.push(api.submit(&account(name), &form).await?);
    }
    let cases = stack.simulator().cases_of("okwd").await?;
    let is_usual = |case: &&testkit::SimulatedCase| {
        case.kind == "civil"
            && case.peculiarity == "none"
            && !case.docket_number.starts_with("5:16-cv-00432")
    };
    let case = cases.iter().find(is_usual).context("an ordinary case")?;
    let form = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", &*case.docket_number),
    ];
    let begun = tokio::time::Instant::now();
    let other = api.submit(&account("demo-receipts"), &form).await?;
    let other = api.wait(&other, PATIENCE).await?;
    ensure!(other["status"] == 2, "{other}");
    println!(
        "a docket was done {:?} after it was asked for, beside documents that nobody takes",
        begun.elapsed()
    );

    for request in &waiting {
        let id = id_of(request)?;
        until("a reason", PATIENCE, async || {
            let seen = api.get(&format!("recap-fetch/{id}/?queue=1")).await?;
            let queue = &seen["queue"];
            let told = queue["waits_for"] == "no_worker" && queue["eta_seconds"].is_null();
            Ok(if told { Ok(()) } else { Err(seen.to_string()) })
        })
        .await?;
    }
    until("a word to the operator", PATIENCE, async || {
        let shown = stack.inner().command(&["court", "show"]).await?;
        let told = shown.contains("NO pdf-fetcher is running for pdf work, and 2 requests wait");
        Ok(if told { Ok(()) } else { Err(shown) })
    })
    .await?;

    // The gateway is as ready as before, and says what is missing.
    let admin = stack.inner().env("gateway")?["PACER_FETCH_ADMIN_LISTEN"].clone();
    let client = http_client();
    until("a line of /readyz", PATIENCE, async || {
        let ready = client.get(format!("http://{admin}/readyz")).send().await?;
        ensure!(ready.status() == 200, "{ready:?}");
        let ready = ready.text().await?;
        let told = ready.contains("workers: no pdf-fetcher is taking work\n");
        Ok(if told { Ok(()) } else { Err(ready) })
    })
    .await?;
    until("metrics", PATIENCE, async || {
        let metrics = client.get(format!("http://{admin}/metrics")).send();
        let metrics = metrics.await?.text().await?;
        let is_there = |name: &str, kind: &str, number: i32| {
            metrics.lines().any(|line| {
                line.starts_with(name)
                    && line.contains(&format!("kind=\"{kind}\""))
                    && line.ends_with(&format!(" {number}"))
            })
        };
        let told = is_there("pacer_fetch_workers", "pdf", 0)
            && is_there("pacer_fetch_requests_without_worker", "pdf", 2)
            && is_there("pacer_fetch_workers", "docket", 1);
        Ok(if told { Ok(()) } else { Err(metrics) })
    })
    .await?;

    stack.restart("pdf-fetcher").await?;
    let begun = tokio::time::Instant::now();
    let ids: Vec<i64> = waiting.iter().map(id_of).collect::<anyhow::Result<_>>()?;
    let mut database = stack.database().await?;
    until("claims", PATIENCE, async || {
        let claims = "select count(distinct request_id) from fetch_steps
                      where step = 'claimed' and request_id = any($1)";
        let claims: i64 = sqlx::query_scalar(claims)
            .bind(&ids)
            .fetch_one(&mut database)
            .await?;
        Ok(if claims == 2 {
            Ok(())
        } else {
            Err(claims.to_string())
        })
    })
    .await?;
    println!(
        "documents were claimed {:?} after a worker was ready for them",
        begun.elapsed()
    );
    for request in &waiting {
        let done = api.wait(request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let attempts: i64 = sqlx::query_scalar("select sum(attempts) from fetch_requests")
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(attempts == 0, "nothing is counted against them: {attempts}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_are_sent_listed_and_cancelled_over_grpc() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("caller").await?;
    let stranger = stack.user("stranger").await?;
    let mut client = FetchClient::new(stack.grpc().await?);

    let tomorrow = sqlx::query_scalar::<_, i64>("select extract(epoch from now())::bigint + 86400")
        .fetch_one(&mut stack.database().await?)
        .await?;
    let submit = |court: Option<&str>| SubmitRequest {
        request_type: RequestType::Docket.into(),
        pacer_username: Account::demo().username,
        pacer_password: Account::demo().password.expose_secret().to_owned(),
        court: court.map(str::to_owned),
        docket_number: Some("5:16-cv-00432".to_owned()),
        lane: Lane::Bulk.into(),
        not_before: Some(prost_types::Timestamp {
            seconds: tomorrow,
            nanos: 0,
        }),
        ..SubmitRequest::default()
    };
    let sent: Vec<SubmitRequest> = (0..25)
        .map(|place| submit((place != 7).then_some("okwd")))
        .collect();
    let stream = signed(futures_util::stream::iter(sent), &api.token)?;
    let mut answers = client.submit_many(stream).await?.into_inner();
    let mut accepted = Vec::new();
    let mut index = 0;
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        ensure!(answer.index == index, "in order: {answer:?}");
        match answer.outcome.context("an outcome")? {
            Outcome::Request(request) => accepted.push(request.id),
            Outcome::Error(error) => {
                ensure!(index == 7, "{index}: {error:?}");
                ensure!(error.code == i32::from(Code::InvalidArgument), "{error:?}");
                ensure!(error.message.contains("'court'"), "{error:?}");
            }
        }
        index += 1;
    }
    ensure!(accepted.len() == 24, "{accepted:?}");

    let mut listed = Vec::new();
    let mut token = String::new();
    loop {
        let list = ListRequest {
            status: vec![1],
            court: Some("okwd".to_owned()),
            page_size: 10,
            page_token: token,
            ..ListRequest::default()
        };
        let page = client.list(signed(list, &api.token)?).await?.into_inner();
        listed.extend(page.requests.iter().map(|request| request.id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    accepted.reverse();
    ensure!(listed == accepted, "newest first: {listed:?}");
    let list = signed(ListRequest::default(), &stranger.token)?;
    ensure!(
        client.list(list).await?.into_inner().requests.is_empty(),
        "a stranger"
    );
    let wrong = ListRequest {
        page_token: "yesterday".to_owned(),
        ..ListRequest::default()
    };
    let refused = client.list(signed(wrong, &api.token)?).await.unwrap_err();
    ensure!(refused.message().starts_with("page_token"), "{refused}");

    let get = GetRequest {
        id: accepted[0],
        queue: true,
        steps: true,
        expand: None,
    };
    let seen = client.get(signed(get, &api.token)?).await?.into_inner();
    let place = seen.queue.context("its place")?;
    ensure!(
        place.waits_for == "not_before" && place.lane() == Lane::Bulk,
        "{place:?}"
    );
    ensure!(seen.steps[0].step == "accepted", "{:?}", seen.steps);

    let id = accepted[0];
    let foreign = signed(CancelRequest { id }, &stranger.token)?;
    let refused = client.cancel(foreign).await.unwrap_err();
    ensure!(refused.code() == Code::NotFound, "{refused}");
    let cancelled = client
        .cancel(signed(CancelRequest { id }, &api.token)?)
        .await?;
    ensure!(
        cancelled
            .into_inner()
            .message
            .starts_with("Cancelled by its owner"),
        "cancelled"
    );
    let done = testkit::in_state(State::Done);
    let put = format!("update fetch_requests set {done} where id = $1");
    sqlx::query(sqlx::AssertSqlSafe(put))
        .bind(accepted[1])
        .execute(&mut stack.database().await?)
        .await?;
    let late = signed(CancelRequest { id: accepted[1] }, &api.token)?;
    let refused = client.cancel(late).await.unwrap_err();
    ensure!(refused.code() == Code::FailedPrecondition, "{refused}");
    stack.stop().await
}

fn signed<T>(message: T, token: &str) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", format!("Token {token}").parse()?);
    Ok(request)
}
