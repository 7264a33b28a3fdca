//! What is refused over HTTP, as gRPC says it: a code, the same text, and details for programs
//! (`google.rpc`, `docs/API.md#grpc-errors`).

use std::{collections::HashMap, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{Response, StatusCode},
    middleware::Next,
};
use fetch_bus::wire::SubmitError;
use fetch_model::budget::LimitExceeded;
use prost::Message;
use prost_types::Any;
use serde_json::Value;
use tonic::{
    Code, Status,
    metadata::{MetadataMap, MetadataValue},
};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::{
    dialect::{
        ApiError, FieldErrors, Item,
        refusal::{LOGIN_REFUSAL, SERVER_ERROR},
    },
    grpc_source::path_of,
};

/// When to try again, in seconds, as HTTP says it: metadata.
pub(crate) const RETRY_AFTER: &str = "retry-after";

/// The most bytes of a text, of what is said of one field, and of what is said of all of them. They may
/// repeat what was sent, and they are headers: clients take no more than 8 KiB of those unless told
/// otherwise. There the text is in percent-encoding, where a byte becomes up to three, and once more in
/// the details, which are in base64.
const TEXT: usize = 1000;
const DESCRIPTION: usize = 300;
const DESCRIPTIONS: usize = 1200;

/// Who speaks in an `ErrorInfo`.
const DOMAIN: &str = "pacer-fetch";

/// An HTTP refusal as gRPC says it; the text is the same.
pub(crate) fn status_of(refusal: ApiError) -> Status {
    let details = details_of(&refusal);
    let mut metadata = MetadataMap::new();
    if let Some(why) = refusal.login_refusal() {
        metadata.insert(LOGIN_REFUSAL, MetadataValue::from_static(why));
    }
    if let Some(seconds) = refusal.retry_after() {
        metadata.insert(RETRY_AFTER, seconds.into());
    }
    let code = code_of(&refusal);
    let text = shortened(&text_of(refusal), TEXT);
    Status::with_error_details_and_metadata(code, text, details, metadata)
}

/// The same of a call that can be done only when something else has changed: what is a conflict there is a precondition
/// here.
pub(crate) fn condition_of(refusal: ApiError) -> Status {
    let is_conflict = refusal.status() == StatusCode::CONFLICT;
    let status = status_of(refusal);
    match is_conflict {
        true => Status::failed_precondition(status.message()),
        false => status,
    }
}

/// A field that is wrong in itself: what it must be, as the rest of a sentence.
pub(crate) fn invalid(field: &str, what: &str) -> Status {
    wrong_field(field, format!("{field} {what}"))
}

/// The same, with a sentence that stands alone.
pub(crate) fn wrong_field(field: &str, text: impl Into<String>) -> Status {
    let text = text.into();
    let details = ErrorDetails::with_bad_request_violation(field, text.as_str());
    Status::with_error_details(Code::InvalidArgument, text, details)
}

/// One request of many, that was not accepted.
pub(crate) fn submit_error(status: &Status) -> SubmitError {
    SubmitError {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: details_in(status),
    }
}

fn details_in(status: &Status) -> Vec<Any> {
    // They are our own.
    let decoded = tonic_types::pb::Status::decode(status.details());
    decoded.map(|status| status.details).unwrap_or_default()
}

/// Calls what a caller sent wrongly the caller's mistake. What reads messages calls it ours.
pub(crate) async fn blame(request: Request, next: Next) -> Response<Body> {
    let answer = next.run(request).await;
    match Status::from_header_map(answer.headers()) {
        Some(status) if was_sent_wrongly(&status) => sent_wrongly(status).into_http(),
        _ => answer,
    }
}

/// The same for a message in the midst of a stream.
pub(crate) fn sent_wrongly(status: Status) -> Status {
    if !was_sent_wrongly(&status) {
        return status;
    }
    let said = status.message();
    match status.code() {
        Code::OutOfRange => Status::resource_exhausted(shortened(
            &format!("The message is too large: {said}"),
            TEXT,
        )),
        _ => Status::invalid_argument(shortened(
            &format!("The message cannot be read: {said}"),
            TEXT,
        )),
    }
}

/// Nothing here is out of range, and what is our own fault is said in our own words.
fn was_sent_wrongly(status: &Status) -> bool {
    match status.code() {
        Code::OutOfRange => true,
        Code::Internal => status.message() != SERVER_ERROR,
        _ => false,
    }
}

fn code_of(refusal: &ApiError) -> Code {
    if let ApiError::OverBudget(_) = refusal {
        return Code::ResourceExhausted;
    }
    match refusal.status() {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::CONFLICT => Code::Aborted,
        StatusCode::UNPROCESSABLE_ENTITY => Code::AlreadyExists,
        StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        status if status.is_client_error() => Code::InvalidArgument,
        _ => Code::Internal,
    }
}

fn text_of(refusal: ApiError) -> String {
    if let ApiError::OverBudget(shortfall) = refusal {
        return shortfall.to_string();
    }
    let body = refusal.into_object();
    match body.get("detail") {
        Some(Item::Plain(Value::String(text))) => text.clone(),
        _ => serde_json::to_string(&body).unwrap_or_default(),
    }
}

/// A text of at most so many bytes, without a part of a character.
fn shortened(text: &str, most: usize) -> String {
    const CUT: char = '…';
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most.saturating_sub(CUT.len_utf8()));
    format!("{}{CUT}", &text[..end])
}

fn details_of(refusal: &ApiError) -> ErrorDetails {
    let mut details = ErrorDetails::new();
    match refusal {
        ApiError::Fields(errors) => {
            details.set_bad_request(violations_of(errors));
        }
        // The message as a whole.
        ApiError::NonField(text) => {
            details.add_bad_request_violation("", shortened(text, TEXT));
        }
        ApiError::OverBudget(shortfall) => {
            let subject = match shortfall {
                LimitExceeded::MaxCost { .. } => "max_cost_cents",
                LimitExceeded::PerRequest { .. } => "budget_per_request",
                LimitExceeded::PerQuarter { .. } => "budget_per_quarter",
            };
            details.add_quota_failure_violation(subject, shortfall.to_string());
        }
        ApiError::Throttled { text, .. } => {
            details.add_quota_failure_violation("calls", shortened(text, TEXT));
        }
        ApiError::Login { why, text, seconds } => {
            details.set_error_info(why.to_ascii_uppercase(), DOMAIN, HashMap::new());
            if seconds.is_some() {
                details.add_quota_failure_violation("logins", shortened(text, TEXT));
            }
        }
        ApiError::Unauthenticated(_)
        | ApiError::UnknownParameters(_)
        | ApiError::Later { .. }
        | ApiError::Detail(..) => {}
    }
    if let Some(seconds) = refusal.retry_after() {
        details.set_retry_info(Some(Duration::from_secs(seconds)));
    }
    details
}

/// What is wrong with each field. The more there is to say, the less is said of each.
fn violations_of(errors: &FieldErrors) -> Vec<FieldViolation> {
    let all = errors.iter().flat_map(|(field, messages)| {
        let path = path_of(field);
        messages.iter().map(move |text| (path.clone(), text))
    });
    let all: Vec<_> = all.collect();
    let most = (DESCRIPTIONS / all.len().max(1)).min(DESCRIPTION);
    let violation = |(path, text): (_, &String)| FieldViolation::new(path, shortened(text, most));
    all.into_iter().map(violation).collect()
}

#[cfg(test)]
mod tests {
    use fetch_model::{Cents, budget::Usage};

    use super::*;
    use crate::dialect::submission::FIELDS;

    #[test]
    fn limits_say_which_and_when() {
        let told = status_of(ApiError::throttled("Too much.", Duration::from_secs(7)));
        assert_eq!(told.code(), Code::ResourceExhausted);
        let quota = told.get_details_quota_failure().unwrap();
        assert_eq!(quota.violations[0].description, told.message());
        let again = told.get_details_retry_info().unwrap();
        assert_eq!(again.retry_delay, Some(Duration::from_secs(7)));
        assert_eq!(told.metadata().get(RETRY_AFTER).unwrap(), "7");

        let (allowed, needs) = (Cents(100), Cents(300));
        let standing = Usage::default();
        for (shortfall, subject) in [
            (LimitExceeded::MaxCost { allowed, needs }, "max_cost_cents"),
            (
                LimitExceeded::PerRequest { allowed, needs },
                "budget_per_request",
            ),
            (
                LimitExceeded::PerQuarter {
                    allowed,
                    needs,
                    standing,
                },
                "budget_per_quarter",
            ),
        ] {
            let told = status_of(shortfall.into());
            assert_eq!(told.code(), Code::ResourceExhausted);
            let quota = told.get_details_quota_failure().unwrap();
            assert_eq!(quota.violations[0].subject, subject);
            // Waiting helps nothing.
            assert!(told.get_details_retry_info().is_none());
        }
    }

    #[test]
    fn a_login_that_is_refused_says_why_and_perhaps_when() {
        let refused = |why, seconds| {
            status_of(ApiError::Login {
                why,
                text: "PacerLoginException: no.".to_owned(),
                seconds,
            })
        };
        let wrong = refused("credentials", None);
        let why = wrong.get_details_error_info().unwrap();
        assert_eq!(
            (why.reason.as_str(), why.domain.as_str()),
            ("CREDENTIALS", DOMAIN)
        );
        assert!(wrong.get_details_retry_info().is_none());
        let soon = refused("too_many_logins", Some(9));
        assert_eq!(soon.code(), Code::ResourceExhausted);
        assert_eq!(soon.message(), "PacerLoginException: no.");
        let quota = soon.get_details_quota_failure().unwrap();
        assert_eq!(quota.violations[0].subject, "logins");
        let again = soon.get_details_retry_info().unwrap();
        assert_eq!(again.retry_delay, Some(Duration::from_secs(9)));
    }

    #[test]
    fn what_was_sent_is_not_repeated_at_any_length() {
        for letter in ["a", "ä", "判", "😀"] {
            let mut errors = FieldErrors::default();
            errors.add("court", letter.repeat(100_000));
            let told = status_of(errors.into());
            let violations = told.get_details_bad_request().unwrap().field_violations;
            for (text, most) in [
                (told.message(), TEXT),
                (violations[0].description.as_str(), DESCRIPTION),
            ] {
                assert!(text.ends_with('…'), "{text}");
                // As much as there is room for.
                let bytes = text.len();
                assert!((most - 3..=most).contains(&bytes), "{letter}: {bytes}");
            }
        }
        assert_eq!(shortened("äöü", 6), "äöü");
        assert_eq!(shortened("äöüx", 6), "ä…");
    }

    /// What clients take of headers unless told otherwise, with room for those of every answer.
    #[test]
    fn no_refusal_is_larger_than_what_clients_take() {
        let said = "😀".repeat(5000);
        let mut errors = FieldErrors::default();
        for field in FIELDS.read {
            errors.add(field, said.as_str());
        }
        let login = ApiError::Login {
            why: "too_many_logins",
            text: said.clone(),
            seconds: Some(9),
        };
        for refusal in [
            errors.into(),
            ApiError::field("court", said.as_str()),
            ApiError::NonField(said.clone()),
            ApiError::detail(StatusCode::NOT_FOUND, said.as_str()),
            ApiError::throttled(&said, Duration::from_secs(7)),
            login,
        ] {
            let answer = status_of(refusal.clone()).into_http::<Body>();
            let sizes = answer.headers().iter();
            let bytes: usize = sizes
                .map(|(name, value)| name.as_str().len() + value.len())
                .sum();
            assert!(
                bytes < 7 * 1024,
                "{bytes}: {}",
                &format!("{refusal:?}")[..80]
            );
        }
    }

    #[test]
    fn only_what_was_sent_wrongly_is_the_callers_mistake() {
        let ours = status_of(ApiError::detail(
            StatusCode::INTERNAL_SERVER_ERROR,
            SERVER_ERROR,
        ));
        assert_eq!(sent_wrongly(ours).code(), Code::Internal);
        let theirs = sent_wrongly(Status::internal("failed to decode"));
        assert_eq!(theirs.code(), Code::InvalidArgument);
        let large = sent_wrongly(Status::out_of_range("too long"));
        assert_eq!(large.code(), Code::ResourceExhausted);
        let other = sent_wrongly(Status::not_found("no"));
        assert_eq!(other.code(), Code::NotFound);
    }
}
