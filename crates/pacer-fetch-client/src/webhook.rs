//! Webhooks: URLs that are told when a request has ended, and what was sent to them.

use chrono::{DateTime, Utc};
use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::{Client, Error};

const WEBHOOKS: &str = "/api/rest/v4/webhooks/";
const EVENTS: &str = "/api/rest/v4/webhook-events/";

/// An endpoint to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewWebhook {
    /// Where to send, by https.
    pub url: String,
    /// Whether to send from now on.
    pub enabled: bool,
    /// What is told: 3, that a request has ended, which it is unless set, or 100, that something was filed in a docket
    /// that is tracked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<i16>,
    /// The version of what is sent, 1 or 2; the latest unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i16>,
}

impl NewWebhook {
    /// An endpoint of the latest version that is sent to from now on.
    #[must_use]
    pub fn enabled(url: &str) -> NewWebhook {
        NewWebhook {
            url: url.to_owned(),
            enabled: true,
            event_type: None,
            version: None,
        }
    }
}

/// What is to be different of an endpoint. What is not set stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WebhookChange {
    /// Where to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether to send. To switch it on again sends what was parked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Webhook {
    /// Its number.
    pub id: i64,
    /// What is told, as in [`NewWebhook::event_type`].
    pub event_type: i16,
    /// The version of what is sent.
    pub version: i16,
    /// Where it is sent.
    pub url: String,
    /// Whether it is sent.
    pub enabled: bool,
    /// Failed tries.
    pub failure_count: i32,
    /// What you should know of it, as a sentence.
    pub warning: Option<String>,
    /// When it was switched off because deliveries failed.
    pub date_disabled: Option<DateTime<Utc>>,
    /// Until then deliveries are signed with the last secret as well.
    pub previous_secret_until: Option<DateTime<Utc>>,
    /// When it was registered.
    pub date_created: DateTime<Utc>,
    /// When it was last changed.
    pub date_modified: DateTime<Utc>,
}

/// An endpoint with its secret, which is told this once.
#[derive(Debug, Clone, Deserialize)]
pub struct WebhookWithSecret {
    /// The endpoint.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What deliveries are signed with, as libraries for Standard Webhooks take it.
    #[serde(deserialize_with = "secret")]
    pub secret: SecretString,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// A delivery to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WebhookEvent {
    /// Its number.
    pub id: i64,
    /// To which endpoint.
    pub webhook: i64,
    /// Which request has ended; none for a test.
    pub recap_fetch: Option<i64>,
    /// Its `Idempotency-Key` and `webhook-id`, the same in every try.
    pub event_id: String,
    /// Where it stands.
    #[serde(rename = "event_status")]
    pub status: WebhookEventStatus,
    /// Whether it is a test.
    #[serde(rename = "debug")]
    pub is_test: bool,
    /// The body that was sent; null before the first try.
    pub content: Value,
    /// Retries that were made or are due.
    pub retry_counter: i16,
    /// When it is tried again.
    pub next_retry_date: Option<DateTime<Utc>>,
    /// The HTTP status of the last answer.
    pub status_code: Option<i16>,
    /// The first 4 KB of the last answer.
    pub response: String,
    /// What was wrong with the last try, or empty.
    pub error_message: String,
    /// When the request ended, or the test was asked for.
    pub date_created: DateTime<Utc>,
    /// When it last changed.
    pub date_modified: DateTime<Utc>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookEventStatus {
    /// It was not answered yet.
    InProgress,
    /// The last try failed; there will be another one.
    WaitingForRetry,
    /// The endpoint has answered with 2xx.
    Delivered,
    /// It is not tried any more.
    Failed,
    /// The endpoint is off. It is sent when that is switched on again.
    EndpointDisabled,
}

impl WebhookEventStatus {
    /// All of them, in the order of the API's numbers, which begin at 0.
    const ALL: [WebhookEventStatus; 5] = [
        WebhookEventStatus::InProgress,
        WebhookEventStatus::WaitingForRetry,
        WebhookEventStatus::Delivered,
        WebhookEventStatus::Failed,
        WebhookEventStatus::EndpointDisabled,
    ];

    fn number(self) -> usize {
        self as usize
    }
}

impl<'de> Deserialize<'de> for WebhookEventStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WebhookEventStatus, D::Error> {
        let number = usize::deserialize(deserializer)?;
        let status = WebhookEventStatus::ALL.get(number).copied();
        status.ok_or_else(|| D::Error::custom(format!("{number} is not a status of a delivery")))
    }
}

/// Which deliveries are wanted. What is not set excludes none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WebhookEventFilter {
    /// To this endpoint.
    pub webhook: Option<i64>,
    /// About this request.
    pub recap_fetch: Option<i64>,
    /// That stand there.
    pub status: Option<WebhookEventStatus>,
    /// Tests, or what is none.
    pub is_test: Option<bool>,
}

impl WebhookEventFilter {
    /// As the query of the list.
    fn query(self) -> String {
        let number = |number: i64| number.to_string();
        let sent = [
            ("webhook", self.webhook.map(number)),
            ("recap_fetch", self.recap_fetch.map(number)),
            (
                "event_status",
                self.status.map(|status| status.number().to_string()),
            ),
            ("debug", self.is_test.map(|is_test| is_test.to_string())),
        ];
        let sent = sent
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        sent.collect::<Vec<_>>().join("&")
    }
}

/// Webhooks of this user.
impl Client {
    /// Registers an endpoint.
    ///
    /// # Errors
    /// [`Error::Refused`] when nothing is sent to such a URL, or the user has an endpoint of this version.
    pub async fn create_webhook(&self, new: &NewWebhook) -> Result<WebhookWithSecret, Error> {
        let call = self.raw().request(Method::POST, WEBHOOKS).json(new);
        self.answered(call, 201, "a webhook").await
    }

    /// The endpoints, newest first.
    ///
    /// # Errors
    /// When a page of them cannot be read.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        self.list("webhooks/", "webhooks").await
    }

    /// An endpoint.
    ///
    /// # Errors
    /// [`Error::Refused`] when this user has none of that number; so for all that take one.
    pub async fn webhook(&self, id: i64) -> Result<Webhook, Error> {
        self.get(&format!("webhooks/{id}/"), "a webhook").await
    }

    /// Changes an endpoint.
    ///
    /// # Errors
    /// [`Error::Refused`] when nothing is sent to such a URL.
    pub async fn update_webhook(&self, id: i64, change: &WebhookChange) -> Result<Webhook, Error> {
        let path = format!("{WEBHOOKS}{id}/");
        let call = self.raw().request(Method::PATCH, &path).json(change);
        self.answered(call, 200, "a webhook").await
    }

    /// Removes an endpoint, and its deliveries.
    ///
    /// # Errors
    /// As for [`Client::webhook`].
    pub async fn delete_webhook(&self, id: i64) -> Result<(), Error> {
        let path = format!("{WEBHOOKS}{id}/");
        let call = self.raw().request(Method::DELETE, &path);
        self.raw().send(call).await?.expect(204).map(drop)
    }

    /// Sends an endpoint something that has not happened, whether it is switched on or not.
    ///
    /// # Errors
    /// [`Error::Refused`] with the status 409 while ten tests wait.
    pub async fn test_webhook(&self, id: i64) -> Result<WebhookEvent, Error> {
        let path = format!("{WEBHOOKS}{id}/test/");
        let call = self.raw().request(Method::POST, &path);
        self.answered(call, 201, "a delivery").await
    }

    /// Gives an endpoint another secret. For 24 hours deliveries are signed with this one and the last.
    ///
    /// # Errors
    /// As for [`Client::webhook`].
    pub async fn rotate_webhook_secret(&self, id: i64) -> Result<WebhookWithSecret, Error> {
        let path = format!("{WEBHOOKS}{id}/rotate-secret/");
        let call = self.raw().request(Method::POST, &path);
        self.answered(call, 200, "a webhook").await
    }

    /// Deliveries, newest first.
    ///
    /// # Errors
    /// When a page of them cannot be read.
    pub async fn webhook_events(
        &self,
        filter: WebhookEventFilter,
    ) -> Result<Vec<WebhookEvent>, Error> {
        let path = format!("webhook-events/?{}", filter.query());
        self.list(&path, "deliveries").await
    }

    /// A delivery.
    ///
    /// # Errors
    /// [`Error::Refused`] when none of that number went to an endpoint of this user.
    pub async fn webhook_event(&self, id: i64) -> Result<WebhookEvent, Error> {
        self.get(&format!("webhook-events/{id}/"), "a delivery")
            .await
    }

    /// Sends a delivery again now, with the same key and body.
    ///
    /// # Errors
    /// [`Error::Refused`] with the status 409 when the endpoint is off.
    pub async fn replay_webhook_event(&self, id: i64) -> Result<WebhookEvent, Error> {
        let path = format!("{EVENTS}{id}/replay/");
        let call = self.raw().request(Method::POST, &path);
        self.answered(call, 200, "a delivery").await
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_set_is_not_sent() {
        let new = NewWebhook::enabled("https://hooks.example.com/");
        assert_eq!(
            serde_json::to_value(&new).unwrap(),
            json!({"url": "https://hooks.example.com/", "enabled": true})
        );
        let nothing = WebhookChange::default();
        assert_eq!(serde_json::to_value(&nothing).unwrap(), json!({}));
        assert_eq!(WebhookEventFilter::default().query(), "");
        let filter = WebhookEventFilter {
            recap_fetch: Some(7),
            status: Some(WebhookEventStatus::EndpointDisabled),
            is_test: Some(false),
            ..WebhookEventFilter::default()
        };
        assert_eq!(filter.query(), "recap_fetch=7&event_status=4&debug=false");
    }

    #[test]
    fn a_secret_is_read_and_never_printed() {
        let told = json!({
            "id": 7, "event_type": 3, "version": 2, "url": "https://hooks.example.com/", "enabled": false,
            "failure_count": 0, "warning": null, "date_disabled": null, "previous_secret_until": null,
            "date_created": "2026-11-20T09:15:02.114380-08:00", "date_modified": "2026-11-20T17:15:03Z",
            "secret": "whsec_canary",
        });
        let made: WebhookWithSecret = serde_json::from_value(told).unwrap();
        assert_eq!(made.secret.expose_secret(), "whsec_canary");
        assert_eq!(made.webhook.version, 2);
        assert!(!format!("{made:?}").contains("canary"));
    }

    #[test]
    fn a_status_is_read_by_its_number() {
        for (number, status) in WebhookEventStatus::ALL.into_iter().enumerate() {
            assert_eq!(status.number(), number);
            let read: WebhookEventStatus = serde_json::from_value(json!(number)).unwrap();
            assert_eq!(read, status);
        }
        assert!(serde_json::from_value::<WebhookEventStatus>(json!(5)).is_err());
    }
}
