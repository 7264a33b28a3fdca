//! What is told of changes and of the export (`docs/API.md#changes-of-the-archive`).

use fetch_library::feed::{ChangeKind, FOLLOWED};

use super::{CURSOR, ROWS, SINCE, SIZE};
use crate::{
    openapi::{Answer, Content, Described, Operation, Parameter, Shape, in_query, key, tag},
    watch::WAIT,
};

const AFTER: Parameter = in_query(
    CURSOR,
    Shape::Text,
    "Begin after this place, as it was told; without one, with the first change.",
);
const MANY: Parameter = in_query(
    SIZE,
    Shape::Integer,
    "How many changes are wanted, from 1 to 100, which is usual.",
);
const STORED: Parameter = in_query(
    ROWS,
    Shape::Word(&["0", "1"]),
    "`1` tells rows as they are stored, for another archive of the same version.",
);

const FIELDS: Parameter = in_query(
    "fields",
    Shape::Text,
    "Of each `object` only these keys, between commas.",
);
const OMIT: Parameter = in_query(
    "omit",
    Shape::Text,
    "Of each `object` all keys but these, between commas.",
);

pub(super) const OF_FEED: [Parameter; 6] = [
    AFTER,
    MANY,
    STORED,
    FIELDS,
    OMIT,
    in_query(
        WAIT,
        Shape::Integer,
        "Answer as soon as there is a change, or after so many seconds, from 0 to 60.",
    ),
];

pub(super) const OF_DOCKET: [Parameter; 5] = [
    in_query(
        SINCE,
        Shape::Text,
        "What was written at this time or later, or after a place of the feed.",
    ),
    AFTER,
    MANY,
    FIELDS,
    OMIT,
];

pub(in crate::read) const OF_EXPORT: [Parameter; 4] = [AFTER, STORED, FIELDS, OMIT];

const GONE: Answer = Answer::refusal(
    410,
    "The cursor is of another archive, or of changes that this one has lost since.",
);

const NOT_YET: Answer = Answer::refusal(
    503,
    "It is not known yet which changes are complete, or the database cannot be reached.",
);

pub(in crate::read) const FEED: Operation =
    Operation::get("changes", tag::READ, "Changes of the archive")
        .about("What was added, changed and removed, in an order in which nothing is added before what was told.")
        .parameters(&OF_FEED)
        .names_ignored()
        .answers(&[
            Answer::ok("What comes next.", Shape::Object(&CHANGES)),
            GONE,
            NOT_YET,
        ]);

pub(in crate::read) const DOCKET: Operation =
    Operation::get("dockets_changes", tag::READ, "Changes of a docket")
        .about("What was added to a docket, changed there and removed, since a time or a place.")
        .parameters(&OF_DOCKET)
        .names_ignored()
        .answers(&[
            Answer::ok("What comes next.", Shape::Object(&DOCKET_CHANGES)),
            Answer::refusal(404, "There is no such docket."),
            GONE,
            NOT_YET,
        ]);

pub(in crate::read) const EXPORT: Operation = Operation::get("export", tag::READ, "The whole archive")
    .about(
        "A line of JSON for each row. The last one has `end`, and the `cursor` from which `changes/` goes on; an answer \
         without it was broken off.",
    )
    .parameters(&OF_EXPORT)
    .names_ignored()
    .answers(&[
        Answer::new(200, "The lines.", Content::Text("application/x-ndjson")),
        GONE,
        NOT_YET,
    ]);

#[rustfmt::skip]
const CHANGES: Described = Described {
    name: "ArchiveChanges",
    about: "Changes of the archive, in order.",
    keys: &[
        key("results", Shape::List(&Shape::Object(&CHANGE))),
        key("cursor", Shape::Text).means("The place to go on from."),
        key("more", Shape::Boolean).means("Whether there is more already."),
        key("schema", Shape::Integer).optional().means("The version of the schema. Only with `rows=1`."),
        key("archive", Shape::Text).means("The UUID of the archive."),
    ],
};

#[rustfmt::skip]
const DOCKET_CHANGES: Described = Described {
    name: "DocketChanges",
    about: "Changes of a docket, in order.",
    keys: &[
        key("results", Shape::List(&Shape::Object(&DOCKET_CHANGE))),
        key("cursor", Shape::Text).means("The place to go on from."),
        key("more", Shape::Boolean).means("Whether there is more already."),
    ],
};

const KINDS: Shape = Shape::Word(&NAMES);
const NAMES: [&str; FOLLOWED.len()] = {
    let mut names = [""; FOLLOWED.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = FOLLOWED[at].0;
        at += 1;
    }
    names
};

const WORDS: Shape = Shape::Word(&[
    ChangeKind::Added.as_str(),
    ChangeKind::Changed.as_str(),
    ChangeKind::Removed.as_str(),
]);

#[rustfmt::skip]
const CHANGE: Described = Described {
    name: "ArchiveChange",
    about: "That a row was added, changed or removed.",
    keys: &[
        key("cursor", Shape::Text).means("Its place."),
        key("kind", KINDS).means("The endpoint that lists such rows."),
        key("id", Shape::Integer),
        key("docket_id", Shape::Integer),
        key("change", WORDS),
        key("at", Shape::Instant),
        key("object", Shape::Any).optional().means("The row as it is now, as `GET` answers it; null if it is gone. Not with `rows=1`."),
        key("stored", Shape::Any).optional().means("The row as it is stored; null if it is gone. Only with `rows=1`."),
    ],
};

#[rustfmt::skip]
const DOCKET_CHANGE: Described = Described {
    name: "DocketChange",
    about: "That a row of a docket was added, changed or removed.",
    keys: &[
        key("cursor", Shape::Text).means("Its place."),
        key("kind", KINDS).means("The endpoint that lists such rows."),
        key("id", Shape::Integer),
        key("docket_id", Shape::Integer),
        key("change", WORDS),
        key("at", Shape::Instant),
        key("columns", Shape::List(&Shape::Text)).means("What changed, as far as that was noted."),
        key("object", Shape::Any).means("The row as it is now, as `GET` answers it; null if it is gone."),
    ],
};
