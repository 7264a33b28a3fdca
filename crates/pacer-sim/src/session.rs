//! Who is logged in.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::distr::Alphanumeric;
use secrecy::ExposeSecret;
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::config::{Account, Receipts};

/// Characters of a token.
const TOKEN_CHARACTERS: usize = 128;

/// The tokens that are good, and the accounts they can be had for.
pub struct Sessions {
    accounts: HashMap<String, Account>,
    lifetime: Duration,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    good: HashMap<String, Session>,
    logins: HashMap<String, Logins>,
}

#[derive(Clone)]
struct Session {
    login: String,
    client_code: String,
    until: Instant,
}

/// How often somebody logged in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Logins {
    /// Tokens given out.
    pub succeeded: u64,
    /// Attempts without a token.
    pub failed: u64,
}

/// An account as administrators see it.
#[derive(Debug, Clone, Serialize)]
pub struct AccountReport {
    /// User name.
    pub login: String,
    /// How often it logged in.
    #[serde(flatten)]
    pub logins: Logins,
    /// Tokens that are good now.
    pub sessions: usize,
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// User name.
    pub login: String,
    /// Client code, or nothing.
    pub client_code: String,
    /// The account may not search: it is disabled.
    pub disabled: bool,
    /// The account may not search without a client code, and has none.
    pub lacks_client_code: bool,
    /// What is shown before a charge.
    pub receipts: Receipts,
}

/// Why there is no session.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// Wrong user name or password.
    Credentials,
    /// A filer did not confirm that it redacts.
    Redaction,
}

/// A token, with what is wrong about the account although it got one.
pub struct Granted {
    /// The token.
    pub token: String,
    /// Empty, or a warning.
    pub warning: &'static str,
}

impl Sessions {
    /// Sessions for these accounts, each good for `lifetime`.
    pub fn new(accounts: &[Account], lifetime: Duration) -> Sessions {
        let accounts = accounts
            .iter()
            .map(|account| (account.login.clone(), account.clone()));
        Sessions {
            accounts: accounts.collect(),
            lifetime,
            inner: Mutex::default(),
        }
    }

    /// Logs in.
    pub fn log_in(
        &self,
        login: &str,
        password: &str,
        client_code: &str,
        redacts: bool,
    ) -> Result<Granted, Refused> {
        let answer = self.admit(login, password, redacts);
        let mut inner = self.lock();
        let logins = inner.logins.entry(login.to_owned()).or_default();
        let account = match answer {
            Ok(account) => account,
            Err(refused) => {
                logins.failed += 1;
                return Err(refused);
            }
        };
        logins.succeeded += 1;
        let token = new_token();
        let until = Instant::now() + self.lifetime;
        let session = Session {
            login: login.to_owned(),
            client_code: client_code.to_owned(),
            until,
        };
        inner.good.insert(token.clone(), session);
        Ok(Granted {
            token,
            warning: warning(account, client_code),
        })
    }

    fn admit(&self, login: &str, password: &str, redacts: bool) -> Result<&Account, Refused> {
        let account = self.accounts.get(login).ok_or(Refused::Credentials)?;
        let expected = account.password.expose_secret().as_bytes();
        if !bool::from(expected.ct_eq(password.as_bytes())) {
            return Err(Refused::Credentials);
        }
        if account.filer && !redacts {
            return Err(Refused::Redaction);
        }
        Ok(account)
    }

    /// Who shows this token, if it is good. A client code in a cookie goes before that of the login.
    pub fn visitor(&self, token: &str, client_code: Option<&str>) -> Option<Visitor> {
        let session = self
            .lock()
            .good
            .get(token)
            .filter(|session| session.until > Instant::now())?
            .clone();
        let account = self.accounts.get(&session.login)?;
        let client_code = client_code.map_or(session.client_code, str::to_owned);
        Some(Visitor {
            lacks_client_code: account.client_code_required && client_code.is_empty(),
            login: session.login,
            client_code,
            disabled: account.disabled,
            receipts: account.receipts,
        })
    }

    /// Ends a session; false if there was none.
    pub fn log_out(&self, token: &str) -> bool {
        self.lock().good.remove(token).is_some()
    }

    /// Ends all sessions, of one account or of everybody, and says how many.
    pub fn expire(&self, login: Option<&str>) -> usize {
        let mut inner = self.lock();
        let before = inner.good.len();
        inner
            .good
            .retain(|_, session| login.is_some_and(|login| session.login != login));
        before - inner.good.len()
    }

    /// All accounts, and all names that somebody tried, by name.
    pub fn report(&self) -> Vec<AccountReport> {
        let inner = self.lock();
        let now = Instant::now();
        let mut names: Vec<&String> = self.accounts.keys().chain(inner.logins.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let report = |login: &String| AccountReport {
            login: login.clone(),
            logins: inner.logins.get(login).cloned().unwrap_or_default(),
            sessions: inner
                .good
                .values()
                .filter(|session| session.login == *login && session.until > now)
                .count(),
        };
        names.into_iter().map(report).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn warning(account: &Account, client_code: &str) -> &'static str {
    if account.disabled {
        return "your current account has been disabled";
    }
    match account.client_code_required && client_code.is_empty() {
        true => "A required Client Code was not entered",
        false => "",
    }
}

fn new_token() -> String {
    let mut generator = rand::rng();
    (0..TOKEN_CHARACTERS)
        .map(|_| char::from(generator.sample(Alphanumeric)))
        .collect()
}
