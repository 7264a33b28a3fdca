//! How kinds of rows hang together.

use super::{
    Join, Relation, Resource,
    columns::{EXACT, EXACT_IN},
};

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
];
pub(super) const OF_DOCKET_ENTRIES: &[Relation] = &[
    forward("docket", Resource::Dockets, "docket_id"),
    backward(
        "recap_documents",
        Resource::RecapDocuments,
        "docket_entry_id",
    ),
];
pub(super) const OF_RECAP_DOCUMENTS: &[Relation] = &[forward(
    "docket_entry",
    Resource::DocketEntries,
    "docket_entry_id",
)];
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
