//! What a simulator is made with: its world, its accounts, its manners.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use crate::court::Delivery;

/// Password of the accounts that exist when none are configured. It opens nothing but this
/// simulator, and is printed in `docs/SIMULATOR.md`.
pub const DEMO_PASSWORD: &str = "not-a-real-password";

/// Settings of one simulator.
#[derive(Debug, Clone)]
pub struct Config {
    /// The world: the same seed gives the same cases, entries and documents.
    pub seed: u64,
    /// Ordinary cases in each court, besides the well-known ones.
    pub cases: u32,
    /// Entries of each ordinary case.
    pub entries: u32,
    /// Who may log in.
    pub accounts: Vec<Account>,
    /// How long a token is good.
    pub session_lifetime: Duration,
    /// A docket with more entries than this brings the large-docket page, unless a start date
    /// was asked for.
    pub large_docket: usize,
    /// Waiting time before every answer of a court or the sign-on.
    pub latency: Duration,
    /// One way to deliver documents for all courts, instead of each court's own.
    pub delivery: Option<Delivery>,
    /// Directories of saved docket pages to replay.
    pub pages: Vec<PathBuf>,
    /// How many requests the traffic log remembers; figures go on after that.
    pub traffic_rows: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            seed: 1,
            cases: 100,
            entries: 40,
            accounts: Account::demo(),
            session_lifetime: Duration::from_secs(3600),
            large_docket: 2000,
            latency: Duration::ZERO,
            delivery: None,
            pages: Vec::new(),
            traffic_rows: 500_000,
        }
    }
}

/// What an account is shown before it is charged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Receipts {
    /// A price page before a document, dockets at once.
    #[default]
    Documents,
    /// A price page before a document and before a docket (`View Report`).
    Always,
    /// Nothing: asking is buying.
    Never,
}

/// Somebody who may log in.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// PACER user name.
    pub login: String,
    /// Its password.
    pub password: SecretString,
    /// The account must give a client code before it may search.
    #[serde(default)]
    pub client_code_required: bool,
    /// The account may file, so its login must carry `redactFlag`.
    #[serde(default)]
    pub filer: bool,
    /// Search is switched off: the login works, with a warning.
    #[serde(default)]
    pub disabled: bool,
    /// What is shown before a charge.
    #[serde(default)]
    pub receipts: Receipts,
}

/// Why an account could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Not `user:password` or `user:password:flags`. The text itself is kept out of the message.
    #[error("an account is written user:password or user:password:flag,flag")]
    Form,
    /// A flag that does not exist.
    #[error(
        "unknown account flag `{0}`; there are clientcode-required, filer, disabled, confirm-charges, no-receipts"
    )]
    Flag(String),
    /// The file could not be read.
    #[error("cannot read the accounts in {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The file is no list of accounts. The cause is kept out: it could quote a password.
    #[error("{path} is not a JSON list of accounts (line {line})")]
    Json {
        /// The file.
        path: PathBuf,
        /// Where reading stopped.
        line: usize,
    },
}

impl Account {
    /// An account without peculiarities.
    pub fn new(login: &str, password: &str) -> Account {
        Account {
            login: login.to_owned(),
            password: password.to_owned().into(),
            client_code_required: false,
            filer: false,
            disabled: false,
            receipts: Receipts::Documents,
        }
    }

    /// The demo accounts: `demo`, and one for each peculiarity, all with [`DEMO_PASSWORD`].
    pub fn demo() -> Vec<Account> {
        let account = |login| Account::new(login, DEMO_PASSWORD);
        vec![
            account("demo"),
            Account {
                client_code_required: true,
                ..account("demo-firm")
            },
            Account {
                filer: true,
                ..account("demo-filer")
            },
            Account {
                receipts: Receipts::Always,
                ..account("demo-receipts")
            },
            Account {
                receipts: Receipts::Never,
                ..account("demo-noreceipts")
            },
            Account {
                disabled: true,
                ..account("demo-disabled")
            },
        ]
    }

    /// Reads `user:password[:flag,flag]`. A password with a colon needs the JSON file.
    pub fn parse(text: &str) -> Result<Account, AccountError> {
        let mut parts = text.splitn(3, ':');
        let (Some(login), Some(password)) = (parts.next(), parts.next()) else {
            return Err(AccountError::Form);
        };
        if login.is_empty() || password.is_empty() {
            return Err(AccountError::Form);
        }
        let mut account = Account::new(login, password);
        let flags = parts.next().unwrap_or_default();
        for flag in flags.split(',').filter(|flag| !flag.is_empty()) {
            account.switch_on(flag)?;
        }
        Ok(account)
    }

    fn switch_on(&mut self, flag: &str) -> Result<(), AccountError> {
        match flag {
            "clientcode-required" => self.client_code_required = true,
            "filer" => self.filer = true,
            "disabled" => self.disabled = true,
            "confirm-charges" => self.receipts = Receipts::Always,
            "no-receipts" => self.receipts = Receipts::Never,
            other => return Err(AccountError::Flag(other.to_owned())),
        }
        Ok(())
    }

    /// Reads a JSON list of accounts.
    pub fn read_file(path: &Path) -> Result<Vec<Account>, AccountError> {
        let text = std::fs::read_to_string(path).map_err(|source| AccountError::Read {
            path: path.to_owned(),
            source,
        })?;
        serde_json::from_str(&text).map_err(|error| AccountError::Json {
            path: path.to_owned(),
            line: error.line(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_with_its_flags() {
        let account = Account::parse("me:sesame:clientcode-required,filer").unwrap();
        assert!(account.client_code_required && account.filer && !account.disabled);
        assert!(matches!(Account::parse("me"), Err(AccountError::Form)));
        assert!(matches!(
            Account::parse("me:x:wat"),
            Err(AccountError::Flag(_))
        ));
    }

    #[test]
    fn no_output_shows_a_password() {
        let account = Account::parse("me:sesame:filer").unwrap();
        assert!(!format!("{account:?}").contains("sesame"));
        let error = Account::parse(":sesame").unwrap_err();
        assert!(!error.to_string().contains("sesame"));
    }
}
