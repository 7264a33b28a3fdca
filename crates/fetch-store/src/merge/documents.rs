//! Documents and attachments of entries.

use std::collections::HashMap;

use sqlx::PgConnection;

use crate::Error;

/// The `document_type` of the document that an entry is about.
pub(super) const MAIN: i16 = 1;
/// The `document_type` of what is attached to it.
pub(super) const ATTACHMENT: i16 = 2;

/// A stored document, as far as a page can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    id: i64,
    entry: i64,
    document_type: i16,
    document_number: String,
    attachment_number: Option<i16>,
    pacer_doc_id: String,
    description: String,
    page_count: Option<i32>,
    file_size: Option<i64>,
    is_available: bool,
}

/// A document that a page knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub entry: i64,
    pub document_type: i16,
    pub document_number: String,
    pub attachment_number: Option<i16>,
    pub pacer_doc_id: String,
    pub description: String,
    pub page_count: Option<i32>,
    pub file_size: Option<i64>,
}

/// How many documents a page added and changed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    pub new: usize,
    pub changed: usize,
}

impl Outcome {
    pub(super) fn any(self) -> bool {
        self.new + self.changed > 0
    }
}

pub(super) async fn of_docket(
    connection: &mut PgConnection,
    docket: i64,
) -> Result<Vec<Document>, Error> {
    Ok(sqlx::query_as!(
        Document,
        "select recap_documents.id, docket_entry_id as entry, document_type, document_number,
                attachment_number, pacer_doc_id, recap_documents.description, page_count, file_size,
                is_available
         from recap_documents join docket_entries on docket_entries.id = docket_entry_id
         where docket_id = $1
         order by recap_documents.id",
        docket
    )
    .fetch_all(connection)
    .await?)
}

pub(super) async fn of_entry(
    connection: &mut PgConnection,
    entry: i64,
) -> Result<Vec<Document>, Error> {
    Ok(sqlx::query_as!(
        Document,
        "select id, docket_entry_id as entry, document_type, document_number, attachment_number,
                pacer_doc_id, description, page_count, file_size, is_available
         from recap_documents where docket_entry_id = $1 order by id",
        entry
    )
    .fetch_all(connection)
    .await?)
}

/// The court's name of the main document of each entry.
pub(super) fn main_ids(documents: &[Document]) -> HashMap<i64, String> {
    let mut ids = HashMap::new();
    for document in documents {
        if document.document_type == MAIN && !document.pacer_doc_id.is_empty() {
            ids.entry(document.entry)
                .or_insert_with(|| document.pacer_doc_id.clone());
        }
    }
    ids
}

/// Adds the documents that are not stored yet and completes those that are.
pub(super) async fn merge(
    connection: &mut PgConnection,
    stored: Vec<Document>,
    wanted: Vec<Wanted>,
) -> Result<Outcome, Error> {
    let found = match_documents(&stored, &wanted);
    let mut new = Vec::new();
    let mut changed = Vec::new();
    for (wanted, found) in wanted.into_iter().zip(found) {
        let Some(found) = found else {
            new.push(wanted);
            continue;
        };
        let updated = stored[found].updated(&wanted);
        if updated != stored[found] {
            changed.push(updated);
        }
    }
    insert(connection, &new).await?;
    update(connection, &changed).await?;
    Ok(Outcome {
        new: new.len(),
        changed: changed.len(),
    })
}

/// For each wanted document the index of the stored one: by the court's name of it first, then
/// by its place in the entry. No stored one is taken twice.
fn match_documents(stored: &[Document], wanted: &[Wanted]) -> Vec<Option<usize>> {
    let mut of_entry: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, document) in stored.iter().enumerate() {
        of_entry.entry(document.entry).or_default().push(index);
    }
    let mut claimed = vec![false; stored.len()];
    let mut found = vec![None; wanted.len()];
    for fits in [has_name as fn(&Document, &Wanted) -> bool, has_place] {
        for (wanted, found) in wanted
            .iter()
            .zip(&mut found)
            .filter(|(_, found)| found.is_none())
        {
            let candidates = of_entry.get(&wanted.entry).map_or(&[][..], Vec::as_slice);
            let fitting = |index: &&usize| !claimed[**index] && fits(&stored[**index], wanted);
            if let Some(index) = candidates.iter().find(fitting) {
                claimed[*index] = true;
                *found = Some(*index);
            }
        }
    }
    found
}

fn has_name(document: &Document, wanted: &Wanted) -> bool {
    document.document_type == wanted.document_type
        && !wanted.pacer_doc_id.is_empty()
        && document.pacer_doc_id == wanted.pacer_doc_id
}

fn has_place(document: &Document, wanted: &Wanted) -> bool {
    document.document_type == wanted.document_type
        && (wanted.document_type == MAIN || document.attachment_number == wanted.attachment_number)
}

impl Document {
    /// What the document is after a page was read over it. The name of a document whose file we
    /// have stays: the file is of that document, whatever the court put in its place since.
    fn updated(&self, wanted: &Wanted) -> Document {
        let mut document = self.clone();
        if document.document_number.is_empty() {
            document.document_number.clone_from(&wanted.document_number);
        }
        document.attachment_number = wanted.attachment_number.or(document.attachment_number);
        let has_file_of_another = document.is_available && !document.pacer_doc_id.is_empty();
        if !wanted.pacer_doc_id.is_empty() && !has_file_of_another {
            document.pacer_doc_id.clone_from(&wanted.pacer_doc_id);
        }
        if !wanted.description.is_empty() {
            document.description.clone_from(&wanted.description);
        }
        document.page_count = document.page_count.or(wanted.page_count);
        document.file_size = document.file_size.or(wanted.file_size);
        document
    }
}

async fn insert(connection: &mut PgConnection, new: &[Wanted]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let entries: Vec<i64> = new.iter().map(|new| new.entry).collect();
    let types: Vec<i16> = new.iter().map(|new| new.document_type).collect();
    let numbers: Vec<&str> = new.iter().map(|new| new.document_number.as_str()).collect();
    let attachments: Vec<Option<i16>> = new.iter().map(|new| new.attachment_number).collect();
    let names: Vec<&str> = new.iter().map(|new| new.pacer_doc_id.as_str()).collect();
    let descriptions: Vec<&str> = new.iter().map(|new| new.description.as_str()).collect();
    let pages: Vec<Option<i32>> = new.iter().map(|new| new.page_count).collect();
    let sizes: Vec<Option<i64>> = new.iter().map(|new| new.file_size).collect();
    sqlx::query!(
        "insert into recap_documents (docket_entry_id, document_type, document_number,
                                      attachment_number, pacer_doc_id, description, page_count, file_size)
         select * from unnest($1::bigint[], $2::smallint[], $3::text[], $4::smallint[], $5::text[],
                              $6::text[], $7::int[], $8::bigint[])",
        &entries,
        &types,
        &numbers as &[&str],
        &attachments as &[Option<i16>],
        &names as &[&str],
        &descriptions as &[&str],
        &pages as &[Option<i32>],
        &sizes as &[Option<i64>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn update(connection: &mut PgConnection, changed: &[Document]) -> Result<(), Error> {
    if changed.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = changed.iter().map(|changed| changed.id).collect();
    let numbers: Vec<&str> = changed
        .iter()
        .map(|changed| changed.document_number.as_str())
        .collect();
    let attachments: Vec<Option<i16>> = changed
        .iter()
        .map(|changed| changed.attachment_number)
        .collect();
    let names: Vec<&str> = changed
        .iter()
        .map(|changed| changed.pacer_doc_id.as_str())
        .collect();
    let descriptions: Vec<&str> = changed
        .iter()
        .map(|changed| changed.description.as_str())
        .collect();
    let pages: Vec<Option<i32>> = changed.iter().map(|changed| changed.page_count).collect();
    let sizes: Vec<Option<i64>> = changed.iter().map(|changed| changed.file_size).collect();
    sqlx::query!(
        "update recap_documents
         set document_number = new.document_number, attachment_number = new.attachment_number,
             pacer_doc_id = new.pacer_doc_id, description = new.description,
             page_count = new.page_count, file_size = new.file_size, date_modified = now()
         from unnest($1::bigint[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::int[], $7::bigint[])
              as new (id, document_number, attachment_number, pacer_doc_id, description, page_count, file_size)
         where recap_documents.id = new.id",
        &ids,
        &numbers as &[&str],
        &attachments as &[Option<i16>],
        &names as &[&str],
        &descriptions as &[&str],
        &pages as &[Option<i32>],
        &sizes as &[Option<i64>]
    )
    .execute(connection)
    .await?;
    Ok(())
}
