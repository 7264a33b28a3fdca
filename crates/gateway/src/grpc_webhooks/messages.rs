//! Endpoints and deliveries as messages, and what messages say of an endpoint.

use chrono_tz::Tz;
use fetch_bus::wire::{self, CreateWebhookRequest, UpdateWebhookRequest, WebhookEventStatus};
use fetch_model::fields::FieldId;
use fetch_webhooks::{Endpoint, EventStatus, WebhookEvent};

use crate::{
    dialect::{Sent, Source, webhook},
    grpc::timestamp,
    webhooks::shown,
};

/// What a message says of an endpoint, as [`Source`].
#[derive(Debug, Default)]
pub(super) struct Fields {
    event_type: Option<i32>,
    version: Option<i32>,
    url: Option<String>,
    enabled: Option<bool>,
}

impl From<CreateWebhookRequest> for Fields {
    fn from(message: CreateWebhookRequest) -> Fields {
        Fields {
            event_type: message.event_type,
            version: message.version,
            // A message cannot leave it out, so empty means not sent.
            url: Some(message.url).filter(|url| !url.is_empty()),
            enabled: message.enabled,
        }
    }
}

impl From<UpdateWebhookRequest> for Fields {
    fn from(message: UpdateWebhookRequest) -> Fields {
        Fields {
            url: message.url,
            enabled: message.enabled,
            ..Fields::default()
        }
    }
}

impl Source for Fields {
    fn get(&self, _: FieldId) -> Sent<'_> {
        Sent::Absent
    }

    fn named(&self, name: &str) -> Sent<'_> {
        let number = |sent: Option<i32>| sent.map(|number| Sent::Number(number.into()));
        let sent = match name {
            webhook::EVENT_TYPE => number(self.event_type),
            webhook::VERSION => number(self.version),
            webhook::URL => self.url.as_deref().map(|url| Sent::Text(url.into())),
            webhook::ENABLED => self.enabled.map(Sent::Truth),
            _ => None,
        };
        sent.unwrap_or(Sent::Absent)
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Each status of a delivery in both interfaces.
const STATUSES: [(EventStatus, WebhookEventStatus); 5] = [
    (EventStatus::InProgress, WebhookEventStatus::InProgress),
    (
        EventStatus::WaitingForRetry,
        WebhookEventStatus::WaitingForRetry,
    ),
    (EventStatus::Delivered, WebhookEventStatus::Delivered),
    (EventStatus::Failed, WebhookEventStatus::Failed),
    (
        EventStatus::EndpointDisabled,
        WebhookEventStatus::EndpointDisabled,
    ),
];

pub(super) fn status_read(sent: i32) -> Option<EventStatus> {
    let mut all = STATUSES.into_iter();
    all.find_map(|(status, told)| (i32::from(told) == sent).then_some(status))
}

fn status_told(status: EventStatus) -> WebhookEventStatus {
    let mut all = STATUSES.into_iter();
    all.find_map(|(one, told)| (one == status).then_some(told))
        .unwrap_or_default()
}

pub(super) fn webhook_message(endpoint: &Endpoint, zone: Tz) -> wire::Webhook {
    wire::Webhook {
        id: endpoint.id.0,
        event_type: endpoint.event_type.into(),
        version: endpoint.version.into(),
        url: endpoint.url.clone(),
        enabled: endpoint.enabled,
        failure_count: endpoint.failure_count,
        warning: shown::warning(endpoint, zone).unwrap_or_default(),
        date_disabled: endpoint.date_disabled.map(timestamp),
        previous_secret_until: endpoint.previous_secret_until.map(timestamp),
        date_created: Some(timestamp(endpoint.date_created)),
        date_modified: Some(timestamp(endpoint.date_modified)),
        secret: String::new(),
    }
}

pub(super) fn event_message(event: WebhookEvent) -> wire::WebhookEvent {
    wire::WebhookEvent {
        id: event.id.0,
        webhook: event.webhook.0,
        recap_fetch: event.request.map(|request| request.0),
        event_status: status_told(event.status).into(),
        debug: event.is_test,
        retry_counter: event.retries.into(),
        next_retry_date: shown::next_retry(&event).map(timestamp),
        status_code: event.status_code.map(Into::into),
        date_created: Some(timestamp(event.date_created)),
        date_modified: Some(timestamp(event.date_modified)),
        event_id: event.key,
        content: event.content.unwrap_or_default(),
        response: event.response,
        error_message: event.error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_of_a_delivery_is_told_and_read() {
        for (status, _) in EventStatus::ALL {
            let told = status_told(status);
            assert_ne!(told, WebhookEventStatus::Unspecified, "{status:?}");
            assert_eq!(i32::from(told), i32::from(status as i16) + 1, "{status:?}");
            assert_eq!(status_read(told.into()), Some(status));
        }
        for unknown in [-1, 0, 6] {
            assert_eq!(status_read(unknown), None);
        }
    }
}
