//! The simulator as a program: serves on one port until it is told to stop.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use pacer_sim::{Account, Config, Delivery, Simulator};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// A PACER of your own: sign-on, district, bankruptcy and appellate courts, documents, a ledger.
///
/// Courts are below their ids (http://HOST/okwd/cgi-bin/DktRpt.pl) and under their host names
/// (Host: ecf.okwd.uscourts.gov), courts of appeals likewise
/// (http://HOST/ca1/n/beam/servlet/TransportRoom). The sign-on is at /services/cso-auth, administration at
/// /admin. Everything is fictional. When it is ready, one line of JSON on standard output says
/// where: {"listening":"http://127.0.0.1:PORT"}.
///
/// Without accounts of your own there are demo, demo-firm (needs a client code), demo-filer
/// (needs redactFlag), demo-receipts (is asked before every charge), demo-noreceipts (never
/// is) and demo-disabled, all with the password not-a-real-password.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Address and port; port 0 takes a free one
    #[arg(long, env = "PACER_SIM_LISTEN", default_value = "127.0.0.1:8400")]
    listen: String,
    /// Decides everything that is invented
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ordinary cases in each court, besides the well-known ones
    #[arg(long, default_value_t = 100)]
    cases: u32,
    /// Entries of each ordinary case
    #[arg(long, default_value_t = 40)]
    entries: u32,
    /// An account; flags are clientcode-required, filer, disabled, confirm-charges, no-receipts
    #[arg(long = "account", value_name = "USER:PASSWORD[:FLAG,…]")]
    accounts: Vec<String>,
    /// A JSON list of accounts: login, password, client_code_required, filer, disabled, receipts
    #[arg(long, value_name = "FILE")]
    accounts_file: Option<PathBuf>,
    /// How long a session lasts, in seconds
    #[arg(long, default_value_t = 3600)]
    session_seconds: u64,
    /// Dockets with more entries bring the large-docket page unless a start date is given
    #[arg(long, default_value_t = 2000)]
    large_docket: usize,
    /// Wait so long before every answer
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// How all courts deliver documents, instead of each its own way
    #[arg(long, value_enum)]
    delivery: Option<Delivery>,
    /// Serve saved docket pages <court>_<n>.html below this directory; may be repeated
    #[arg(long, value_name = "DIR")]
    pages: Vec<PathBuf>,
}

impl Options {
    fn config(self) -> anyhow::Result<Config> {
        let mut accounts = self
            .accounts
            .iter()
            .map(|text| Account::parse(text))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(file) = &self.accounts_file {
            accounts.extend(Account::read_file(file)?);
        }
        if accounts.is_empty() {
            accounts = Account::demo();
        }
        Ok(Config {
            seed: self.seed,
            cases: self.cases,
            entries: self.entries,
            accounts,
            session_lifetime: Duration::from_secs(self.session_seconds),
            large_docket: self.large_docket,
            latency: Duration::from_millis(self.latency_ms),
            delivery: self.delivery,
            pages: self.pages,
            ..Config::default()
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let listener = TcpListener::bind(&options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let simulator = Arc::new(Simulator::new(options.config()?)?);
    let stop = stop_signal()?;
    announce(&listener)?;
    pacer_sim::serve(listener, simulator, stop)
        .await
        .context("serving")
}

fn announce(listener: &TcpListener) -> anyhow::Result<()> {
    let address = format!("http://{}", listener.local_addr()?);
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", serde_json::json!({"listening": address}))?;
    Ok(output.flush()?)
}

/// Done when the process is asked to end.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
