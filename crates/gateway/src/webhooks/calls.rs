//! What users do with their endpoints and deliveries, whether they call over HTTP or gRPC.

use axum::http::StatusCode;
use fetch_model::UserId;
use fetch_webhooks::{
    Change, Endpoint, NewEndpoint, Replayed, SigningSecret, WebhookEvent, WebhookEventId,
    WebhookId, Webhooks,
};
use tracing::info;

use crate::{
    api::Api,
    dialect::{ApiError, Source, webhook},
};

/// The calls of one user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calls<'a> {
    api: &'a Api,
    user: UserId,
}

impl<'a> Calls<'a> {
    pub(crate) fn of(api: &'a Api, user: UserId) -> Calls<'a> {
        Calls { api, user }
    }

    fn store(self) -> &'a Webhooks {
        &self.api.control.webhooks
    }

    /// An endpoint.
    ///
    /// # Errors
    /// 404 if the user has none of that number; so for all that take one.
    pub(crate) async fn endpoint(self, id: WebhookId) -> Result<Endpoint, ApiError> {
        let endpoint = self.store().endpoint(Some(self.user), id).await?;
        endpoint.ok_or_else(no_endpoint)
    }

    /// Registers an endpoint.
    ///
    /// # Errors
    /// 400 for fields that are wrong, and for a second endpoint of an event type and version.
    pub(crate) async fn register(
        self,
        fields: &dyn Source,
    ) -> Result<(Endpoint, SigningSecret), ApiError> {
        let wanted = webhook::decode_new(fields, self.api.webhooks.targets)?;
        let secret = SigningSecret::generate();
        let new = NewEndpoint {
            user: self.user,
            event_type: wanted.event_type,
            version: wanted.version,
            url: &wanted.url,
            enabled: wanted.enabled,
            secret: &secret,
        };
        let id = self.store().register(&new).await?;
        let id = id.ok_or_else(|| ApiError::NonField(webhook::NOT_UNIQUE.to_owned()))?;
        info!(webhook = id.0, "a webhook endpoint was registered");
        Ok((self.endpoint(id).await?, secret))
    }

    /// Changes an endpoint. What was not sent stays.
    ///
    /// # Errors
    /// 400 for fields that are wrong.
    pub(crate) async fn change(
        self,
        present: &Endpoint,
        fields: &dyn Source,
    ) -> Result<Endpoint, ApiError> {
        let wanted = webhook::decode_change(fields, self.api.webhooks.targets, present)?;
        let change = Change {
            url: wanted.url.as_deref(),
            enabled: wanted.enabled,
        };
        let (user, id) = (Some(self.user), present.id);
        if !self.store().change(user, id, change).await? {
            return Err(no_endpoint());
        }
        self.api.webhooks.called.notify_one();
        self.endpoint(id).await
    }

    /// Removes an endpoint, and its deliveries.
    ///
    /// # Errors
    /// As for [`Calls::endpoint`].
    pub(crate) async fn remove(self, id: WebhookId) -> Result<(), ApiError> {
        match self.store().remove(Some(self.user), id).await? {
            true => Ok(()),
            false => Err(no_endpoint()),
        }
    }

    /// Has an endpoint told something that has not happened.
    ///
    /// # Errors
    /// 409 while too many tests wait.
    pub(crate) async fn test(self, id: WebhookId) -> Result<WebhookEvent, ApiError> {
        self.endpoint(id).await?;
        let event = self.store().test(Some(self.user), id).await?;
        let event = event.ok_or_else(|| {
            let text = "Ten tests of this endpoint wait to be sent. Try again when they are.";
            ApiError::detail(StatusCode::CONFLICT, text)
        })?;
        self.api.webhooks.called.notify_one();
        self.event(event).await
    }

    /// Gives an endpoint another secret.
    ///
    /// # Errors
    /// As for [`Calls::endpoint`].
    pub(crate) async fn rotate_secret(
        self,
        id: WebhookId,
    ) -> Result<(Endpoint, SigningSecret), ApiError> {
        let secret = SigningSecret::generate();
        let rotated = self.store().rotate_secret(Some(self.user), id, &secret);
        match rotated.await? {
            true => Ok((self.endpoint(id).await?, secret)),
            false => Err(no_endpoint()),
        }
    }

    /// A delivery.
    ///
    /// # Errors
    /// 404 if none of that number went to an endpoint of the user.
    pub(crate) async fn event(self, id: WebhookEventId) -> Result<WebhookEvent, ApiError> {
        let event = self.store().event(Some(self.user), id).await?;
        event.ok_or_else(no_event)
    }

    /// Sends a delivery again.
    ///
    /// # Errors
    /// As for [`Calls::event`], and 409 if its endpoint is off.
    pub(crate) async fn replay(self, id: WebhookEventId) -> Result<WebhookEvent, ApiError> {
        match self.store().replay(Some(self.user), id).await? {
            Replayed::Due => {}
            Replayed::NotFound => return Err(no_event()),
            Replayed::EndpointDisabled => {
                let text = "The endpoint is switched off. Set its field enabled to true first.";
                return Err(ApiError::detail(StatusCode::CONFLICT, text));
            }
        }
        self.api.webhooks.called.notify_one();
        self.event(id).await
    }
}

fn no_endpoint() -> ApiError {
    ApiError::no_match("Webhook")
}

fn no_event() -> ApiError {
    ApiError::no_match("WebhookEvent")
}
