//! What an owner can see and do in the queue: a request's position, its history, and cancelling it.
//! Extensions of the contract, over HTTP and gRPC.

use std::slice;

use axum::{
    Extension,
    extract::{Path, State as Held},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use fetch_model::{
    FetchId, FetchRequest, State, UserId,
    expand::{Group, Groups},
};
use fetch_queue::Cancelling;
use tracing::info;

use crate::{
    api::Api,
    dialect::{ApiError, Caller, Object, RequestUrl, rendered},
    dispatch,
    expand::{self, Known},
    openapi::{Answer, Header, Operation, REQUEST, Shape, header, tag},
    read::read_id,
    submit::{Intake, told::GROUPS},
};

/// How many requests come before this one, and itself: a header.
const POSITION: HeaderName = HeaderName::from_static("pacer-fetch-position");

/// About how many seconds until it is begun: a header.
const ETA: HeaderName = HeaderName::from_static("pacer-fetch-eta-seconds");

pub(crate) const CANCEL: Operation =
    Operation::post("recap_fetch_cancel", tag::REQUESTS, "Cancel a request")
        .about("Cancels a request that has not started, or stops it before it buys anything.")
        .parameters(&[GROUPS])
        .answers(&[
            Answer::ok("The request, also if it was cancelled before.", REQUEST),
            Answer::refusal(
                409,
                "A purchase has begun, and the request is completed; or the request has ended.",
            ),
        ]);

/// Headers of a request that waits.
pub(crate) const PLACE: [Header; 2] = [
    header(
        "PACER-Fetch-Position",
        Shape::Integer,
        "How many requests come before this one, and itself.",
    ),
    header(
        "PACER-Fetch-ETA-Seconds",
        Shape::Integer,
        "About how many seconds until it is begun.",
    ),
];

/// Why a request is not cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCancelled {
    /// There is no such request, or it belongs to another user.
    NotFound,
    /// For this reason, for people.
    Refused(String),
}

impl Intake {
    /// Cancels a request of this user: it will not be begun, or stops before it buys anything.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn cancel(
        &self,
        user: UserId,
        id: FetchId,
    ) -> Result<Result<FetchRequest, NotCancelled>, fetch_db::Error> {
        let control = &self.api.control;
        let refused = |text: &str| Ok(Err(NotCancelled::Refused(text.to_owned())));
        match control.cancel(user, id).await? {
            None => return Ok(Err(NotCancelled::NotFound)),
            Some(Cancelling::Cancelled) => {}
            Some(Cancelling::TooLate) => {
                return refused(
                    "Too late to cancel: the purchase has begun. The request will be completed so \
                     that nothing that was paid for is lost.",
                );
            }
            Some(Cancelling::Over(State::Failed)) => {
                return refused("The request has already failed; there is nothing to cancel.");
            }
            Some(Cancelling::Over(_)) => {
                return refused("The request has already succeeded; there is nothing to cancel.");
            }
        }
        info!(fetch.id = id.0, "cancelled");
        // Whoever works on it hears of it here, or at its next heartbeat.
        if let Some(bus) = self.bus() {
            dispatch::announce(control, bus, id, State::Cancelled).await;
        }
        let request = control.queue.request_of(user, id).await?;
        Ok(request.ok_or(NotCancelled::NotFound))
    }
}

/// `POST …/recap-fetch/{id}/cancel/`.
pub async fn post_cancel(
    Held(api): Held<Api>,
    Extension(intake): Extension<Intake>,
    caller: Caller,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<Object, ApiError> {
    let groups = expand::groups_of(&caller, &here)?;
    let id = FetchId(read_id(&id)?);
    match intake.cancel(caller.id(), id).await? {
        Ok(request) => Ok(expand::answered(&api, &request, groups).await),
        Err(NotCancelled::NotFound) => Err(ApiError::no_match("PacerFetchQueue")),
        Err(NotCancelled::Refused(text)) => Err(ApiError::detail(StatusCode::CONFLICT, text)),
    }
}

/// A request as its owner reads it: the object of the contract, the groups that are asked for, and
/// headers about its place while it waits.
///
/// # Errors
/// When the store does not answer.
pub async fn described(
    api: &Api,
    request: &FetchRequest,
    groups: Groups,
) -> Result<Response, ApiError> {
    let (user, one) = (request.spec.user, slice::from_ref(request));
    let known = Known::of(api, user, one, groups.with(Group::Queue)).await?;
    let object = rendered::fetch_request(request, api.time_zone);
    let object = known.added_to(object, request, groups, api.time_zone);
    let mut response = object.into_response();
    let headers = response.headers_mut();
    if let Some(place) = known.places.get(&request.id) {
        if let Some(position) = place.position {
            headers.insert(POSITION, HeaderValue::from(position));
        }
        if let Some(wait) = place.wait {
            headers.insert(ETA, HeaderValue::from(wait.as_secs()));
        }
    }
    Ok(response)
}

/// The groups that a call about one request asks for: in two cases by an older spelling as well.
///
/// # Errors
/// 400 for a word that names none.
pub fn groups_of(caller: &Caller, here: &RequestUrl) -> Result<Groups, ApiError> {
    let groups = expand::groups_of(caller, here)?;
    let older = [("queue", Group::Queue), ("steps", Group::Life)];
    let asked = older
        .into_iter()
        .filter(|(name, _)| matches!(here.parameter(name), Some("1" | "on" | "true")));
    Ok(asked.fold(groups, |groups, (_, group)| groups.with(group)))
}
