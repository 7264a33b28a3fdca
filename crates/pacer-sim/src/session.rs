//! Who is logged in.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::Utc;
use rand::RngExt;
use rand::distr::Alphanumeric;
use secrecy::ExposeSecret;
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::account::{Account, Receipts};
use crate::logins::{LoginBook, Logins};
use crate::one_time::{CurrentCode, UsedCodes};

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
    /// The token that each account got last.
    newest: HashMap<String, String>,
    logins: LoginBook,
    used_codes: UsedCodes,
}

#[derive(Clone)]
struct Session {
    login: String,
    client_code: String,
    until: Instant,
    /// The next GET shows the login page, although the session is good.
    loses_page: bool,
}

/// What a login says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// User name.
    pub login: &'a str,
    /// Password.
    pub password: &'a str,
    /// Client code, or nothing.
    pub client_code: &'a str,
    /// One-time or backup code, or nothing.
    pub one_time_code: &'a str,
    /// The filer confirmed that it redacts.
    pub redacts: bool,
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
    /// The cookie `PacerPref` changes nothing about that.
    pub receipts_fixed: bool,
}

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Wrong user name, password or one-time code.
    Credentials,
    /// A filer did not confirm that it redacts.
    Redaction,
    /// The account is refused for a reason of its own, with this `loginResult`.
    Account(String),
    /// The account logged in too often within the hour.
    TooOften,
}

impl Refused {
    /// The `loginResult` of the answer.
    pub fn result(&self) -> &str {
        match self {
            Refused::Credentials => "13",
            Refused::Redaction => "1",
            Refused::Account(result) => result,
            // Not known; the code that some public notes list for a disabled account.
            Refused::TooOften => "5",
        }
    }
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

    /// Logs in; not if the account tried `most` times within the last hour already.
    pub fn log_in(
        &self,
        credentials: &Credentials<'_>,
        most: Option<usize>,
    ) -> Result<Granted, Refused> {
        let mut inner = self.lock();
        let answer = self.admit(&mut inner, credentials, most);
        let result = answer.as_ref().map_or_else(Refused::result, |_| "0");
        inner.logins.note(credentials.login, result);
        let account = answer?;
        let token = new_token();
        let session = Session {
            login: account.login.clone(),
            client_code: credentials.client_code.to_owned(),
            until: Instant::now() + self.lifetime,
            loses_page: account.first_page_lost,
        };
        inner.good.insert(token.clone(), session);
        inner.newest.insert(account.login.clone(), token.clone());
        Ok(Granted {
            token,
            warning: warning(account, credentials.client_code),
        })
    }

    fn admit(
        &self,
        inner: &mut Inner,
        credentials: &Credentials<'_>,
        most: Option<usize>,
    ) -> Result<&Account, Refused> {
        let tried = inner.logins.within_the_hour(credentials.login);
        if most.is_some_and(|most| tried >= most) {
            return Err(Refused::TooOften);
        }
        let account = self
            .accounts
            .get(credentials.login)
            .ok_or(Refused::Credentials)?;
        let expected = account.password.expose_secret().as_bytes();
        if !bool::from(expected.ct_eq(credentials.password.as_bytes())) {
            return Err(Refused::Credentials);
        }
        if let Some(result) = &account.login_result {
            return Err(Refused::Account(result.clone()));
        }
        if account.filer && !credentials.redacts {
            return Err(Refused::Redaction);
        }
        // Last, so that no code is used up by a login that fails for another reason.
        match inner
            .used_codes
            .accept(account, credentials.one_time_code, now())
        {
            true => Ok(account),
            false => Err(Refused::Credentials),
        }
    }

    /// The one-time code of an account, or of so many steps ahead; none if it has no secret.
    pub fn one_time_code(&self, login: &str, ahead: u64) -> Option<CurrentCode> {
        let account = self.accounts.get(login)?;
        self.lock().used_codes.current(account, now(), ahead)
    }

    /// The account that a good token belongs to.
    pub fn login_of(&self, token: &str) -> Option<String> {
        let inner = self.lock();
        let session = inner.good.get(token)?;
        (session.until > Instant::now()).then(|| session.login.clone())
    }

    /// True once for each session of an account whose first page is lost.
    pub fn loses_page(&self, token: &str) -> bool {
        let mut inner = self.lock();
        let session = inner.good.get_mut(token);
        session.is_some_and(|session| std::mem::take(&mut session.loses_page))
    }

    /// Forgets who logged in when.
    pub fn reset_logins(&self) {
        self.lock().logins.clear();
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
            receipts_fixed: account.receipts_fixed,
        })
    }

    /// True if the token is good and its account did not log in again since.
    pub fn is_newest(&self, token: &str) -> bool {
        let inner = self.lock();
        let session = inner.good.get(token);
        session.is_some_and(|session| {
            let newest = inner.newest.get(&session.login);
            session.until > Instant::now() && newest.is_some_and(|newest| newest == token)
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
        let mut names: Vec<&String> = self.accounts.keys().chain(inner.logins.names()).collect();
        names.sort_unstable();
        names.dedup();
        let report = |login: &String| AccountReport {
            login: login.clone(),
            logins: inner.logins.of(login),
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

/// Seconds since the epoch, by which authenticators count.
fn now() -> u64 {
    Utc::now().timestamp().unsigned_abs()
}

/// A word that nobody can guess.
pub(crate) fn new_token() -> String {
    let mut generator = rand::rng();
    (0..TOKEN_CHARACTERS)
        .map(|_| char::from(generator.sample(Alphanumeric)))
        .collect()
}
