//! Webhooks: whom to tell that a request has ended, over HTTP. Extensions of the contract, whose users register
//! endpoints on web pages; what endpoints are sent is the contract's.
//!
//! What callers do is `calls`, which gRPC shares (`grpc_webhooks.rs`). Who sends is `deliver`; a delivery is a row long
//! before (`docs/adr/0053-webhooks.md`).

pub(crate) mod calls;
pub(crate) mod content;
pub(crate) mod deliver;
pub(crate) mod keys;
mod places;
mod send;
pub(crate) mod shown;

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use fetch_library::read::{Resource, Scope};
use fetch_webhooks::{Targets, WebhookEventId, WebhookId};
use tokio::sync::Notify;

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Object, RequestUrl, body, filter::NO_PARAMETERS, list, options, webhook,
    },
    read::read_id,
};
use calls::Calls;

pub(crate) use places::places;

/// What these calls need beside rows.
#[derive(Debug, Clone, Default)]
pub struct WebhookCalls {
    /// Where may be sent.
    pub targets: Targets,
    /// Wakes who sends.
    pub called: Arc<Notify>,
}

async fn describe(_: Caller) -> Object {
    let description = "Register where to send your requests when they have ended, or what was filed in dockets that you track.";
    let written = Some(("POST", options::of_webhooks()));
    options::describe(Resource::Webhooks, "Webhook List", description, written)
}

async fn describe_events(_: Caller) -> Object {
    let description = "What was sent to your endpoints, and what they answered.";
    options::describe(
        Resource::WebhookEvents,
        "Webhook Event List",
        description,
        None,
    )
}

async fn list_endpoints(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
) -> Result<Object, ApiError> {
    let (user, zone, store) = (caller.id(), api.time_zone, &api.control.webhooks);
    let rows = async |ids: Vec<i64>| {
        let endpoints = store.endpoints_of(user, &ids).await?;
        let rows = endpoints.iter().map(|it| shown::endpoint(it, zone));
        Ok(rows.collect())
    };
    list::of_user(&api, &here, user, Scope::WebhooksOf(user), rows).await
}

async fn list_events(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
) -> Result<Object, ApiError> {
    let (user, zone, store) = (caller.id(), api.time_zone, &api.control.webhooks);
    let rows = async |ids: Vec<i64>| {
        let events = store.events_of(user, &ids).await?;
        Ok(events.iter().map(|it| shown::event(it, zone)).collect())
    };
    list::of_user(&api, &here, user, Scope::WebhookEventsOf(user), rows).await
}

async fn read_endpoint(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let calls = Calls::of(&api, caller.id());
    let endpoint = calls.endpoint(webhook_id(&id)?).await?;
    Ok((ignored, shown::endpoint(&endpoint, api.time_zone)))
}

async fn register(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    request: Request,
) -> Result<Response, ApiError> {
    let mut ignored = NO_PARAMETERS.check_query(&here)?;
    let fields = body::read(request, api.body_limits()).await?;
    let calls = Calls::of(&api, caller.id());
    let (endpoint, secret) = calls.register(&*fields).await?;
    let endpoint = shown::with_secret(shown::endpoint(&endpoint, api.time_zone), &secret);
    webhook::FIELDS.tell_ignored(fields.names(), &mut ignored);
    Ok((ignored, endpoint.into_answer(StatusCode::CREATED)).into_response())
}

async fn change(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
    request: Request,
) -> Result<(HeaderMap, Object), ApiError> {
    let mut ignored = NO_PARAMETERS.check_query(&here)?;
    let calls = Calls::of(&api, caller.id());
    let present = calls.endpoint(webhook_id(&id)?).await?;
    let fields = body::read(request, api.body_limits()).await?;
    let endpoint = calls.change(&present, &*fields).await?;
    webhook::FIELDS.tell_ignored(fields.names(), &mut ignored);
    Ok((ignored, shown::endpoint(&endpoint, api.time_zone)))
}

async fn remove(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(StatusCode, HeaderMap), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let calls = Calls::of(&api, caller.id());
    calls.remove(webhook_id(&id)?).await?;
    Ok((StatusCode::NO_CONTENT, ignored))
}

async fn test(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let calls = Calls::of(&api, caller.id());
    let event = calls.test(webhook_id(&id)?).await?;
    let event = shown::event(&event, api.time_zone);
    Ok((ignored, event.into_answer(StatusCode::CREATED)).into_response())
}

async fn rotate_secret(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let calls = Calls::of(&api, caller.id());
    let (endpoint, secret) = calls.rotate_secret(webhook_id(&id)?).await?;
    let endpoint = shown::endpoint(&endpoint, api.time_zone);
    Ok((ignored, shown::with_secret(endpoint, &secret)))
}

async fn read_event(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let calls = Calls::of(&api, caller.id());
    let event = calls.event(WebhookEventId(read_id(&id)?)).await?;
    Ok((ignored, shown::event(&event, api.time_zone)))
}

async fn replay(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&here)?;
    let calls = Calls::of(&api, caller.id());
    let event = calls.replay(WebhookEventId(read_id(&id)?)).await?;
    Ok((ignored, shown::event(&event, api.time_zone)))
}

fn webhook_id(text: &str) -> Result<WebhookId, ApiError> {
    read_id(text).map(WebhookId)
}
