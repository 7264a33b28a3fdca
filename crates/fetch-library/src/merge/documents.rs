//! Documents and attachments of entries.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;

use crate::Error;

/// The `document_type` of the document that an entry is about.
pub(crate) const MAIN: i16 = 1;
/// The `document_type` of what is attached to it.
pub(super) const ATTACHMENT: i16 = 2;

/// What documents an entry may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryLayout {
    /// A main document, and perhaps attachments to it.
    MainAndAttachments,
    /// Either one document or, in appellate courts, attachments only: once a menu is known, the
    /// document that the docket links to is one of them, and is no main document any more.
    OneOrAttachments,
}

impl EntryLayout {
    /// The documents that a page lists, without main ones that it lists among attachments too.
    pub(super) fn of_entries(self, mut wanted: Vec<Wanted>) -> Vec<Wanted> {
        if self == EntryLayout::OneOrAttachments {
            let listed: HashSet<(i64, String)> = wanted
                .iter()
                .filter(|wanted| wanted.document_type == ATTACHMENT)
                .map(|wanted| (wanted.entry, wanted.pacer_doc_id.clone()))
                .collect();
            wanted.retain(|wanted| {
                wanted.document_type != MAIN
                    || !listed.contains(&(wanted.entry, wanted.pacer_doc_id.clone()))
            });
        }
        wanted
    }

    /// The rules by which a document of a page is a stored one, the surest first.
    fn rules(self) -> &'static [fn(&Document, &Wanted) -> bool] {
        match self {
            EntryLayout::MainAndAttachments => &[has_name, has_place],
            EntryLayout::OneOrAttachments => &[has_name, has_name_in_another_place, has_place],
        }
    }
}

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

/// The court's name of the main document of each entry. Of an entry that has attachments only,
/// it is the lowest of their names.
pub(super) fn main_ids(documents: &[Document]) -> HashMap<i64, String> {
    let mut named: Vec<&Document> = documents
        .iter()
        .filter(|document| !document.pacer_doc_id.is_empty())
        .collect();
    // Stable: the main documents first, in the order in which they were made.
    named.sort_by_key(|document| match document.document_type {
        MAIN => (MAIN, ""),
        other => (other, document.pacer_doc_id.as_str()),
    });
    let has_main: HashSet<i64> = documents
        .iter()
        .filter(|document| document.document_type == MAIN)
        .map(|document| document.entry)
        .collect();
    let mut ids = HashMap::new();
    for document in named {
        if document.document_type == MAIN || !has_main.contains(&document.entry) {
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
    layout: EntryLayout,
) -> Result<Outcome, Error> {
    let found = match_documents(&stored, &wanted, layout);
    let only_attachments = entries_of_attachments_only(&stored);
    let mut new = Vec::new();
    let mut changed = Vec::new();
    for (wanted, found) in wanted.into_iter().zip(found) {
        let Some(found) = found else {
            // An entry of attachments has no nameless document beside them.
            if !(wanted.is_nameless() && only_attachments.contains(&wanted.entry)) {
                new.push(wanted);
            }
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

fn entries_of_attachments_only(stored: &[Document]) -> HashSet<i64> {
    let of_type = |document_type| {
        stored
            .iter()
            .filter(move |document| document.document_type == document_type)
            .map(|document| document.entry)
    };
    let with_main: HashSet<i64> = of_type(MAIN).collect();
    of_type(ATTACHMENT)
        .filter(|entry| !with_main.contains(entry))
        .collect()
}

impl Wanted {
    /// A main document that the court does not give.
    fn is_nameless(&self) -> bool {
        self.document_type == MAIN && self.pacer_doc_id.is_empty()
    }
}

/// For each wanted document the index of the stored one: by the court's name of it first, then
/// by its place in the entry. No stored one is taken twice.
fn match_documents(
    stored: &[Document],
    wanted: &[Wanted],
    layout: EntryLayout,
) -> Vec<Option<usize>> {
    let mut of_entry: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, document) in stored.iter().enumerate() {
        of_entry.entry(document.entry).or_default().push(index);
    }
    let mut claimed = vec![false; stored.len()];
    let mut found = vec![None; wanted.len()];
    for fits in layout.rules() {
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

/// A main document that turned out to be an attachment, or the other way round.
fn has_name_in_another_place(document: &Document, wanted: &Wanted) -> bool {
    !wanted.pacer_doc_id.is_empty() && document.pacer_doc_id == wanted.pacer_doc_id
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
        if wanted.document_type == ATTACHMENT {
            document.document_type = ATTACHMENT;
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
    let types: Vec<i16> = changed
        .iter()
        .map(|changed| changed.document_type)
        .collect();
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
         set document_type = new.document_type, document_number = new.document_number,
             attachment_number = new.attachment_number,
             pacer_doc_id = new.pacer_doc_id, description = new.description,
             page_count = new.page_count, file_size = new.file_size, date_modified = now()
         from unnest($1::bigint[], $2::smallint[], $3::text[], $4::smallint[], $5::text[],
                     $6::text[], $7::int[], $8::bigint[])
              as new (id, document_type, document_number, attachment_number, pacer_doc_id,
                      description, page_count, file_size)
         where recap_documents.id = new.id",
        &ids,
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
