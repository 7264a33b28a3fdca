//! What is told of the lists of what was bought, and of their rows.

use fetch_library::read::Resource;

use super::super::fields;
use crate::openapi::{Answer, Content, Described, NO_PAGE, Parameter, Shape, in_query};

/// What differs between the kinds.
pub(super) struct Words {
    pub list_id: &'static str,
    pub row_id: &'static str,
    pub list_options: &'static str,
    pub row_options: &'static str,
    pub list: &'static str,
    pub row: &'static str,
    pub about: &'static str,
    pub rows: &'static Described,
    pub page: &'static [Answer],
    pub answer: &'static [Answer],
}

/// Of a kind that has a list here.
pub(super) fn of(resource: Resource) -> Option<&'static Words> {
    match resource {
        Resource::Dockets => Some(&DOCKET),
        Resource::DocketEntries => Some(&DOCKET_ENTRY),
        Resource::RecapDocuments => Some(&RECAP_DOCUMENT),
        Resource::Parties => Some(&PARTY),
        Resource::Attorneys => Some(&ATTORNEY),
        Resource::BankruptcyInformation => Some(&BANKRUPTCY),
        Resource::OriginatingCourtInformation => Some(&ORIGINATING_COURT),
        Resource::Courts => Some(&COURT),
        Resource::FetchRequests
        | Resource::Webhooks
        | Resource::WebhookEvents
        | Resource::Trackers => None,
        Resource::People | Resource::Tags => None,
    }
}

/// Parameters beside those of all lists.
pub(super) fn parameters(resource: Resource) -> &'static [Parameter] {
    match resource {
        Resource::Parties | Resource::Attorneys => &NESTED,
        _ if !super::expandable(resource).is_empty() => &EXPAND,
        _ => &[],
    }
}

const NESTED: [Parameter; 1] = [in_query(
    "filter_nested_results",
    Shape::Text,
    "Accepted, and without effect: nested lists never show rows of other dockets.",
)];

const EXPAND: [Parameter; 1] = [in_query(
    "expand",
    Shape::Text,
    "Adds keys that CourtListener does not have: `download_url`, in entries `recap_documents__download_url`.",
)];

const fn page(rows: &'static Described, by_cursor: bool) -> [Answer; 2] {
    let rows = Content::Page {
        of: Shape::Object(rows),
        by_cursor,
    };
    [Answer::new(200, "A page of the list.", rows), NO_PAGE]
}

const fn row(row: &'static Described) -> [Answer; 1] {
    [Answer::ok("The row.", Shape::Object(row))]
}

const DOCKET: Words = Words {
    list_id: "dockets_list",
    row_id: "dockets_read",
    list_options: "dockets_options",
    row_options: "dockets_row_options",
    list: "Dockets",
    row: "A docket",
    about: "Cases. A docket is the head of a case; its entries, parties and attorneys have lists of their own.",
    rows: &fields::DOCKET,
    page: &page(&fields::DOCKET, true),
    answer: &row(&fields::DOCKET),
};

const DOCKET_ENTRY: Words = Words {
    list_id: "docket_entries_list",
    row_id: "docket_entries_read",
    list_options: "docket_entries_options",
    row_options: "docket_entries_row_options",
    list: "Entries, their documents nested",
    row: "An entry",
    about: "Lines of dockets. `order_by=recap_sequence_number,entry_number` sorts a docket, unnumbered entries included.",
    rows: &fields::DOCKET_ENTRY,
    page: &page(&fields::DOCKET_ENTRY, true),
    answer: &row(&fields::DOCKET_ENTRY),
};

const RECAP_DOCUMENT: Words = Words {
    list_id: "recap_documents_list",
    row_id: "recap_documents_read",
    list_options: "recap_documents_options",
    row_options: "recap_documents_row_options",
    list: "Documents and attachments",
    row: "A document",
    about: "Documents and attachments, with their text. There is no link to the entry: ask `docket-entries/?recap_documents=ID`.",
    rows: &fields::RECAP_DOCUMENT,
    page: &page(&fields::RECAP_DOCUMENT, true),
    answer: &row(&fields::RECAP_DOCUMENT),
};

const PARTY: Words = Words {
    list_id: "parties_list",
    row_id: "parties_read",
    list_options: "parties_options",
    row_options: "parties_row_options",
    list: "Parties",
    row: "A party",
    about: "Parties. A party here belongs to one docket.",
    rows: &fields::PARTY,
    page: &page(&fields::PARTY, true),
    answer: &row(&fields::PARTY),
};

const ATTORNEY: Words = Words {
    list_id: "attorneys_list",
    row_id: "attorneys_read",
    list_options: "attorneys_options",
    row_options: "attorneys_row_options",
    list: "Attorneys",
    row: "An attorney",
    about: "Counsel. An attorney here belongs to one docket.",
    rows: &fields::ATTORNEY,
    page: &page(&fields::ATTORNEY, true),
    answer: &row(&fields::ATTORNEY),
};

const BANKRUPTCY: Words = Words {
    list_id: "bankruptcy_information_list",
    row_id: "bankruptcy_information_read",
    list_options: "bankruptcy_information_options",
    row_options: "bankruptcy_information_row_options",
    list: "What bankruptcy cases have beside",
    row: "What a bankruptcy case has beside",
    about: "Side table of dockets of bankruptcy courts.",
    rows: &fields::BANKRUPTCY,
    page: &page(&fields::BANKRUPTCY, true),
    answer: &row(&fields::BANKRUPTCY),
};

const ORIGINATING_COURT: Words = Words {
    list_id: "originating_court_information_list",
    row_id: "originating_court_information_read",
    list_options: "originating_court_information_options",
    row_options: "originating_court_information_row_options",
    list: "The cases that appeals are from",
    row: "The case that an appeal is from",
    about: "Side table of dockets of appeals.",
    rows: &fields::ORIGINATING_COURT,
    page: &page(&fields::ORIGINATING_COURT, true),
    answer: &row(&fields::ORIGINATING_COURT),
};

const COURT: Words = Words {
    list_id: "courts_list",
    row_id: "courts_read",
    list_options: "courts_options",
    row_options: "courts_row_options",
    list: "Courts",
    row: "A court",
    about: "All federal courts that CourtListener lists, and `jpml`. No account is needed, but for filters on dockets.",
    rows: &fields::COURT,
    page: &page(&fields::COURT, false),
    answer: &row(&fields::COURT),
};
