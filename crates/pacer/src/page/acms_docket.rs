//! The docket of an appellate court that runs ACMS: two answers of its API, combined.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::acms::{CaseDetails, text, tree};
pub use super::appellate_party::AppellateParty;
use super::appellate_party::attorney;
pub use super::attorney::Attorney;
use super::selection::{child_cells, rows_below};
use super::tree::{NodeId, Page, Tag};
use super::{PageError, clean, date};

/// A docket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcmsDocket {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The case, a GUID.
    pub pacer_case_id: Option<String>,
    /// The number of the appeal.
    pub docket_number: Option<String>,
    /// The name of the case, as printed.
    pub case_name: Option<String>,
    /// Whether the fee was paid, as printed.
    pub fee_status: Option<String>,
    /// When the case was opened.
    pub date_filed: Option<NaiveDate>,
    /// The court or agency below.
    pub appeal_from: Option<String>,
    /// What the case is, from general to particular, joined with commas.
    pub case_type_information: String,
    /// What is known of the case below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originating_court_information: Option<AcmsOriginatingCourt>,
    /// Parties and their counsel.
    pub parties: Vec<AppellateParty>,
    /// Entries in the order of the answer.
    pub docket_entries: Vec<AcmsEntry>,
}

/// The case that is appealed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcmsOriginatingCourt {
    /// The court or agency; of an agency with several offices, the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What ACMS calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The number that an agency gave to a person. It is personal data, and for no eyes but the
    /// owner's.
    #[serde(
        rename = "RESTRICTED_ALIEN_NUMBER",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub restricted_alien_number: Option<String>,
}

/// An entry of the docket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcmsEntry {
    /// Its number.
    pub document_number: Option<u64>,
    /// The docket text as HTML.
    pub description_html: String,
    /// The docket text.
    pub description: String,
    /// When it was entered, on the court's clock, if its text says so.
    pub date_entered: Option<NaiveDateTime>,
    /// When it was filed: the midnight of that day.
    pub date_filed: Option<NaiveDateTime>,
    /// The entry, a GUID, by which its documents are asked for.
    pub pacer_doc_id: Option<String>,
    /// Pages of all its documents.
    pub page_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answers {
    case_details: CaseDetails,
    docket_info: DocketInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DocketInfo {
    docket_entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    entry_number: Option<u64>,
    docket_entry_text: Option<String>,
    docket_entry_id: Option<String>,
    end_date_formatted: Option<String>,
    page_count: Option<u64>,
}

/// Reads a docket of ACMS. Never `Ok(None)`: whatever is not such a docket is an error.
///
/// # Examples
///
/// ```
/// let answers = r#"{
///     "caseDetails": {"caseNumber": "26-1042", "caseType": "Civil", "caseSubType": "Private"},
///     "docketInfo": {"docketEntries": [{
///         "entryNumber": 1, "docketEntryText": "<p>KETTLE filed. [Entered: 02/03/2026 11:17 AM]</p>"}]}}"#;
/// let docket = pacer::page::acms_docket::parse(answers.as_bytes(), "ca2")?.unwrap();
/// assert_eq!(docket.case_type_information, "Civil, Private");
/// assert_eq!(docket.docket_entries[0].description, "KETTLE filed. [Entered: 02/03/2026 11:17 AM]");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<AcmsDocket>, PageError> {
    let answers: Answers = clean::json(page).map_err(|_| PageError::Bad("ACMS docket"))?;
    let mut case = answers.case_details;
    let html = case.party_attorney_list.take().unwrap_or_default();
    let entries = answers.docket_info.docket_entries.into_iter();
    Ok(Some(AcmsDocket {
        court_id: court.to_owned(),
        date_filed: case.case_opened.as_deref().and_then(date::written_day),
        appeal_from: case.court.as_ref().and_then(|court| court.name.clone()),
        case_type_information: case_type(&case),
        parties: parties(&html)?,
        docket_entries: entries.map(read_entry).collect::<Result<_, _>>()?,
        pacer_case_id: case.case_id.take(),
        docket_number: case.case_number.take(),
        case_name: case.name.take(),
        fee_status: case.fee_status.take(),
        originating_court_information: originating_court(case),
    }))
}

fn case_type(case: &CaseDetails) -> String {
    let types: Vec<&str> = [
        &case.case_type,
        &case.case_sub_type,
        &case.case_sub_sub_type,
    ]
    .into_iter()
    .flatten()
    .map(String::as_str)
    .filter(|text| !text.is_empty())
    .collect();
    types.join(", ")
}

fn originating_court(case: CaseDetails) -> Option<AcmsOriginatingCourt> {
    let is_given = |text: &String| !text.is_empty();
    let (name, identifier) = case
        .court
        .map_or((None, None), |court| (court.name, court.identifier));
    let found = AcmsOriginatingCourt {
        name: case.district_court_name.filter(is_given).or(name),
        identifier,
        restricted_alien_number: case.a_number.filter(is_given),
    };
    let is_empty = found.name.is_none()
        && found.identifier.is_none()
        && found.restricted_alien_number.is_none();
    (!is_empty).then_some(found)
}

fn parties(html: &str) -> Result<Vec<AppellateParty>, PageError> {
    let page = tree(html)?;
    let mut parties = Vec::new();
    for row in rows_below(&page, page.all())? {
        if let [party, attorneys, ..] = child_cells(&page, row)[..] {
            let attorneys = attorneys_of(&page, attorneys);
            parties.push(AppellateParty::read(&page, party, attorneys)?);
        }
    }
    Ok(parties)
}

/// Each element in the cell is an attorney; some hold nothing but space.
fn attorneys_of(page: &Page, cell: NodeId) -> Vec<Attorney> {
    page.children(cell)
        .filter(|child| !matches!(page.tag(*child), Tag::Text | Tag::Comment))
        .filter_map(|child| attorney(page, page.below(child)))
        .collect()
}

pub(super) fn read_entry(entry: Entry) -> Result<AcmsEntry, PageError> {
    let description_html = entry.docket_entry_text.unwrap_or_default();
    let description = text(&description_html)?;
    Ok(AcmsEntry {
        document_number: entry.entry_number,
        date_entered: time_entered(&description),
        date_filed: entry
            .end_date_formatted
            .and_then(|day| Some(date::date(&day)?.and_time(NaiveTime::MIN))),
        pacer_doc_id: entry.docket_entry_id,
        page_count: entry.page_count,
        description_html,
        description,
    })
}

static ENTERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[Entered:\s+([0-9/\-–—]+\s[^\]]*)\]").expect("pattern is tested")
});

fn time_entered(text: &str) -> Option<NaiveDateTime> {
    ENTERED
        .captures(text)
        .and_then(|found| date::date_time(&found[1]))
}
