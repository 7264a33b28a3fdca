//! The answers that refuse, in the contract's words.

use std::time::Duration;

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use fetch_model::budget::LimitExceeded;
use tracing::{error, warn};

use super::{Item, Object};

/// What is wrong with the fields of a body or a query: field names and messages, in the order of
/// their declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<(String, Vec<String>)>);

impl FieldErrors {
    /// Remembers a message about a field.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        let message = message.into();
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some((_, messages)) => messages.push(message),
            None => self.0.push((field.to_owned(), vec![message])),
        }
    }

    /// Field names and messages.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        let fields = self.0.iter();
        fields.map(|(name, messages)| (name.as_str(), messages.as_slice()))
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As an object of field names and lists of messages.
    #[must_use]
    pub fn into_object(self) -> Object {
        self.0
            .into_iter()
            .map(|(name, messages)| (name, Item::from(messages)))
            .collect()
    }
}

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The caller did not prove an identity (401).
    Unauthenticated(String),
    /// Fields are wrong (400).
    Fields(FieldErrors),
    /// The fields are right one by one, but not together (400).
    NonField(String),
    /// PACER, or the login service, does not log the account in (400; where it is a matter of time 429 with
    /// `Retry-After`, RESOURCE_EXHAUSTED over gRPC).
    Login {
        /// Why, in one word.
        why: &'static str,
        /// The contract's sentence.
        text: String,
        /// After how many seconds to try again, where it is a matter of time.
        seconds: Option<u64>,
    },
    /// It does not fit under a limit on spending (400; RESOURCE_EXHAUSTED over gRPC).
    OverBudget(LimitExceeded),
    /// Parameters of a list that mean nothing, sorted (400).
    UnknownParameters(Vec<String>),
    /// The same may succeed later (503 with `Retry-After`; UNAVAILABLE over gRPC).
    Later {
        /// After how many seconds to try again.
        seconds: u32,
        /// What there is to say.
        text: String,
    },
    /// Too much was asked for lately (429 with `Retry-After`; RESOURCE_EXHAUSTED over gRPC).
    Throttled {
        /// After how many seconds there is room again.
        seconds: u64,
        /// The contract's sentence.
        text: String,
    },
    /// Anything else with a status and a sentence.
    Detail(StatusCode, String),
}

/// Why nobody was logged in, for programs: a header, or metadata. One of `credentials`, `no_session`,
/// `site_down`, `too_many_logins`, `redaction` and `account_disabled`.
pub const LOGIN_REFUSAL: &str = "pacer-login-refusal";

/// All that is said about a mistake of ours.
pub(crate) const SERVER_ERROR: &str = "A server error occurred.";

/// When to try again at a database that is away or hangs, in seconds.
const STORE_MAY_BE_BACK: u32 = 10;

impl ApiError {
    /// A sentence with a status.
    pub fn detail(status: StatusCode, text: impl Into<String>) -> ApiError {
        ApiError::Detail(status, text.into())
    }

    /// One field or parameter is wrong.
    #[must_use]
    pub fn field(name: &str, text: impl Into<String>) -> ApiError {
        let mut errors = FieldErrors::default();
        errors.add(name, text);
        ApiError::Fields(errors)
    }

    /// The database is unreachable, or does not confirm a write.
    pub fn store_is_away(text: impl Into<String>) -> ApiError {
        ApiError::Later {
            seconds: STORE_MAY_BE_BACK,
            text: text.into(),
        }
    }

    /// Too much was asked for: `what` says of what, as a sentence.
    #[must_use]
    pub fn throttled(what: &str, wait: Duration) -> ApiError {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let seconds = seconds.max(1);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let text = format!("Request was throttled. {what} Expected available in {seconds} {unit}.");
        ApiError::Throttled { seconds, text }
    }

    /// The caller may not do that.
    #[must_use]
    pub fn forbidden() -> ApiError {
        let text = "You do not have permission to perform this action.";
        ApiError::detail(StatusCode::FORBIDDEN, text)
    }

    /// There is no such place.
    #[must_use]
    pub fn not_found() -> ApiError {
        ApiError::detail(StatusCode::NOT_FOUND, "Not found.")
    }

    /// There is no such row, or it is somebody else's. `model` is CourtListener's name for it.
    #[must_use]
    pub fn no_match(model: &str) -> ApiError {
        ApiError::detail(
            StatusCode::NOT_FOUND,
            format!("No {model} matches the given query."),
        )
    }

    /// The body is larger than we read.
    #[must_use]
    pub fn too_large(limit_bytes: usize) -> ApiError {
        let text = format!("The request body is larger than {limit_bytes} bytes.");
        ApiError::detail(StatusCode::PAYLOAD_TOO_LARGE, text)
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            ApiError::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            ApiError::Login {
                seconds: Some(_), ..
            } => StatusCode::TOO_MANY_REQUESTS,
            ApiError::Fields(_)
            | ApiError::NonField(_)
            | ApiError::Login { .. }
            | ApiError::OverBudget(_)
            | ApiError::UnknownParameters(_) => StatusCode::BAD_REQUEST,
            ApiError::Later { .. } => StatusCode::SERVICE_UNAVAILABLE,
            ApiError::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            ApiError::Detail(status, _) => *status,
        }
    }

    /// After how many seconds to try again, if that may help.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            ApiError::Later { seconds, .. } => Some(u64::from(*seconds)),
            ApiError::Throttled { seconds, .. } => Some(*seconds),
            ApiError::Login { seconds, .. } => *seconds,
            _ => None,
        }
    }

    /// After how long the account may be logged in again, if that is what it is about.
    #[must_use]
    pub fn login_after(&self) -> Option<Duration> {
        match self {
            ApiError::Login { seconds, .. } => seconds.map(Duration::from_secs),
            _ => None,
        }
    }

    /// Why nobody was logged in, if that is what it is about.
    #[must_use]
    pub fn login_refusal(&self) -> Option<&'static str> {
        match self {
            ApiError::Login { why, .. } => Some(why),
            _ => None,
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn into_object(self) -> Object {
        match self {
            ApiError::Unauthenticated(text)
            | ApiError::Later { text, .. }
            | ApiError::Throttled { text, .. }
            | ApiError::Login {
                text,
                seconds: Some(_),
                ..
            }
            | ApiError::Detail(_, text) => Object::new().with("detail", text),
            ApiError::Fields(errors) => errors.into_object(),
            ApiError::NonField(text) | ApiError::Login { text, .. } => {
                Object::new().with("non_field_errors", vec![text])
            }
            ApiError::OverBudget(shortfall) => {
                let field = match shortfall {
                    LimitExceeded::MaxCost { .. } => "max_cost_cents",
                    LimitExceeded::PerRequest { .. } | LimitExceeded::PerQuarter { .. } => {
                        "non_field_errors"
                    }
                };
                Object::new().with(field, vec![shortfall.to_string()])
            }
            ApiError::UnknownParameters(names) => Object::new()
                .with("detail", "Unknown filter parameters are not allowed.")
                .with("unknown_params", names),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let later = self.retry_after();
        let login = self.login_refusal();
        let mut response = self.into_object().into_answer(status);
        if let Some(seconds) = later {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if let Some(why) = login {
            let why = HeaderValue::from_static(why);
            response.headers_mut().insert(LOGIN_REFUSAL, why);
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(r#"Bearer realm="api""#);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if matches!(
            status,
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT
        ) {
            // The rest of the body was not read.
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> ApiError {
        ApiError::Fields(errors)
    }
}

impl From<LimitExceeded> for ApiError {
    fn from(shortfall: LimitExceeded) -> ApiError {
        ApiError::OverBudget(shortfall)
    }
}

impl From<fetch_db::Error> for ApiError {
    fn from(error: fetch_db::Error) -> ApiError {
        use fetch_db::Error::Stalled;
        use fetch_db::Error::Unconfirmed;

        if error.is_absence() {
            let error = &error as &dyn std::error::Error;
            warn!(error, "the database did not answer a call");
        }
        match error {
            Unconfirmed => ApiError::store_is_away(
                "The database did not confirm this in time. The change may still have been made: \
                 check before you try again.",
            ),
            Stalled => ApiError::store_is_away(
                "The database cannot confirm changes at present. Nothing was changed. Please try \
                 again in a few seconds.",
            ),
            error if error.is_absence() => ApiError::store_is_away(
                "The database cannot be reached at present. Please try again in a few seconds.",
            ),
            error => {
                let error = &error as &dyn std::error::Error;
                error!(error, "the database did not answer a call");
                ApiError::detail(StatusCode::INTERNAL_SERVER_ERROR, SERVER_ERROR)
            }
        }
    }
}
