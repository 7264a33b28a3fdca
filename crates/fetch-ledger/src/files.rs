//! Files of documents whose text is to be taken again.

use chrono::{DateTime, Utc};
use fetch_model::CaptureId;

use crate::{Error, Ledger};

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

impl Ledger {
    /// The files that documents of a court have, by the order in which they came; that of one capture
    /// only, if it is given.
    pub async fn kept_files(
        &self,
        court: &str,
        only: Option<CaptureId>,
    ) -> Result<Vec<KeptFile>, Error> {
        let rows = sqlx::query!(
            r#"select max(id) as "id!", max(item_key) as "item_key!", sha256,
                      max(date_created) as "date_created!"
               from captures
               where court_id = $1 and starts_with(item_key, 'doc/') and date_forgotten is null
                 and exists (select from recap_documents where sha256 = captures.sha256)
                 and ($2::bigint is null or sha256 = (select sha256 from captures where id = $2))
               group by sha256 order by 1"#,
            court,
            only.map(|capture| capture.0)
        )
        .fetch_all(self.db.pool())
        .await?;
        let files = rows.into_iter().map(|row| KeptFile {
            id: CaptureId(row.id),
            item_key: row.item_key,
            sha256: row.sha256,
            date_created: row.date_created,
        });
        Ok(files.collect())
    }
}
