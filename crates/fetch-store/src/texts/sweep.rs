//! What nobody moves: requests that wait for a text that nobody was told of, and open work.

use fetch_model::{Failure, FetchId};

use super::{WaitingRequest, end_waiting, hand::want_text};
use crate::{
    Error, Store,
    requests::{queue::NOBODY_CAME, row::as_json},
    workers,
};

/// The kind of work of those who begin to read documents.
const READERS: &str = "ocr";

/// Work that a reader could take now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenTexts {
    /// Texts to be planned or put together.
    pub texts: i64,
    /// Parts to be recognised.
    pub parts: i64,
}

impl Store {
    /// Counts the work that a reader could take now.
    pub async fn open_texts(&self) -> Result<OpenTexts, Error> {
        Ok(sqlx::query_as!(
            OpenTexts,
            r#"select
                   (select count(*) from texts
                    where state in ('planning', 'assembling')
                      and (lease_until is null or lease_until < clock_timestamp())
                      and (not_before is null or not_before <= clock_timestamp())) as "texts!",
                   (select count(*) from text_parts
                    where is_open and (lease_until is null or lease_until < clock_timestamp())
                      and (not_before is null or not_before <= clock_timestamp())) as "parts!""#
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Sees to it that every request that waits for a text waits for one that is being taken: a
    /// service of another version may have handed it over. Returns those whose document has no
    /// file any more; they failed.
    pub async fn adopt_unread(&self) -> Result<Vec<FetchId>, Error> {
        let mut transaction = self.pool.begin().await?;
        let orphans = sqlx::query!(
            r#"select sha256 as "sha256!", min(lane) as "lane!", min(traceparent) as traceparent
               from fetch_requests
               join recap_documents on recap_documents.id = recap_document_id
               where state = 'reading' and sha256 is not null and worker is null
                 and not exists (select from texts
                                 where texts.sha256 = recap_documents.sha256
                                   and texts.state <> 'done')
               group by sha256"#
        )
        .fetch_all(&mut *transaction)
        .await?;
        for orphan in orphans {
            want_text(
                &mut transaction,
                &orphan.sha256,
                orphan.lane,
                orphan.traceparent.as_deref(),
            )
            .await?;
        }
        let failure = as_json(&Failure::Internal)?;
        let lost = sqlx::query_scalar!(
            "update fetch_requests
             set state = 'failed', status = 3, failure = $1, message = $2, fence = fence + 1,
                 worker = null, lease_until = null, date_completed = clock_timestamp(),
                 date_modified = clock_timestamp()
             where state = 'reading'
               and not exists (select from recap_documents
                               where id = recap_document_id and sha256 is not null)
             returning id",
            failure,
            Failure::Internal.to_string()
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(lost.into_iter().map(FetchId).collect())
    }

    /// Ends requests whose document was there to be read for a day in which no reader was seen: what
    /// was bought is there, and its text is not. Whoever reads it later still gives it to the document.
    /// Returns them; they are done.
    pub async fn give_up_reading(&self) -> Result<Vec<WaitingRequest>, Error> {
        let mut transaction = self.pool.begin().await?;
        if workers::is_seen(&mut transaction, READERS, NOBODY_CAME).await? {
            return Ok(Vec::new());
        }
        let unread = sqlx::query_scalar!(
            "select id from fetch_requests
             where state = 'reading'
               and date_modified < clock_timestamp() - make_interval(secs => $1)",
            NOBODY_CAME.as_secs_f64()
        )
        .fetch_all(&mut *transaction)
        .await?;
        let ended = end_waiting(&mut transaction, &unread, Failure::UNREAD).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}
