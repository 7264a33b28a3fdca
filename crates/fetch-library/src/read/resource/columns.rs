//! The columns of each kind of rows, and what a filter may do with them.

use fetch_model::fields::REQUEST_TYPES;

use super::{Column, Kind, Lookup};

pub(super) const EXACT: &[Lookup] = &[Lookup::Exact];
pub(super) const EXACT_IN: &[Lookup] = &[Lookup::Exact, Lookup::In];
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
const DATE_OF_COURT: &[Lookup] = &[
    Lookup::Exact,
    Lookup::GreaterOrEqual,
    Lookup::Greater,
    Lookup::LessOrEqual,
    Lookup::Less,
    Lookup::Range,
    Lookup::Year,
];

const fn column(name: &'static str, kind: Kind, lookups: &'static [Lookup]) -> Column {
    Column {
        name,
        kind,
        lookups,
        repeatable: false,
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
pub(super) const PEOPLE: &[Column] = &[
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
        ..column("jurisdiction", Kind::Text, TEXT_IN)
    },
    column("in_use", Kind::Boolean, EXACT),
    column("short_name", Kind::Text, TEXT_IN),
    column("full_name", Kind::Text, TEXT_IN),
    column("citation_string", Kind::Text, TEXT_IN),
    column("parent_court", Kind::Text, EXACT),
    column("position", Kind::Integer, INTEGER),
    column("start_date", Kind::Date, DATE_OF_COURT),
    column("end_date", Kind::Date, DATE_OF_COURT),
    column("date_modified", Kind::Instant, DATE_OF_COURT),
];
pub(super) const FETCH_REQUESTS: &[Column] = &[
    column("status", Kind::Choice(STATUSES), EXACT_IN),
    column("request_type", Kind::Choice(REQUEST_TYPES), EXACT),
    column("pacer_case_id", Kind::Text, EXACT_IN),
    column("docket_number", Kind::Text, EXACT),
];

/// The labels of `document_type`.
const DOCUMENT_TYPES: &[(i64, &str)] = &[(1, "PACER Document"), (2, "Attachment")];
const STATUSES: &[(i64, &str)] = &[
    (1, "Awaiting processing in queue."),
    (2, "Item processed successfully."),
    (3, "Item encountered an error while processing."),
    (4, "Item is currently being processed."),
    (5, "Item failed processing, but will be retried."),
    (6, "Item failed validity tests."),
    (7, "There was insufficient metadata to complete the task."),
];
