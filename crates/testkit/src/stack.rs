//! The whole stack for one test.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use dev_stack::{Builder, Nats, Signal, Simulator, programs, services};
use pacer_fetch_client::raw::Api;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use crate::place::{binaries, skip, tools};
use crate::{Planted, contents, memory, until};

/// Between two searches of the memory of all processes, which take a while.
const MEMORY_EVERY: Duration = Duration::from_secs(1);

/// A stack in a directory of its own that goes with it.
#[derive(Debug)]
pub struct Stack {
    // Dropped in this order.
    stack: dev_stack::Stack,
    directory: TempDir,
}

/// A [`Stack`] that is not started yet.
#[derive(Debug)]
pub struct StackBuilder {
    builder: Builder,
    directory: TempDir,
    court_gap_ms: u32,
    court_cap: u32,
}

/// The whole stack: the real programs, as built by `cargo build --workspace --bins`, on the
/// simulated PACER. Courts have a gap of 20 ms and room for 8 unless the test says otherwise.
///
/// `None` when Postgres, NATS or the programs are not there: the test is to return at once.
///
/// # Panics
/// In CI when something is not there.
#[must_use]
pub fn stack() -> Option<StackBuilder> {
    let binaries = binaries().expect("a test knows where it lies");
    let missing = [
        (
            programs::postgres_directory().is_err(),
            "there is no Postgres",
        ),
        (
            programs::nats_server(&tools()).is_err(),
            "there is no nats-server",
        ),
        (
            !binaries.join("gateway").exists(),
            "the programs are not built",
        ),
    ];
    if let Some((_, what)) = missing.iter().find(|(is_missing, _)| *is_missing) {
        skip(what);
        return None;
    }
    let directory = services::temporary_directory().expect("tests can write temporary files");
    let builder = dev_stack::Stack::builder(directory.path())
        .tools(tools())
        .binaries(binaries);
    Some(StackBuilder {
        builder,
        directory,
        court_gap_ms: 20,
        court_cap: 8,
    })
}

impl StackBuilder {
    /// Changes what the stack is made of, in any way that its own builder offers.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(Builder) -> Builder) -> StackBuilder {
        self.builder = change(self.builder);
        self
    }

    /// One more argument for `pacer-sim`.
    #[must_use]
    pub fn simulator_arg(self, argument: impl Display) -> StackBuilder {
        self.with(|builder| builder.simulator_arguments(&[&argument.to_string()]))
    }

    /// The smallest time between two requests at a court.
    #[must_use]
    pub fn court_gap_ms(mut self, gap_ms: u32) -> StackBuilder {
        self.court_gap_ms = gap_ms;
        self
    }

    /// The most requests that are under way at a court.
    #[must_use]
    pub fn court_cap(mut self, cap: u32) -> StackBuilder {
        self.court_cap = cap;
        self
    }

    /// How many processes of a service run; the second one is called `<service>-2`.
    #[must_use]
    pub fn replicas(self, service: &str, count: usize) -> StackBuilder {
        self.with(|builder| builder.replicas(service, count))
    }

    /// Every service logs all that it can.
    #[must_use]
    pub fn log_everything(self) -> StackBuilder {
        self.with(|builder| builder.setting_of_all("LOG", "trace"))
    }

    /// Starts it.
    ///
    /// # Errors
    /// When something does not start; the ends of the logs are part of the error.
    pub async fn start(self) -> anyhow::Result<Stack> {
        let builder = self.builder.courts(self.court_gap_ms, self.court_cap);
        let stack = builder
            .start()
            .await
            .with_context(|| logs_of(&self.directory))?;
        Ok(Stack {
            stack,
            directory: self.directory,
        })
    }
}

impl Stack {
    /// The stack beneath, for what is not covered here.
    pub fn inner(&mut self) -> &mut dev_stack::Stack {
        &mut self.stack
    }

    /// Names and numbers of the processes.
    #[must_use]
    pub fn processes(&self) -> Vec<(&str, u32)> {
        self.stack.processes()
    }

    /// Where the HTTP API is.
    #[must_use]
    pub fn http_url(&self) -> &str {
        &self.stack.http_url
    }

    /// Where the gRPC API is.
    #[must_use]
    pub fn grpc_url(&self) -> &str {
        &self.stack.grpc_url
    }

    /// A PEM file with who vouches for the gateways' certificate.
    #[must_use]
    pub fn ca(&self) -> &Path {
        self.stack.ca()
    }

    /// How the gRPC API is reached.
    ///
    /// # Errors
    /// When its authority cannot be read.
    pub fn grpc_endpoint(&self) -> anyhow::Result<Endpoint> {
        self.grpc_endpoint_at(self.grpc_url())
    }

    /// The same of one of several gateways.
    ///
    /// # Errors
    /// When this is no address, or the authority cannot be read.
    pub fn grpc_endpoint_at(&self, url: &str) -> anyhow::Result<Endpoint> {
        let ca = Certificate::from_pem(std::fs::read(self.ca())?);
        let tls = ClientTlsConfig::new().ca_certificate(ca);
        let endpoint = Channel::from_shared(url.to_owned())?;
        Ok(endpoint.tls_config(tls)?)
    }

    /// A connection to the gRPC API.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn grpc(&self) -> anyhow::Result<Channel> {
        Ok(self.grpc_endpoint()?.connect().await?)
    }

    /// The NATS server.
    #[must_use]
    pub fn nats(&self) -> &Nats {
        self.stack.nats()
    }

    /// Where the database is, for whoever may do everything; holds the password.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.stack.database_url
    }

    /// Where everything is kept until the stack is dropped.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The simulated PACER's administration.
    #[must_use]
    pub fn simulator(&self) -> Simulator {
        self.stack.simulator()
    }

    /// Makes a user of the API.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn user(&self, name: &str) -> anyhow::Result<Api> {
        self.stack.add_user(name).await
    }

    /// Runs an operator's verb of `pacer-fetch`; gives what it printed.
    ///
    /// # Errors
    /// When it fails.
    pub async fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.stack.command(arguments).await
    }

    /// The same; whether it succeeded is told beside that.
    ///
    /// # Errors
    /// When it does not start or does not end.
    pub async fn command_with_status(&self, arguments: &[&str]) -> anyhow::Result<(String, bool)> {
        self.stack.command_with_status(arguments).await
    }

    /// A connection to the database, for looking at rows.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn database(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.stack.database_url).await?)
    }

    /// The number of the document of an entry that is no attachment.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn main_document(&self, docket: i64, entry: i64) -> anyhow::Result<i64> {
        let id = sqlx::query_scalar(
            "select d.id from recap_documents d
             join docket_entries e on e.id = d.docket_entry_id
             where e.docket_id = $1 and e.entry_number = $2 and d.attachment_number is null",
        );
        let id = id.bind(docket).bind(entry);
        Ok(id.fetch_one(&mut self.database().await?).await?)
    }

    /// Waits until a request is in this state of ours (`captured`, not 4).
    ///
    /// # Errors
    /// When it is not within this time.
    pub async fn wait_for_state(
        &self,
        id: i64,
        state: &str,
        within: Duration,
    ) -> anyhow::Result<()> {
        let mut database = self.database().await?;
        until(
            &format!("request {id} in state {state}"),
            within,
            async || {
                let question = "select state::text from fetch_requests where id = $1";
                let row = sqlx::query_scalar(question).bind(id);
                let now: String = row.fetch_one(&mut database).await?;
                Ok(if now == state { Ok(()) } else { Err(now) })
            },
        )
        .await
    }

    /// Waits until none of these purchases, a condition on the ledger, waits for its pages to be
    /// counted.
    ///
    /// # Errors
    /// When one does after this time.
    pub async fn until_counted(&self, purchases: &str, within: Duration) -> anyhow::Result<()> {
        let mut database = self.database().await?;
        let question = format!(
            "select count(*) from purchases where pages_awaited is not null and {purchases}"
        );
        until("bills without open pages", within, async || {
            let row = sqlx::query_scalar(sqlx::AssertSqlSafe(question.clone()));
            let open: i64 = row.fetch_one(&mut database).await?;
            Ok(if open == 0 { Ok(()) } else { Err(open) })
        })
        .await
    }

    /// Kills a process without a word.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn kill(&mut self, process: &str) -> anyhow::Result<()> {
        self.stack.kill(process, Signal::Kill)
    }

    /// Sends a signal to a process.
    ///
    /// # Errors
    /// When it is not running.
    pub fn signal(&mut self, process: &str, signal: Signal) -> anyhow::Result<()> {
        self.stack.kill(process, signal)
    }

    /// Starts a process again, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn restart(&mut self, process: &str) -> anyhow::Result<()> {
        self.stack.restart(process).await
    }

    /// Kills NATS, deletes everything that it kept, and starts it again.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn wipe_nats(&mut self) -> anyhow::Result<()> {
        self.stack.wipe_nats().await
    }

    /// Stream and subject of every message in NATS that contains `text`.
    ///
    /// # Errors
    /// When NATS cannot be searched.
    pub async fn nats_contents_with(&self, text: &str) -> anyhow::Result<Vec<String>> {
        contents::in_nats(self.stack.nats(), text).await
    }

    /// Puts `text` where a password must not be, so that a test sees that it would be found there.
    ///
    /// # Errors
    /// When a store does not take it.
    pub async fn plant(&self, text: &str) -> anyhow::Result<Planted> {
        let mut database = self.database().await?;
        contents::plant(&mut database, self.stack.nats(), self.directory(), text).await
    }

    /// Every table of the database that has a row with `text` in it.
    ///
    /// # Errors
    /// When the database cannot be searched.
    pub async fn tables_with(&self, text: &str) -> anyhow::Result<Vec<String>> {
        contents::in_tables(&mut self.database().await?, text).await
    }

    /// Waits until no process of the stack, and of what its processes started, has `text` in its
    /// memory, and says how long that took. The simulated court has it, being told by its arguments,
    /// which shows that it would be found. Only root can look: for others, `None`.
    ///
    /// # Errors
    /// When one has it still after this time, and when nothing is found at all.
    pub async fn until_forgotten(
        &self,
        text: &str,
        within: Duration,
    ) -> anyhow::Result<Option<Duration>> {
        if !memory::may_look()? {
            return Ok(None);
        }
        let started = Instant::now();
        loop {
            let found = memory::of_processes_with(text)?;
            let (court, others): (Vec<_>, Vec<_>) = found
                .into_iter()
                .partition(|place| place.starts_with("pacer-sim "));
            ensure!(!court.is_empty(), "the search finds nothing at all");
            if others.is_empty() {
                return Ok(Some(started.elapsed()));
            }
            ensure!(started.elapsed() < within, "in memory: {others:#?}");
            sleep(MEMORY_EVERY).await;
        }
    }

    /// Every file of the stack with `text` in it: logs, blobs, the stores of NATS and Postgres
    /// with their journals. Stop it first, so that all is written.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub fn files_with(&self, text: &str) -> anyhow::Result<Vec<String>> {
        contents::in_files(self.directory(), text)
    }

    /// Where `text` is in the memory of a process.
    ///
    /// # Errors
    /// When there is no such process, or its memory may not be read.
    pub fn memory_with(&self, process: &str, text: &str) -> anyhow::Result<Vec<String>> {
        let processes = self.processes();
        let found = processes.iter().find(|(name, _)| *name == process);
        let (_, id) = found.with_context(|| format!("{process} runs"))?;
        contents::in_memory(*id, text)
    }

    /// Insists that our ledger says of every purchase what the court's says, and nothing else.
    ///
    /// # Errors
    /// When they differ.
    pub async fn assert_bill_equals_ledger(&self) -> anyhow::Result<()> {
        let sold = self.simulator().ledger().await?;
        let mut charged: Vec<String> = sold.iter().map(Sold::of_court).map(|sold| sold.0).collect();
        let rows: Vec<Row> = sqlx::query_as(
            "select court_id, client_code, state, billed_pages, billed_cents
             from purchases
             where state <> 'void' and not (state = 'captured' and billed_cents = 0)
             order by id",
        )
        .fetch_all(&mut self.database().await?)
        .await?;
        let mut noted: Vec<String> = rows
            .into_iter()
            .map(Sold::of_ours)
            .map(|sold| sold.0)
            .collect();
        charged.sort_unstable();
        noted.sort_unstable();
        ensure!(
            charged == noted,
            "the court's books:\n{charged:#?}\nours:\n{noted:#?}"
        );
        Ok(())
    }

    /// Ends it in good order, and insists that no service logged an error.
    ///
    /// # Errors
    /// When one did.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stop_keeping_files().await
    }

    /// The same; the files stay until the value is dropped.
    ///
    /// # Errors
    /// When a service logged an error.
    pub async fn stop_keeping_files(&mut self) -> anyhow::Result<()> {
        self.stop_with_errors(&[]).await
    }

    /// The same; errors with one of these texts in them were to be expected.
    ///
    /// # Errors
    /// When a service logged another one.
    pub async fn stop_with_errors(&mut self, expected: &[&str]) -> anyhow::Result<()> {
        self.stack.stop().await;
        let mut lines = self.stack.error_lines()?;
        lines.retain(|line| !expected.iter().any(|part| line.contains(part)));
        ensure!(
            lines.is_empty(),
            "services logged errors:\n{}",
            lines.join("\n")
        );
        Ok(())
    }
}

/// Court, client code, state, pages and cents of a purchase.
type Row = (String, String, String, Option<i32>, Option<i32>);

/// A charge as either book has it, in words that can be compared.
struct Sold(String);

impl Sold {
    fn of_court(sale: &crate::Sale) -> Sold {
        let court = crate::client_court_id(&sale.court);
        Sold(format!(
            "{court} '{}' {} pages {} cents",
            sale.client_code, sale.pages, sale.cents
        ))
    }

    fn of_ours(row: Row) -> Sold {
        match row {
            (court, code, state, Some(pages), Some(cents)) if state == "captured" => {
                Sold(format!("{court} '{code}' {pages} pages {cents} cents"))
            }
            (court, code, state, ..) => Sold(format!("{court} '{code}' {state}, not captured")),
        }
    }
}

/// The last lines of every log, since the directory is gone when somebody could look.
fn logs_of(directory: &TempDir) -> String {
    let logs = std::fs::read_dir(directory.path().join("logs"))
        .into_iter()
        .flatten()
        .flatten();
    let tails = logs.filter_map(|entry| {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).ok()?).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n");
        Some(format!("--- {}\n{tail}\n", entry.file_name().display()))
    });
    format!(
        "the stack did not start; its logs end with\n{}",
        tails.collect::<String>()
    )
}
