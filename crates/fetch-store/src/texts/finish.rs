//! The end: the text goes to every document that has the file, and whoever waited is done.

use super::{ClaimedText, StoredPage, WaitingRequest, end_waiting, note_step};
use crate::{
    Error, Store,
    merge::{DocumentText, keep_text},
};

/// What a text came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedText {
    /// The text and what goes with it; none when the file has no pages to give, and then the
    /// documents stay as they are.
    pub text: Option<DocumentText>,
    /// What the clients are told beside the sentence of their purchase: what is missing, and why.
    /// Empty when nothing is.
    pub note: String,
    /// What the life of the request says.
    pub detail: String,
}

impl Store {
    /// The pages of a file, in order.
    pub async fn pages_of_text(&self, sha256: &str) -> Result<Vec<StoredPage>, Error> {
        Ok(sqlx::query_as!(
            StoredPage,
            "select page, text, source, reason, confidence, millis, cut, sure_words, hidden_text
             from text_pages where sha256 = $1 order by page",
            sha256
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Gives a text to the documents that have the file and ends the requests that wait for it.
    /// Returns those; `None` when the claim was lost.
    pub async fn finish_text(
        &self,
        claim: &ClaimedText,
        finished: &FinishedText,
    ) -> Result<Option<Vec<WaitingRequest>>, Error> {
        let mut transaction = self.pool.begin().await?;
        // First of all: a request that comes to wait for this text waits for this row.
        let held = sqlx::query!(
            "update texts
             set state = 'done', worker = null, lease_until = null, date_completed = clock_timestamp()
             where sha256 = $1 and fence = $2 and state = 'assembling'",
            claim.sha256,
            claim.fence.0
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if held == 0 {
            return Ok(None);
        }
        if let Some(text) = &finished.text {
            keep_text(&mut transaction, &claim.sha256, text).await?;
            note_step(&mut transaction, &claim.sha256, "text", &finished.detail).await?;
        }
        let waiting = sqlx::query_scalar!(
            "select id from fetch_requests
             where state = 'reading'
               and recap_document_id in (select id from recap_documents where sha256 = $1)",
            claim.sha256
        )
        .fetch_all(&mut *transaction)
        .await?;
        let ended = end_waiting(&mut transaction, &waiting, &finished.note).await?;
        transaction.commit().await?;
        Ok(Some(ended))
    }
}
