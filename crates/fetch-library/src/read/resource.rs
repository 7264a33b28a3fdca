//! The table of what may be filtered and ordered by, and how kinds of rows hang together.

use fetch_model::{UserId, fields::REQUEST_TYPES};

/// A kind of rows that can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Cases.
    Dockets,
    /// Lines of a docket.
    DocketEntries,
    /// Documents and attachments.
    RecapDocuments,
    /// Parties of a case.
    Parties,
    /// Counsel in a case.
    Attorneys,
    /// What only bankruptcy cases have.
    BankruptcyInformation,
    /// The cases that appeals are from.
    OriginatingCourtInformation,
    /// Courts.
    Courts,
    /// Fetch requests.
    FetchRequests,
}

/// Whose rows a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Rows that every account may read. Of fetch requests there are none such: asked for
    /// [`Resource::FetchRequests`] this way, the list is empty.
    Common(Resource),
    /// The requests of one account.
    RequestsOf(UserId),
}

/// What a filter may do with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// Equal.
    Exact,
    /// Equal to one of several.
    In,
    /// Absent, or not.
    IsNull,
    /// At least.
    GreaterOrEqual,
    /// More than.
    Greater,
    /// At most.
    LessOrEqual,
    /// Less than.
    Less,
    /// Between two, both included.
    Range,
    /// The year of a date.
    Year,
    /// The month of a date.
    Month,
    /// The day of the month of a date.
    Day,
    /// The hour of a time.
    Hour,
    /// The minute of a time.
    Minute,
    /// The second of a time.
    Second,
    /// Equal but for upper and lower case.
    SameIgnoringCase,
    /// Begins with.
    StartsWith,
    /// Begins with, but for upper and lower case.
    StartsWithIgnoringCase,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// Text.
    Text,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A point in time.
    Instant,
    /// One of a few numbers, each with a label for people.
    Choice(&'static [(i64, &'static str)]),
    /// A number with decimals, stored in thousandths.
    Thousandths,
}

/// A column that may be filtered by. Its name in the database is its name in the API.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What a filter may do with it.
    pub lookups: &'static [Lookup],
    /// A filter may name several values by being sent several times, for any of them.
    pub repeatable: bool,
}

/// How two kinds of rows are joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Join {
    /// Our `key` is the other's id.
    Forward { key: &'static str },
    /// The other's `key` is our id.
    Backward { key: &'static str },
    /// Both are named in rows of a third table.
    Through {
        table: &'static str,
        our_key: &'static str,
        their_key: &'static str,
    },
}

/// A way from one kind of rows to another.
#[derive(Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its name in the API.
    pub name: &'static str,
    /// Where it leads.
    pub to: Resource,
    /// What a filter may do with the relation itself.
    pub lookups: &'static [Lookup],
    pub(super) join: Join,
}

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

const DOCKETS: &[Column] = &[
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
const DOCKET_ENTRIES: &[Column] = &[
    ID,
    DATE_CREATED,
    DATE_MODIFIED,
    column("date_filed", Kind::Date, DATE),
    column("entry_number", Kind::Integer, INTEGER_OR_NULL),
    column("pacer_sequence_number", Kind::Integer, INTEGER_OR_NULL),
];
const RECAP_DOCUMENTS: &[Column] = &[
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
const PEOPLE: &[Column] = &[
    ID,
    DATE_CREATED,
    DATE_MODIFIED,
    column("name", Kind::Text, TEXT),
];
const ORIGINATING_COURT_INFORMATION: &[Column] = &[ID, DATE_CREATED, DATE_MODIFIED];
const BANKRUPTCY_INFORMATION: &[Column] = &[ID, DATE_CREATED, DATE_MODIFIED];
const COURTS: &[Column] = &[
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
    column("position", Kind::Thousandths, INTEGER),
    column("start_date", Kind::Date, DATE_OF_COURT),
    column("end_date", Kind::Date, DATE_OF_COURT),
    column("date_modified", Kind::Instant, DATE_OF_COURT),
];
const FETCH_REQUESTS: &[Column] = &[
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

const OF_DOCKETS: &[Relation] = &[
    forward("court", Resource::Courts, "court_id"),
    backward("docket_entries", Resource::DocketEntries, "docket_id"),
    through(
        "parties",
        Resource::Parties,
        "party_types",
        "docket_id",
        "party_id",
    ),
];
const OF_DOCKET_ENTRIES: &[Relation] = &[
    forward("docket", Resource::Dockets, "docket_id"),
    backward(
        "recap_documents",
        Resource::RecapDocuments,
        "docket_entry_id",
    ),
];
const OF_RECAP_DOCUMENTS: &[Relation] = &[forward(
    "docket_entry",
    Resource::DocketEntries,
    "docket_entry_id",
)];
const OF_PARTIES: &[Relation] = &[
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
const OF_ATTORNEYS: &[Relation] = &[
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
const OF_BANKRUPTCY_INFORMATION: &[Relation] = &[forward("docket", Resource::Dockets, "docket_id")];
const OF_ORIGINATING_COURT_INFORMATION: &[Relation] =
    &[forward("docket", Resource::Dockets, "docket_id")];
const OF_FETCH_REQUESTS: &[Relation] = &[
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

impl Resource {
    /// The columns that may be filtered by.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Resource::Dockets => DOCKETS,
            Resource::DocketEntries => DOCKET_ENTRIES,
            Resource::RecapDocuments => RECAP_DOCUMENTS,
            Resource::Parties | Resource::Attorneys => PEOPLE,
            Resource::BankruptcyInformation => BANKRUPTCY_INFORMATION,
            Resource::OriginatingCourtInformation => ORIGINATING_COURT_INFORMATION,
            Resource::Courts => COURTS,
            Resource::FetchRequests => FETCH_REQUESTS,
        }
    }

    /// The ways to other rows.
    #[must_use]
    pub fn relations(self) -> &'static [Relation] {
        match self {
            Resource::Dockets => OF_DOCKETS,
            Resource::DocketEntries => OF_DOCKET_ENTRIES,
            Resource::RecapDocuments => OF_RECAP_DOCUMENTS,
            Resource::Parties => OF_PARTIES,
            Resource::Attorneys => OF_ATTORNEYS,
            Resource::BankruptcyInformation => OF_BANKRUPTCY_INFORMATION,
            Resource::OriginatingCourtInformation => OF_ORIGINATING_COURT_INFORMATION,
            Resource::Courts => &[],
            Resource::FetchRequests => OF_FETCH_REQUESTS,
        }
    }

    /// What a list may be ordered by.
    #[must_use]
    pub fn orderings(self) -> &'static [&'static str] {
        match self {
            Resource::Dockets => &[
                "id",
                "date_created",
                "date_modified",
                "date_filed",
                "date_terminated",
                "date_last_filing",
            ],
            Resource::DocketEntries => &[
                "id",
                "date_created",
                "date_modified",
                "date_filed",
                "recap_sequence_number",
                "entry_number",
            ],
            Resource::RecapDocuments => &["id", "date_created", "date_modified", "date_upload"],
            Resource::Parties
            | Resource::Attorneys
            | Resource::BankruptcyInformation
            | Resource::OriginatingCourtInformation => &["id", "date_created", "date_modified"],
            Resource::Courts => &["position", "id"],
            Resource::FetchRequests => &["id", "date_created", "date_modified", "date_completed"],
        }
    }

    /// What a list may be ordered by and still be walked with cursors.
    #[must_use]
    pub fn cursor_orderings(self) -> &'static [&'static str] {
        match self {
            Resource::FetchRequests => self.orderings(),
            // There are a few hundred, and they do not change while somebody reads.
            Resource::Courts => &[],
            _ => &["id", "date_created", "date_modified"],
        }
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Resource::Dockets => "dockets",
            Resource::DocketEntries => "docket_entries",
            Resource::RecapDocuments => "recap_documents",
            Resource::Parties => "parties",
            Resource::Attorneys => "attorneys",
            Resource::BankruptcyInformation => "bankruptcy_information",
            Resource::OriginatingCourtInformation => "originating_court_information",
            Resource::Courts => "court_directory",
            Resource::FetchRequests => "fetch_requests",
        }
    }

    /// The column with the numbers of rows, by which they are listed.
    pub(super) fn number(self) -> &'static str {
        match self {
            Resource::Courts => "position",
            _ => "id",
        }
    }

    /// What an id is.
    pub(super) fn id_kind(self) -> Kind {
        match self {
            Resource::Courts => Kind::Text,
            _ => Kind::Integer,
        }
    }
}
