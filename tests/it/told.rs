//! What a request is told of the things it is about: whose bill it is on, which docket it became, and
//! how many pages a document has.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(180);

/// A case of every district and bankruptcy court that has all kinds of documents, and of every
/// appellate court one whose filings are all different.
const DELIVERIES: &str = "1:20-cv-90009";
const FILINGS: &str = "20-90003";

/// Courts of three systems, with the number of a case there.
const COURTS: [(&str, &str); 3] = [
    ("cand", DELIVERIES),
    ("nysb", "1:20-bk-90009"),
    ("ca1", FILINGS),
];

async fn fetch(api: &Api, form: &[(&str, &str)]) -> anyhow::Result<Value> {
    Ok(api
        .wait(&api.submit(&Account::demo(), form).await?, PATIENCE)
        .await?)
}

fn docket<'a>(court: &'a str, number: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
    ]
}

/// Each line of the court's books has the code that was asked for, whichever code came before.
#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_billed_with_the_code_that_was_asked_for() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .replicas("login", 2)
        .with(|builder| builder.setting("login", "LOGIN_MIN_GAP_MS", "0"))
        .start()
        .await?;
    let api = stack.user("firm").await?;
    let mut expected = Vec::new();
    for (court, number) in COURTS {
        for code in ["", "0042-0007", "", "0042-0008", "0042-0007", ""] {
            let mut form = docket(court, number).to_vec();
            if !code.is_empty() {
                form.push(("client_code", code));
            }
            let done = fetch(&api, &form).await?;
            ensure!(done["status"] == 2, "{done}");
            expected.push((court, code));
        }
        let document = first_document(&stack, court).await?;
        let form = [
            ("request_type", "2"),
            ("recap_document", &*document),
            ("client_code", "0042-0008"),
        ];
        let done = fetch(&api, &form).await?;
        ensure!(done["status"] == 2, "{done}");
        expected.push((court, "0042-0008"));
    }
    let sold = stack.simulator().ledger().await?;
    let lines: Vec<(&str, &str)> = sold
        .iter()
        .map(|sale| (&*sale.court, &*sale.client_code))
        .collect();
    ensure!(lines == expected, "{lines:?}");
    let account = Account::demo().username;
    let (logins, refused) = stack.simulator().logins(&account).await?;
    ensure!((logins, refused) == (3, 0), "{logins} logins, one a code");

    // A code that PACER would cut or read as two is refused before anybody logs in.
    for code in ["0042 0007", "0042,0007", "a;b\n"] {
        let form = [&docket("cand", DELIVERIES)[..], &[("client_code", code)]].concat();
        let answer = api.post(&Account::demo(), &form).await?;
        ensure!(answer.status == 400, "{code:?}: {}", answer.body);
        ensure!(!answer.body["client_code"].is_null(), "{}", answer.body);
    }
    ensure!(stack.simulator().logins(&account).await? == (3, 0));
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// A document of the court that can be bought.
async fn first_document(stack: &Stack, court: &str) -> anyhow::Result<String> {
    let id: i64 = sqlx::query_scalar(
        "select d.id from recap_documents d
         join docket_entries e on e.id = d.docket_entry_id join dockets k on k.id = e.docket_id
         where k.court_id = $1 and e.entry_number = 1 and d.pacer_doc_id <> ''
         order by d.id limit 1",
    )
    .bind(court)
    .fetch_one(&mut stack.database().await?)
    .await?;
    Ok(id.to_string())
}

/// The docket is in the request once it is known, before anything is bought, and stays there when
/// nothing is.
#[tokio::test(flavor = "multi_thread")]
async fn request_says_its_docket_as_soon_as_it_is_known() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("reader").await?;
    for (court, number) in COURTS {
        let path = match court {
            "ca1" => "",
            _ => "DktRpt",
        };
        // Nothing is held, and so nothing is told.
        let sealed =
            json!({"court": court, "path": path, "kind": "notice", "notice": "case_under_seal"});
        stack.simulator().order_fault(&sealed).await?;
        let failed = fetch(&api, &docket(court, number)).await?;
        ensure!(
            failed["status"] != 2 && failed["docket"].is_null(),
            "{failed}"
        );

        let first = fetch(&api, &docket(court, number)).await?;
        ensure!(first["status"] == 2 && first["docket"].is_i64(), "{first}");
        // Refused for good, by number and by case id.
        let mut forms = vec![docket(court, number).to_vec()];
        let stored = api.get(&format!("dockets/{}/", first["docket"])).await?;
        let case = stored["pacer_case_id"].as_str().unwrap_or_default();
        if court != "ca1" {
            forms.push(vec![
                ("request_type", "1"),
                ("court", court),
                ("pacer_case_id", case),
            ]);
        }
        for form in forms {
            stack.simulator().order_fault(&sealed).await?;
            let failed = fetch(&api, &form).await?;
            ensure!(failed["status"] != 2, "{failed}");
            ensure!(failed["docket"] == first["docket"], "{form:?}: {failed}");
        }
        // Not over yet.
        let fault = json!({"court": court, "path": path, "kind": "status", "status": 500});
        stack.simulator().order_fault(&fault).await?;
        let request = api.submit(&Account::demo(), &docket(court, number)).await?;
        let id = request["id"].as_i64().context("an id")?;
        stack.wait_for_state(id, "waiting", PATIENCE).await?;
        let waiting = api.get(&format!("recap-fetch/{id}/")).await?;
        ensure!(waiting["docket"] == first["docket"], "{waiting}");
        let done = api.wait(&request, PATIENCE).await?;
        ensure!(
            done["status"] == 2 && done["docket"] == first["docket"],
            "{done}"
        );
    }
    // Another case of the court is another docket.
    let other = fetch(&api, &docket("cand", "1:20-cv-90014")).await?;
    ensure!(other["status"] == 2, "{other}");
    let first = fetch(&api, &docket("cand", DELIVERIES)).await?;
    ensure!(first["docket"] != other["docket"], "{first}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// After its menu, a main document has its pages, and so a price: the one that is then charged.
#[tokio::test(flavor = "multi_thread")]
async fn main_document_has_its_pages_and_price_after_its_menu() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("thrifty").await?;
    for (court, number) in COURTS {
        // The first document of this appeal has attachments.
        let number = if court == "ca1" { "16-1432" } else { number };
        let done = fetch(&api, &docket(court, number)).await?;
        ensure!(done["status"] == 2, "{done}");
        let docket = done["docket"].as_i64().context("a docket")?;
        let (main, entry) = main_with_attachments(&stack, docket, court).await?;
        let menu = [("request_type", "3"), ("recap_document", &*main)];
        let done = fetch(&api, &menu).await?;
        ensure!(done["status"] == 2, "{court}: {done}");
        let rows = api
            .all(&format!("recap-documents/?docket_entry={entry}"))
            .await?;
        ensure!(rows.len() > 1, "{court}: no attachments");
        for row in &rows {
            ensure!(row["page_count"].is_i64(), "{court}: {row}");
        }
        let form = [("request_type", "2"), ("recap_document", &*main)];
        let quote = api.quote(&form).await?.body;
        ensure!(quote["exact"] == true, "{court}: {quote}");
        let before: i64 = charged(&stack).await?;
        let done = fetch(&api, &form).await?;
        ensure!(done["status"] == 2, "{court}: {done}");
        let charged = charged(&stack).await? - before;
        ensure!(
            quote["at_most_cents"].as_i64() == Some(charged),
            "{court}: {charged}, not {quote}"
        );
    }
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

async fn charged(stack: &Stack) -> anyhow::Result<i64> {
    let sold = stack.simulator().ledger().await?;
    Ok(sold.iter().map(|sale| sale.cents).sum())
}

/// A document that has attachments as the court's menu will tell, and its entry.
async fn main_with_attachments(
    stack: &Stack,
    docket: i64,
    court: &str,
) -> anyhow::Result<(String, i64)> {
    // The seventh of the deliveries has them.
    let number = if court == "ca1" { 1 } else { 7 };
    let (main, entry): (i64, i64) = sqlx::query_as(
        "select d.id, e.id from recap_documents d join docket_entries e on e.id = d.docket_entry_id
         where e.docket_id = $1 and e.entry_number = $2 order by d.id limit 1",
    )
    .bind(docket)
    .bind(number)
    .fetch_one(&mut stack.database().await?)
    .await?;
    Ok((main.to_string(), entry))
}
