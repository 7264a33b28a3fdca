//! How people name a document: by its court's id, or by its place on the docket of a case.

mod numbers;

use serde::{Deserialize, Serialize};

use crate::DocketId;
pub use numbers::{EntryNumbers, NoEntryNumbers};

/// A document as somebody has named it. What is empty or none was not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentAddress {
    /// The court (CourtListener's id).
    pub court: String,
    /// The stored docket of the case.
    pub docket: Option<DocketId>,
    /// The court's own id of the case.
    pub pacer_case_id: String,
    /// The number of the case, as people write it.
    pub docket_number: String,
    /// Which document.
    pub name: DocumentName,
}

/// What names a document in its court or its case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentName {
    /// The court's own id of it.
    Id {
        /// The id, in canonical form.
        pacer_doc_id: String,
        /// The court's internal number of its entry.
        sequence: Option<i32>,
    },
    /// Its place on the docket.
    Place {
        /// The number of the entry.
        entry: i32,
        /// The number of the attachment; none for the main document.
        attachment: Option<i32>,
    },
}

/// Several documents of a case, by the entries that they belong to. What is empty or none was not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSet {
    /// The court (CourtListener's id).
    pub court: String,
    /// The stored docket of the case.
    pub docket: Option<DocketId>,
    /// The court's own id of the case.
    pub pacer_case_id: String,
    /// The number of the case, as people write it.
    pub docket_number: String,
    /// The numbers of the entries.
    pub entries: EntryNumbers,
    /// Not only the main document of each entry, but its attachments, too.
    pub attachments: bool,
}

impl DocumentSet {
    /// The case, as the address of the first of the documents.
    #[must_use]
    pub fn first(&self) -> DocumentAddress {
        DocumentAddress {
            court: self.court.clone(),
            docket: self.docket,
            pacer_case_id: self.pacer_case_id.clone(),
            docket_number: self.docket_number.clone(),
            name: DocumentName::Place {
                entry: self.entries.iter().next().unwrap_or(1),
                attachment: None,
            },
        }
    }
}

impl std::fmt::Display for DocumentSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.entries.single() {
            Some(_) => "entry",
            None => "entries",
        };
        write!(formatter, "{word} {}", self.entries)
    }
}

impl DocumentAddress {
    /// Whether it says of which case the document is.
    #[must_use]
    pub fn has_case(&self) -> bool {
        self.docket.is_some() || !self.pacer_case_id.is_empty() || !self.docket_number.is_empty()
    }
}

impl DocumentName {
    /// Whether it may be one that only the menu of its entry tells of.
    #[must_use]
    pub fn may_be_attachment(&self) -> bool {
        match self {
            DocumentName::Id { sequence, .. } => sequence.is_some(),
            DocumentName::Place { attachment, .. } => attachment.is_some(),
        }
    }
}

impl std::fmt::Display for DocumentName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DocumentName::Id { pacer_doc_id, .. } => write!(formatter, "document {pacer_doc_id}"),
            DocumentName::Place {
                entry,
                attachment: None,
            } => write!(formatter, "entry {entry}"),
            DocumentName::Place {
                entry,
                attachment: Some(attachment),
            } => write!(formatter, "attachment {attachment} of entry {entry}"),
        }
    }
}
