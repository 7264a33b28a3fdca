//! The outcomes of a login.

use std::future::Future;

use chrono::{DateTime, Utc};
use fetch_model::UserId;

use crate::{
    Credentials, DeadSession, OpenLogin, SealedSession,
    wire::{self, login_reply::Outcome},
};

/// How a login ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginOutcome {
    /// PACER accepted.
    LoggedIn {
        /// Where the sealed session lies: for the row.
        session_key: String,
        /// Whom PACER bills: for the row.
        account_digest: String,
        /// How long the session lives, if the login service says so.
        life: Option<SessionLife>,
        /// PACER's warning at the successful login, if any.
        warning: Option<LoginWarning>,
    },
    /// There is no session, and trying the same again at once will not help.
    Refused {
        /// Why.
        kind: RefusalKind,
        /// For the caller of the API, without `PacerLoginException: `.
        text: String,
        /// After how many seconds the same may be tried again, where it is a matter of time.
        retry_after_seconds: Option<u64>,
    },
    /// PACER or the login service could not be reached; it may work later.
    Unreachable {
        /// For the caller of the API.
        text: String,
    },
}

/// How long a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLife {
    /// It is not used after this.
    pub ends: DateTime<Utc>,
    /// From then on a login opens a new session.
    pub renewed_from: DateTime<Utc>,
}

impl SessionLife {
    fn of_wire(ends_ms: i64, renewed_from_ms: i64) -> Option<SessionLife> {
        let at = |ms: i64| DateTime::from_timestamp_millis(ms).filter(|_| ms > 0);
        Some(SessionLife {
            ends: at(ends_ms)?,
            renewed_from: at(renewed_from_ms)?,
        })
    }
}

/// A warning from PACER at a successful login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginWarning {
    /// What it means.
    pub kind: WarningKind,
    /// PACER's own words.
    pub text: String,
}

/// What PACER's warning means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// Anything that does not keep the account from searching.
    Other,
    /// Without a client code, PACER answers no search.
    ClientCodeRequired,
    /// PACER answers no search of this account.
    AccountDisabled,
}

/// Why a login was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// Wrong username, password or one-time code.
    Credentials,
    /// PACER gave no session, although it did not call the credentials wrong.
    NoSession,
    /// PACER's login site answered with an HTTP error. It may work later.
    SiteDown,
    /// One more login now would be too many for this account. It will work later.
    TooManyLogins,
    /// A filer has to confirm the notice on redaction.
    Redaction,
    /// PACER has disabled the account.
    AccountDisabled,
}

/// What the login service does.
pub trait LoginHandler: Send + Sync + 'static {
    /// Logs an account in on behalf of `user`, or lends the session there is.
    fn log_in(
        &self,
        user: UserId,
        credentials: Credentials,
    ) -> impl Future<Output = LoginOutcome> + Send;

    /// The session under `key`, if it is remembered here.
    fn lend(&self, key: &str) -> impl Future<Output = Option<SealedSession>> + Send;

    /// Another replica has the session of a login, by its digest.
    fn learn(&self, login: String, open: OpenLogin) -> impl Future<Output = ()> + Send;

    /// A session is dead.
    fn forget(&self, death: &DeadSession) -> impl Future<Output = ()> + Send;
}

pub(crate) fn not_running() -> LoginOutcome {
    let text = "The login service did not answer. Please try again in a minute.".to_owned();
    LoginOutcome::Unreachable { text }
}

pub(crate) fn reply_of(outcome: LoginOutcome) -> Outcome {
    use wire::login_reply::{LoggedIn, Unreachable};

    match outcome {
        LoginOutcome::LoggedIn {
            session_key,
            account_digest,
            life,
            warning,
        } => {
            let (warning, kind) = warning_to_wire(warning);
            let ms = |at: fn(SessionLife) -> DateTime<Utc>| {
                life.map_or(0, |life| at(life).timestamp_millis())
            };
            Outcome::LoggedIn(LoggedIn {
                session_key,
                account_digest,
                warning,
                warning_kind: kind.into(),
                expires_at_ms: ms(|life| life.ends),
                renewed_from_ms: ms(|life| life.renewed_from),
            })
        }
        LoginOutcome::Refused {
            kind,
            text,
            retry_after_seconds,
        } => Outcome::Refused(wire::login_reply::Refused {
            retry_after_seconds: retry_after_seconds.unwrap_or_default(),
            ..refused_to_wire(kind, text)
        }),
        LoginOutcome::Unreachable { text } => Outcome::Unreachable(Unreachable { text }),
    }
}

pub(crate) fn outcome_of(outcome: Outcome) -> LoginOutcome {
    match outcome {
        Outcome::LoggedIn(yes) => LoginOutcome::LoggedIn {
            warning: warning_of(yes.warning_kind(), yes.warning.clone()),
            life: SessionLife::of_wire(yes.expires_at_ms, yes.renewed_from_ms),
            session_key: yes.session_key,
            account_digest: yes.account_digest,
        },
        Outcome::Refused(no) => {
            let retry_after_seconds = Some(no.retry_after_seconds).filter(|seconds| *seconds > 0);
            let (kind, text) = refused_of(no);
            LoginOutcome::Refused {
                kind,
                text,
                retry_after_seconds,
            }
        }
        Outcome::Unreachable(away) => LoginOutcome::Unreachable { text: away.text },
        Outcome::UnknownKey(_) => not_running(),
    }
}

pub(crate) fn refused_to_wire(kind: RefusalKind, text: String) -> wire::login_reply::Refused {
    let kind = match kind {
        RefusalKind::Credentials => wire::RefusalKind::Credentials,
        RefusalKind::NoSession => wire::RefusalKind::NoSession,
        RefusalKind::SiteDown => wire::RefusalKind::SiteDown,
        RefusalKind::TooManyLogins => wire::RefusalKind::TooManyLogins,
        RefusalKind::Redaction => wire::RefusalKind::Redaction,
        RefusalKind::AccountDisabled => wire::RefusalKind::AccountDisabled,
    };
    wire::login_reply::Refused {
        kind: kind.into(),
        text,
        retry_after_seconds: 0,
    }
}

pub(crate) fn refused_of(no: wire::login_reply::Refused) -> (RefusalKind, String) {
    let kind = match no.kind() {
        wire::RefusalKind::Credentials => RefusalKind::Credentials,
        wire::RefusalKind::SiteDown => RefusalKind::SiteDown,
        wire::RefusalKind::TooManyLogins => RefusalKind::TooManyLogins,
        wire::RefusalKind::Redaction => RefusalKind::Redaction,
        wire::RefusalKind::AccountDisabled => RefusalKind::AccountDisabled,
        wire::RefusalKind::NoSession | wire::RefusalKind::Unspecified => RefusalKind::NoSession,
    };
    (kind, no.text)
}

/// The words, empty if there are none, and their meaning.
pub(crate) fn warning_to_wire(warning: Option<LoginWarning>) -> (String, wire::WarningKind) {
    let Some(LoginWarning { kind, text }) = warning else {
        return (String::new(), wire::WarningKind::Unspecified);
    };
    let kind = match kind {
        WarningKind::Other => wire::WarningKind::Other,
        WarningKind::ClientCodeRequired => wire::WarningKind::ClientCodeRequired,
        WarningKind::AccountDisabled => wire::WarningKind::AccountDisabled,
    };
    (text, kind)
}

pub(crate) fn warning_of(kind: wire::WarningKind, text: String) -> Option<LoginWarning> {
    let kind = match kind {
        wire::WarningKind::Unspecified if text.is_empty() => return None,
        wire::WarningKind::Unspecified | wire::WarningKind::Other => WarningKind::Other,
        wire::WarningKind::ClientCodeRequired => WarningKind::ClientCodeRequired,
        wire::WarningKind::AccountDisabled => WarningKind::AccountDisabled,
    };
    Some(LoginWarning { kind, text })
}
