//! Trackers over HTTP: dockets that are looked at again and again (`docs/API.md#trackers`). Ours.
//!
//! What they do when they are due is in `fetch-control/trackers.rs`, and is begun by the sweep.

pub(crate) mod keys;
mod places;

use axum::{
    Extension,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use fetch_library::read::{Resource, Scope};
use fetch_model::TrackerId;
use fetch_queue::trackers::Tracker;

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Object, RequestUrl, body, filter::NO_PARAMETERS, list, options,
        submission, tracker,
    },
    read::read_id,
    submit::Intake,
};

pub(crate) use places::places;

async fn describe(_: Caller) -> Object {
    let description =
        "Have a docket looked at again and again, and bought when something was filed.";
    let written = Some(("POST", options::of_trackers()));
    options::describe(Resource::Trackers, "Tracker List", description, written)
}

async fn list(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
) -> Result<Object, ApiError> {
    let (user, zone, queue) = (caller.id(), api.time_zone, &api.control.queue);
    let rows = async |ids: Vec<i64>| {
        let trackers = queue.trackers_of(user, &ids, Utc::now()).await?;
        Ok(trackers.iter().map(|it| keys::shown(it, zone)).collect())
    };
    list::of_user(&api, &here, user, Scope::TrackersOf(user), rows).await
}

async fn create(
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    caller: Caller,
    here: RequestUrl,
    request: Request,
) -> Result<Response, ApiError> {
    let mut ignored = submission::check_query(&here)?;
    let fields = body::read(request, api.body_limits()).await?;
    let id = intake.track(&caller, &*fields).await?;
    let shown = keys::shown(&find(&api, &caller, id).await?, api.time_zone);
    tracker::FIELDS.tell_ignored(fields.names(), &mut ignored);
    Ok((ignored, shown.into_answer(StatusCode::CREATED)).into_response())
}

async fn read(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let tracker = find(&api, &caller, tracker_id(&id)?).await?;
    Ok((ignored, keys::shown(&tracker, api.time_zone)))
}

async fn change(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
    request: Request,
) -> Result<(HeaderMap, Object), ApiError> {
    let mut ignored = submission::check_query(&here)?;
    let id = tracker_id(&id)?;
    find(&api, &caller, id).await?;
    let fields = body::read(request, api.body_limits()).await?;
    let now = Utc::now();
    let change = tracker::decode_change(&*fields, now)?;
    let (queue, token) = (&api.control.queue, caller.0.token);
    let changed = queue.change_tracker(caller.id(), token, id, change, now);
    if !changed.await? {
        return Err(no_tracker());
    }
    let tracker = find(&api, &caller, id).await?;
    tracker::CHANGES.tell_ignored(fields.names(), &mut ignored);
    Ok((ignored, keys::shown(&tracker, api.time_zone)))
}

/// A request that has not bought anything yet is cancelled with its tracker; any other is completed.
async fn remove(
    caller: Caller,
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(StatusCode, HeaderMap), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let queue = &api.control.queue;
    let removed = queue.remove_tracker(caller.id(), tracker_id(&id)?).await?;
    // No request begins any more.
    if let Some(request) = removed.ok_or_else(no_tracker)?.asking {
        // If it is too late for that, so be it.
        drop(intake.cancel(caller.id(), request).await?);
    }
    Ok((StatusCode::NO_CONTENT, ignored))
}

async fn find(api: &Api, caller: &Caller, id: TrackerId) -> Result<Tracker, ApiError> {
    let queue = &api.control.queue;
    let found = queue.trackers_of(caller.id(), &[id.0], Utc::now()).await?;
    found.into_iter().next().ok_or_else(no_tracker)
}

fn tracker_id(text: &str) -> Result<TrackerId, ApiError> {
    read_id(text).map(TrackerId)
}

fn no_tracker() -> ApiError {
    ApiError::no_match("Tracker")
}
