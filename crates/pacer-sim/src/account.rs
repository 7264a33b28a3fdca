//! Who may log in, and what is peculiar about them.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use crate::totp::{BadSecret, Secret};

/// Password of the accounts that exist when none are configured. It opens nothing but this
/// simulator, and is printed in `docs/SIMULATOR.md`.
pub const DEMO_PASSWORD: &str = "not-a-real-password";

/// One-time secret of `demo-totp`; as public as its password.
pub const DEMO_TOTP_SECRET: &str = "JBSWY3DPEHPK3PXP";

/// Backup codes of `demo-totp`.
pub const DEMO_BACKUP_CODES: [&str; 2] = ["backup-one", "backup-two"];

/// The `loginResult` of accounts with the flag `refused`. Some public notes list it for a
/// disabled account; what the real sign-on answers is not known.
const REFUSED: &str = "5";

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
    /// What is shown before a charge stays as it is, whatever the cookie `PacerPref` wishes.
    #[serde(default)]
    pub receipts_fixed: bool,
    /// The account is enrolled for one-time codes, with this secret.
    #[serde(default)]
    pub totp_secret: Option<Secret>,
    /// Codes that stand in for a one-time code, each good for one login.
    #[serde(default)]
    pub backup_codes: Vec<SecretString>,
    /// The sign-on refuses the account with this `loginResult`, whatever the password.
    #[serde(default)]
    pub login_result: Option<String>,
    /// After each login the first GET to a court shows the login page all the same.
    #[serde(default)]
    pub first_page_lost: bool,
}

/// Why an account could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Not `user:password` or `user:password:flags`. The text itself is kept out of the message.
    #[error("an account is written user:password or user:password:flag,flag")]
    Form,
    /// A flag that does not exist.
    #[error(
        "unknown account flag `{0}`; there are clientcode-required, filer, disabled, refused, \
         first-page-lost, totp=SECRET, confirm-charges, no-receipts, fixed-receipts"
    )]
    Flag(String),
    /// The one-time secret cannot be read.
    #[error(transparent)]
    Secret(#[from] BadSecret),
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
            receipts_fixed: false,
            totp_secret: None,
            backup_codes: Vec::new(),
            login_result: None,
            first_page_lost: false,
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
            Account {
                totp_secret: Secret::read(DEMO_TOTP_SECRET).ok(),
                backup_codes: DEMO_BACKUP_CODES.map(SecretString::from).to_vec(),
                ..account("demo-totp")
            },
            Account {
                login_result: Some(REFUSED.to_owned()),
                ..account("demo-refused")
            },
            Account {
                first_page_lost: true,
                ..account("demo-lost")
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
            "refused" => self.login_result = Some(REFUSED.to_owned()),
            "first-page-lost" => self.first_page_lost = true,
            "confirm-charges" => self.receipts = Receipts::Always,
            "no-receipts" => self.receipts = Receipts::Never,
            "fixed-receipts" => self.receipts_fixed = true,
            other => match other.strip_prefix("totp=") {
                Some(secret) => self.totp_secret = Some(Secret::read(secret)?),
                None => return Err(AccountError::Flag(other.to_owned())),
            },
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
