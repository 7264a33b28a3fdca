//! The attachments of an entry in ACMS: three answers of its API, combined.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use unicode_normalization::UnicodeNormalization;

use super::acms::{CaseDetails, text};
use super::{PageError, clean, date};

/// What ACMS tells about an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcmsAttachmentPage {
    /// The entry, a GUID.
    pub pacer_doc_id: Option<String>,
    /// The number of the entry.
    pub entry_number: Option<u64>,
    /// The case, a GUID.
    pub pacer_case_id: Option<String>,
    /// The docket text, in which no-break spaces became spaces.
    pub description: String,
    /// When the entry was made.
    pub date_filed: Option<NaiveDate>,
    /// The day under which it is on the docket.
    pub date_end: Option<NaiveDate>,
    /// Its documents, the main one among them.
    pub attachments: Vec<AcmsAttachment>,
}

/// A document of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcmsAttachment {
    /// Its number, counted from 1.
    pub attachment_number: Option<u64>,
    /// What it is.
    pub description: String,
    /// Pages that count.
    pub page_count: Option<u64>,
    /// The entry, a GUID.
    pub pacer_doc_id: Option<String>,
    /// The document itself, a GUID.
    pub acms_document_guid: Option<String>,
    /// Who may see it: `Public`.
    pub permission: Option<String>,
    /// What it costs, in dollars, as the answer has it.
    pub cost: Option<Number>,
    /// Its size in kilobytes.
    pub file_size: Option<u64>,
    /// When it was filed.
    pub date_filed: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answers {
    case_details: Option<CaseDetails>,
    docket_entry: Option<Entry>,
    docket_entry_documents: Option<Vec<Document>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    docket_entry_id: Option<String>,
    entry_number: Option<u64>,
    docket_entry_text: Option<String>,
    created_on: Option<String>,
    end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    document_number: Option<String>,
    name: Option<String>,
    billable_pages: Option<u64>,
    docket_document_details_id: Option<String>,
    document_permission: Option<String>,
    cost: Option<Number>,
    file_size: Option<u64>,
    created_on: Option<String>,
}

/// Reads the attachments of an entry. `Ok(None)` for what is no JSON, or lacks one of the answers.
///
/// # Errors
/// For JSON of something else.
///
/// # Examples
///
/// ```
/// let answers = r#"{
///     "caseDetails": {"caseId": "11111111-2222-3333-4444-555555555555"},
///     "docketEntry": {"entryNumber": 3, "docketEntryText": "<p>KETTLE&nbsp;filed.</p>"},
///     "docketEntryDocuments": [{"documentNumber": "1", "name": "26-1 003-01 - Kettle - Lid.pdf"}]}"#;
/// let menu = pacer::page::acms_attachment_page::parse(answers.as_bytes(), "ca2")?.unwrap();
/// assert_eq!(menu.description, "KETTLE filed.");
/// assert_eq!(menu.attachments[0].description, "Lid");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], _court: &str) -> Result<Option<AcmsAttachmentPage>, PageError> {
    let answers: Answers = match clean::json(page) {
        Ok(answers) => answers,
        Err(error) if error.is_data() => return Err(PageError::Bad("list of attachments")),
        Err(_) => return Ok(None),
    };
    if let (None, None, None) = (
        &answers.case_details,
        &answers.docket_entry,
        &answers.docket_entry_documents,
    ) {
        return Err(PageError::Bad("answer of ACMS about attachments"));
    }
    let (Some(case), Some(entry), Some(documents)) = (
        answers.case_details,
        answers.docket_entry,
        answers.docket_entry_documents,
    ) else {
        return Ok(None);
    };
    let text = text(&entry.docket_entry_text.unwrap_or_default())?;
    let pacer_doc_id = entry.docket_entry_id;
    Ok(Some(AcmsAttachmentPage {
        entry_number: entry.entry_number,
        pacer_case_id: case.case_id,
        description: text.nfkd().collect(),
        date_filed: day(entry.created_on),
        date_end: day(entry.end_date),
        attachments: documents
            .into_iter()
            .map(|document| read_document(document, pacer_doc_id.clone()))
            .collect(),
        pacer_doc_id,
    }))
}

fn read_document(document: Document, pacer_doc_id: Option<String>) -> AcmsAttachment {
    AcmsAttachment {
        attachment_number: document
            .document_number
            .and_then(|number| last_part(&number)),
        description: description(document.name.unwrap_or_default()),
        page_count: document.billable_pages,
        pacer_doc_id,
        acms_document_guid: document.docket_document_details_id,
        permission: document.document_permission,
        cost: document.cost,
        file_size: document.file_size,
        date_filed: day(document.created_on),
    }
}

fn day(time: Option<String>) -> Option<NaiveDate> {
    time.as_deref().and_then(date::written_day)
}

/// The second document of entry 3 is `2`, or `3.2`.
fn last_part(number: &str) -> Option<u64> {
    number.rsplit('.').next()?.parse().ok()
}

/// Names are made of number, entry and description, and the suffix of a file.
fn description(name: String) -> String {
    let parts: Vec<&str> = name.split(" - ").collect();
    match parts[..] {
        [_, _, last] => last.split('.').next().unwrap_or_default().to_owned(),
        _ => name,
    }
}
