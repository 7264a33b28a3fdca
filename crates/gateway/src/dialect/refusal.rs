//! The answers that refuse, in the contract's words.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONNECTION, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use fetch_model::budget::Shortfall;
use tracing::error;

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

/// Why a call is not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The caller did not prove an identity (401).
    Unauthenticated(String),
    /// Fields are wrong (400).
    Fields(FieldErrors),
    /// The fields are right one by one, but not together (400).
    Together(String),
    /// It does not fit under a limit on spending (400; RESOURCE_EXHAUSTED over gRPC).
    OverBudget(Shortfall),
    /// Parameters of a list that mean nothing, sorted (400).
    UnknownParameters(Vec<String>),
    /// Anything else with a status and a sentence.
    Detail(StatusCode, String),
}

impl Refusal {
    /// A sentence with a status.
    pub fn detail(status: StatusCode, text: impl Into<String>) -> Refusal {
        Refusal::Detail(status, text.into())
    }

    /// There is no such place.
    #[must_use]
    pub fn not_found() -> Refusal {
        Refusal::detail(StatusCode::NOT_FOUND, "Not found.")
    }

    /// There is no such row, or it is somebody else's. `model` is CourtListener's name for it.
    #[must_use]
    pub fn no_match(model: &str) -> Refusal {
        Refusal::detail(
            StatusCode::NOT_FOUND,
            format!("No {model} matches the given query."),
        )
    }

    /// The body is larger than we read.
    #[must_use]
    pub fn too_large(limit_bytes: usize) -> Refusal {
        let text = format!("The request body is larger than {limit_bytes} bytes.");
        Refusal::detail(StatusCode::PAYLOAD_TOO_LARGE, text)
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Refusal::Fields(_)
            | Refusal::Together(_)
            | Refusal::OverBudget(_)
            | Refusal::UnknownParameters(_) => StatusCode::BAD_REQUEST,
            Refusal::Detail(status, _) => *status,
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn into_object(self) -> Object {
        match self {
            Refusal::Unauthenticated(text) | Refusal::Detail(_, text) => {
                Object::new().with("detail", text)
            }
            Refusal::Fields(errors) => errors.into_object(),
            Refusal::Together(text) => Object::new().with("non_field_errors", vec![text]),
            Refusal::OverBudget(shortfall) => {
                let field = match shortfall {
                    Shortfall::MaxCost { .. } => "max_cost_cents",
                    Shortfall::PerRequest { .. } | Shortfall::PerQuarter { .. } => {
                        "non_field_errors"
                    }
                };
                Object::new().with(field, vec![shortfall.to_string()])
            }
            Refusal::UnknownParameters(names) => Object::new()
                .with("detail", "Unknown filter parameters are not allowed.")
                .with("unknown_params", names),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = self.into_object().into_answer(status);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(r#"Bearer realm="api""#);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body was not read.
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl From<FieldErrors> for Refusal {
    fn from(errors: FieldErrors) -> Refusal {
        Refusal::Fields(errors)
    }
}

impl From<Shortfall> for Refusal {
    fn from(shortfall: Shortfall) -> Refusal {
        Refusal::OverBudget(shortfall)
    }
}

impl From<fetch_store::Error> for Refusal {
    fn from(error: fetch_store::Error) -> Refusal {
        error!(
            error = &error as &dyn std::error::Error,
            "the store did not answer a call"
        );
        Refusal::detail(
            StatusCode::INTERNAL_SERVER_ERROR,
            "A server error occurred.",
        )
    }
}
