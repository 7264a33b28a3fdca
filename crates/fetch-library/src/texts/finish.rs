//! The end: the text is done, and goes to every document that has the file.

use sqlx::PgConnection;

use super::{ClaimedText, StoredPage};
use crate::{Error, Library};

impl Library {
    /// The pages of a file, in order.
    pub async fn pages_of_text(&self, sha256: &str) -> Result<Vec<StoredPage>, Error> {
        Ok(sqlx::query_as!(
            StoredPage,
            "select page, text, source, reason, confidence, millis, cut, sure_words, hidden_text
             from text_pages where sha256 = $1 order by page",
            sha256
        )
        .fetch_all(self.db.pool())
        .await?)
    }
}

/// Says that a text is done. `false` when the claim was lost. To be said before anything else of the
/// end: a request that comes to wait for this text waits for this row.
pub async fn finish(connection: &mut PgConnection, claim: &ClaimedText) -> Result<bool, Error> {
    let held = sqlx::query!(
        "update texts
         set state = 'done', worker = null, lease_until = null, date_completed = clock_timestamp()
         where sha256 = $1 and fence = $2 and state = 'assembling'",
        claim.sha256,
        claim.fence.0
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(held == 1)
}
