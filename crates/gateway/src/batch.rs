//! Many requests in one call (`docs/API.md#batches`): what it takes, and what it answers.

mod lines;
mod told;

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use fetch_model::Cents;
use serde::Serialize;

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, FieldErrors, Object, RequestUrl, body, moment,
        submission::{self, FIELDS},
    },
    repeat::{IdempotencyKey, REPLAYED},
    submit::{Intake, LOGIN_WARNING, SESSION_ENDS},
};
pub(crate) use lines::{Line, Lines};
pub(crate) use told::TOLD;

/// The most requests of a batch.
pub(crate) const MOST: usize = 10_000;

/// The largest body of one.
const BODY_BYTES: usize = 16 << 20;

/// The parameter that limits what all of them cost together.
const MAX_COST: &str = "max_cost_cents";

/// The answer to a batch: the keys of `told.rs`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct BatchAnswer {
    /// How many were accepted.
    pub accepted: usize,
    /// How many were not.
    pub refused: usize,
    /// The most that all of them cost; none if the price of one has no bound.
    pub at_most_cents: Option<i32>,
    /// What became of each, in order.
    pub results: Vec<LineAnswer>,
}

/// What became of a request of a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LineAnswer {
    /// Where it stands.
    pub line: usize,
    /// The status that it would have been answered with alone.
    pub status: u16,
    /// The request.
    pub id: Option<i64>,
    /// The most that it costs.
    pub at_most_cents: Option<i32>,
    /// After how many seconds it may be sent again, where that is a matter of time.
    pub retry_after: Option<u64>,
    /// What is wrong with it.
    pub errors: Option<Object>,
}

impl LineAnswer {
    /// It was not accepted. What it has sent is not repeated: this answer is kept, and where a row has a cell too many
    /// or too few, a password stands in any field.
    pub(crate) fn refused(line: usize, refusal: ApiError) -> LineAnswer {
        let refusal = without_what_was_sent(refusal);
        LineAnswer {
            line,
            status: refusal.status().as_u16(),
            id: None,
            at_most_cents: None,
            retry_after: refusal.retry_after(),
            errors: Some(refusal.into_object()),
        }
    }

    /// It is this request.
    pub(crate) fn accepted(line: usize, id: i64, at_most: Option<Cents>) -> LineAnswer {
        LineAnswer {
            line,
            status: StatusCode::CREATED.as_u16(),
            id: Some(id),
            at_most_cents: at_most.map(|cents| cents.0),
            retry_after: None,
            errors: None,
        }
    }
}

/// A refusal, without the texts that its messages quote. What PACER says of a login is kept as it is.
fn without_what_was_sent(refusal: ApiError) -> ApiError {
    match refusal {
        ApiError::Fields(errors) => {
            let mut told = FieldErrors::default();
            for (field, messages) in errors.iter() {
                for message in messages {
                    told.add(field, unquoted(message));
                }
            }
            ApiError::Fields(told)
        }
        ApiError::NonField(text) => ApiError::NonField(unquoted(&text)),
        ApiError::Detail(status, text) => ApiError::Detail(status, unquoted(&text)),
        other => other,
    }
}

/// A message without the text that it quotes, which may have quotes in it: from the first one to the last. In single ones
/// messages have the names of fields, too; what was sent stands in them at the beginning.
fn unquoted(message: &str) -> String {
    let quoted = match message.starts_with('\'') {
        true => message.rfind("' ").map(|end| (0, end)),
        false => message.find('"').zip(message.rfind('"')),
    };
    match quoted.filter(|(begin, end)| begin < end) {
        None => message.to_owned(),
        Some((0, end)) => format!("This{}", &message[end + 1..]),
        Some((begin, end)) => format!(
            "{}(what was sent){}",
            &message[..begin],
            &message[end + 1..]
        ),
    }
}

/// `POST …/recap-fetch/batch/`.
pub async fn post(
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    caller: Caller,
    here: RequestUrl,
    request: Request,
) -> Result<Response, ApiError> {
    let key = IdempotencyKey::of_headers(request.headers())?;
    let limit = limit_of(&here)?;
    let mut headers = submission::check_query(&here.without(MAX_COST))?;
    // Before the body is read: a batch is as large as sixty other calls may be.
    let _only_one = api.guard.begin_batch(caller.id())?;
    let mut limits = api.body_limits();
    let longest_line = limits.bytes;
    limits.bytes = limits.bytes.max(BODY_BYTES);
    let (media_type, bytes) = body::read_whole(request, limits).await?;
    let lines = Lines::of(&media_type, bytes, longest_line)?;
    let batch = intake.submit_batch(&caller, &lines, key.as_ref(), limit);
    let batch = batch.await?;
    FIELDS.tell_ignored(batch.ignored.iter().map(String::as_str), &mut headers);
    tell(&mut headers, REPLAYED, batch.replayed.then_some("true"));
    tell(&mut headers, LOGIN_WARNING, batch.warning.as_deref());
    let ends = batch
        .session
        .map(|life| moment::write(life.ends, api.time_zone));
    tell(&mut headers, SESSION_ENDS, ends.as_deref());
    let json = HeaderValue::from_static("application/json");
    headers.insert(CONTENT_TYPE, json);
    Ok((headers, batch.answer).into_response())
}

fn tell(headers: &mut HeaderMap, name: &'static str, text: Option<&str>) {
    if let Some(text) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(name, text);
    }
}

fn limit_of(here: &RequestUrl) -> Result<Option<Cents>, ApiError> {
    let Some(sent) = here.parameter(MAX_COST) else {
        return Ok(None);
    };
    match sent.trim().parse() {
        Ok(cents) if cents >= 0 => Ok(Some(Cents(cents))),
        Ok(_) => Err(ApiError::field(
            MAX_COST,
            "Ensure this value is greater than or equal to 0.",
        )),
        Err(_) => Err(ApiError::field(MAX_COST, "A valid integer is required.")),
    }
}
