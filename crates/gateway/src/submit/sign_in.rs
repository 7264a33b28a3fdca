//! Logging an account in for a submission.

use std::time::Duration;

use fetch_bus::{Credentials, LoginOutcome, LoginWarning, WarningKind};
use fetch_model::{FetchKind, UserId};
use tokio::time::{self, Instant};
use tracing::warn;

use super::{Intake, Messages};
use crate::{
    dialect::{ApiError, Caller, auth},
    login::{self, Login},
};

/// How long the message server may be away while somebody is being logged in. An answer that was
/// on its way when the server was restarted still comes.
const LOGIN_PATIENCE: Duration = Duration::from_secs(5);

/// When to try again at a login service that is away, in seconds.
const LOGIN_MAY_BE_BACK: u32 = 10;

/// The same for one that did not answer, or that could not reach PACER: they say in a minute.
const IN_A_MINUTE: u32 = 60;

/// How long a caller waits until PACER may be asked for the account again: the minute between two logins,
/// and the second by which what is left of it is rounded up.
const TURN_WITHIN: Duration = Duration::from_secs(61);

impl Intake {
    /// Logs an account in, or finds the session there is. If it is too soon for another login of the
    /// account, this waits for its turn, and keeps nothing meanwhile that others want: whoever waits does so
    /// here, and is asked for anew.
    pub(crate) async fn log_in(
        &self,
        caller: &Caller,
        credentials: Credentials,
    ) -> Result<Login, ApiError> {
        let until = Instant::now() + TURN_WITHIN;
        // It would not be good any more, and PACER would count a wrong login.
        let may_wait = credentials.otp_code.is_none();
        loop {
            let refusal = match self.log_in_now(caller.id(), credentials.clone()).await {
                Err(refusal) => refusal,
                login => return login,
            };
            let turn = refusal.login_after().map(|wait| Instant::now() + wait);
            let Some(turn) = turn.filter(|turn| may_wait && *turn <= until) else {
                return Err(refusal);
            };
            tokio::select! {
                () = time::sleep_until(turn) => {}
                () = self.stop.cancelled() => return Err(refusal),
            }
            // PACER is asked for nobody who was shut out meanwhile.
            auth::look_anew(&self.api, caller).await?;
        }
    }

    async fn log_in_now(&self, user: UserId, credentials: Credentials) -> Result<Login, ApiError> {
        let client_code = credentials.client_code.clone();
        let logins = match self.bus.get() {
            Some(Messages { bus, logins }) if bus.is_connected() => logins,
            _ => return Err(login_is_away()),
        };
        let outcome = tokio::select! {
            outcome = logins.log_in(user, credentials) => outcome,
            () = self.messages.away_for(LOGIN_PATIENCE) => {
                warn!("gave up on a login: lost the connection to the message server");
                return Err(login_is_away());
            }
            () = self.api.control.db.until_stalled() => {
                warn!("gave up on a login: the database does not confirm what is written");
                return Err(fetch_db::Error::Stalled.into());
            }
        };
        match outcome {
            Ok(LoginOutcome::LoggedIn {
                session_key,
                account_digest,
                life,
                warning,
            }) => Ok(Login {
                session_key,
                account_digest,
                client_code,
                life,
                warning,
            }),
            Ok(LoginOutcome::Refused {
                kind,
                text,
                retry_after_seconds,
            }) => Err(ApiError::Login {
                why: login::word(kind),
                text: format!("PacerLoginException: {text}"),
                seconds: retry_after_seconds,
            }),
            Ok(LoginOutcome::Unreachable { text }) => Err(ApiError::Later {
                seconds: IN_A_MINUTE,
                text,
            }),
            Err(error) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "could not send a login to the login service"
                );
                Err(login_is_away())
            }
        }
    }
}

fn login_is_away() -> ApiError {
    ApiError::Later {
        seconds: LOGIN_MAY_BE_BACK,
        text: "The login service cannot be reached, so no new requests are accepted. Nothing was \
               bought. Please try again in a few seconds."
            .to_owned(),
    }
}

/// PACER said yes, but to some of these accounts it sells nothing; so we do not try. The session is
/// good and stays: the same account with a client code is logged in beside it.
pub(super) fn check_warning(
    kind: FetchKind,
    warning: Option<&LoginWarning>,
) -> Result<(), ApiError> {
    let Some(LoginWarning { kind: means, text }) = warning else {
        return Ok(());
    };
    let refuse = |what: &str| {
        let text = format!("PacerLoginException: {what} PACER says: {text}");
        Err(ApiError::NonField(text))
    };
    match (means, kind) {
        (WarningKind::AccountDisabled, _) => Err(login::disabled(text)),
        (WarningKind::ClientCodeRequired, FetchKind::Docket | FetchKind::Pdf) => refuse(
            "This PACER account can buy only with a client code; send one as client_code. Nothing \
             was bought.",
        ),
        (WarningKind::ClientCodeRequired, FetchKind::Attachments) | (WarningKind::Other, _) => {
            Ok(())
        }
    }
}
