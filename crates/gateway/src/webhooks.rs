//! Webhooks: whom to tell that a request has ended, over HTTP. Extensions of the contract, whose users register
//! endpoints on web pages; what endpoints are sent is the contract's.
//!
//! Who sends is `deliver`; a delivery is a row long before (`docs/adr/0053-webhooks.md`).

pub(crate) mod content;
pub(crate) mod deliver;
pub(crate) mod keys;
mod places;
mod send;
mod shown;

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use fetch_library::read::{Resource, Scope};
use fetch_webhooks::{
    Change, Endpoint, NewEndpoint, Replayed, SigningSecret, Targets, WebhookEventId, WebhookId,
};
use tokio::sync::Notify;
use tracing::info;

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Object, RequestUrl, body,
        filter::{self, ALWAYS_ALLOWED},
        list::{self, Answer, Paging},
        misspelt::Names,
        options, webhook,
    },
    read::read_id,
};

pub(crate) use places::places;

/// What these calls need beside rows.
#[derive(Debug, Clone, Default)]
pub struct WebhookCalls {
    /// Where may be sent.
    pub targets: Targets,
    /// Wakes who sends.
    pub called: Arc<Notify>,
}

/// Of calls whose query says nothing.
const NOTHING: Names = Names {
    read: &[],
    ignored: ALWAYS_ALLOWED,
};

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
    let page = match page_of(&api, &here, &caller, Scope::WebhooksOf(caller.id())).await? {
        Answer::Count(count) => return Ok(Object::new().with("count", count)),
        Answer::Page(page) => page,
    };
    let endpoints = api
        .control
        .webhooks
        .endpoints_of(caller.id(), &page.ids)
        .await?;
    let rows = endpoints
        .iter()
        .map(|it| shown::endpoint(it, api.time_zone));
    Ok(page.with_results(rows.collect()))
}

async fn list_events(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
) -> Result<Object, ApiError> {
    let page = match page_of(&api, &here, &caller, Scope::WebhookEventsOf(caller.id())).await? {
        Answer::Count(count) => return Ok(Object::new().with("count", count)),
        Answer::Page(page) => page,
    };
    let events = api
        .control
        .webhooks
        .events_of(caller.id(), &page.ids)
        .await?;
    let rows = events.iter().map(|it| shown::event(it, api.time_zone));
    Ok(page.with_results(rows.collect()))
}

async fn page_of(
    api: &Api,
    here: &RequestUrl,
    caller: &Caller,
    scope: Scope,
) -> Result<Answer, ApiError> {
    let filters = filter::read(scope.resource(), &here.parameters, &[], api.time_zone)?;
    list::find(api, here, Some(caller.id()), scope, filters, Paging::USUAL).await
}

async fn read_endpoint(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NOTHING.check_query(&here)?;
    let endpoint = find(&api, &caller, webhook_id(&id)?).await?;
    Ok((ignored, shown::endpoint(&endpoint, api.time_zone)))
}

async fn register(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    request: Request,
) -> Result<Response, ApiError> {
    let mut ignored = NOTHING.check_query(&here)?;
    let fields = body::read(request, api.body_limits()).await?;
    let wanted = webhook::decode_new(&*fields, api.webhooks.targets)?;
    let secret = SigningSecret::generate();
    let new = NewEndpoint {
        user: caller.id(),
        event_type: wanted.event_type,
        version: wanted.version,
        url: &wanted.url,
        enabled: wanted.enabled,
        secret: &secret,
    };
    let id = api.control.webhooks.register(&new).await?;
    let id = id.ok_or_else(|| ApiError::NonField(webhook::NOT_UNIQUE.to_owned()))?;
    info!(webhook = id.0, "a webhook endpoint was registered");
    let endpoint = find(&api, &caller, id).await?;
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
    let mut ignored = NOTHING.check_query(&here)?;
    let id = webhook_id(&id)?;
    let endpoint = find(&api, &caller, id).await?;
    let fields = body::read(request, api.body_limits()).await?;
    let wanted = webhook::decode_change(&*fields, api.webhooks.targets, &endpoint)?;
    let change = Change {
        url: wanted.url.as_deref(),
        enabled: wanted.enabled,
    };
    let webhooks = &api.control.webhooks;
    if !webhooks.change(Some(caller.id()), id, change).await? {
        return Err(no_endpoint());
    }
    api.webhooks.called.notify_one();
    let endpoint = find(&api, &caller, id).await?;
    webhook::FIELDS.tell_ignored(fields.names(), &mut ignored);
    Ok((ignored, shown::endpoint(&endpoint, api.time_zone)))
}

async fn remove(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(StatusCode, HeaderMap), ApiError> {
    let ignored = NOTHING.check_query(&here)?;
    let removed = api
        .control
        .webhooks
        .remove(Some(caller.id()), webhook_id(&id)?);
    match removed.await? {
        true => Ok((StatusCode::NO_CONTENT, ignored)),
        false => Err(no_endpoint()),
    }
}

async fn test(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let ignored = NOTHING.check_query(&here)?;
    let (webhooks, id) = (&api.control.webhooks, webhook_id(&id)?);
    find(&api, &caller, id).await?;
    let event = webhooks.test(Some(caller.id()), id).await?;
    let event = event.ok_or_else(|| {
        let text = "Ten tests of this endpoint wait to be sent. Try again when they are.";
        ApiError::detail(StatusCode::CONFLICT, text)
    })?;
    api.webhooks.called.notify_one();
    let event = event_of(&api, &caller, event).await?;
    Ok((ignored, event.into_answer(StatusCode::CREATED)).into_response())
}

async fn rotate_secret(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NOTHING.check_query(&here)?;
    let (id, secret) = (webhook_id(&id)?, SigningSecret::generate());
    let webhooks = &api.control.webhooks;
    if !webhooks
        .rotate_secret(Some(caller.id()), id, &secret)
        .await?
    {
        return Err(no_endpoint());
    }
    let endpoint = find(&api, &caller, id).await?;
    let endpoint = shown::endpoint(&endpoint, api.time_zone);
    Ok((ignored, shown::with_secret(endpoint, &secret)))
}

async fn read_event(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NOTHING.check_query(&here)?;
    let event = event_of(&api, &caller, WebhookEventId(read_id(&id)?)).await?;
    Ok((ignored, event))
}

async fn replay(
    caller: Caller,
    State(api): State<Api>,
    here: RequestUrl,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NOTHING.check_query(&here)?;
    let id = WebhookEventId(read_id(&id)?);
    match api.control.webhooks.replay(Some(caller.id()), id).await? {
        Replayed::Due => {}
        Replayed::NotFound => return Err(no_event()),
        Replayed::EndpointDisabled => {
            let text = "The endpoint is switched off. Set its field enabled to true first.";
            return Err(ApiError::detail(StatusCode::CONFLICT, text));
        }
    }
    api.webhooks.called.notify_one();
    Ok((ignored, event_of(&api, &caller, id).await?))
}

fn webhook_id(text: &str) -> Result<WebhookId, ApiError> {
    read_id(text).map(WebhookId)
}

fn no_endpoint() -> ApiError {
    ApiError::no_match("Webhook")
}

fn no_event() -> ApiError {
    ApiError::no_match("WebhookEvent")
}

async fn find(api: &Api, caller: &Caller, id: WebhookId) -> Result<Endpoint, ApiError> {
    let endpoint = api.control.webhooks.endpoint(Some(caller.id()), id).await?;
    endpoint.ok_or_else(no_endpoint)
}

async fn event_of(api: &Api, caller: &Caller, id: WebhookEventId) -> Result<Object, ApiError> {
    let event = api.control.webhooks.event(Some(caller.id()), id).await?;
    let event = event.ok_or_else(no_event)?;
    Ok(shown::event(&event, api.time_zone))
}
