//! What was bought: dockets, entries, documents and parties.
//!
//! These types have what most programs want. The whole objects can be had from [`raw`](crate::raw).

use chrono::NaiveDate;
use serde::Deserialize;

/// A docket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Docket {
    /// Its number here.
    pub id: i64,
    /// CourtListener's id of the court.
    pub court_id: String,
    /// The name of the case.
    pub case_name: String,
    /// Its number at the court.
    pub docket_number: Option<String>,
    /// The court's own id of the case.
    pub pacer_case_id: Option<String>,
    /// The day on which the case began.
    pub date_filed: Option<NaiveDate>,
    /// The day on which it ended.
    pub date_terminated: Option<NaiveDate>,
    /// The latest day of a stored entry.
    pub date_last_filing: Option<NaiveDate>,
    /// The assigned judge, as the court writes the name.
    pub assigned_to_str: String,
    /// What the suit is about, as the court says it.
    pub nature_of_suit: String,
    /// The cause of action, as the court states it.
    pub cause: String,
}

/// An entry of a docket, with its documents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DocketEntry {
    /// Its number here.
    pub id: i64,
    /// Its number on the docket, if it has one.
    pub entry_number: Option<i64>,
    /// The day on which it was filed.
    pub date_filed: Option<NaiveDate>,
    /// What it says.
    pub description: String,
    /// The document and its attachments, as far as they are known.
    pub recap_documents: Vec<RecapDocument>,
}

/// A document or an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecapDocument {
    /// Its number here.
    pub id: i64,
    /// Its number on the docket, or empty.
    pub document_number: String,
    /// Which attachment it is; none for a main document.
    pub attachment_number: Option<i64>,
    /// The court's own id of it, or empty.
    pub pacer_doc_id: String,
    /// What it is called in the menu of attachments, or empty.
    pub description: String,
    /// Whether its file is here.
    pub is_available: bool,
    /// Whether it is sealed, if known.
    pub is_sealed: Option<bool>,
    /// Its pages, where they are known.
    pub page_count: Option<i64>,
    /// Its text, as far as it was read.
    pub plain_text: String,
    /// Where its file is, for [`Client::file`](crate::Client::file).
    pub filepath_local: Option<String>,
}

/// A party of a case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Party {
    /// Its number here.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What else the docket says about the party.
    pub extra_info: String,
}
