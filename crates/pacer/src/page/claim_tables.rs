//! Where reports of bankruptcy courts keep claims.

use super::PageError;
use super::nesting::hardly_nested;
use super::selection::has_class;
use super::tree::{NodeId, Page, Tag};

/// Whether the page has cells about claims, in whatever tables.
pub(crate) fn has_claims(page: &Page) -> bool {
    ["Claim No:", "Amount claimed:", "Original Filed Date"]
        .iter()
        .any(|label| !page.text_nodes_with(label).is_empty())
}

/// The tables of claims, one for each claim.
pub(crate) fn claim_tables(page: &Page) -> Result<Vec<NodeId>, PageError> {
    let tables = page.all_of(Tag::Table);
    hardly_nested(
        page,
        tables.filter(|table| has_class(page, *table, "complexReport")),
    )
}
