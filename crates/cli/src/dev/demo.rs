//! `pacer-fetch dev demo`: a docket, a menu and a scanned document, bought as any client would, and
//! asked for again, which costs nothing.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use dev_stack::simulator::SimulatedDocument;
use dev_stack::stop::StopSignals;
use dev_stack::{DEMO_CASE, Stack};
use fetch_control::Control;
use fetch_db::DbConfig;
use fetch_model::{DatabaseRole, FetchId};
use pacer_fetch_client::{Account, Client, DocketEntry, Error, NewRequest, RecapDocument, Request};

use super::bill::Comparison;
use super::place::Place;
use super::show;
use crate::life;

/// Longer than any step takes on a small machine.
const WITHIN: Duration = Duration::from_secs(120);

pub(crate) async fn run(directory: &Path) -> anyhow::Result<ExitCode> {
    let mut stop = StopSignals::listen()?;
    let place = Place::take(directory, "demo")?;
    place.clear()?;
    let result = tokio::select! {
        result = show(&place) => result,
        () = stop.next() => return Ok(ExitCode::from(130)),
    };
    if result.is_err() {
        println!("\nThe demo failed. Logs: {}", place.file("logs").display());
    }
    result.map(|()| ExitCode::SUCCESS)
}

async fn show(place: &Place) -> anyhow::Result<()> {
    heading("Start: Postgres, NATS, a simulated PACER, and the services");
    let began = Instant::now();
    let stack = place.stack()?.start().await?;
    let names: Vec<&str> = stack
        .processes()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    println!(
        "   up after {:.1} s: {}",
        began.elapsed().as_secs_f64(),
        names.join(", ")
    );

    let mut demo = Demo {
        client: stack.add_user("demo").await?.into(),
        control: open_stores(&stack).await?,
        stack,
    };
    let docket = demo.buy_docket().await?;
    let scan = demo.buy_scan(&docket).await?;
    demo.read_menu(&docket).await?;
    demo.ask_again(scan).await?;
    demo.compare_bills().await?;

    demo.stack.stop().await;
    println!("\nThe demo succeeded, and everything it started has stopped.");
    Ok(())
}

async fn open_stores(stack: &Stack) -> anyhow::Result<Control> {
    let config = DbConfig {
        database_url: stack.database_url_of(DatabaseRole::Operator).into(),
        blob_url: stack.blob_url.clone(),
        max_connections: 2,
        allow_plain: false,
        time_zone: fetch_db::DEFAULT_TIME_ZONE,
    };
    Control::connect(&config)
        .await
        .context("cannot reach the database or the document store")
}

struct Demo {
    stack: Stack,
    client: Client,
    control: Control,
}

/// A docket that was bought.
struct Docket {
    pacer_case_id: String,
    entries: Vec<DocketEntry>,
}

impl Demo {
    async fn buy_docket(&self) -> anyhow::Result<Docket> {
        let (number, court) = DEMO_CASE;
        heading(&format!(
            "Buy the docket of {number} in {court} (request_type=1)"
        ));
        let request = self.fetch(&NewRequest::docket(court, number)).await?;
        let id = request.docket.context("a bought docket has an id")?;

        heading(&format!(
            "The docket: GET /api/rest/v4/dockets/{id}/ (empty fields left out)"
        ));
        let whole = self.client.raw().get(&format!("dockets/{id}/")).await?;
        println!("{}", show::json(&whole));
        let docket = self.client.docket(id).await?;
        ensure!(docket.court_id == court, "the docket is of another court");

        let entries = self.client.entries(id).await?;
        ensure!(!entries.is_empty(), "the docket has no entries");
        heading(&format!(
            "Its {} entries: GET /api/rest/v4/docket-entries/?docket={id}",
            entries.len()
        ));
        print!("{}", show::entries(&entries, 12));

        let parties = self.client.parties(id).await?.len();
        ensure!(parties > 0, "parties were asked for and are not there");
        println!("   and {parties} parties with their counsel");
        Ok(Docket {
            pacer_case_id: docket.pacer_case_id.unwrap_or_default(),
            entries,
        })
    }

    /// Gives the number of the document.
    async fn buy_scan(&self, docket: &Docket) -> anyhow::Result<i64> {
        let scans = self.simulated(docket, true).await?;
        let known = |scan: &SimulatedDocument| document_on(docket, &scan.pacer_doc_id);
        let (scan, id) = scans
            .iter()
            .filter(|scan| scan.attachment_number == 0)
            .find_map(|scan| Some((scan, known(scan)?)))
            .context("the demo docket has no scanned document")?;
        let number = scan.document_number.unwrap_or_default();
        heading(&format!(
            "Buy document {number}, a scan of {} pages without a text layer (request_type=2)",
            scan.pages
        ));
        self.fetch(&NewRequest::document(id)).await?;

        let document = self.client.document(id).await?;
        let text = &document.plain_text;
        heading(&format!(
            "Text recognised from its images ({} characters)",
            text.chars().count()
        ));
        print!("{}", show::first_lines(text, 8));
        self.check_text(scan, text).await?;
        self.check_file(&document).await?;
        Ok(id)
    }

    /// The simulator knows the words it printed: most of them must have been read.
    async fn check_text(&self, scan: &SimulatedDocument, text: &str) -> anyhow::Result<()> {
        let truth = self
            .stack
            .simulator()
            .document(DEMO_CASE.1, &scan.pacer_doc_id)
            .await?;
        let printed = truth.page_texts.join(" ");
        let words: Vec<&str> = printed
            .split_whitespace()
            .filter(|word| word.len() > 3)
            .collect();
        let read = words.iter().filter(|word| text.contains(**word)).count();
        println!(
            "   {read} of the {} longer words on the printed pages were found",
            words.len()
        );
        ensure!(
            read * 10 >= words.len() * 9 && read > 0,
            "less than nine tenths were read"
        );
        Ok(())
    }

    async fn check_file(&self, document: &RecapDocument) -> anyhow::Result<()> {
        let path = document.filepath_local.as_deref();
        let path = path.context("the document has no file")?;
        let bytes = self.client.file(path).await?;
        ensure!(bytes.starts_with(b"%PDF"), "{path} is not a PDF");
        println!("   the file: GET /{path}, {} bytes, a PDF", bytes.len());
        Ok(())
    }

    async fn read_menu(&self, docket: &Docket) -> anyhow::Result<()> {
        let mut attachments = self.simulated(docket, false).await?;
        attachments.extend(self.simulated(docket, true).await?);
        let with_attachments = attachments
            .iter()
            .filter(|document| document.attachment_number > 0);
        let (entry, id) = with_attachments
            .filter_map(|document| document.document_number)
            .find_map(|number| main_document_of(docket, number))
            .context("no entry of the demo docket has attachments")?;
        heading(&format!(
            "Read the attachment menu of entry {} (request_type=3, free)",
            entry.entry_number.unwrap_or_default()
        ));
        self.fetch(&NewRequest::attachments(id)).await?;
        let entry = self.client.entry(entry.id).await?;
        print!("{}", show::documents(&entry.recap_documents));
        ensure!(
            entry.recap_documents.len() > 1,
            "the menu brought no attachment"
        );
        Ok(())
    }

    /// What is held is not bought again: a document never, a docket if its owner says so and the
    /// court, asked for nothing, has no later filing.
    async fn ask_again(&self, document: i64) -> anyhow::Result<()> {
        let sold_before = self.stack.simulator().ledger().await?.len();
        heading("Request the same document again");
        let wanted = NewRequest::document(document);
        let answer = match self.client.submit(&Account::demo(), &wanted).await {
            Err(Error::Refused(answer)) => answer,
            Err(error) => return Err(error.into()),
            Ok(_) => bail!("a document that is held was accepted"),
        };
        println!(
            "   POST /api/rest/v4/recap-fetch/ was answered with {}:",
            answer.status
        );
        println!("{}", show::json(&answer.body));
        ensure!(answer.status == 400, "it was refused for another reason");

        heading("Request the same docket again, unless nothing was filed (skip_if_unchanged=true)");
        let (number, court) = DEMO_CASE;
        let docket = NewRequest::docket(court, number).skip_if_unchanged();
        self.fetch(&docket).await?;
        let sold = self.stack.simulator().ledger().await?.len() - sold_before;
        ensure!(sold == 0, "the court charged {sold} times for what is held");
        println!("   the court charged nothing for either");
        Ok(())
    }

    async fn compare_bills(&self) -> anyhow::Result<()> {
        heading("The bill: what the court charged, and what we say it cost");
        let sales = self.stack.simulator().ledger().await?;
        let comparison = Comparison::of(sales, self.control.ledger.ledger().await?);
        print!("{}", comparison.told());
        ensure!(comparison.agrees(), "the two books differ");
        Ok(())
    }

    /// Submits, waits, tells the life of the request, and insists on success.
    async fn fetch(&self, wanted: &NewRequest) -> anyhow::Result<Request> {
        let request = self.client.submit(&Account::demo(), wanted).await?;
        let id = request.id;
        println!("   POST /api/rest/v4/recap-fetch/ was accepted as request {id}");
        let request = self.client.wait(id, WITHIN).await?;
        print!(
            "{}",
            life::told(&self.control.queue.history(FetchId(id)).await?)
        );
        let status = i16::from(request.status);
        println!("   status {status}: {}", request.message);
        ensure!(request.succeeded(), "request {id} did not succeed");
        Ok(request)
    }

    async fn simulated(
        &self,
        docket: &Docket,
        scanned: bool,
    ) -> anyhow::Result<Vec<SimulatedDocument>> {
        self.stack
            .simulator()
            .documents(DEMO_CASE.1, &docket.pacer_case_id, scanned)
            .await
    }
}

/// The id, in our store, of the document that the court knows under `pacer_doc_id`.
fn document_on(docket: &Docket, pacer_doc_id: &str) -> Option<i64> {
    let entries = docket.entries.iter();
    let mut documents = entries.flat_map(|entry| &entry.recap_documents);
    let found = documents.find(|document| document.pacer_doc_id == pacer_doc_id);
    found.map(|document| document.id)
}

/// The entry with this number, and the id of its main document.
fn main_document_of(docket: &Docket, number: u32) -> Option<(&DocketEntry, i64)> {
    let mut entries = docket.entries.iter();
    let entry = entries.find(|entry| entry.entry_number == Some(number.into()))?;
    let mut documents = entry.recap_documents.iter();
    let main = documents.find(|document| document.attachment_number.is_none())?;
    Some((entry, main.id))
}

fn heading(text: &str) {
    println!("\n== {text}");
}
