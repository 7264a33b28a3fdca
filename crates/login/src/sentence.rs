//! The messages for logins that did not end in a session. Where the RECAP Fetch API has a message,
//! ours begins with it.

use std::time::Duration;

use fetch_bus::{LoginOutcome, LoginWarning, RefusalKind, WarningKind};
use pacer::sign_on::{Refusal, Warning};
use pacer_client::LoginError;

use crate::PaceConfig;

const NO_TOKEN: &str = "Did not get NextGenCSO cookie when attempting PACER login.";

/// PACER said no, in these words.
pub(crate) fn refusal(
    meaning: Refusal,
    code: &str,
    text: &str,
    sent_otp: bool,
) -> (RefusalKind, String) {
    match meaning {
        Refusal::Credentials => {
            let hint = match (code, sent_otp) {
                ("13", false) => {
                    ". If the account has multi-factor authentication, send its current one-time \
                     code as otp_code."
                }
                ("13", true) => {
                    ". A one-time code is valid once and for a short time: send a new one as \
                     otp_code."
                }
                _ => "",
            };
            let text = match hint {
                "" => text,
                _ => text.trim_end_matches('.'),
            };
            let said = format!("Invalid username/password: {text}{hint}");
            (RefusalKind::Credentials, said)
        }
        Refusal::Redaction => {
            let said = format!(
                "PACER requires this filer's account to acknowledge the redaction notice. Log in \
                 at pacer.uscourts.gov once and acknowledge it. PACER says: {text}"
            );
            (RefusalKind::Redaction, said)
        }
        Refusal::AccountDisabled => {
            let said = format!(
                "PACER has disabled this account; only the PACER Service Center can help. PACER \
                 says: {text}"
            );
            (RefusalKind::AccountDisabled, said)
        }
        Refusal::NoToken => (RefusalKind::NoSession, NO_TOKEN.to_owned()),
        Refusal::UnknownCode => {
            let said = match text {
                "" => format!("{NO_TOKEN} PACER answered with the code {code}."),
                text => format!("{NO_TOKEN} PACER answered with the code {code}: {text}"),
            };
            (RefusalKind::NoSession, said)
        }
    }
}

/// PACER gave no answer that is one.
pub(crate) fn no_answer(error: &LoginError) -> LoginOutcome {
    let refused = |kind, text| LoginOutcome::Refused {
        kind,
        text,
        retry_after_seconds: None,
    };
    match error {
        LoginError::Status { status, reason } => refused(
            RefusalKind::SiteDown,
            format!("Unable connect to PACER site: '{status}: {reason}'"),
        ),
        LoginError::Garbled => refused(RefusalKind::NoSession, NO_TOKEN.to_owned()),
        LoginError::Unreachable { .. } => LoginOutcome::Unreachable {
            text: "PACER's login site could not be reached. Please try again later.".to_owned(),
        },
    }
}

/// One more login would be too many. The limits that are told are the usual ones, whatever those of the account are:
/// whoever names an account may have no right to it, and is not to learn that it has limits of its own.
pub(crate) fn too_many(usual: &PaceConfig, wait: Duration) -> LoginOutcome {
    let PaceConfig {
        min_gap,
        max_per_hour,
        ..
    } = usual;
    let seconds = wait.as_secs() + 1;
    let text = format!(
        "A PACER account is logged in at most once every {} seconds and {max_per_hour} times an \
         hour, unless the operator allows it more, and there is no open session for this password \
         and client code. Please try again in {seconds} seconds. Requests with a client code that \
         has an open session need no login; the operator can raise the limits, for single accounts \
         (PACER_FETCH_LOGIN_LIMITS_OF) or for all (PACER_FETCH_LOGIN_MIN_GAP_MS, \
         PACER_FETCH_LOGIN_MAX_PER_HOUR).",
        min_gap.as_secs(),
    );
    LoginOutcome::Refused {
        kind: RefusalKind::TooManyLogins,
        text,
        retry_after_seconds: Some(seconds),
    }
}

/// This user of ours was refused so often that it looks like guessing.
pub(crate) fn too_many_refused(pace: &PaceConfig, wait: Duration) -> LoginOutcome {
    let seconds = wait.as_secs() + 1;
    let text = format!(
        "{} of your logins within an hour were wrong, so no more are tried for now, with any \
         account. Open sessions stay usable. Please try again in {seconds} seconds.",
        pace.max_refused_per_hour,
    );
    LoginOutcome::Refused {
        kind: RefusalKind::TooManyLogins,
        text,
        retry_after_seconds: Some(seconds),
    }
}

/// Without a message server, a gateway and its database, nobody knows who else is logging the account in.
pub(crate) fn not_now() -> LoginOutcome {
    let text = "The login service is not ready. Please try again in a minute.".to_owned();
    LoginOutcome::Unreachable { text }
}

/// PACER's warning at the successful login, if any.
pub(crate) fn warning(warning: pacer_client::LoginWarning) -> LoginWarning {
    let kind = match warning.meaning {
        Warning::ClientCodeRequired => WarningKind::ClientCodeRequired,
        Warning::AccountDisabled => WarningKind::AccountDisabled,
        Warning::Other => WarningKind::Other,
    };
    let text = warning.text;
    LoginWarning { kind, text }
}
