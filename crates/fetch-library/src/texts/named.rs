//! What dockets say about the documents that a file belongs to.

use crate::{Error, Library};

/// The numbers of a document that has the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDocument {
    /// The number of its case as printed, or empty.
    pub docket_number: String,
    /// The number of its entry, or empty.
    pub document_number: String,
}

impl Library {
    /// The documents that have a file, by their numbers.
    pub async fn documents_with_file(&self, sha256: &str) -> Result<Vec<NamedDocument>, Error> {
        Ok(sqlx::query_as!(
            NamedDocument,
            "select docket_number_raw as docket_number, document_number
             from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             join dockets on dockets.id = docket_id
             where sha256 = $1",
            sha256
        )
        .fetch_all(self.db.pool())
        .await?)
    }
}
