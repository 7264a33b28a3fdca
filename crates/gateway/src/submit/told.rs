//! What is told of `POST …/recap-fetch/`.

use super::answer::{LOGIN_WARNING, NUMBER_READ, OUTLIVES_SESSION, QUOTE_CENTS, SESSION_ENDS};
use crate::{
    expand::EXPAND,
    openapi::{
        Answer, Content, Header, NEW_REQUEST, Operation, Parameter, REQUEST, Shape, header,
        in_header, in_query, tag,
    },
    repeat::{IDEMPOTENCY_KEY, REPLAYED},
    watch::WAIT,
};

/// The parameter `expand` of requests.
pub(crate) const GROUPS: Parameter = in_query(
    EXPAND,
    Shape::Text,
    "Groups of keys to add, between commas: `money`, `life`, `queue`, `changes`, `plan`. What a token asks for by default \
     counts if this is not sent.",
);

/// How long an answer may wait.
pub(crate) const WAITS: Parameter = in_query(
    WAIT,
    Shape::Integer,
    "Answer as soon as the request is final, or after so many seconds, from 0 to 60.",
);

/// What PACER said at the login.
pub(crate) const WARNING: Header = header(
    LOGIN_WARNING,
    Shape::Text,
    "A warning from PACER at a successful login.",
);

const ABOUT: &str = "A docket (`request_type` 1) is named by one of three: `docket`, or `court` with `docket_number`, \
    or `court` with `pacer_case_id`. `court` is an id of `courts/`, which need not be PACER's. Documents and attachment \
    menus (2 and 3) are named by `recap_document`, or by `url`, by `pacer_doc_id`, or by `entry_number` with their case; a \
    docket also by `url`. Checks the request, logs the PACER account in if no session is open, and writes the request down. \
    The purchase happens afterwards: read the request until its `status` is 2, which means success, or 3, 6 or 7, \
    which mean failure; `message` then says why. In a form, an absent `show_parties_and_counsel` means no. A request \
    that is sent twice buys twice, unless both carry the same `Idempotency-Key`. Give calls a timeout of more than two \
    minutes, since a login may have to wait for its turn.";

const PARAMETERS: [Parameter; 3] = [
    in_header(
        IDEMPOTENCY_KEY,
        Shape::Text,
        "1 to 255 printable ASCII characters. For 24 hours the same key with the same fields returns the first request.",
    ),
    WAITS,
    GROUPS,
];

const HEADERS: [Header; 6] = [
    header(
        QUOTE_CENTS,
        Shape::Integer,
        "The most that the request will cost, in cents, if that is known.",
    ),
    header(
        NUMBER_READ,
        Shape::Text,
        "How `docket_number` was understood: `16cv432` as `16-cv-00432`.",
    ),
    header(SESSION_ENDS, Shape::Instant, "When the session ends."),
    header(
        OUTLIVES_SESSION,
        Shape::Word(&["true"]),
        "The request is not expected to start before then, and will wait for another login.",
    ),
    header(
        REPLAYED,
        Shape::Word(&["true"]),
        "This is an earlier request.",
    ),
    WARNING,
];

/// `POST …/recap-fetch/`.
pub(crate) const TOLD: Operation = Operation::post(
    "recap_fetch_create",
    tag::REQUESTS,
    "Create a request",
)
.about(ABOUT)
.parameters(&PARAMETERS)
.takes(NEW_REQUEST)
.names_ignored()
.answers(&[
    Answer::new(201, "The request was accepted.", Content::Json(REQUEST)).headers(&HEADERS),
    Answer::refusal(
        409,
        "The first request with this key is being accepted. Send it again in a few seconds.",
    ),
    Answer::refusal(422, "The key was sent before, with other fields."),
]);
