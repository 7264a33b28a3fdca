//! What this service sends to endpoints, as the document has it.

use super::{REQUEST, components::object, refusals::json, shape::Shape, tag};
use crate::{
    dialect::{Item, Object},
    webhooks::content::FILED,
};

/// The headers of a delivery (`docs/API.md#webhooks`).
const HEADERS: [&str; 4] = [
    "Idempotency-Key",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];

const ABOUT: &str = "Sent to your endpoints, at least once, when a request has reached status 2, 3, 6 or 7. The \
    `Idempotency-Key` is the same in every try. Signatures are those of Standard Webhooks. Any 2xx means that it has \
    arrived.";

const ABOUT_FILED: &str = "Sent to your endpoints of event type 100, at least once, when a tracker has found something new \
    and bought it. Headers, tries and signatures are those of requests that have ended.";

/// The webhook of requests that have ended.
pub fn request_ended() -> Object {
    let body = delivery("A request that has ended.", REQUEST.schema());
    told("request_ended", "A request has ended", ABOUT, body)
}

/// The webhook of what was filed in a docket that is tracked.
pub fn filed() -> Object {
    let body = delivery("Something was filed.", FILED.schema());
    told("filed", "Something was filed", ABOUT_FILED, body)
}

fn told(id: &str, summary: &str, about: &str, delivery: Object) -> Object {
    let headers = HEADERS.map(header);
    let body = Object::new()
        .with("required", true)
        .with("content", json(delivery));
    let arrived = Object::new().with("description", "It has arrived.");
    let post = Object::new()
        .with("operationId", id)
        .with("tags", vec![tag::WEBHOOKS])
        .with("summary", summary)
        .with("description", about)
        .with("security", Item::List(Vec::new()))
        .with("parameters", Item::list(headers))
        .with("requestBody", body)
        .with("responses", Object::new().with("2XX", arrived));
    Object::new().with("post", post)
}

fn header(name: &str) -> Object {
    Object::new()
        .with("name", name)
        .with("in", "header")
        .with("required", true)
        .with("schema", Shape::Text.schema())
}

fn delivery(about: &str, payload: Object) -> Object {
    let deprecation = Object::new().with("type", vec!["string", "null"]);
    let envelope = object(
        "Which webhook this is.",
        [
            ("event_type", Shape::Integer.schema()),
            ("version", Shape::Integer.schema()),
            ("date_created", Shape::Instant.schema()),
            ("deprecation_date", deprecation),
        ],
    );
    let keys = [("webhook", envelope), ("payload", payload)];
    object(about, keys)
}
