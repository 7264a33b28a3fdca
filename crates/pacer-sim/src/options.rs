//! The command line and the file that can stand in for most of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use pacer_sim::{Account, Config, CourtLimits, CourtSettings, Delivery, Fault, Limits, LoginPage};
use serde::Deserialize;
use serde_json::Value;

/// A simulated PACER: sign-on, district, bankruptcy and appellate courts, documents, a ledger.
///
/// Courts are below their ids (http://HOST/okwd/cgi-bin/DktRpt.pl) and under their host names (Host:
/// ecf.okwd.uscourts.gov), courts of appeals likewise (http://HOST/ca1/n/beam/servlet/TransportRoom). The sign-on
/// is at /services/cso-auth, administration at /admin. Everything is fictional. When it is ready, it prints its
/// address on standard output as one line of JSON: {"listening":"http://127.0.0.1:PORT"}.
///
/// Without accounts of your own there are demo, demo-firm (needs a client code), demo-filer
/// (needs redactFlag), demo-totp (needs a one-time code), demo-receipts (is asked before every
/// charge), demo-noreceipts (never is), demo-disabled, demo-refused and demo-lost (its first
/// page is a login page), all with the password not-a-real-password.
#[derive(Parser)]
#[command(version)]
pub struct Options {
    /// The address and port to listen on; port 0 picks a free one
    #[arg(long, env = "PACER_SIM_LISTEN", default_value = "127.0.0.1:8400")]
    pub listen: String,
    /// The seed for all generated data, and for faults with a probability
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ordinary cases in each court, besides the well-known ones
    #[arg(long, default_value_t = 100)]
    cases: u32,
    /// Entries of each ordinary case
    #[arg(long, default_value_t = 40)]
    entries: u32,
    /// The number of pages of document 3 of the demo case, a scan; each page then has few words
    #[arg(long, value_name = "PAGES", value_parser = clap::value_parser!(u32).range(1..))]
    long_scan: Option<u32>,
    /// Pad documents of district and bankruptcy courts to at least this size
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    document_bytes: usize,
    /// An account; flags are clientcode-required, filer, disabled, refused, first-page-lost,
    /// totp=BASE32, confirm-charges, no-receipts,
    /// fixed-receipts
    #[arg(long = "account", value_name = "USER:PASSWORD[:FLAG,…]")]
    accounts: Vec<String>,
    /// A JSON list of accounts: login, password, client_code_required, filer, disabled,
    /// login_result, first_page_lost, receipts_fixed, totp_secret, backup_codes, receipts
    #[arg(long, value_name = "FILE")]
    accounts_file: Option<PathBuf>,
    /// A JSON object with any of accounts, courts, limits, faults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A fault to inject, in the format of /admin/faults; may be repeated
    #[arg(long = "fault", value_name = "JSON")]
    faults: Vec<String>,
    /// How long a session lasts, in seconds
    #[arg(long, default_value_t = 3600)]
    session_seconds: u64,
    /// Dockets with more entries bring the large-docket page unless a start date is given
    #[arg(long, default_value_t = 2000)]
    large_docket: usize,
    /// Delay every answer by this long
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// How all courts deliver documents; by default each in its own way
    #[arg(long, value_enum)]
    delivery: Option<Delivery>,
    /// The login page that all courts show; by default each shows its own
    #[arg(long, value_enum)]
    login_page: Option<LoginPage>,
    /// The least time between two requests to a court; anything less is a violation
    #[arg(long, value_name = "MS")]
    min_gap_ms: Option<u64>,
    /// Most requests to a court at the same time; more is a violation
    #[arg(long, value_name = "N")]
    max_in_flight: Option<u64>,
    /// Most requests of one account to a court at the same time; more is a violation
    #[arg(long, value_name = "N")]
    max_in_flight_per_account: Option<u64>,
    /// Answer a violation, and everything within this many seconds after it, with 403
    #[arg(long, value_name = "SECONDS")]
    block_seconds: Option<u64>,
    /// The most logins of an account within an hour; further ones are refused
    #[arg(long, value_name = "N")]
    max_logins_per_hour: Option<usize>,
    /// Serve saved docket pages <court>_<n>.html below this directory; may be repeated
    #[arg(long, value_name = "DIR")]
    pages: Vec<PathBuf>,
}

/// What the file of `--config` may say.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    accounts: Vec<Account>,
    courts: BTreeMap<String, CourtSettings>,
    limits: Limits,
    faults: Vec<Value>,
}

impl Settings {
    fn read(path: &Path) -> anyhow::Result<Settings> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        // The cause is kept out: it could quote a password.
        serde_json::from_str(&text).map_err(|error| {
            let (file, line) = (path.display(), error.line());
            anyhow::anyhow!("{file} is not a JSON object of settings (line {line})")
        })
    }
}

impl Options {
    /// The settings that the command line and its files make together; the command line wins.
    pub fn into_config(self) -> anyhow::Result<Config> {
        let mut file = match &self.config {
            Some(path) => Settings::read(path)?,
            None => Settings::default(),
        };
        file.limits.default = self.limits(file.limits.default);
        if self.max_logins_per_hour.is_some() {
            file.limits.max_logins_per_hour = self.max_logins_per_hour;
        }
        if self.login_page.is_some() {
            file.courts
                .entry("default".to_owned())
                .or_default()
                .login_page = self.login_page;
        }
        let faults = self.all_faults(std::mem::take(&mut file.faults))?;
        let accounts = self.all_accounts(std::mem::take(&mut file.accounts))?;
        Ok(Config {
            seed: self.seed,
            cases: self.cases,
            entries: self.entries,
            long_scan: self.long_scan,
            document_bytes: self.document_bytes,
            accounts,
            session_lifetime: Duration::from_secs(self.session_seconds),
            large_docket: self.large_docket,
            latency: Duration::from_millis(self.latency_ms),
            delivery: self.delivery,
            courts: file.courts,
            limits: file.limits,
            faults,
            pages: self.pages,
            ..Config::default()
        })
    }

    fn all_accounts(&self, mut accounts: Vec<Account>) -> anyhow::Result<Vec<Account>> {
        for text in &self.accounts {
            accounts.push(Account::parse(text)?);
        }
        if let Some(file) = &self.accounts_file {
            accounts.extend(Account::read_file(file)?);
        }
        if accounts.is_empty() {
            accounts = Account::demo();
        }
        Ok(accounts)
    }

    fn all_faults(&self, of_file: Vec<Value>) -> anyhow::Result<Vec<Fault>> {
        let of_file = of_file.into_iter().map(Fault::from_value);
        let of_line = self.faults.iter().map(|fault| Fault::read(fault));
        of_file.chain(of_line).map(|fault| Ok(fault?)).collect()
    }

    fn limits(&self, file: CourtLimits) -> CourtLimits {
        CourtLimits {
            min_gap_ms: self.min_gap_ms.or(file.min_gap_ms),
            max_in_flight: self.max_in_flight.or(file.max_in_flight),
            max_in_flight_per_account: self
                .max_in_flight_per_account
                .or(file.max_in_flight_per_account),
            block_seconds: self.block_seconds.or(file.block_seconds),
            ..file
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> anyhow::Result<Config> {
        let arguments = ["pacer-sim"].iter().chain(arguments);
        Options::try_parse_from(arguments)?.into_config()
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = r#"{"accounts": [{"login": "me", "password": "x", "totp_secret": "JBSWY3DPEHPK3PXP"}],
            "courts": {"okwd": {"login_page": "current-gen"}}, "faults": [{"kind": "reset"}],
            "limits": {"default": {"min_gap_ms": 5, "max_in_flight": 2}}}"#;
        std::fs::write(file.path(), text).unwrap();
        let path = file.path().to_str().unwrap();
        let fault = r#"{"kind": "hang"}"#;
        let config = read(&["--config", path, "--min-gap-ms", "7", "--fault", fault]).unwrap();
        assert_eq!(config.accounts.len(), 1);
        assert_eq!(config.faults.len(), 2);
        assert_eq!(config.limits.default.min_gap_ms, Some(7));
        assert_eq!(config.limits.default.max_in_flight, Some(2));
        assert_eq!(
            config.courts["okwd"].login_page,
            Some(LoginPage::CurrentGen)
        );
    }

    #[test]
    fn mistakes_are_reported_without_passwords() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            r#"{"accounts": [{"login": "me", "password": ["sesame"]}]}"#,
        )
        .unwrap();
        let error = read(&["--config", file.path().to_str().unwrap()]).unwrap_err();
        assert!(!format!("{error:#}").contains("sesame"));
        assert!(read(&["--fault", r#"{"kind": "earthquake"}"#]).is_err());
        assert_eq!(read(&[]).unwrap().accounts.len(), Account::demo().len());
    }
}
