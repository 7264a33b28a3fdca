//! The places about trackers, below the root of a version.

use axum::routing::get;
use fetch_library::read::Resource;

use super::{change, create, describe, keys::TRACKER, list, read, remove};
use crate::{
    dialect::{gate, tracker},
    openapi::{Answer, Content, NO_PAGE, Operation, Place, Query, Shape, options_of, tag},
};

const SHOWN: Shape = Shape::Object(&TRACKER);

/// All of them.
pub(crate) fn places() -> [Place; 2] {
    [
        Place::new(
            "/trackers/",
            get(list).post(create).options(describe),
            gate::REQUEST_LIST,
            [LIST, CREATE, options_of("trackers_options", tag::TRACKERS)],
        ),
        Place::new(
            "/trackers/{id}/",
            get(read).patch(change).delete(remove),
            gate::WEBHOOK,
            [READ, CHANGE, REMOVE],
        ),
    ]
}

const LIST: Operation = Operation::get("trackers_list", tag::TRACKERS, "Your trackers")
    .query(Query::List(Resource::Trackers))
    .answers(&[
        Answer::new(
            200,
            "A page of trackers.",
            Content::Page {
                of: SHOWN,
                by_cursor: true,
            },
        ),
        NO_PAGE,
    ]);

const CREATE: Operation = Operation::post("trackers_create", tag::TRACKERS, "Track a docket")
    .about(
        "The court is asked as soon as the lane allows, and then again and again, whether something was filed, which is free. Only then the \
         docket is bought, from the day of the last stored entry on, for as long as the money for the quarter lasts. The \
         account is logged in, as for a request.",
    )
    .takes(Shape::Object(&tracker::WRITTEN))
    .names_ignored()
    .answers(&[Answer::new(
        201,
        "The tracker.",
        Content::Json(SHOWN),
    )]);

const READ: Operation = Operation::get("trackers_read", tag::TRACKERS, "A tracker")
    .names_ignored()
    .answers(&[Answer::ok("The tracker.", SHOWN)]);

const CHANGE: Operation =
    Operation::new("patch", "trackers_change", tag::TRACKERS, "Change a tracker")
        .about(
            "What is not sent stays, in forms as well. One that asked nothing asks at once, unless it stays paused; if it \
             has bought something today, on the next day.",
        )
        .may_take(Shape::Object(&tracker::CHANGED))
        .names_ignored()
        .answers(&[Answer::ok("The tracker.", SHOWN)]);

const REMOVE: Operation = Operation::new(
    "delete",
    "trackers_remove",
    tag::TRACKERS,
    "Remove a tracker",
)
.about("Its request is cancelled, unless that has begun to buy something: then it is completed.")
.names_ignored()
.answers(&[Answer::new(204, "It is gone.", Content::Nothing)]);
