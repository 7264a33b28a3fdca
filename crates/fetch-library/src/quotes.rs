//! What is known about the price of a thing before it is bought.

use fetch_model::{DocumentId, item_key};
use pacer::ids::PacerDocId;

use crate::{Error, Library};

/// What is known about a document, as far as its price depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentForPrice {
    /// What a menu or the docket calls it.
    pub description: String,
    /// What the docket says about its entry.
    pub entry: String,
    /// Its pages, if known.
    pub pages: Option<u32>,
    /// Whether we have it, so that it is not bought again.
    pub is_held: bool,
    /// Under which its bytes are kept once they are bought; none of a document without the court's id.
    pub item_key: Option<String>,
}

impl Library {
    /// What is known about a document, or `None` if there is no such document.
    pub async fn document_for_price(
        &self,
        id: DocumentId,
    ) -> Result<Option<DocumentForPrice>, Error> {
        let Some(row) = sqlx::query!(
            "select recap_documents.description, docket_entries.description as entry, page_count,
                    is_available, pacer_doc_id, dockets.court_id
             from recap_documents
             join docket_entries on docket_entries.id = recap_documents.docket_entry_id
             join dockets on dockets.id = docket_entries.docket_id
             where recap_documents.id = $1",
            id.0
        )
        .fetch_optional(self.db.pool())
        .await?
        else {
            return Ok(None);
        };
        let doc_id = PacerDocId::parse(&row.pacer_doc_id).ok();
        Ok(Some(DocumentForPrice {
            description: row.description,
            entry: row.entry,
            pages: row.page_count.and_then(|pages| pages.try_into().ok()),
            is_held: row.is_available,
            item_key: doc_id.map(|doc_id| item_key::document(&row.court_id, &doc_id)),
        }))
    }
}
