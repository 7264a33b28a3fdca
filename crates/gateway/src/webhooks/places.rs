//! The places about webhooks, below the root of a version.

use axum::routing::{get, post};
use fetch_library::read::Resource;

use super::{
    change, describe, describe_events,
    keys::{WEBHOOK, WEBHOOK_EVENT, WEBHOOK_WITH_SECRET},
    list_endpoints, list_events, read_endpoint, read_event, register, remove, replay,
    rotate_secret, test,
};
use crate::{
    dialect::{gate, webhook},
    openapi::{Answer, Content, NO_PAGE, Operation, Place, Query, Shape, options_of, tag},
};

const ENDPOINT: Shape = Shape::Object(&WEBHOOK);
const WITH_SECRET: Shape = Shape::Object(&WEBHOOK_WITH_SECRET);
const DELIVERY: Shape = Shape::Object(&WEBHOOK_EVENT);

/// All of them.
pub(crate) fn places() -> [Place; 7] {
    [
        Place::new(
            "/webhooks/",
            get(list_endpoints).post(register).options(describe),
            gate::REQUEST_LIST,
            [
                LIST,
                REGISTER,
                options_of("webhooks_options", tag::WEBHOOKS),
            ],
        ),
        Place::new(
            "/webhooks/{id}/",
            get(read_endpoint).patch(change).delete(remove),
            gate::WEBHOOK,
            [READ, CHANGE, REMOVE],
        ),
        Place::new(
            "/webhooks/{id}/test/",
            post(test),
            gate::REQUEST_CANCEL,
            [TEST],
        ),
        Place::new(
            "/webhooks/{id}/rotate-secret/",
            post(rotate_secret),
            gate::REQUEST_CANCEL,
            [ROTATE],
        ),
        Place::new(
            "/webhook-events/",
            get(list_events).options(describe_events),
            gate::REQUEST_DETAIL,
            [EVENTS, options_of("webhook_events_options", tag::WEBHOOKS)],
        ),
        Place::new(
            "/webhook-events/{id}/",
            get(read_event),
            gate::WEBHOOK_EVENT,
            [EVENT],
        ),
        Place::new(
            "/webhook-events/{id}/replay/",
            post(replay),
            gate::REQUEST_CANCEL,
            [REPLAY],
        ),
    ]
}

const LIST: Operation = Operation::get("webhooks_list", tag::WEBHOOKS, "Your endpoints")
    .query(Query::List(Resource::Webhooks))
    .answers(&[
        Answer::new(
            200,
            "A page of endpoints.",
            Content::Page {
                of: ENDPOINT,
                by_cursor: true,
            },
        ),
        NO_PAGE,
    ]);

const REGISTER: Operation =
    Operation::post("webhooks_create", tag::WEBHOOKS, "Register an endpoint")
        .about(
            "You may have one for each event type and version. It is off unless `enabled` is sent.",
        )
        .takes(Shape::Object(&webhook::WRITTEN))
        .names_ignored()
        .answers(&[Answer::new(
            201,
            "The endpoint, with its `secret`, which is shown this once.",
            Content::Json(WITH_SECRET),
        )]);

const READ: Operation = Operation::get("webhooks_read", tag::WEBHOOKS, "An endpoint")
    .names_ignored()
    .answers(&[Answer::ok("The endpoint.", ENDPOINT)]);

const CHANGE: Operation = Operation::new(
    "patch",
    "webhooks_change",
    tag::WEBHOOKS,
    "Change an endpoint",
)
.about("What is not sent stays, in forms as well. To switch it on again sends what is parked.")
.may_take(Shape::Object(&webhook::CHANGED))
.names_ignored()
.answers(&[Answer::ok("The endpoint.", ENDPOINT)]);

const REMOVE: Operation = Operation::new(
    "delete",
    "webhooks_remove",
    tag::WEBHOOKS,
    "Remove an endpoint",
)
.about("Its deliveries go with it.")
.names_ignored()
.answers(&[Answer::new(204, "It is gone.", Content::Nothing)]);

const TEST: Operation = Operation::post("webhooks_test", tag::WEBHOOKS, "Send an endpoint a test")
    .about("Something that has not happened is sent once, whether the endpoint is on or not.")
    .names_ignored()
    .answers(&[
        Answer::new(201, "The delivery.", Content::Json(DELIVERY)),
        Answer::refusal(409, "Ten tests wait to be sent."),
    ]);

const ROTATE: Operation = Operation::post(
    "webhooks_rotate_secret",
    tag::WEBHOOKS,
    "Give an endpoint another secret",
)
.about("For 24 hours deliveries are signed with this one and the last.")
.names_ignored()
.answers(&[Answer::ok(
    "The endpoint, with its new `secret`.",
    WITH_SECRET,
)]);

const EVENTS: Operation = Operation::get("webhook_events_list", tag::WEBHOOKS, "Deliveries")
    .query(Query::List(Resource::WebhookEvents))
    .answers(&[
        Answer::new(
            200,
            "A page of deliveries.",
            Content::Page {
                of: DELIVERY,
                by_cursor: true,
            },
        ),
        NO_PAGE,
    ]);

const EVENT: Operation = Operation::get("webhook_events_read", tag::WEBHOOKS, "A delivery")
    .names_ignored()
    .answers(&[Answer::ok("The delivery.", DELIVERY)]);

const REPLAY: Operation = Operation::post(
    "webhook_events_replay",
    tag::WEBHOOKS,
    "Send a delivery again",
)
.about("It is sent now, with the same key and body, and its retries begin anew.")
.names_ignored()
.answers(&[
    Answer::ok("The delivery.", DELIVERY),
    Answer::refusal(409, "The endpoint is off."),
]);
