//! Entries, documents and files.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::{Error, Library};
use fetch_db::in_order;

/// A line of a docket. Names and meanings are the API's (`docs/API.md#docket-entries`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct EntryRow {
    pub id: i64,
    pub docket_id: i64,
    pub entry_number: Option<i64>,
    pub recap_sequence_number: String,
    pub pacer_sequence_number: Option<i32>,
    pub date_filed: Option<NaiveDate>,
    pub time_filed: Option<NaiveTime>,
    pub description: String,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
}

/// A document or an attachment. Names and meanings are the API's (`docs/API.md#recap-documents`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct DocumentRow {
    pub id: i64,
    pub docket_entry_id: i64,
    pub document_type: i16,
    pub document_number: String,
    pub attachment_number: Option<i16>,
    pub pacer_doc_id: String,
    pub description: String,
    pub is_available: bool,
    pub is_free_on_pacer: Option<bool>,
    pub is_sealed: Option<bool>,
    pub sha1: String,
    pub page_count: Option<i32>,
    pub file_size: Option<i64>,
    pub filepath_local: Option<String>,
    /// Empty also when the text was not asked for.
    pub plain_text: String,
    pub ocr_status: Option<i16>,
    pub date_upload: Option<DateTime<Utc>>,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
    /// The docket that the entry belongs to.
    pub docket_id: i64,
    /// The slug of that docket.
    pub docket_slug: String,
}

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name in the blob store.
    pub sha256: String,
    /// Its size, when known.
    pub byte_count: Option<i64>,
    /// When anything about its document was last changed.
    pub changed: DateTime<Utc>,
}

impl Library {
    /// Entries, in the order of the numbers; unknown numbers are left out.
    pub async fn docket_entries(&self, ids: &[i64]) -> Result<Vec<EntryRow>, Error> {
        let rows = sqlx::query_as!(
            EntryRow,
            "select id, docket_id, entry_number, recap_sequence_number, pacer_sequence_number,
                 date_filed, time_filed, description, date_created, date_modified
             from docket_entries where id = any($1)",
            ids
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(in_order(rows, ids, |row| row.id))
    }

    /// Documents, in the order of the numbers; unknown numbers are left out. Their text, which
    /// is by far the largest part, only when asked for.
    pub async fn documents(&self, ids: &[i64], with_text: bool) -> Result<Vec<DocumentRow>, Error> {
        let rows = self.documents_where(Some(ids), None, with_text).await?;
        Ok(in_order(rows, ids, |row| row.id))
    }

    /// The documents of entries, ordered by type, number and attachment number.
    pub async fn documents_of_entries(
        &self,
        entries: &[i64],
        with_text: bool,
    ) -> Result<Vec<DocumentRow>, Error> {
        self.documents_where(None, Some(entries), with_text).await
    }

    async fn documents_where(
        &self,
        ids: Option<&[i64]>,
        entries: Option<&[i64]>,
        with_text: bool,
    ) -> Result<Vec<DocumentRow>, Error> {
        Ok(sqlx::query_as!(
            DocumentRow,
            r#"select d.id, d.docket_entry_id, d.document_type, d.document_number,
                   d.attachment_number, d.pacer_doc_id, d.description, d.is_available,
                   d.is_free_on_pacer, d.is_sealed, d.sha1, d.page_count, d.file_size,
                   d.filepath_local, case when $3 then d.plain_text else '' end as "plain_text!",
                   d.ocr_status, d.date_upload, d.date_created, d.date_modified,
                   dockets.id as docket_id, dockets.slug as docket_slug
               from recap_documents d
               join docket_entries on docket_entries.id = d.docket_entry_id
               join dockets on dockets.id = docket_entries.docket_id
               where ($1::bigint[] is null or d.id = any($1))
                 and ($2::bigint[] is null or d.docket_entry_id = any($2))
               order by d.document_type, d.document_number, d.attachment_number nulls first, d.id"#,
            ids,
            entries,
            with_text
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// The file stored under a path (`recap/gov.uscourts.…pdf`).
    pub async fn file_at(&self, filepath_local: &str) -> Result<Option<StoredFile>, Error> {
        let row = sqlx::query!(
            r#"select sha256 as "sha256!", file_size, date_modified from recap_documents
               where filepath_local = $1 and sha256 is not null"#,
            filepath_local
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| StoredFile {
            sha256: row.sha256,
            byte_count: row.file_size,
            changed: row.date_modified,
        }))
    }
}
