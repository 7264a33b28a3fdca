//! What is stored of several entries of a docket.

use fetch_model::{DocketId, DocumentId, address::EntryNumbers};

use crate::{Error, Library, merge::MAIN};

/// What is stored of some entries: each entry, and its documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredSet {
    /// Their numbers.
    pub entries: Vec<i32>,
    /// Their documents, by entry and attachment.
    pub documents: Vec<SetDocument>,
}

/// A document of one of several entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDocument {
    /// Its number.
    pub id: DocumentId,
    /// The number of its entry.
    pub entry: i32,
    /// The number of the attachment, if it is one.
    pub attachment: Option<i32>,
    /// Whether the court has named it, so that it can be asked for.
    pub can_be_asked_for: bool,
    /// Whether its file is stored.
    pub is_available: bool,
}

impl StoredSet {
    /// Those that are wanted: of each entry the main document, or all. The documents of appeals are attachments, all
    /// of them.
    #[must_use]
    pub fn wanted(&self, attachments: bool) -> Vec<&SetDocument> {
        let has_main = |entry: i32| {
            let mut documents = self.documents.iter();
            documents.any(|other| other.entry == entry && other.attachment.is_none())
        };
        let documents = self.documents.iter();
        documents
            .filter(|it| attachments || it.attachment.is_none() || !has_main(it.entry))
            .collect()
    }

    /// The main documents of entries of which no attachment is known: a menu may tell of some.
    #[must_use]
    pub fn without_menu(&self) -> Vec<&SetDocument> {
        let has_attachment = |entry: i32| {
            let mut documents = self.documents.iter();
            documents.any(|other| other.entry == entry && other.attachment.is_some())
        };
        let documents = self.documents.iter();
        documents
            .filter(|it| it.attachment.is_none() && it.can_be_asked_for)
            .filter(|it| !has_attachment(it.entry))
            .collect()
    }
}

impl std::fmt::Display for SetDocument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.attachment {
            None => write!(formatter, "entry {}", self.entry),
            Some(number) => write!(formatter, "attachment {number} of entry {}", self.entry),
        }
    }
}

impl Library {
    /// What is stored of these entries of a docket.
    pub async fn documents_of(
        &self,
        docket: DocketId,
        entries: &EntryNumbers,
    ) -> Result<StoredSet, Error> {
        let numbers: Vec<i64> = entries.iter().map(i64::from).collect();
        let rows = sqlx::query!(
            r#"select entry_number as "entry!", d.id as "id?", document_type as "document_type?",
                      attachment_number, pacer_doc_id as "pacer_doc_id?", is_available as "is_available?"
               from docket_entries left join recap_documents d on d.docket_entry_id = docket_entries.id
               where docket_id = $1 and entry_number = any($2)
               order by entry_number, document_type, attachment_number, d.id"#,
            docket.0,
            &numbers
        )
        .fetch_all(self.db.pool())
        .await?;
        let mut stored = StoredSet::default();
        for row in rows {
            let entry = i32::try_from(row.entry).unwrap_or(i32::MAX);
            if stored.entries.last() != Some(&entry) {
                stored.entries.push(entry);
            }
            let (Some(id), Some(document_type)) = (row.id, row.document_type) else {
                continue;
            };
            let attachment = row.attachment_number.map(i32::from);
            stored.documents.push(SetDocument {
                id: DocumentId(id),
                entry,
                attachment: (document_type != MAIN).then_some(attachment.unwrap_or_default()),
                can_be_asked_for: !row.pacer_doc_id.unwrap_or_default().is_empty(),
                is_available: row.is_available.unwrap_or_default(),
            });
        }
        Ok(stored)
    }
}
