//! Files of documents whose text is to be taken again.

use chrono::{DateTime, Utc};
use fetch_model::{CaptureId, Lane};

use crate::{Error, Store, texts::plan_again};

/// A file that is kept, and that documents have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// The latest capture of it.
    pub id: CaptureId,
    /// What it is.
    pub item_key: String,
    /// Its name in the blob store.
    pub sha256: String,
    /// When it came.
    pub date_created: DateTime<Utc>,
}

/// What became of the wish for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextAgain {
    /// It is taken again, by the readers of documents, in the lane of bulk.
    Wanted,
    /// It is being taken at this moment.
    UnderWay,
}

impl Store {
    /// The files that documents of a court have, by the order in which they came; that of one capture
    /// only, if it is given.
    pub async fn kept_files(
        &self,
        court: &str,
        only: Option<CaptureId>,
    ) -> Result<Vec<KeptFile>, Error> {
        let named = match only {
            Some(capture) => {
                sqlx::query_scalar::<_, String>("select sha256 from captures where id = $1")
                    .bind(capture.0)
                    .fetch_optional(&self.pool)
                    .await?
            }
            None => None,
        };
        let rows = sqlx::query!(
            r#"select max(id) as "id!", max(item_key) as "item_key!", sha256,
                      max(date_created) as "date_created!"
               from captures
               where court_id = $1 and starts_with(item_key, 'doc/') and date_forgotten is null
                 and exists (select from recap_documents where sha256 = captures.sha256)
               group by sha256 order by 1"#,
            court
        )
        .fetch_all(&self.pool)
        .await?;
        let is_meant = |sha256: &String| only.is_none() || named.as_ref() == Some(sha256);
        let rows = rows.into_iter().filter(|row| is_meant(&row.sha256));
        let files = rows.map(|row| KeptFile {
            id: CaptureId(row.id),
            item_key: row.item_key,
            sha256: row.sha256,
            date_created: row.date_created,
        });
        Ok(files.collect())
    }

    /// Has the text of a file taken again from its beginning. Until that is done the documents keep the
    /// text that they have. A dry run says what would become of that, and writes nothing.
    pub async fn read_text_again(&self, sha256: &str, dry_run: bool) -> Result<TextAgain, Error> {
        let mut transaction = self.pool.begin().await?;
        let wanted = plan_again(&mut transaction, sha256, Lane::Bulk as i16).await?;
        match dry_run {
            true => transaction.rollback().await?,
            false => transaction.commit().await?,
        }
        Ok(match wanted {
            true => TextAgain::Wanted,
            false => TextAgain::UnderWay,
        })
    }
}
