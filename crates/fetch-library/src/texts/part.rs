//! What recognising leaves: one page at a time, so that a reader that dies loses one page.

use sqlx::PgConnection;

use super::{ClaimedPart, Progress, StoredPage, storable};
use crate::{Error, Library};

/// The source of a page that could not be read.
const FAILED: &str = "failed";

impl Library {
    /// Closes a part whose pages are all there. Says whether it was the last one, and the text is
    /// to be put together; `None` when the claim was lost or a page is still open.
    pub async fn close_part(&self, claim: &ClaimedPart) -> Result<Option<bool>, Error> {
        let mut transaction = self.db.begin().await?;
        let closed = sqlx::query!(
            "update text_parts set is_open = false, lease_until = null
             where id = $1 and fence = $2 and is_open
               and not exists (select from text_pages
                               where text_pages.sha256 = text_parts.sha256 and source is null
                                 and page = any(text_parts.pages))",
            claim.id,
            claim.fence.0
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if closed == 0 {
            return Ok(None);
        }
        // Of two that close at the same time, the second waits here, and then sees the first.
        sqlx::query!(
            "select from texts where sha256 = $1 for no key update",
            claim.sha256
        )
        .fetch_one(&mut *transaction)
        .await?;
        let last = sqlx::query!(
            "update texts set state = 'assembling', attempts = 0
             where sha256 = $1 and state = 'recognising'
               and not exists (select from text_parts where sha256 = $1 and is_open)",
            claim.sha256
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        transaction.commit().await?;
        Ok(Some(last == 1))
    }
}

/// Keeps a page that was recognised, and with that the lease's last attempt. A page that is
/// there already stays as it is. `None` when the claim was lost.
pub async fn save_page(
    connection: &mut PgConnection,
    claim: &ClaimedPart,
    page: &StoredPage,
) -> Result<Option<Progress>, Error> {
    let held = sqlx::query!(
        "update text_parts set attempts = 1
         where id = $1 and fence = $2 and is_open and $3 = any(pages)",
        claim.id,
        claim.fence.0,
        page.page
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if held == 0 {
        return Ok(None);
    }
    let saved = sqlx::query!(
        "update text_pages
         set text = case when $3 = '' and $4 = $9 then text else $3 end, source = $4,
             reason = $5, confidence = $6, millis = $7, cut = cut or $8, sure_words = $10,
             hidden_text = $11
         where sha256 = $1 and page = $2 and source is null",
        claim.sha256,
        page.page,
        storable(&page.text),
        page.source,
        page.reason,
        page.confidence,
        page.millis,
        page.cut,
        FAILED,
        page.sure_words,
        page.hidden_text
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let progress = count(connection, &claim.sha256, saved).await?;
    Ok(Some(progress))
}

/// Fails the pages of a part that are still open, for good and for `reason`. `None` when the
/// claim was lost.
pub async fn give_up_part(
    connection: &mut PgConnection,
    claim: &ClaimedPart,
    reason: &str,
) -> Result<Option<Progress>, Error> {
    let pages = sqlx::query_scalar!(
        "select pages from text_parts where id = $1 and fence = $2 and is_open
         for no key update",
        claim.id,
        claim.fence.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(pages) = pages else { return Ok(None) };
    let failed = sqlx::query!(
        "update text_pages set source = $3, reason = $4
         where sha256 = $1 and page = any($2) and source is null",
        claim.sha256,
        &pages,
        FAILED,
        reason
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let progress = count(connection, &claim.sha256, failed).await?;
    Ok(Some(progress))
}

/// Counts pages that were settled just now.
async fn count(
    connection: &mut PgConnection,
    sha256: &str,
    settled: u64,
) -> Result<Progress, Error> {
    let row = sqlx::query!(
        r#"update texts set pages_read = pages_read + $2 where sha256 = $1
           returning pages_read, coalesce(pages, 0) as "pages!""#,
        sha256,
        i32::try_from(settled).unwrap_or(i32::MAX)
    )
    .fetch_one(connection)
    .await?;
    Ok(Progress {
        read: row.pages_read,
        pages: row.pages,
        has_moved: settled > 0,
    })
}
