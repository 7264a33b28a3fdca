//! Files of documents, and their text.

use fetch_db::locks;
use fetch_model::DocumentId;
use sqlx::PgConnection;

use crate::{Error, Library, request_changes::RequestChanges};

/// A file that is in the blob store already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPdf {
    /// Its name there.
    pub sha256: String,
    /// Its SHA-1 in lower-case hexadecimal, which the API shows.
    pub sha1: String,
    /// Its length.
    pub byte_count: i64,
    /// Its pages, if they could be counted.
    pub page_count: Option<i32>,
}

/// How a text was come by (`ocr_status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum OcrStatus {
    /// Characters were recognised on at least one page.
    FromOcr = 1,
    /// The file's own text was enough.
    TextLayer = 2,
    /// Recognition found nothing.
    NothingFound = 3,
    /// Recognition is still needed.
    Needed = 4,
}

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentText {
    /// The text; NUL characters are dropped, since the database has none.
    pub plain_text: String,
    /// How it was come by; none if reading failed.
    pub ocr_status: Option<OcrStatus>,
    /// Pages of the file, if they could be counted.
    pub page_count: Option<i32>,
}

/// A document that gets a file.
struct Recipient {
    id: i64,
    docket: i64,
    court: String,
    pacer_case_id: Option<String>,
    pacer_doc_id: String,
    document_number: String,
    attachment_number: Option<i16>,
    filepath_local: Option<String>,
}

impl Library {
    /// Gives a document its file, and also the documents without a file that are the same one to
    /// its court, in whichever case. Returns all that have it now, this one first, or none
    /// if there is no such document. Saving the
    /// same file again changes nothing; another file replaces it under the same path, and its
    /// text goes.
    pub async fn save_pdf(
        &self,
        document: DocumentId,
        pdf: &NewPdf,
    ) -> Result<Vec<DocumentId>, Error> {
        let mut transaction = self.db.begin().await?;
        let recipients = recipients(&mut transaction, document).await?;
        let mut saved = Vec::with_capacity(recipients.len());
        let mut documents_changed = 0;
        for recipient in recipients {
            let path = match &recipient.filepath_local {
                Some(path) => path.clone(),
                None => free_path(&mut transaction, &recipient).await?,
            };
            let is_changed = save_file(&mut transaction, recipient.id, &path, pdf).await?;
            documents_changed += usize::from(is_changed);
            saved.push(DocumentId(recipient.id));
        }
        let changes = RequestChanges {
            documents_changed,
            ..RequestChanges::default()
        };
        self.note(&mut transaction, changes).await?;
        transaction.commit().await?;
        Ok(saved)
    }
}

/// Gives a text to every document that has the file.
pub async fn keep_text(
    connection: &mut PgConnection,
    sha256: &str,
    text: &DocumentText,
) -> Result<(), Error> {
    sqlx::query!(
        "update recap_documents
         set plain_text = $2, ocr_status = $3, page_count = coalesce($4, page_count),
             date_modified = now()
         where sha256 = $1
           and (plain_text, ocr_status, page_count)
               is distinct from ($2, $3, coalesce($4, page_count))",
        sha256,
        text.plain_text.replace('\0', ""),
        text.ocr_status.map(|status| status as i16),
        text.page_count
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The document and its twins, locked in the order of their ids so that no two savers wait for
/// each other; the document itself comes first.
async fn recipients(
    connection: &mut PgConnection,
    document: DocumentId,
) -> Result<Vec<Recipient>, Error> {
    let mut recipients = sqlx::query_as!(
        Recipient,
        "with asked as (
             select recap_documents.id, pacer_doc_id, court_id
             from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             join dockets on dockets.id = docket_id
             where recap_documents.id = $1
         )
         select recap_documents.id, docket_id as docket, dockets.court_id as court, pacer_case_id,
                recap_documents.pacer_doc_id, document_number, attachment_number, filepath_local
         from recap_documents
         join docket_entries on docket_entries.id = docket_entry_id
         join dockets on dockets.id = docket_id
         join asked on asked.id = recap_documents.id
              or (asked.pacer_doc_id <> '' and asked.pacer_doc_id = recap_documents.pacer_doc_id
                  and asked.court_id = dockets.court_id and not is_available)
         order by recap_documents.id
         for no key update of recap_documents",
        document.0
    )
    .fetch_all(connection)
    .await?;
    recipients.sort_by_key(|recipient| recipient.id != document.0);
    Ok(recipients)
}

/// The first path of the document that no other has. Whoever looks for one of the same name
/// waits until this transaction ends.
async fn free_path(connection: &mut PgConnection, recipient: &Recipient) -> Result<String, Error> {
    let stem = recipient.stem();
    locks::lock_path(connection, &stem).await?;
    let mut path = format!("{stem}.pdf");
    let mut count = 0_u32;
    while is_taken(connection, &path).await? {
        count += 1;
        path = format!("{stem}_{count}.pdf");
    }
    Ok(path)
}

async fn is_taken(connection: &mut PgConnection, path: &str) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from recap_documents where filepath_local = $1) as "taken!""#,
        path
    )
    .fetch_one(connection)
    .await?)
}

/// Whether that changed anything.
async fn save_file(
    connection: &mut PgConnection,
    document: i64,
    path: &str,
    pdf: &NewPdf,
) -> Result<bool, Error> {
    let saved = sqlx::query!(
        "update recap_documents
         set filepath_local = $2, sha256 = $3, sha1 = $4, file_size = $5,
             page_count = coalesce($6, page_count), is_available = true,
             plain_text = case when sha256 is distinct from $3 then '' else plain_text end,
             ocr_status = case when sha256 is distinct from $3 then null else ocr_status end,
             date_upload = coalesce(date_upload, now()), date_modified = now()
         where id = $1
           and (filepath_local, sha256, sha1, file_size, page_count, is_available)
               is distinct from ($2, $3, $4, $5, coalesce($6, page_count), true)",
        document,
        path,
        pdf.sha256,
        pdf.sha1,
        pdf.byte_count,
        pdf.page_count
    )
    .execute(connection)
    .await?;
    Ok(saved.rows_affected() == 1)
}

impl Recipient {
    /// The path without suffix and extension. A document without a number goes by the court's
    /// name of it, a case without an id by the number of its docket.
    fn stem(&self) -> String {
        let docket = format!("docket-{}", self.docket);
        let case = self
            .pacer_case_id
            .as_deref()
            .filter(|id| !id.is_empty())
            .unwrap_or(&docket);
        let number = if self.document_number.is_empty() {
            &self.pacer_doc_id
        } else {
            &self.document_number
        };
        let folder = format!("gov.uscourts.{}.{case}", self.court);
        format!(
            "recap/{folder}/{folder}.{number}.{}",
            self.attachment_number.unwrap_or(0)
        )
    }
}
