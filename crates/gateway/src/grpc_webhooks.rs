//! Webhooks over gRPC: the calls of `webhooks/calls.rs`, as messages.

mod messages;

use fetch_bus::wire::{
    self, CreateWebhookRequest, DeleteWebhookRequest, DeleteWebhookResponse,
    GetWebhookEventRequest, GetWebhookRequest, ListWebhookEventsRequest, ListWebhookEventsResponse,
    ListWebhooksRequest, ListWebhooksResponse, ReplayWebhookEventRequest,
    RotateWebhookSecretRequest, TestWebhookRequest, UpdateWebhookRequest,
    webhooks_server::Webhooks,
};
use fetch_library::read::{Filter, Resource, Scope, Value};
use fetch_webhooks::{Endpoint, SigningSecret, WebhookEventId, WebhookId};
use messages::{Fields, event_message, status_read, webhook_message};
use tonic::{Request, Response, Status};

use crate::{
    api::Api,
    dialect::{ApiError, Caller},
    grpc::caller,
    grpc_page::{self, Asked, one_of},
    grpc_status::{condition_of, invalid, status_of},
    webhooks::calls::Calls,
};

/// The service.
pub(crate) struct WebhooksService {
    api: Api,
}

impl WebhooksService {
    pub(crate) fn new(api: Api) -> WebhooksService {
        WebhooksService { api }
    }

    fn calls(&self, caller: &Caller) -> Calls<'_> {
        Calls::of(&self.api, caller.id())
    }

    fn shown(&self, endpoint: &Endpoint) -> Response<wire::Webhook> {
        Response::new(webhook_message(endpoint, self.api.time_zone))
    }

    /// An endpoint whose secret is told, which happens once.
    fn with_secret(
        &self,
        (endpoint, secret): &(Endpoint, SigningSecret),
    ) -> Response<wire::Webhook> {
        Response::new(wire::Webhook {
            secret: secret.expose().to_owned(),
            ..webhook_message(endpoint, self.api.time_zone)
        })
    }
}

#[tonic::async_trait]
impl Webhooks for WebhooksService {
    async fn create_webhook(
        &self,
        request: Request<CreateWebhookRequest>,
    ) -> Result<Response<wire::Webhook>, Status> {
        let caller = caller(&request)?;
        let fields = Fields::from(request.into_inner());
        let made = self.calls(&caller).register(&fields).await;
        Ok(self.with_secret(&made.map_err(status_of)?))
    }

    async fn list_webhooks(
        &self,
        request: Request<ListWebhooksRequest>,
    ) -> Result<Response<ListWebhooksResponse>, Status> {
        let (user, asked) = (caller(&request)?.id(), request.into_inner());
        let asked = Asked {
            scope: Scope::WebhooksOf(user),
            filters: Vec::new(),
            page_size: asked.page_size,
            page_token: &asked.page_token,
        };
        let page = grpc_page::newest(&self.api, user, asked).await?;
        let store = &self.api.control.webhooks;
        let endpoints = store.endpoints_of(user, &page.ids).await.map_err(failed)?;
        let zone = self.api.time_zone;
        let webhooks = endpoints.iter().map(|it| webhook_message(it, zone));
        Ok(Response::new(ListWebhooksResponse {
            webhooks: webhooks.collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_webhook(
        &self,
        request: Request<GetWebhookRequest>,
    ) -> Result<Response<wire::Webhook>, Status> {
        let caller = caller(&request)?;
        let found = self
            .calls(&caller)
            .endpoint(WebhookId(request.get_ref().id));
        Ok(self.shown(&found.await.map_err(status_of)?))
    }

    async fn update_webhook(
        &self,
        request: Request<UpdateWebhookRequest>,
    ) -> Result<Response<wire::Webhook>, Status> {
        let caller = caller(&request)?;
        let (calls, id) = (self.calls(&caller), WebhookId(request.get_ref().id));
        let present = calls.endpoint(id).await.map_err(status_of)?;
        let fields = Fields::from(request.into_inner());
        let changed = calls.change(&present, &fields).await;
        Ok(self.shown(&changed.map_err(status_of)?))
    }

    async fn delete_webhook(
        &self,
        request: Request<DeleteWebhookRequest>,
    ) -> Result<Response<DeleteWebhookResponse>, Status> {
        let caller = caller(&request)?;
        let removed = self.calls(&caller).remove(WebhookId(request.get_ref().id));
        removed.await.map_err(status_of)?;
        Ok(Response::new(DeleteWebhookResponse {}))
    }

    async fn test_webhook(
        &self,
        request: Request<TestWebhookRequest>,
    ) -> Result<Response<wire::WebhookEvent>, Status> {
        let caller = caller(&request)?;
        let tested = self.calls(&caller).test(WebhookId(request.get_ref().id));
        let event = tested.await.map_err(condition_of)?;
        Ok(Response::new(event_message(event)))
    }

    async fn rotate_webhook_secret(
        &self,
        request: Request<RotateWebhookSecretRequest>,
    ) -> Result<Response<wire::Webhook>, Status> {
        let caller = caller(&request)?;
        let id = WebhookId(request.get_ref().id);
        let rotated = self.calls(&caller).rotate_secret(id).await;
        Ok(self.with_secret(&rotated.map_err(status_of)?))
    }

    async fn list_webhook_events(
        &self,
        request: Request<ListWebhookEventsRequest>,
    ) -> Result<Response<ListWebhookEventsResponse>, Status> {
        let (user, asked) = (caller(&request)?.id(), request.into_inner());
        let asked = Asked {
            scope: Scope::WebhookEventsOf(user),
            filters: filters(&asked)?,
            page_size: asked.page_size,
            page_token: &asked.page_token,
        };
        let page = grpc_page::newest(&self.api, user, asked).await?;
        let store = &self.api.control.webhooks;
        let events = store.events_of(user, &page.ids).await.map_err(failed)?;
        Ok(Response::new(ListWebhookEventsResponse {
            webhook_events: events.into_iter().map(event_message).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_webhook_event(
        &self,
        request: Request<GetWebhookEventRequest>,
    ) -> Result<Response<wire::WebhookEvent>, Status> {
        let caller = caller(&request)?;
        let id = WebhookEventId(request.get_ref().id);
        let event = self.calls(&caller).event(id).await.map_err(status_of)?;
        Ok(Response::new(event_message(event)))
    }

    async fn replay_webhook_event(
        &self,
        request: Request<ReplayWebhookEventRequest>,
    ) -> Result<Response<wire::WebhookEvent>, Status> {
        let caller = caller(&request)?;
        let id = WebhookEventId(request.get_ref().id);
        let replayed = self.calls(&caller).replay(id).await;
        Ok(Response::new(event_message(
            replayed.map_err(condition_of)?,
        )))
    }
}

fn failed(error: fetch_db::Error) -> Status {
    status_of(ApiError::from(error))
}

fn filters(asked: &ListWebhookEventsRequest) -> Result<Vec<Filter>, Status> {
    let mut filters = Vec::new();
    let mut only = |name, wanted| {
        filters.push(one_of(Resource::WebhookEvents, name, wanted));
    };
    if let Some(id) = asked.webhook {
        only("webhook", vec![Value::Integer(id)]);
    }
    if let Some(id) = asked.recap_fetch {
        only("recap_fetch", vec![Value::Integer(id)]);
    }
    if let Some(debug) = asked.debug {
        only("debug", vec![Value::Boolean(debug)]);
    }
    if !asked.event_status.is_empty() {
        // As often as the caller likes, and looked for once.
        let mut sent = asked.event_status.clone();
        sent.sort_unstable();
        sent.dedup();
        let wanted = sent.into_iter().map(|sent| {
            let status = status_read(sent)
                .ok_or_else(|| invalid("event_status", "must be one of 1 to 5"))?;
            Ok(Value::Integer((status as i16).into()))
        });
        only("event_status", wanted.collect::<Result<_, Status>>()?);
    }
    Ok(filters)
}
