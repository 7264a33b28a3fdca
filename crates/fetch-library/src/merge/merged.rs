//! What merging a docket report did.

use fetch_model::DocketId;

use crate::request_changes::RequestChanges;

/// What merging a docket report did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedDocket {
    /// The docket, found or made.
    pub docket: DocketId,
    /// Whether it was made.
    pub is_new: bool,
    /// Entries that the docket did not have before.
    pub entries_new: usize,
    /// Entries that it had, and that are different now.
    pub entries_changed: usize,
    /// Entries that it has now.
    pub entries_total: usize,
    /// Documents that it did not have before.
    pub documents_new: usize,
    /// Documents that it had, and that are different now.
    pub documents_changed: usize,
    /// Parties that it did not have before.
    pub parties_new: usize,
    /// Parties that it had, and that are different now.
    pub parties_changed: usize,
    /// Roles of parties (name and type) that it has now.
    pub party_types_total: usize,
}

impl From<MergedDocket> for RequestChanges {
    fn from(merged: MergedDocket) -> RequestChanges {
        RequestChanges {
            docket_new: merged.is_new,
            entries_new: merged.entries_new,
            entries_changed: merged.entries_changed,
            documents_new: merged.documents_new,
            documents_changed: merged.documents_changed,
            parties_new: merged.parties_new,
            parties_changed: merged.parties_changed,
        }
    }
}
