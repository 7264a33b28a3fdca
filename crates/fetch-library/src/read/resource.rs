//! What may be filtered and ordered by, and how kinds of rows hang together.

mod tables;

use fetch_model::UserId;

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
    /// Endpoints that are told of requests.
    Webhooks,
    /// What they are told.
    WebhookEvents,
    /// Dockets that are looked at again and again.
    Trackers,
    /// Judges. None is stored: filters may ask for one, and nothing passes.
    People,
    /// Words that users put to dockets. None is stored either.
    Tags,
}

/// Whose rows a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Rows that every account may read. Of what [belongs to one account](Resource::is_owned) there are none such:
    /// asked for this way, the list is empty.
    Common(Resource),
    /// The requests of one account.
    RequestsOf(UserId),
    /// The endpoints of one account.
    WebhooksOf(UserId),
    /// What they are told.
    WebhookEventsOf(UserId),
    /// The trackers of one account.
    TrackersOf(UserId),
}

impl Scope {
    /// What kind of rows it is about.
    #[must_use]
    pub fn resource(self) -> Resource {
        match self {
            Scope::Common(resource) => resource,
            Scope::RequestsOf(_) => Resource::FetchRequests,
            Scope::WebhooksOf(_) => Resource::Webhooks,
            Scope::WebhookEventsOf(_) => Resource::WebhookEvents,
            Scope::TrackersOf(_) => Resource::Trackers,
        }
    }
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
    /// One of a few words, each with a label for people.
    Word(&'static [(&'static str, &'static str)]),
    /// A number with decimals, stored in thousandths.
    Thousandths,
}

/// Where the value of a column comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// The column of that name in the database.
    InColumn,
    /// In the column of this name.
    Named(&'static str),
    /// Nowhere: it is this in every row.
    Constant(&'static str),
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
    pub(super) stored: Stored,
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
    /// Nothing is joined, since there are no such rows.
    Never,
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

impl Resource {
    /// Whether its rows belong to one account each.
    #[must_use]
    pub fn is_owned(self) -> bool {
        matches!(
            self,
            Resource::FetchRequests
                | Resource::Webhooks
                | Resource::WebhookEvents
                | Resource::Trackers
        )
    }

    /// The columns that may be filtered by.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Resource::Dockets => tables::DOCKETS,
            Resource::DocketEntries => tables::DOCKET_ENTRIES,
            Resource::RecapDocuments => tables::RECAP_DOCUMENTS,
            Resource::Parties | Resource::Attorneys => tables::NAMED,
            Resource::BankruptcyInformation => tables::BANKRUPTCY_INFORMATION,
            Resource::OriginatingCourtInformation => tables::ORIGINATING_COURT_INFORMATION,
            Resource::Courts => tables::COURTS,
            Resource::FetchRequests => tables::FETCH_REQUESTS,
            Resource::Webhooks => tables::WEBHOOKS,
            Resource::WebhookEvents => tables::WEBHOOK_EVENTS,
            Resource::Trackers => tables::TRACKERS,
            Resource::People => tables::PEOPLE,
            Resource::Tags => tables::TAGS,
        }
    }

    /// The ways to other rows.
    #[must_use]
    pub fn relations(self) -> &'static [Relation] {
        match self {
            Resource::Dockets => tables::OF_DOCKETS,
            Resource::DocketEntries => tables::OF_DOCKET_ENTRIES,
            Resource::RecapDocuments => tables::OF_RECAP_DOCUMENTS,
            Resource::Parties => tables::OF_PARTIES,
            Resource::Attorneys => tables::OF_ATTORNEYS,
            Resource::BankruptcyInformation => tables::OF_BANKRUPTCY_INFORMATION,
            Resource::OriginatingCourtInformation => tables::OF_ORIGINATING_COURT_INFORMATION,
            Resource::Courts => tables::OF_COURTS,
            Resource::FetchRequests => tables::OF_FETCH_REQUESTS,
            Resource::Webhooks | Resource::WebhookEvents | Resource::Trackers => &[],
            Resource::People | Resource::Tags => &[],
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
            Resource::Webhooks | Resource::WebhookEvents => &["id", "date_created"],
            Resource::Trackers => &["id", "date_created", "date_modified"],
            Resource::People | Resource::Tags => &["id"],
            Resource::Courts => &["position", "id"],
            Resource::FetchRequests => &["id", "date_created", "date_modified", "date_completed"],
        }
    }

    /// What a list may be ordered by and still be walked with cursors.
    #[must_use]
    pub fn cursor_orderings(self) -> &'static [&'static str] {
        match self {
            Resource::FetchRequests
            | Resource::Webhooks
            | Resource::WebhookEvents
            | Resource::Trackers => self.orderings(),
            // There are a few hundred, and they do not change while somebody reads.
            Resource::Courts | Resource::People | Resource::Tags => &[],
            _ => &["id", "date_created", "date_modified"],
        }
    }

    /// What rows are selected from: a table, or what stands for one.
    pub(crate) fn table(self) -> &'static str {
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
            Resource::Webhooks => "webhook_endpoints",
            Resource::WebhookEvents => "webhook_events",
            Resource::Trackers => "fetch_trackers",
            Resource::People | Resource::Tags => "(select null::bigint as id where false)",
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
