//! Logging an account in for a submission.

use std::time::Duration;

use axum::http::StatusCode;
use fetch_bus::{Credentials, LoginOutcome, LoginWarning, WarningKind};
use fetch_model::{FetchKind, UserId};
use tracing::warn;

use super::{Intake, Messages};
use crate::{
    dialect::ApiError,
    login::{self, Login},
};

/// How long the message server may be away while somebody is being logged in. An answer that was
/// on its way when the server was restarted still comes.
const LOGIN_PATIENCE: Duration = Duration::from_secs(5);

/// When to try again at a login service that is away, in seconds.
const LOGIN_MAY_BE_BACK: u32 = 10;

impl Intake {
    /// Logs an account in, or finds the session there is.
    pub(crate) async fn log_in(
        &self,
        user: UserId,
        credentials: Credentials,
    ) -> Result<Login, ApiError> {
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
            Ok(LoginOutcome::Unreachable { text }) => {
                Err(ApiError::detail(StatusCode::SERVICE_UNAVAILABLE, text))
            }
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
