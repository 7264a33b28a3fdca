//! The answer to a submission over HTTP.

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use fetch_model::FetchRequest;
use pacer::ids::DocketNumber;

use super::Intake;
use crate::{
    api::Api,
    dialect::{ApiError, Caller, RequestUrl, body, moment, submission},
    expand::{self, EXPAND},
    repeat::{IdempotencyKey, REPLAYED},
    watch::{self, WAIT, Watch},
};

/// What PACER said beside its yes to a login: a header, or metadata.
pub(crate) const LOGIN_WARNING: &str = "pacer-login-warning";

/// The most that an accepted request will cost, in cents: a header, or metadata. Absent if nothing
/// bounds it until the court shows its price.
pub(crate) const QUOTE_CENTS: &str = "pacer-quote-cents";

/// When the session ends that a request was accepted with: a header, or metadata.
pub(crate) const SESSION_ENDS: &str = "pacer-session-ends";

/// Says of an accepted request that, as things stand, it will not be begun before that: it will wait
/// for another login. A header, or metadata.
pub(crate) const OUTLIVES_SESSION: &str = "pacer-outlives-session";

/// How the docket number of the request was understood: `16cv432` as `16-cv-00432`.
pub(crate) const NUMBER_READ: &str = "pacer-docket-number-read";

/// How the docket number that a request was sent with was understood, if it has one.
pub(crate) fn number_read(request: &FetchRequest) -> Option<String> {
    let number = DocketNumber::parse(&request.spec.docket_number).ok()?;
    Some(number.reading())
}

/// `POST …/recap-fetch/`.
pub async fn post(
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    caller: Caller,
    here: RequestUrl,
    request: Request,
) -> Result<Response, ApiError> {
    let key = IdempotencyKey::of_headers(request.headers())?;
    let wait = watch::wait_of(&here)?;
    let groups = expand::groups_of(&caller, &here)?;
    let mut ignored = submission::check_query(&here.without(WAIT).without(EXPAND))?;
    let fields = body::read(request, api.body_limits()).await?;
    let mut accepted = intake.submit(&caller, &*fields, key.as_ref()).await?;
    if let Some(wait) = wait {
        let watch = Watch::begin(&intake, &caller, accepted.request.id);
        // It is accepted, whatever comes in between: then it is told as it was.
        let seen = watch.until_final(wait).await;
        accepted.request = seen.unwrap_or(accepted.request);
    }
    let object = expand::answered(&api, &accepted.request, groups).await;
    submission::FIELDS.tell_ignored(fields.names(), &mut ignored);
    let answer = object.into_answer(StatusCode::CREATED);
    let mut response = (ignored, answer).into_response();
    if let Some(most) = accepted.at_most {
        response.headers_mut().insert(QUOTE_CENTS, most.0.into());
    }
    let number = number_read(&accepted.request);
    if let Some(number) = number.and_then(|number| HeaderValue::from_str(&number).ok()) {
        response.headers_mut().insert(NUMBER_READ, number);
    }
    if let Some(life) = accepted.session {
        let ends = moment::write(life.ends, api.time_zone);
        if let Ok(ends) = HeaderValue::from_str(&ends) {
            response.headers_mut().insert(SESSION_ENDS, ends);
        }
    }
    if accepted.outlives_session {
        response
            .headers_mut()
            .insert(OUTLIVES_SESSION, HeaderValue::from_static("true"));
    }
    if accepted.replayed {
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
    }
    let warning = accepted
        .warning
        .and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(warning) = warning {
        response.headers_mut().insert(LOGIN_WARNING, warning);
    }
    Ok(response)
}
