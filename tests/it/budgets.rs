//! Nobody overspends: limits hold under parallel requests, and nothing stays set aside.

use std::time::Duration;

use anyhow::{Context, ensure};
use fetch_bus::wire::{RequestType, SubmitRequest, fetch_client::FetchClient};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::{Account, Answer, Api, DEMO_DOCKET, Stack, StackBuilder};
use tonic::{Code, Request};

const PATIENCE: Duration = Duration::from_secs(180);

/// A case with many documents, so that a hundred of them can be asked for at once.
const ENTRIES: usize = 540;

/// Accounts log in as often as a test has users.
fn stack() -> Option<StackBuilder> {
    let stack = testkit::stack()?;
    Some(stack.with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_parallel_requests_with_room_for_three_buy_three() -> anyhow::Result<()> {
    let Some(stack) = stack() else {
        return Ok(());
    };
    let mut stack = stack
        .simulator_arg("--cases")
        .simulator_arg(2)
        .simulator_arg("--entries")
        .simulator_arg(ENTRIES)
        .start()
        .await?;
    let librarian = stack.user("librarian").await?;
    let (court, number) = stack.simulator().cases(1).await?.remove(0);
    buy_docket(&librarian, &court, &number).await?;
    // Four or five pages: any three cost less than any four.
    let documents = documents_of_pages(&stack, &court, &number, &[4, 5]).await?;
    ensure!(documents.len() >= 112, "{} documents", documents.len());
    let before = stack.simulator().ledger().await?.len();

    let spender = stack.user("spender").await?;
    let set = ["budget", "set", "spender", "--per-quarter-cents", "159"];
    let told = stack.inner().command(&set).await?;
    ensure!(told.contains("spender: $1.59 per quarter"), "{told}");
    let answers = join_all(documents[..100].iter().map(|id| post_pdf(&spender, *id))).await;
    let answers = answers.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let (accepted, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    ensure!(accepted.len() == 3, "{} accepted", accepted.len());
    for answer in &refused {
        ensure!(answer.status == 400, "{} {}", answer.status, answer.body);
        let said = answer.body["non_field_errors"][0].as_str();
        let said = said.with_context(|| answer.body.to_string())?;
        ensure!(
            said.contains("your budget of $1.59 per quarter has only") && said.contains("reserved"),
            "{said}"
        );
    }
    ensure!(refused.len() == 97, "{} refused", refused.len());
    for answer in &accepted {
        let done = spender.wait(&answer.body, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let sold = stack.simulator().ledger().await?.len() - before;
    ensure!(sold == 3, "{sold} sold");
    let budget = settled(&spender).await?;
    let spent = budget["spent_cents"].as_i64().context("spent_cents")?;
    ensure!((120..=150).contains(&spent), "{budget}");

    // The other door: the limit is the same, and so is the lock.
    let caller = stack.user("caller").await?;
    let set = ["budget", "set", "caller", "--per-quarter-cents", "109"];
    stack.inner().command(&set).await?;
    let client = FetchClient::new(stack.grpc().await?);
    let calls = documents[100..112].iter().map(|document| {
        let (mut client, token) = (client.clone(), caller.token.clone());
        let message = pdf_message(*document);
        async move {
            let mut request = Request::new(message);
            let token = format!("Token {token}").parse().expect("a token is ASCII");
            request.metadata_mut().insert("authorization", token);
            client.submit(request).await
        }
    });
    let (accepted, refused): (Vec<_>, Vec<_>) =
        join_all(calls).await.into_iter().partition(Result::is_ok);
    ensure!(accepted.len() == 2, "{} accepted", accepted.len());
    for status in refused.into_iter().filter_map(Result::err) {
        ensure!(status.code() == Code::ResourceExhausted, "{status}");
        ensure!(status.message().contains("$1.09 per quarter"), "{status}");
    }
    for answer in accepted.into_iter().flatten() {
        let request = json!({"id": answer.into_inner().id});
        let done = caller.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let sold = stack.simulator().ledger().await?.len() - before;
    ensure!(sold == 5, "{sold} sold");
    settled(&caller).await?;

    // What was quoted is what was billed, to the cent.
    let differ: i64 = sqlx::query_scalar(
        "select count(*) from purchases where item_key like 'doc/%' and billed_cents <> quoted_cents",
    )
    .fetch_one(&mut stack.database().await?)
    .await?;
    ensure!(differ == 0, "{differ} bills differ from their quotes");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Whatever becomes of a request, nothing stays set aside for it. What was lost on the way counts
/// as spent.
#[tokio::test(flavor = "multi_thread")]
async fn failures_give_back_what_was_reserved() -> anyhow::Result<()> {
    let Some(stack) = stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("unlucky").await?;
    let set = ["budget", "set", "unlucky", "--per-quarter-cents", "6000"];
    stack.inner().command(&set).await?;

    // A case whose documents are each refused in another way, some of them after all.
    buy_docket(&api, "okwd", "1:20-cv-90008").await?;
    let documents = ids_of(&stack, "1:20-cv-90008").await?;
    ensure!(documents.len() >= 13, "{} documents", documents.len());
    let mut requests = Vec::new();
    for document in &documents {
        let answer = post_pdf(&api, *document).await?;
        ensure!(answer.status == 201, "{} {}", answer.status, answer.body);
        requests.push(answer.body);
    }
    // And dockets: none of that number, a sealed one, a stub that costs a page.
    for number in ["1:20-cv-77777", "1:20-cv-90001", "1:20-cv-90003"] {
        let form = [
            ("request_type", "1"),
            ("court", "okwd"),
            ("docket_number", number),
        ];
        requests.push(api.submit(&Account::demo(), &form).await?);
    }
    let mut failed = 0;
    for request in &requests {
        let done = api.wait(request, PATIENCE).await?;
        failed += usize::from(done["status"] != 2);
    }
    ensure!(failed >= 13, "{failed} failed");
    let budget = settled(&api).await?;
    let charged = charged(&stack).await?;
    ensure!(
        budget["spent_cents"] == charged,
        "{budget}, charged {charged}"
    );

    // The answer to a purchase is lost: it may have been billed, and counts until it is settled.
    let lost = json!({"path": "DktRpt.pl", "method": "POST", "times": 1, "kind": "reset"});
    stack.simulator().order_fault(&lost).await?;
    let careful = [DEMO_DOCKET, &[("on_doubt", "stop")]].concat();
    let request = api.submit(&Account::demo(), &careful).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 3, "{done}");
    let budget = settled(&api).await?;
    ensure!(budget["spent_cents"] == charged + 300, "{budget}");
    stack.stop().await
}

/// The court shows a price above what the caller allows: nothing is bought, and it is said why.
#[tokio::test(flavor = "multi_thread")]
async fn a_price_above_max_cost_stops_before_money_moves() -> anyhow::Result<()> {
    let Some(stack) = stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("thrifty").await?;
    let account = Account::demo();

    let refused = api.post(&account, &max_cost(DEMO_DOCKET, "299")).await?;
    let said = "This may cost $3.00, but max_cost_cents allows only $2.99.";
    ensure!(
        refused.status == 400 && refused.body == json!({"max_cost_cents": [said]}),
        "{} {}",
        refused.status,
        refused.body
    );
    let refused = api.post(&account, &max_cost(DEMO_DOCKET, "-1")).await?;
    ensure!(
        refused.body["max_cost_cents"][0] == "Ensure this value is greater than or equal to 0.",
        "{}",
        refused.body
    );
    ensure!(
        stack.simulator().ledger().await?.is_empty(),
        "nothing was bought"
    );

    // Its fifth entry is a document of 45 pages, its sixth a transcript of 40.
    buy_docket(&api, "okwd", "1:20-cv-90009").await?;
    let documents = ids_of(&stack, "1:20-cv-90009").await?;
    let before = stack.simulator().ledger().await?.len();
    for (place, price) in [(4, "$3.00"), (5, "$4.00")] {
        let document = documents[place].to_string();
        let form = [("request_type", "2"), ("recap_document", &*document)];
        let request = api.submit(&account, &max_cost(&form, "250")).await?;
        let done = api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 3, "{done}");
        let said = format!(
            "This may cost {price}, but max_cost_cents allows only $2.50. Nothing was bought."
        );
        ensure!(done["message"] == said, "{done}");
    }
    ensure!(
        stack.simulator().ledger().await?.len() == before,
        "nothing was bought"
    );

    // The operator's limit for a single request is held against the price in the same way.
    let set = ["budget", "set", "--default", "--per-request-cents", "399"];
    let told = stack.inner().command(&set).await?;
    ensure!(
        told.contains("no limit per quarter, $3.99 per request"),
        "{told}"
    );
    let done = api
        .wait(&post_pdf(&api, documents[5]).await?.body, PATIENCE)
        .await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(
        said.contains("your budget allows only $3.99 per request"),
        "{done}"
    );
    let done = api
        .wait(&post_pdf(&api, documents[4]).await?.body, PATIENCE)
        .await?;
    ensure!(done["status"] == 2, "{done}");
    ensure!(
        stack.simulator().ledger().await?.len() == before + 1,
        "one was bought"
    );
    settled(&api).await?;
    stack.stop().await
}

/// Twenty requests for one docket are one purchase: all get it, and one is billed.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_identical_requests_are_one_sale() -> anyhow::Result<()> {
    let Some(stack) = stack() else {
        return Ok(());
    };
    let stack = stack
        .simulator_arg("--latency-ms")
        .simulator_arg(400)
        .start()
        .await?;
    let users = [stack.user("first").await?, stack.user("second").await?];
    let posts = (0..20).map(|place| {
        let api = users[place % 2].clone();
        async move {
            let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
            anyhow::Ok((api, request))
        }
    });
    let mut shared = 0;
    for posted in join_all(posts).await {
        let (api, request) = posted?;
        let done = api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2 && done["docket"].is_i64(), "{done}");
        let said = done["message"].as_str().unwrap_or_default();
        shared += usize::from(said.contains("Nothing was charged for this request"));
    }
    ensure!(shared == 19, "{shared} of 20 say that they paid nothing");
    let sold = stack.simulator().ledger().await?;
    ensure!(sold.len() == 1, "sold {} times", sold.len());
    let mut purchases = 0;
    for api in &users {
        let spend = api.get("recap-fetch/spend/").await?;
        for row in spend["results"].as_array().context("results")? {
            purchases += row["purchases"].as_i64().context("purchases")?;
        }
    }
    ensure!(purchases == 1, "the bill belongs to one: {purchases}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

fn max_cost<'a>(form: &[(&'a str, &'a str)], cents: &'a str) -> Vec<(&'a str, &'a str)> {
    [form, &[("max_cost_cents", cents)]].concat()
}

async fn buy_docket(api: &Api, court: &str, number: &str) -> anyhow::Result<()> {
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
    ];
    let request = api.submit(&Account::demo(), &form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    Ok(())
}

async fn post_pdf(api: &Api, document: i64) -> anyhow::Result<Answer> {
    let document = document.to_string();
    let form = [("request_type", "2"), ("recap_document", &*document)];
    Ok(api.post(&Account::demo(), &form).await?)
}

fn pdf_message(document: i64) -> SubmitRequest {
    SubmitRequest {
        request_type: RequestType::Pdf.into(),
        pacer_username: Account::demo().username,
        pacer_password: Account::demo().password.expose_secret().to_owned(),
        recap_document: Some(document),
        ..SubmitRequest::default()
    }
}

/// The caller's budget, once nothing is set aside any more.
async fn settled(api: &Api) -> anyhow::Result<Value> {
    let budget = api.get("recap-fetch/spend/").await?["budget"].clone();
    ensure!(budget["reserved_cents"] == 0, "{budget}");
    Ok(budget)
}

async fn charged(stack: &Stack) -> anyhow::Result<i64> {
    let sold = stack.simulator().ledger().await?;
    Ok(sold.iter().map(|sale| sale.cents).sum())
}

/// The documents of a docket, in the order of their entries.
async fn ids_of(stack: &Stack, number: &str) -> anyhow::Result<Vec<i64>> {
    let question = "select d.id from recap_documents d
         join docket_entries e on e.id = d.docket_entry_id
         join dockets k on k.id = e.docket_id
         where k.docket_number = $1 and d.pacer_doc_id <> '' and d.document_type = 1
         order by e.entry_number, d.id";
    let ids = sqlx::query_scalar(question).bind(number);
    Ok(ids.fetch_all(&mut stack.database().await?).await?)
}

/// The documents of a case that have a text layer and so many pages, which we are told as a menu
/// would tell us.
async fn documents_of_pages(
    stack: &Stack,
    court: &str,
    number: &str,
    pages: &[u32],
) -> anyhow::Result<Vec<i64>> {
    let simulator = stack.simulator();
    let cases = simulator.cases_of(court).await?;
    let case = cases.into_iter().find(|case| case.docket_number == number);
    let case = case.context("the case")?.pacer_case_id;
    let mut database = stack.database().await?;
    let mut ids = Vec::new();
    for document in simulator.documents(court, &case, false).await? {
        if document.attachment_number != 0 || !pages.contains(&document.pages) {
            continue;
        }
        let id: Option<i64> = sqlx::query_scalar(
            "update recap_documents set page_count = $2 where pacer_doc_id = $1 returning id",
        )
        .bind(&document.pacer_doc_id)
        .bind(i32::try_from(document.pages)?)
        .fetch_optional(&mut database)
        .await?;
        ids.extend(id);
    }
    Ok(ids)
}
