//! What is told of `POST …/recap-fetch/batch/`.

use super::MAX_COST;
use crate::{
    openapi::{
        Answer, Content, Described, Header, Operation, Parameter, Shape, header, in_header,
        in_query, key, tag,
    },
    repeat::{IDEMPOTENCY_KEY, REPLAYED},
    submit::{SESSION_ENDS, told::WARNING},
};

const ABOUT: &str = "Up to 10,000 requests, each with the fields of a single one: as JSON lines, as a JSON array, or as CSV \
    with the names of the fields in its first row. A first object with the one key `defaults` has the fields of all that do \
    not send them, such as the login. Each request is checked by itself, and what is wrong with one is told by its line; the \
    others are accepted together, and each PACER account is logged in once for each client code. A batch counts as one call.";

const PARAMETERS: [Parameter; 2] = [
    in_query(
        MAX_COST,
        Shape::Integer,
        "The most that all of them may cost together, in cents. If they may cost more, none is accepted.",
    ),
    in_header(
        IDEMPOTENCY_KEY,
        Shape::Text,
        "1 to 255 printable ASCII characters. For 24 hours the same key with the same requests returns the first answer.",
    ),
];

const HEADERS: [Header; 3] = [
    header(
        REPLAYED,
        Shape::Word(&["true"]),
        "This is the answer to an earlier call.",
    ),
    header(
        SESSION_ENDS,
        Shape::Instant,
        "When the first of the sessions ends. What has not begun by then waits for another login.",
    ),
    WARNING,
];

#[rustfmt::skip]
const ANSWER: Described = Described {
    name: "BatchAnswer",
    about: "What became of many requests.",
    keys: &[
        key("accepted", Shape::Integer).means("How many were accepted."),
        key("refused", Shape::Integer).means("How many were not."),
        key("at_most_cents", Shape::Integer).or_null()
            .means("The most that those cost that were accepted, in cents. Null if the price of one has no upper limit."),
        key("results", Shape::List(&Shape::Object(&LINE))).means("What became of each, in order."),
    ],
};

#[rustfmt::skip]
const LINE: Described = Described {
    name: "BatchLine",
    about: "What became of a request of a batch.",
    keys: &[
        key("line", Shape::Integer).means("Its line in the body, from 1; in a JSON array its place."),
        key("status", Shape::Integer).means("The status that it would have been answered with alone: 201 if it was accepted."),
        key("id", Shape::Integer).or_null().means("The request."),
        key("at_most_cents", Shape::Integer).or_null().means("The most that it costs."),
        key("retry_after", Shape::Integer).or_null().means("After how many seconds it may be sent again, where that is a matter of time."),
        key("errors", Shape::Any).means("What is wrong with it, as it would have been answered alone; null if nothing is."),
    ],
};

/// `POST …/recap-fetch/batch/`.
pub(crate) const TOLD: Operation =
    Operation::post("recap_fetch_batch", tag::REQUESTS, "Create many requests")
        .about(ABOUT)
        .parameters(&PARAMETERS)
        .takes_many()
        .names_ignored()
        .answers(&[
            Answer::new(
                200,
                "What became of each.",
                Content::Json(Shape::Object(&ANSWER)),
            )
            .headers(&HEADERS),
            Answer::refusal(
                409,
                "The first call with this key is under way. Send it again in a few seconds.",
            ),
            Answer::refusal(
                415,
                "The body is neither JSON lines nor a JSON array nor CSV.",
            ),
            Answer::refusal(422, "The key was sent before, with other requests."),
        ]);
