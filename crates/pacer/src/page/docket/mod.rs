//! The docket report (`DktRpt.pl`) of district and bankruptcy courts.

mod attachments;
mod attorneys;
mod case;
mod criminal;
mod entries;
mod parties;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use super::attorney::Attorney;
pub use super::docket_number::DocketNumberParts;
use super::tree::Page;
use super::{PageError, clean, present_option, refused};

/// A docket, as one report shows it: perhaps only a part, if the report was asked for one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Docket {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The number of the case, without judges' initials.
    pub docket_number: Option<String>,
    /// What the number as printed says beyond that.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// Never empty; `Unknown Case Title` as a last resort.
    pub case_name: String,
    /// When the case was filed.
    pub date_filed: Option<NaiveDate>,
    /// When it ended.
    pub date_terminated: Option<NaiveDate>,
    /// When it went to another chapter (bankruptcy).
    pub date_converted: Option<NaiveDate>,
    /// When the debtor was discharged (bankruptcy).
    pub date_discharged: Option<NaiveDate>,
    /// The judge it is assigned to, without titles, or empty.
    pub assigned_to_str: String,
    /// The judge it is referred to, without titles, or empty.
    pub referred_to_str: String,
    /// All judges it is assigned to, where there are several. juriscraper knows only the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to_judges: Option<Vec<String>>,
    /// All judges it is referred to, where there are several. juriscraper knows only the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_to_judges: Option<Vec<String>>,
    /// Cause of action, or empty.
    pub cause: String,
    /// Nature of suit, or empty.
    pub nature_of_suit: String,
    /// Who demands a jury, or empty.
    pub jury_demand: String,
    /// The sum demanded, as printed, or empty.
    pub demand: String,
    /// Ground of jurisdiction, or empty.
    pub jurisdiction: String,
    /// Part in a multidistrict litigation, or empty.
    pub mdl_status: String,
    /// By which date the entries are sorted.
    pub ordered_by: Option<OrderedBy>,
    /// Parties, if the report was asked for them.
    pub parties: Vec<Party>,
    /// Entries in the order of the page.
    pub docket_entries: Vec<DocketEntry>,
}

/// By which date the entries of a report are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderedBy {
    /// By the date of filing.
    DateFiled,
    /// By the date of entry.
    DateEntered,
}

/// A party, once for each role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Party {
    /// The name as printed.
    pub name: String,
    /// The role, `Plaintiff`.
    #[serde(rename = "type")]
    pub party_type: String,
    /// Lines about the party, joined with line feeds.
    pub extra_info: String,
    /// When the party left the case.
    pub date_terminated: Option<NaiveDate>,
    /// Counsel; none if the page has no place for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attorneys: Option<Vec<Attorney>>,
    /// Counts and complaints against a defendant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criminal_data: Option<CriminalData>,
}

/// What a defendant is accused of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CriminalData {
    /// `Felony`, `None`, … or empty.
    pub highest_offense_level_opening: String,
    /// `Felony`, `None`, … or empty.
    pub highest_offense_level_terminated: String,
    /// Counts of the indictment.
    pub counts: Vec<CriminalCount>,
    /// Complaints.
    pub complaints: Vec<CriminalComplaint>,
}

/// A count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CriminalCount {
    /// The offence, with its number on the page.
    pub name: String,
    /// What became of it, or empty.
    pub disposition: String,
    /// Whether it still stands.
    pub status: CountStatus,
}

/// Whether a count still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountStatus {
    /// It stands.
    Pending,
    /// It is over.
    Terminated,
}

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CriminalComplaint {
    /// The offence.
    pub name: String,
    /// What became of it, or empty.
    pub disposition: String,
}

/// An entry of the docket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DocketEntry {
    /// When it was filed; none only if the page has something there that is no date.
    pub date_filed: Option<NaiveDate>,
    /// When it was entered, if its text says so.
    pub date_entered: Option<NaiveDate>,
    /// Its number; none for minute entries and the like.
    pub document_number: Option<String>,
    /// The docket text, which may be empty.
    pub description: String,
    /// The main document, in canonical form; none if there is nothing to be had.
    pub pacer_doc_id: Option<String>,
    /// The court's internal number of the entry (`de_seq_num`).
    pub pacer_seq_no: Option<String>,
    /// Pages of the main document.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub page_count: Option<Option<u32>>,
    /// Size of the main document, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size_str: Option<String>,
    /// Size of the main document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size_bytes: Option<u64>,
    /// Attachments, which only a report with "view multiple documents" lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<EntryAttachment>>,
}

/// An attachment in a docket report.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntryAttachment {
    /// Its number; 0 is the main document.
    pub attachment_number: Option<u32>,
    /// Its description, or empty.
    pub description: String,
    /// Its pages.
    pub page_count: Option<u32>,
    /// Its size, as printed, or empty.
    pub file_size_str: String,
    /// Its document, in canonical form.
    pub pacer_doc_id: Option<String>,
    /// The sequence number of its entry.
    pub pacer_seq_no: Option<String>,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size_bytes: Option<u64>,
}

/// Reads a docket report. `Ok(None)` for an error page, a price page, or anything else that a
/// court shows in place of a docket.
pub fn parse(page: &[u8], court: &str) -> Result<Option<Docket>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    if !page.has_row_with_child() {
        return Ok(None);
    }
    let rows = entries::Rows::find(&page);
    if !is_docket(&page, &rows) && refused::docket(&text) {
        return Ok(None);
    }
    if page.comment_with(APPELLATE).is_some() {
        return Err(PageError::Missing("case table"));
    }
    let parties = parties::read(&page, court)?;
    let case = case::Case::read(&page, court, &parties)?;
    let ordered_by = rows.ordered_by(&page);
    let entries = rows.read(&page, court)?;
    Ok(Some(case.into_docket(court, ordered_by, parties, entries)))
}

/// A comment of the dockets of appellate courts, which tell when a case below was filed.
const APPELLATE: &str = "NEW SECTION - Case Stub";

/// Whether the tree has what no refusal has: a case, and rows of entries. What such a page says is
/// what was filed.
fn is_docket(page: &Page, rows: &entries::Rows) -> bool {
    case::has_case_table(page) && rows.has_entries(page)
}

/// Whether a page is a docket with entries, whatever it quotes.
pub(crate) fn has_entries(text: &str) -> bool {
    !refused::is_tampered(text)
        && Page::parse(text).is_ok_and(|page| is_docket(&page, &entries::Rows::find(&page)))
}
