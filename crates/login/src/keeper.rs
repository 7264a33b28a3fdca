//! Opens, lends and retires sessions.
//!
//! One login of an account at a time; whoever comes meanwhile waits and then shares what the first
//! one got, if the password is the same. The limits of [`PaceConfig`] and the memory of refused
//! passwords are those of one process: with several replicas, the account of a user whose logins
//! reach all of them may be logged in once by each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{
    Bus, Credentials, LoginHandler, LoginOutcome, PacerSession, RefusalKind, SealedSession,
    SessionSealingKey, Sessions,
};
use fetch_model::UserId;
use moka::future::Cache;
use pacer_client::{Courts, LoginAnswer, LoginError};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tracing::{info, warn};

use crate::{
    PaceConfig,
    pace::Pace,
    proof::{Proof, ProofKey},
};

/// A little less than the hour that readers allow, so that two clocks may differ.
const LIFE: Duration = Duration::from_secs(58 * 60);

/// A session with less left is not lent to a new request: its work could not be finished.
const WORTHWHILE: TimeDelta = TimeDelta::minutes(5);

/// How long a refused password is answered without asking PACER again.
const REFUSED_FOR: Duration = Duration::from_secs(10 * 60);

/// Long enough for the limit per hour to be kept.
const PACE_FOR: Duration = Duration::from_secs(2 * 60 * 60);

/// More accounts than any deployment has; a bound all the same.
const MANY: u64 = 100_000;

/// Keeps the sessions of all accounts.
pub struct Keeper {
    courts: Courts,
    sessions: Sessions,
    names: SessionSealingKey,
    proofs: ProofKey,
    pace: PaceConfig,
    /// By username: whoever holds the lock may log in.
    turns: Cache<String, Arc<Mutex<Pace>>>,
    /// By account digest.
    open: Cache<String, Arc<OpenSession>>,
    /// By session key.
    lent: Cache<String, Lent>,
    refused: Cache<Proof, Refusal>,
}

/// A session that PACER gave for a password.
struct OpenSession {
    token: SecretString,
    password: Proof,
    warning: Option<String>,
    expires_at: DateTime<Utc>,
}

/// A session as one user of ours has it.
#[derive(Clone)]
struct Lent {
    account: String,
    sealed: SealedSession,
    expires_at: DateTime<Utc>,
}

#[derive(Clone)]
struct Refusal {
    kind: RefusalKind,
    text: String,
}

/// The digests that stand for an account.
struct Account {
    user: UserId,
    /// Of the username alone: what PACER counts logins by.
    name: String,
    /// Of username and client code: what PACER bills.
    digest: String,
    /// Of user, username and client code: where the session lies.
    session_key: String,
}

impl LoginHandler for Keeper {
    async fn log_in(&self, user: UserId, credentials: Credentials) -> LoginOutcome {
        let account = self.account(user, &credentials);
        let turn = self
            .turns
            .get_with_by_ref(&account.name, async { Arc::default() })
            .await;
        let mut pace = turn.lock().await;
        if let Some(session) = self.open_session(&account, &credentials).await {
            return self.lend_to(&account, &credentials, &session).await;
        }
        if let Some(refusal) = self
            .refused
            .get(&self.proofs.of_attempt(&credentials))
            .await
        {
            info!("a login was refused as it was before");
            return refusal.into();
        }
        if let Err(wait) = pace.take(&self.pace, Instant::now()) {
            return self.too_many(wait);
        }
        self.ask_pacer(&account, &credentials).await
    }

    async fn lend(&self, key: &str) -> Option<SealedSession> {
        let lent = self.lent.get(key).await?;
        (lent.expires_at > Utc::now()).then_some(lent.sealed)
    }

    async fn forget(&self, key: &str) {
        if let Some(lent) = self.lent.remove(key).await {
            info!("a session was reported dead");
            self.open.invalidate(&lent.account).await;
        }
    }
}

impl Keeper {
    /// A keeper that knows no account yet.
    #[must_use]
    pub fn new(courts: Courts, bus: &Bus, key: SessionSealingKey, pace: PaceConfig) -> Keeper {
        Keeper {
            courts,
            sessions: bus.sessions(key.clone()),
            names: key,
            proofs: ProofKey::generate(),
            pace,
            turns: Cache::builder()
                .max_capacity(MANY)
                .time_to_idle(PACE_FOR)
                .build(),
            open: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(LIFE)
                .build(),
            lent: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(LIFE)
                .build(),
            refused: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(REFUSED_FOR)
                .build(),
        }
    }

    fn account(&self, user: UserId, credentials: &Credentials) -> Account {
        let username = credentials.username.expose_secret();
        let client_code = &credentials.client_code;
        Account {
            user,
            name: self.names.account_digest(username, ""),
            digest: self.names.account_digest(username, client_code),
            session_key: self.names.session_key(user, username, client_code),
        }
    }

    /// The session there is, for whoever knows the password it was opened with.
    async fn open_session(
        &self,
        account: &Account,
        credentials: &Credentials,
    ) -> Option<Arc<OpenSession>> {
        let session = self.open.get(&account.digest).await?;
        let known = session.password.is(&self.proofs.of_password(credentials));
        (known && session.expires_at - Utc::now() > WORTHWHILE).then_some(session)
    }

    async fn ask_pacer(&self, account: &Account, credentials: &Credentials) -> LoginOutcome {
        let Credentials {
            username,
            password,
            client_code,
            otp_code,
        } = credentials;
        let username = username.expose_secret();
        let asked = self
            .courts
            .log_in(username, password, client_code, otp_code.as_ref())
            .await;
        match asked {
            Ok(LoginAnswer::LoggedIn { token, warning }) => {
                info!(
                    user.id = account.user.0,
                    warned = warning.is_some(),
                    "logged an account in"
                );
                let session = Arc::new(OpenSession {
                    token,
                    password: self.proofs.of_password(credentials),
                    warning,
                    expires_at: Utc::now() + LIFE,
                });
                self.open
                    .insert(account.digest.clone(), session.clone())
                    .await;
                self.lend_to(account, credentials, &session).await
            }
            Ok(LoginAnswer::Refused { code, text }) => {
                info!(user.id = account.user.0, code, "PACER refused a login");
                let refusal = refusal(&code, &text);
                let attempt = self.proofs.of_attempt(credentials);
                self.refused.insert(attempt, refusal.clone()).await;
                refusal.into()
            }
            Err(error) => no_answer(&error),
        }
    }

    /// Seals the session for one user of ours. The same session of the same account may serve
    /// several, each of whom has proved the password; none can open another's seal by its name.
    async fn lend_to(
        &self,
        account: &Account,
        credentials: &Credentials,
        session: &OpenSession,
    ) -> LoginOutcome {
        let current = self.lent.get(&account.session_key).await;
        if current.is_none_or(|lent| lent.expires_at != session.expires_at) {
            let pacer_session = PacerSession {
                token: session.token.clone(),
                client_code: credentials.client_code.clone(),
                user: account.user,
                account_digest: account.digest.clone(),
                expires_at: session.expires_at,
            };
            self.hand_out(account, &pacer_session).await;
        }
        LoginOutcome::LoggedIn {
            session_key: account.session_key.clone(),
            account_digest: account.digest.clone(),
            warning: session.warning.clone(),
        }
    }

    /// Here first, so that it can be lent even if the message server cannot keep it.
    async fn hand_out(&self, account: &Account, session: &PacerSession) {
        let key = &account.session_key;
        let sealed = match self.sessions.seal(key, session) {
            Ok(sealed) => sealed,
            Err(error) => {
                return warn!(
                    error = &error as &dyn std::error::Error,
                    "a session was not sealed"
                );
            }
        };
        let lent = Lent {
            account: account.digest.clone(),
            sealed: sealed.clone(),
            expires_at: session.expires_at,
        };
        self.lent.insert(key.clone(), lent).await;
        if let Err(error) = self.sessions.keep(key, &sealed).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "a session could not be kept; it will be lent from here"
            );
        }
    }

    fn too_many(&self, wait: Duration) -> LoginOutcome {
        let PaceConfig {
            min_gap,
            max_per_hour,
        } = self.pace;
        let text = format!(
            "One PACER account is logged in at most every {} seconds and {max_per_hour} times an \
             hour. Please try again in {} seconds.",
            min_gap.as_secs(),
            wait.as_secs() + 1,
        );
        LoginOutcome::Refused {
            kind: RefusalKind::TooManyLogins,
            text,
        }
    }
}

impl From<Refusal> for LoginOutcome {
    fn from(Refusal { kind, text }: Refusal) -> LoginOutcome {
        LoginOutcome::Refused { kind, text }
    }
}

/// The sentences are those that clients of the RECAP Fetch API know.
fn refusal(code: &str, text: &str) -> Refusal {
    match code {
        "1" | "13" | "" => Refusal {
            kind: RefusalKind::Credentials,
            text: format!("Invalid username/password: {text}"),
        },
        _ => no_session(),
    }
}

fn no_session() -> Refusal {
    let text = "Did not get NextGenCSO cookie when attempting PACER login.".to_owned();
    Refusal {
        kind: RefusalKind::NoSession,
        text,
    }
}

fn no_answer(error: &LoginError) -> LoginOutcome {
    warn!(
        error = error as &dyn std::error::Error,
        "PACER's sign-on gave no answer"
    );
    match error {
        LoginError::Status { status, reason } => LoginOutcome::Refused {
            kind: RefusalKind::SiteDown,
            text: format!("Unable connect to PACER site: '{status}: {reason}'"),
        },
        LoginError::Garbled => no_session().into(),
        LoginError::Unreachable { .. } => LoginOutcome::Unreachable {
            text: "PACER's login site could not be reached. Please try again later.".to_owned(),
        },
    }
}
