//! Dockets and documents as those who fetch them need to know them.

use fetch_model::{DocketId, DocumentId};

use crate::{Error, Library};

/// A stored docket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocket {
    /// Its number.
    pub id: DocketId,
    /// CourtListener's id of its court.
    pub court: String,
    /// The court's number of the case, if known.
    pub pacer_case_id: Option<String>,
    /// The number that people quote, if known.
    pub docket_number: Option<String>,
    /// The same as printed on the report last merged, or empty.
    pub docket_number_raw: String,
}

/// A stored document or attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its number.
    pub id: DocumentId,
    /// The entry it belongs to (`docket_entry`).
    pub entry: i64,
    /// The docket of that.
    pub docket: DocketId,
    /// CourtListener's id of the court.
    pub court: String,
    /// The court's number of the case, if known.
    pub pacer_case_id: Option<String>,
    /// The court's name of the document, or empty: then there is nothing to be had.
    pub pacer_doc_id: String,
    /// The number of the entry, or empty.
    pub document_number: String,
    /// Which attachment it is; none for a main document.
    pub attachment_number: Option<i16>,
    /// The court's internal number of the entry, if known.
    pub pacer_sequence_number: Option<i32>,
    /// The short description, or empty.
    pub description: String,
    /// The docket's words about the entry, or empty.
    pub entry_description: String,
    /// Whether its file is stored.
    pub is_available: bool,
    /// The name of its file among the blobs.
    pub sha256: Option<String>,
    /// How its text was come by; none before it was read.
    pub ocr_status: Option<i16>,
    /// 1 for a main document, 2 for an attachment.
    pub document_type: i16,
    /// Whether other documents of its entry are known.
    pub has_others: bool,
}

impl Library {
    /// A docket by its number.
    pub async fn docket(&self, docket: DocketId) -> Result<Option<StoredDocket>, Error> {
        let row = sqlx::query!(
            "select court_id, pacer_case_id, docket_number, docket_number_raw
             from dockets where id = $1",
            docket.0
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| StoredDocket {
            id: docket,
            court: row.court_id,
            pacer_case_id: row.pacer_case_id,
            docket_number: row.docket_number,
            docket_number_raw: row.docket_number_raw,
        }))
    }

    /// Whether documents of a docket are known by ids of CM/ECF, which are numbers; those of ACMS
    /// are GUIDs.
    pub async fn is_in_cmecf(&self, docket: DocketId) -> Result<bool, Error> {
        Ok(sqlx::query_scalar!(
            r#"select exists (
                   select from recap_documents
                   join docket_entries on docket_entries.id = docket_entry_id
                   where docket_id = $1 and pacer_doc_id ~ '^[0-9]+$'
               ) as "known!""#,
            docket.0
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// A document by its number.
    pub async fn document(&self, document: DocumentId) -> Result<Option<StoredDocument>, Error> {
        let row = sqlx::query!(
            r#"select docket_entry_id, docket_id, court_id, pacer_case_id, pacer_doc_id,
                    document_number, attachment_number, pacer_sequence_number,
                    recap_documents.description,
                    docket_entries.description as entry_description, is_available, sha256, ocr_status,
                    document_type,
                    exists (select from recap_documents others
                            where others.docket_entry_id = recap_documents.docket_entry_id
                              and others.id <> recap_documents.id) as "has_others!"
             from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             join dockets on dockets.id = docket_id
             where recap_documents.id = $1"#,
            document.0
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| StoredDocument {
            id: document,
            entry: row.docket_entry_id,
            docket: DocketId(row.docket_id),
            court: row.court_id,
            pacer_case_id: row.pacer_case_id,
            pacer_doc_id: row.pacer_doc_id,
            document_number: row.document_number,
            attachment_number: row.attachment_number,
            pacer_sequence_number: row.pacer_sequence_number,
            description: row.description,
            entry_description: row.entry_description,
            is_available: row.is_available,
            sha256: row.sha256,
            ocr_status: row.ocr_status,
            document_type: row.document_type,
            has_others: row.has_others,
        }))
    }
}
