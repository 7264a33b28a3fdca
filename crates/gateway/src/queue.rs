//! What an owner can see and do in the queue: a request's position, its history, and cancelling it.
//! Extensions of the contract, over HTTP and gRPC.

use axum::{
    Extension,
    extract::{Path, State as Held},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use fetch_model::{FetchId, FetchRequest, State, UserId};
use fetch_queue::{Cancelling, Place};
use tracing::info;

use crate::{
    api::Api,
    dialect::{ApiError, Caller, Item, Object, RequestUrl, moment, rendered},
    dispatch,
    read::read_id,
    submit::Intake,
};

/// How many requests come before this one, and itself: a header.
const POSITION: HeaderName = HeaderName::from_static("pacer-fetch-position");

/// About how many seconds until it is begun: a header.
const ETA: HeaderName = HeaderName::from_static("pacer-fetch-eta-seconds");

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
    Path(id): Path<String>,
) -> Result<Object, ApiError> {
    let id = FetchId(read_id(&id)?);
    match intake.cancel(caller.id(), id).await? {
        Ok(request) => Ok(rendered::fetch_request(&request, api.time_zone)),
        Err(NotCancelled::NotFound) => Err(ApiError::no_match("PacerFetchQueue")),
        Err(NotCancelled::Refused(text)) => Err(ApiError::detail(StatusCode::CONFLICT, text)),
    }
}

/// A request as its owner reads it: the object of the contract, what the query asks for beside it
/// (`queue=1`, `steps=1`), and headers about its place while it waits.
///
/// # Errors
/// When the store does not answer.
pub async fn described(
    api: &Api,
    here: &RequestUrl,
    user: UserId,
    request: &FetchRequest,
) -> Result<Response, ApiError> {
    let place = api.control.queue.place_of(user, request.id).await?;
    let mut object = rendered::fetch_request(request, api.time_zone);
    if is_wanted(here, "queue") {
        let queue = place.map(|place| render_place(api, &place));
        object = match queue {
            Some(queue) => object.with("queue", queue),
            None => object.with("queue", serde_json::Value::Null),
        };
    }
    if is_wanted(here, "steps") {
        object = object.with("life", life(api, request).await?);
    }
    let mut response = object.into_response();
    let headers = response.headers_mut();
    if let Some(place) = place {
        if let Some(position) = place.position {
            headers.insert(POSITION, HeaderValue::from(position));
        }
        if let Some(wait) = place.wait {
            headers.insert(ETA, HeaderValue::from(wait.as_secs()));
        }
    }
    Ok(response)
}

fn is_wanted(here: &RequestUrl, name: &str) -> bool {
    matches!(here.parameter(name), Some("1" | "on" | "true"))
}

fn render_place(api: &Api, place: &Place) -> Object {
    let until = place.waits_for.and_then(|wait_reason| wait_reason.until());
    Object::new()
        .with("lane", lane_word(place))
        .with("position", place.position)
        .with("under_way", place.under_way)
        .with("eta_seconds", place.wait.map(|wait| wait.as_secs()))
        .with(
            "waits_for",
            place.waits_for.map(|wait_reason| wait_reason.as_str()),
        )
        .with(
            "waits_until",
            until.map(|at| moment::write(at, api.time_zone)),
        )
}

/// The lane as a client names it.
pub(crate) fn lane_word(place: &Place) -> &'static str {
    place.lane.as_str()
}

/// How a request fared so far: our own word for its state, the code of its failure, and each step.
async fn life(api: &Api, request: &FetchRequest) -> Result<Object, ApiError> {
    let steps = api.control.queue.history(request.id).await?;
    let code = request
        .failure
        .as_ref()
        .and_then(|failure| serde_json::to_value(failure).ok())
        .and_then(|value| value["code"].as_str().map(str::to_owned));
    let steps = steps.into_iter().map(|(at, step, detail)| {
        // Which of our machines took it is nobody's business.
        let detail = if step == "claimed" {
            String::new()
        } else {
            detail
        };
        Object::new()
            .with("at", moment::write(at, api.time_zone))
            .with("step", step)
            .with("detail", detail)
    });
    Ok(Object::new()
        .with("state", request.state.as_str())
        .with("attempts", request.attempts)
        .with("failure", code)
        .with(
            "not_before",
            request
                .spec
                .not_before
                .map(|at| moment::write(at, api.time_zone)),
        )
        .with("steps", Item::list(steps)))
}
