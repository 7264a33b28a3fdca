//! What is quoted is what is billed: every rule of prices, against the simulator's own till.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use fetch_bus::wire::{RequestType, SubmitRequest, fetch_client::FetchClient};
use serde_json::Value;
use testkit::{Account, Api, Stack};
use tokio::time::{Instant, sleep};
use tonic::Request;

const PATIENCE: Duration = Duration::from_secs(180);

/// A quote, and what the court charged then.
struct Row {
    what: String,
    at_most: Option<i64>,
    exact: bool,
    /// Whether the court had it, and let us have it.
    sold: bool,
    charged: i64,
}

struct Till<'a> {
    stack: &'a Stack,
    api: Api,
    rows: Vec<Row>,
}

impl Till<'_> {
    /// Asks what a form would cost, sends it, and looks what the court has charged.
    async fn ring(&mut self, what: &str, form: &[(&str, &str)]) -> anyhow::Result<Value> {
        let quote = self.api.quote(form).await?;
        ensure!(
            quote.status == 200,
            "{what}: {} {}",
            quote.status,
            quote.body
        );
        ensure!(quote.body["fits"] == true, "{what}: {}", quote.body);
        let before = self.charged().await?;
        let request = self.api.submit(&Account::demo(), form).await?;
        let sold = self.wait_for_bill(&request).await?;
        self.rows.push(Row {
            what: what.to_owned(),
            at_most: quote.body["at_most_cents"].as_i64(),
            exact: quote.body["exact"].as_bool().context("exact")?,
            sold,
            charged: self.charged().await? - before,
        });
        Ok(request)
    }

    /// Waits until nothing more will be bought; gives whether it was to be had. Nobody reads the
    /// documents here.
    async fn wait_for_bill(&self, request: &Value) -> anyhow::Result<bool> {
        let mut database = self.stack.database().await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state: String =
                sqlx::query_scalar("select state::text from fetch_requests where id = $1")
                    .bind(request["id"].as_i64())
                    .fetch_one(&mut database)
                    .await?;
            if ["reading", "done", "failed"].contains(&&*state) {
                return Ok(state != "failed");
            }
            ensure!(Instant::now() < deadline, "{request} is {state}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn docket(&mut self, what: &str, form: &[(&str, &str)]) -> anyhow::Result<i64> {
        let form = [&[("request_type", "1")], form].concat();
        let request = self.ring(what, &form).await?;
        let done = self.api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{what}: {done}");
        done["docket"].as_i64().context("a docket")
    }

    async fn document(&mut self, what: &str, kind: &str, document: i64) -> anyhow::Result<Value> {
        let document = document.to_string();
        let form = [("request_type", kind), ("recap_document", &*document)];
        self.ring(what, &form).await
    }

    /// Every document of a docket, menus first.
    async fn documents(&mut self, what: &str, docket: i64, told: bool) -> anyhow::Result<()> {
        for (id, entry, _) in self.held(docket).await? {
            if entry.contains("(Attachments:") {
                let what = format!("{what}, menu");
                self.document(&what, "3", id).await?;
            }
        }
        if told {
            self.tell_pages(docket).await?;
        }
        for (id, entry, number) in self.held(docket).await? {
            let words: Vec<&str> = entry.split_whitespace().take(3).collect();
            let what = format!("{what}, document {number}: {}", words.join(" "));
            self.document(&what, "2", id).await?;
        }
        Ok(())
    }

    /// Ids, texts of the entries and numbers of the documents of a docket.
    async fn held(&self, docket: i64) -> anyhow::Result<Vec<(i64, String, String)>> {
        let question = "select d.id, e.description,
                d.document_number || coalesce('-' || d.attachment_number, '')
             from recap_documents d join docket_entries e on e.id = d.docket_entry_id
             where e.docket_id = $1 and d.pacer_doc_id <> '' and not d.is_available
             order by e.recap_sequence_number, e.entry_number, d.id";
        let rows = sqlx::query_as(question).bind(docket);
        Ok(rows.fetch_all(&mut self.stack.database().await?).await?)
    }

    /// Tells us the pages of every document of a docket, as a menu would.
    async fn tell_pages(&self, docket: i64) -> anyhow::Result<()> {
        let mut database = self.stack.database().await?;
        let documents: Vec<(i64, String, String)> = sqlx::query_as(
            "select d.id, c.pacer_id, d.pacer_doc_id from recap_documents d
             join docket_entries e on e.id = d.docket_entry_id
             join dockets k on k.id = e.docket_id join courts c on c.id = k.court_id
             where k.id = $1 and d.pacer_doc_id <> ''",
        )
        .bind(docket)
        .fetch_all(&mut database)
        .await?;
        for (id, court, number) in documents {
            // What is refused to everybody has no pages to tell.
            let Ok(document) = self.stack.simulator().document(&court, &number).await else {
                continue;
            };
            sqlx::query("update recap_documents set page_count = $2 where id = $1")
                .bind(id)
                .bind(i32::try_from(document.pages)?)
                .execute(&mut database)
                .await?;
        }
        Ok(())
    }

    async fn charged(&self) -> anyhow::Result<i64> {
        let sold = self.stack.simulator().ledger().await?;
        Ok(sold.iter().map(|sale| sale.cents).sum())
    }

    /// Insists that no quote was exceeded, and that an exact one was met.
    fn check(&self) -> anyhow::Result<()> {
        for row in &self.rows {
            println!(
                "{:<60} {} {:>4}, charged {:>4}{}",
                row.what,
                if row.exact { "exactly" } else { "at most" },
                row.at_most
                    .map_or("any".to_owned(), |most| most.to_string()),
                row.charged,
                if row.sold { "" } else { ", not to be had" }
            );
        }
        for row in &self.rows {
            let met = match (row.at_most, row.exact) {
                (Some(most), true) if row.sold => row.charged == most,
                (Some(most), _) => row.charged <= most,
                // Only a transcript has no bound.
                (None, _) => row.what.to_lowercase().contains("transcript"),
            };
            ensure!(
                met,
                "{}: quoted {:?}, charged {}",
                row.what,
                row.at_most,
                row.charged
            );
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bill_exceeds_its_quote_and_exact_ones_are_met() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    // Ordinary cases are so long that their dockets reach the cap of thirty pages.
    let mut stack = stack
        .simulator_arg("--cases")
        .simulator_arg(2)
        .simulator_arg("--entries")
        .simulator_arg(1_200)
        .start()
        .await?;
    // The text of long scans is of no interest here, and takes its time.
    stack.inner().stop_one("ocr").await?;
    let api = stack.user("shopper").await?;
    let mut till = Till {
        stack: &stack,
        api,
        rows: Vec::new(),
    };
    let demo = [("court", "okwd"), ("docket_number", "5:16-cv-00432")];
    till.docket("docket, without parties", &demo).await?;
    let parties = [demo.as_slice(), &[("show_parties_and_counsel", "true")]].concat();
    let held = till.docket("docket, with parties", &parties).await?;
    let held = held.to_string();
    till.docket("docket that is held, updated", &[("docket", &held)])
        .await?;
    let (court, number) = stack.simulator().cases(1).await?.remove(0);
    let long = [("court", &*court), ("docket_number", &*number)];
    till.docket("docket, long", &long).await?;
    ensure!(
        till.rows.last().is_some_and(|row| row.charged == 300),
        "the cap"
    );
    let bankruptcy = [("court", "canb"), ("docket_number", "3:20-bk-30242")];
    till.docket("docket, bankruptcy", &bankruptcy).await?;
    let appeal = [("court", "ca1"), ("docket_number", "20-90003")];
    let appeal = till.docket("docket, appellate", &appeal).await?;
    let nowhere = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", "1:20-cv-77777"),
    ];
    till.ring("docket of a case that is not there", &nowhere)
        .await?;
    let nowhere = [
        ("request_type", "1"),
        ("court", "ca1"),
        ("docket_number", "20-7777"),
    ];
    till.ring("docket of an appeal that is not there", &nowhere)
        .await?;
    till.documents("appellate", appeal, true).await?;
    for (what, court, told) in [
        ("unknown length", "okwd", false),
        ("known length", "cand", true),
    ] {
        for number in ["1:20-cv-90009", "1:20-cv-90014"] {
            let case = [("court", court), ("docket_number", number)];
            let docket = till.docket(what, &case).await?;
            till.documents(what, docket, told).await?;
        }
    }
    till.check()?;
    let exact = till.rows.iter().filter(|row| row.exact && row.charged > 0);
    ensure!(exact.count() >= 12, "too few prices were known beforehand");

    // Of what the court showed its price, the ledger has that price as the quote.
    let differ: Vec<(String, i32, i32)> = sqlx::query_as(
        "select item_key, quoted_cents, billed_cents from purchases
         where item_key like 'doc/%' and billed_by = 'receipt' and quoted_cents <> billed_cents",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    ensure!(differ.is_empty(), "{differ:?}");
    statement_is_the_courts(&till).await?;
    stack.stop().await
}

/// The CSV has line by line what the court charged, and nobody else's.
async fn statement_is_the_courts(till: &Till<'_>) -> anyhow::Result<()> {
    let url = "/api/rest/v4/recap-fetch/spend.csv";
    let answer = till.api.request("GET".parse()?, url).send().await?;
    let media_type = answer.headers()["content-type"].to_str()?.to_owned();
    ensure!(media_type.starts_with("text/csv"), "{media_type}");
    let table = answer.text().await?;
    // An opinion that comes without its price is booked by the rules, and the court gave it away.
    let given: Vec<(i64, i32)> = sqlx::query_as(
        "select id, billed_cents from purchases where billed_by = 'rules' order by id",
    )
    .fetch_all(&mut till.stack.database().await?)
    .await?;
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("purchase,")) {
        let cells: Vec<&str> = line.split(',').collect();
        let is_given = given.iter().any(|(id, _)| id.to_string() == cells[10]);
        if cells[7] != "0.00" && !is_given {
            *told
                .entry(format!("{} {}", cells[4], cells[7]))
                .or_default() += 1;
        }
    }
    let mut charged: BTreeMap<String, u32> = BTreeMap::new();
    for sale in till.stack.simulator().ledger().await? {
        let cost = format!("{}.{:02}", sale.cents / 100, sale.cents % 100);
        let court = testkit::client_court_id(&sale.court);
        *charged.entry(format!("{court} {cost}")).or_default() += 1;
    }
    ensure!(told == charged, "{told:?}\n{charged:?}");
    let given: i64 = given.iter().map(|(_, cents)| i64::from(*cents)).sum();
    let total = till.charged().await? + given;
    let spend = till.api.get("recap-fetch/spend/").await?;
    ensure!(
        spend["results"][0]["billed_cents"] == total,
        "{spend}, charged {total}"
    );
    ensure!(spend["budget"]["spent_cents"] == total, "{spend}");

    let stranger = till.stack.user("stranger").await?;
    let spend = stranger.get("recap-fetch/spend/").await?;
    ensure!(spend["results"] == serde_json::json!([]), "{spend}");
    let lines = stranger.send(stranger.request("GET".parse()?, url)).await?;
    let lines = lines.body.as_str().context("CSV")?.lines().count();
    ensure!(lines == 1, "{lines} lines of somebody else");
    let nobody = stranger.anonymous();
    for path in [url, "/api/rest/v4/recap-fetch/spend/"] {
        let refused = nobody.send(nobody.request("GET".parse()?, path)).await?;
        ensure!(refused.status == 401, "{path}: {}", refused.status);
    }
    ensure!(
        nobody.quote(&[("request_type", "1")]).await?.status == 401,
        "an anonymous quote"
    );
    let wrong = format!("{url}?quarter=2026Q5");
    let refused = stranger
        .send(stranger.request("GET".parse()?, &wrong))
        .await?;
    ensure!(
        refused.status == 400 && refused.body["quarter"].is_array(),
        "{}",
        refused.body
    );
    Ok(())
}

/// What is held costs nothing, and a quote needs no login, over both doors and from the command.
#[tokio::test(flavor = "multi_thread")]
async fn a_quote_buys_nothing_and_logs_nobody_in() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("curious").await?;
    let form = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", "5:16-cv-00432"),
    ];
    let quote = api.quote(&form).await?.body;
    ensure!(
        quote["at_most_cents"] == 300 && quote["exact"] == false,
        "{quote}"
    );
    ensure!(quote["steps"][0]["step"] == "case_lookup", "{quote}");
    ensure!(quote["steps"][0]["at_most_cents"] == 0, "{quote}");
    ensure!(quote["steps"][1]["step"] == "docket_report", "{quote}");
    let wrong = api.quote(&form[..1]).await?;
    ensure!(
        wrong.status == 400 && wrong.body["non_field_errors"].is_array(),
        "{}",
        wrong.body
    );

    let set = ["budget", "set", "curious", "--per-request-cents", "100"];
    stack.inner().command(&set).await?;
    let quote = api.quote(&form).await?.body;
    ensure!(
        quote["fits"] == false && quote["reserve_cents"].is_null(),
        "{quote}"
    );
    let mut client = FetchClient::new(stack.grpc().await?);
    let mut request = Request::new(SubmitRequest {
        request_type: RequestType::Docket.into(),
        court: Some("okwd".into()),
        docket_number: Some("5:16-cv-00432".into()),
        ..SubmitRequest::default()
    });
    let token = format!("Token {}", api.token).parse()?;
    request.metadata_mut().insert("authorization", token);
    let told = client.quote(request).await?.into_inner();
    ensure!(
        told.at_most_cents == Some(300) && told.steps.len() == 2,
        "{told:?}"
    );
    ensure!(
        told.refusal
            .is_some_and(|said| said.contains("$1.00 per request")),
        "the limit"
    );
    let (url, token) = (stack.http_url().to_owned(), api.token.clone());
    let command = [
        "quote",
        "--url",
        &url,
        "--token",
        &token,
        "request_type=1",
        "court=okwd",
        "docket_number=5:16-cv-00432",
    ];
    let (told, is_allowed) = stack.command_with_status(&command).await?;
    ensure!(told.contains("at most $3.00") && !is_allowed, "{told}");

    let none = ["budget", "set", "curious", "--per-request-cents", "none"];
    stack.inner().command(&none).await?;
    let (succeeded, failed) = stack.simulator().logins("demo").await?;
    ensure!((succeeded, failed) == (0, 0), "somebody was logged in");
    let request = api.submit(&Account::demo(), &form).await?;
    let docket = api.wait(&request, PATIENCE).await?["docket"].to_string();
    let question = format!("docket-entries/?docket={docket}");
    let entries = api.all(&question).await?;
    let document = entries[1]["recap_documents"][0]["id"].to_string();
    let pdf = [("request_type", "2"), ("recap_document", &*document)];
    let request = api.submit(&Account::demo(), &pdf).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let quote = api.quote(&pdf).await?.body;
    ensure!(
        quote["at_most_cents"] == 0 && quote["exact"] == true,
        "{quote}"
    );
    ensure!(quote["steps"][0]["step"] == "held", "{quote}");
    let listed = stack.inner().command(&["spend", "--csv"]).await?;
    ensure!(
        listed.lines().count() == 4 && listed.contains(",curious"),
        "{listed}"
    );
    let listed = stack.inner().command(&["budget", "list"]).await?;
    ensure!(
        listed.contains("curious") && listed.contains("no limit per quarter"),
        "{listed}"
    );
    stack.stop().await
}
