//! Endpoints and deliveries as their owner sees them: `docs/API.md#webhooks`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fetch_webhooks::{
    Endpoint, EventStatus, SigningSecret, WebhookEvent,
    schedule::{MOST_RETRIES, PARKED_FOR},
};
use serde_json::Value;

use crate::dialect::{Object, moment};

/// Failed tries of a delivery from which on its owner is warned, as CourtListener does by mail.
const WARNED_FROM: i16 = 2;

/// An endpoint.
pub(super) fn endpoint(endpoint: &Endpoint, zone: Tz) -> Object {
    let at = |at| moment::write(at, zone);
    Object::new()
        .with("id", endpoint.id.0)
        .with("event_type", endpoint.event_type)
        .with("version", endpoint.version)
        .with("url", endpoint.url.as_str())
        .with("enabled", endpoint.enabled)
        .with("failure_count", endpoint.failure_count)
        .with("warning", warning(endpoint, zone))
        .with("date_disabled", endpoint.date_disabled.map(at))
        .with(
            "previous_secret_until",
            endpoint.previous_secret_until.map(at),
        )
        .with("date_created", at(endpoint.date_created))
        .with("date_modified", at(endpoint.date_modified))
}

/// An endpoint whose secret is told, which happens once.
pub(super) fn with_secret(shown: Object, secret: &SigningSecret) -> Object {
    shown.with("secret", secret.expose())
}

/// What its owner should know of it.
pub(crate) fn warning(endpoint: &Endpoint, zone: Tz) -> Option<String> {
    let tries = MOST_RETRIES + 1;
    if let Some(at) = endpoint.date_disabled {
        return Some(format!(
            "Switched off on {}, because a delivery failed {tries} times. Set enabled to true to send what has come \
             since and is not older than {} hours.",
            moment::write(at, zone),
            PARKED_FOR.as_secs() / 3600
        ));
    }
    let oldest = endpoint.waiting.as_ref();
    let oldest = oldest.filter(|waiting| waiting.retries >= WARNED_FROM)?;
    Some(format!(
        "Deliveries fail; the oldest one that waits has failed {} times since {}. After {tries} times the endpoint is \
         switched off. {}",
        oldest.retries,
        moment::write(oldest.since, zone),
        oldest.error
    ))
}

/// A delivery.
pub(super) fn event(event: &WebhookEvent, zone: Tz) -> Object {
    let at = |at| moment::write(at, zone);
    let content = event.content.as_deref();
    // It is JSON of ours.
    let content: Option<Value> = content.and_then(|text| serde_json::from_str(text).ok());
    Object::new()
        .with("id", event.id.0)
        .with("webhook", event.webhook.0)
        .with("recap_fetch", event.request.map(|request| request.0))
        .with("event_id", event.key.as_str())
        .with("event_status", event.status as i16)
        .with("debug", event.is_test)
        .with("content", content.unwrap_or_default())
        .with("retry_counter", event.retries)
        .with("next_retry_date", next_retry(event).map(at))
        .with("status_code", event.status_code)
        .with("response", event.response.as_str())
        .with("error_message", event.error.as_str())
        .with("date_created", at(event.date_created))
        .with("date_modified", at(event.date_modified))
}

/// When it is tried again, as far as its owner is told: a first try is none.
pub(crate) fn next_retry(event: &WebhookEvent) -> Option<DateTime<Utc>> {
    event
        .next_try
        .filter(|_| event.status == EventStatus::WaitingForRetry)
}
