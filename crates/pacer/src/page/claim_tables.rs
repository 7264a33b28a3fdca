//! Where reports of bankruptcy courts keep claims.

use super::PageError;
use super::nesting::hardly_nested;
use super::selection::has_class;
use super::tree::{NodeId, Page, Tag};

/// The tables of claims, one for each claim.
pub(crate) fn claim_tables(page: &Page) -> Result<Vec<NodeId>, PageError> {
    let tables = page.all_of(Tag::Table);
    hardly_nested(
        page,
        tables.filter(|table| has_class(page, *table, "complexReport")),
    )
}
