//! What is known about a document before it is bought.

use fetch_db::Error;
use fetch_library::quotes::DocumentForPrice;
use fetch_model::DocumentId;

use crate::Control;

impl Control {
    /// What is known about a document, as far as its price depends on it, or `None` if there is no such
    /// document. It is held if its file is, or if its bytes were bought and wait to be stored.
    pub async fn document_for_price(
        &self,
        id: DocumentId,
    ) -> Result<Option<DocumentForPrice>, Error> {
        let Some(mut document) = self.library.document_for_price(id).await? else {
            return Ok(None);
        };
        if let Some(key) = &document.item_key {
            document.is_held |= self.ledger.is_held(key).await?;
        }
        Ok(Some(document))
    }
}
