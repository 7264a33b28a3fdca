//! What endpoints and deliveries hold, in the order of the answers.

use crate::openapi::{Described, Shape::*, key};

/// A URL that is told when a request has ended.
#[rustfmt::skip]
pub(crate) const WEBHOOK: Described = Described {
    name: "Webhook",
    about: "A URL that is told when a request has ended.",
    keys: &[
        key("id", Integer),
        key("event_type", Integer),
        key("version", Integer),
        key("url", Text),
        key("enabled", Boolean),
        key("failure_count", Integer).means("Failed tries."),
        key("warning", Text).or_null().means("What you should know of it."),
        key("date_disabled", Instant).or_null(),
        key("previous_secret_until", Instant).or_null().means("Until then deliveries are signed with the last secret as well."),
        key("date_created", Instant),
        key("date_modified", Instant),
    ],
};

/// A delivery to an endpoint.
#[rustfmt::skip]
pub(crate) const WEBHOOK_EVENT: Described = Described {
    name: "WebhookEvent",
    about: "A delivery to an endpoint.",
    keys: &[
        key("id", Integer),
        key("webhook", Integer),
        key("recap_fetch", Integer).or_null().means("The request; null for a test."),
        key("event_id", Text).means("Its `Idempotency-Key` and `webhook-id`."),
        key("event_status", Integer).means("0 in progress, 1 waits for a retry, 2 delivered, 3 failed, 4 the endpoint is off."),
        key("debug", Boolean).means("Whether it is a test."),
        key("content", Any).means("The body that was sent."),
        key("retry_counter", Integer),
        key("next_retry_date", Instant).or_null(),
        key("status_code", Integer).or_null(),
        key("response", Text).means("The first 4 KB of the last answer."),
        key("error_message", Text),
        key("date_created", Instant),
        key("date_modified", Instant),
    ],
};

/// An endpoint whose secret is told.
#[rustfmt::skip]
pub(crate) const WEBHOOK_WITH_SECRET: Described = Described {
    name: "WebhookWithSecret",
    about: "An endpoint with its secret, which is shown this once.",
    keys: &[
        WEBHOOK.keys[0], WEBHOOK.keys[1], WEBHOOK.keys[2], WEBHOOK.keys[3], WEBHOOK.keys[4], WEBHOOK.keys[5],
        WEBHOOK.keys[6], WEBHOOK.keys[7], WEBHOOK.keys[8], WEBHOOK.keys[9], WEBHOOK.keys[10],
        key("secret", Text).means("What deliveries are signed with. It is shown this once."),
    ],
};
