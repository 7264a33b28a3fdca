//! The tables of columns and relations, by kind of rows.

use fetch_model::fields::REQUEST_TYPES;

use super::{Column, Join, Kind, Lookup, Relation, Resource, Stored};

const EXACT: &[Lookup] = &[Lookup::Exact];
const EXACT_IN: &[Lookup] = &[Lookup::Exact, Lookup::In];
const COMPARED: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
];
const INTEGER: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
    Lookup::Range,
];
const INTEGER_OR_NULL: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
    Lookup::Range,
    Lookup::IsNull,
];
const DATE: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
    Lookup::Range,
    Lookup::Year,
    Lookup::Month,
    Lookup::Day,
];
const INSTANT: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
    Lookup::Range,
    Lookup::Year,
    Lookup::Month,
    Lookup::Day,
    Lookup::Hour,
    Lookup::Minute,
    Lookup::Second,
];
const TEXT: &[Lookup] = &[
    Lookup::Exact,
    Lookup::SameIgnoringCase,
    Lookup::StartsWith,
    Lookup::StartsWithIgnoringCase,
];
const TEXT_IN: &[Lookup] = &[
    Lookup::Exact,
    Lookup::In,
    Lookup::SameIgnoringCase,
    Lookup::StartsWith,
    Lookup::StartsWithIgnoringCase,
];
const fn column(name: &'static str, kind: Kind, lookups: &'static [Lookup]) -> Column {
    Column {
        name,
        kind,
        lookups,
        repeatable: false,
        stored: Stored::InColumn,
    }
}

/// A column that is not in the database: every row has this there, which is SQL.
const fn always(
    name: &'static str,
    kind: Kind,
    lookups: &'static [Lookup],
    value: &'static str,
) -> Column {
    Column {
        stored: Stored::Constant(value),
        ..column(name, kind, lookups)
    }
}

const ID: Column = column("id", Kind::Integer, INTEGER);
const DATE_CREATED: Column = column("date_created", Kind::Instant, INSTANT);
const DATE_MODIFIED: Column = column("date_modified", Kind::Instant, INSTANT);

pub(super) const DOCKETS: &[Column] = &[
    ID,
    DATE_CREATED,
    DATE_MODIFIED,
    column("date_filed", Kind::Date, DATE),
    column("date_terminated", Kind::Date, DATE),
    column("date_last_filing", Kind::Date, DATE),
    column("docket_number", Kind::Text, EXACT),
    column(
        "docket_number_core",
        Kind::Text,
        &[Lookup::Exact, Lookup::StartsWith],
    ),
    column("pacer_case_id", Kind::Text, EXACT),
    column("nature_of_suit", Kind::Text, TEXT),
    column("source", Kind::Integer, EXACT_IN),
    always("date_blocked", Kind::Date, DATE, NO_DATE),
    always("blocked", Kind::Boolean, EXACT, "false"),
];
pub(super) const DOCKET_ENTRIES: &[Column] = &[
    ID,
    DATE_CREATED,
    DATE_MODIFIED,
    column("date_filed", Kind::Date, DATE),
    column("entry_number", Kind::Integer, INTEGER_OR_NULL),
    column("pacer_sequence_number", Kind::Integer, INTEGER_OR_NULL),
];
pub(super) const RECAP_DOCUMENTS: &[Column] = &[
    ID,
    DATE_CREATED,
    DATE_MODIFIED,
    column("date_upload", Kind::Instant, INSTANT),
    column("document_type", Kind::Choice(DOCUMENT_TYPES), EXACT),
    column("document_number", Kind::Text, COMPARED),
    column("pacer_doc_id", Kind::Text, EXACT_IN),
    column("is_available", Kind::Boolean, EXACT),
    column("is_free_on_pacer", Kind::Boolean, EXACT),
    column("sha1", Kind::Text, EXACT),
    column("ocr_status", Kind::Integer, INTEGER),
];
pub(super) const NAMED: &[Column] = &[
    ID,
    DATE_CREATED,
    DATE_MODIFIED,
    column("name", Kind::Text, TEXT),
];
pub(super) const ORIGINATING_COURT_INFORMATION: &[Column] = &[ID, DATE_CREATED, DATE_MODIFIED];
pub(super) const BANKRUPTCY_INFORMATION: &[Column] = &[ID, DATE_CREATED, DATE_MODIFIED];
pub(super) const COURTS: &[Column] = &[
    column("id", Kind::Text, TEXT_IN),
    Column {
        repeatable: true,
        ..column("jurisdiction", Kind::Word(JURISDICTIONS), TEXT_IN)
    },
    column("in_use", Kind::Boolean, EXACT),
    column("short_name", Kind::Text, TEXT_IN),
    column("full_name", Kind::Text, TEXT_IN),
    column("citation_string", Kind::Text, TEXT_IN),
    column("parent_court", Kind::Text, EXACT),
    column("position", Kind::Thousandths, INTEGER),
    column("start_date", Kind::Date, DATE),
    column("end_date", Kind::Date, DATE),
    DATE_MODIFIED,
];
pub(super) const FETCH_REQUESTS: &[Column] = &[
    column("status", Kind::Choice(STATUSES), EXACT_IN),
    column("request_type", Kind::Choice(REQUEST_TYPES), EXACT),
    column("pacer_case_id", Kind::Text, EXACT_IN),
    column("docket_number", Kind::Text, EXACT),
];
pub(super) const WEBHOOKS: &[Column] = &[
    column("event_type", Kind::Integer, EXACT),
    column("version", Kind::Integer, EXACT),
    column("enabled", Kind::Boolean, EXACT),
];
pub(super) const WEBHOOK_EVENTS: &[Column] = &[
    Column {
        stored: Stored::Named("webhook_id"),
        ..column("webhook", Kind::Integer, EXACT)
    },
    Column {
        stored: Stored::Named("request_id"),
        ..column("recap_fetch", Kind::Integer, EXACT)
    },
    column("event_status", Kind::Choice(EVENT_STATUSES), EXACT_IN),
    column("debug", Kind::Boolean, EXACT),
];
pub(super) const TRACKERS: &[Column] = &[
    Column {
        stored: Stored::Named("docket_id"),
        ..column("docket", Kind::Integer, EXACT)
    },
    Column {
        stored: Stored::Named("target_court"),
        ..column("court", Kind::Text, EXACT)
    },
    column("state", Kind::Word(TRACKER_STATES), EXACT_IN),
];

pub(super) const PEOPLE: &[Column] = &[
    ID,
    always("date_created", Kind::Instant, INSTANT, NO_INSTANT),
    always("date_modified", Kind::Instant, INSTANT, NO_INSTANT),
    always("date_dob", Kind::Date, DATE, NO_DATE),
    always("date_dod", Kind::Date, DATE, NO_DATE),
    always("name_first", Kind::Text, TEXT, NO_TEXT),
    always("name_middle", Kind::Text, TEXT, NO_TEXT),
    always("name_last", Kind::Text, TEXT, NO_TEXT),
    always("name_suffix", Kind::Text, TEXT, NO_TEXT),
];
pub(super) const TAGS: &[Column] = &[
    column("id", Kind::Integer, EXACT),
    always("name", Kind::Text, EXACT, NO_TEXT),
];

const NO_DATE: &str = "null::date";
const NO_INSTANT: &str = "null::timestamptz";
const NO_TEXT: &str = "null::text";

/// The classes of courts. Here are none of the states and tribes, but a filter may name them.
const JURISDICTIONS: &[(&str, &str)] = &[
    ("F", "Federal Appellate"),
    ("FD", "Federal District"),
    ("FB", "Federal Bankruptcy"),
    ("FBP", "Federal Bankruptcy Panel"),
    ("FS", "Federal Special"),
    ("S", "State Supreme"),
    ("SA", "State Appellate"),
    ("ST", "State Trial"),
    ("SS", "State Special"),
    ("SAG", "State Attorney General"),
    ("TRS", "Tribal Supreme"),
    ("TRA", "Tribal Appellate"),
    ("TRT", "Tribal Trial"),
    ("TRX", "Tribal Special"),
    ("TS", "Territory Supreme"),
    ("TA", "Territory Appellate"),
    ("TT", "Territory Trial"),
    ("TSP", "Territory Special"),
    ("MA", "Military Appellate"),
    ("MT", "Military Trial"),
    ("C", "Committee"),
    ("I", "International"),
    ("T", "Testing"),
];

/// The labels of `document_type`.
const DOCUMENT_TYPES: &[(i64, &str)] = &[(1, "PACER Document"), (2, "Attachment")];
/// CourtListener's labels of `event_status`.
const EVENT_STATUSES: &[(i64, &str)] = &[
    (0, "Delivery in progress"),
    (1, "Enqueued for retry"),
    (2, "Delivered successfully"),
    (3, "Failed"),
    (4, "Endpoint disabled"),
];
/// Where trackers are.
const TRACKER_STATES: &[(&str, &str)] = &[
    ("active", "Asks when it is due"),
    ("out_of_money", "Has nothing left to spend in this quarter"),
    ("paused", "Asks nothing"),
    ("ended", "Its time is over"),
];
const STATUSES: &[(i64, &str)] = &[
    (1, "Awaiting processing in queue."),
    (2, "Item processed successfully."),
    (3, "Item encountered an error while processing."),
    (4, "Item is currently being processed."),
    (5, "Item failed processing, but will be retried."),
    (6, "Item failed validity tests."),
    (7, "There was insufficient metadata to complete the task."),
];

const fn forward(name: &'static str, to: Resource, key: &'static str) -> Relation {
    Relation {
        name,
        to,
        lookups: EXACT,
        join: Join::Forward { key },
    }
}

const fn backward(name: &'static str, to: Resource, key: &'static str) -> Relation {
    Relation {
        name,
        to,
        lookups: EXACT,
        join: Join::Backward { key },
    }
}

/// A way to rows of which there are none.
const fn to_none(name: &'static str, to: Resource) -> Relation {
    Relation {
        name,
        to,
        lookups: EXACT,
        join: Join::Never,
    }
}

const TAGGED: Relation = to_none("tags", Resource::Tags);

const fn through(
    name: &'static str,
    to: Resource,
    table: &'static str,
    our_key: &'static str,
    their_key: &'static str,
) -> Relation {
    let join = Join::Through {
        table,
        our_key,
        their_key,
    };
    Relation {
        name,
        to,
        lookups: EXACT,
        join,
    }
}

pub(super) const OF_DOCKETS: &[Relation] = &[
    forward("court", Resource::Courts, "court_id"),
    backward("docket_entries", Resource::DocketEntries, "docket_id"),
    through(
        "parties",
        Resource::Parties,
        "party_types",
        "docket_id",
        "party_id",
    ),
    to_none("assigned_to", Resource::People),
    to_none("referred_to", Resource::People),
    TAGGED,
];
pub(super) const OF_DOCKET_ENTRIES: &[Relation] = &[
    forward("docket", Resource::Dockets, "docket_id"),
    backward(
        "recap_documents",
        Resource::RecapDocuments,
        "docket_entry_id",
    ),
    TAGGED,
];
pub(super) const OF_RECAP_DOCUMENTS: &[Relation] = &[
    forward("docket_entry", Resource::DocketEntries, "docket_entry_id"),
    TAGGED,
];
pub(super) const OF_PARTIES: &[Relation] = &[
    through(
        "docket",
        Resource::Dockets,
        "party_types",
        "party_id",
        "docket_id",
    ),
    through(
        "attorney",
        Resource::Attorneys,
        "roles",
        "party_id",
        "attorney_id",
    ),
];
pub(super) const OF_ATTORNEYS: &[Relation] = &[
    through(
        "docket",
        Resource::Dockets,
        "roles",
        "attorney_id",
        "docket_id",
    ),
    through(
        "parties_represented",
        Resource::Parties,
        "roles",
        "attorney_id",
        "party_id",
    ),
];
pub(super) const OF_BANKRUPTCY_INFORMATION: &[Relation] =
    &[forward("docket", Resource::Dockets, "docket_id")];
pub(super) const OF_ORIGINATING_COURT_INFORMATION: &[Relation] =
    &[forward("docket", Resource::Dockets, "docket_id")];
pub(super) const OF_COURTS: &[Relation] = &[backward("dockets", Resource::Dockets, "court_id")];
pub(super) const OF_FETCH_REQUESTS: &[Relation] = &[
    forward("court", Resource::Courts, "court"),
    forward("docket", Resource::Dockets, "docket_id"),
    Relation {
        name: "recap_document",
        to: Resource::RecapDocuments,
        lookups: EXACT_IN,
        join: Join::Forward {
            key: "recap_document_id",
        },
    },
];
