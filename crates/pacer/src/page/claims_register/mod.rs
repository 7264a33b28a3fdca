//! The register of claims (`SearchClaims.pl`) of a bankruptcy: what creditors ask for.

mod case;
mod claim;
mod history;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::claim_tables::{claim_tables, has_claims};
pub use super::docket_number::DocketNumberParts;
pub use super::labelled::{LabelValue, OtherLabels};
use super::tree::Page;
use super::{PageError, clean, present_option, refused};

/// A register of claims. A field that may be absent is so if the page lacks its label.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRegister {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The number of the case, without judges' initials.
    pub docket_number: String,
    /// The name of the case.
    pub case_name: String,
    /// What the number as printed says beyond it.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// The chapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chapter: Option<String>,
    /// The division of the court.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// The judge, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to_str: Option<String>,
    /// The trustee, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trustee_str: Option<String>,
    /// When the case was filed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_filed: Option<Option<NaiveDate>>,
    /// When it was closed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_closed: Option<Option<NaiveDate>>,
    /// When it went to another chapter.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_converted: Option<Option<NaiveDate>>,
    /// When it was dismissed as to the debtor.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_debtor_dismissed: Option<Option<NaiveDate>>,
    /// Until when creditors may file claims.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_last_to_file_claims: Option<Option<NaiveDate>>,
    /// Until when governments may.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_last_to_file_govt: Option<Option<NaiveDate>>,
    /// What the page says under any other label, such as `total_number_of_claims`.
    #[serde(flatten)]
    pub other: OtherLabels,
    /// The claims, in the order of the page.
    pub claims: Vec<Claim>,
}

/// What one creditor asks for. Strings are as printed, and empty where the page is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The court's number of the creditor.
    pub creditor_id: String,
    /// Name and address, line by line.
    pub creditor_details: String,
    /// The number of the claim in its case.
    pub claim_number: Option<u64>,
    /// When the claim was first filed.
    pub date_original_filed: Option<NaiveDate>,
    /// When that was entered.
    pub date_original_entered: Option<NaiveDate>,
    /// When it was last amended.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_last_amendment_filed: Option<Option<NaiveDate>>,
    /// When that was entered.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_last_amendment_entered: Option<Option<NaiveDate>>,
    /// What became of it, `Withdraw` and the like.
    pub status: String,
    /// Who filed it: `CR` is the creditor.
    pub filed_by: String,
    /// Who entered it.
    pub entered_by: String,
    /// When it was modified.
    pub date_modified: Option<NaiveDate>,
    /// All that is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_claimed: Option<String>,
    /// The part that is secured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secured_claimed: Option<String>,
    /// The part that has priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_claimed: Option<String>,
    /// The part that is not secured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsecured_claimed: Option<String>,
    /// The part that is for administration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_claimed: Option<String>,
    /// The part that is none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_claimed: Option<String>,
    /// What it is for.
    pub description: String,
    /// What the court remarks.
    pub remarks: String,
    /// The documents about it.
    pub history: Vec<HistoryItem>,
}

/// A document about a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryItem {
    /// The number of the claim, or of the entry in the docket.
    pub document_number: Option<u64>,
    /// The version of the claim, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_number: Option<u64>,
    /// Where the document belongs.
    #[serde(rename = "type")]
    pub kind: HistoryKind,
    /// The document, in canonical form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacer_doc_id: Option<String>,
    /// The court's id of the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The court's id of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacer_case_id: Option<String>,
    /// The court's internal number of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacer_seq_no: Option<String>,
    /// The court's internal number of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacer_dm_id: Option<String>,
    /// When it was filed.
    pub date_filed: Option<NaiveDate>,
    /// What it says, in short.
    pub description: String,
}

/// Where a document about a claim belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryKind {
    /// To the claim itself: a version of it.
    Claim,
    /// To the docket of the case.
    DocketEntry,
}

/// Reads a register of claims. `Ok(None)` for a page that says that there are none. Fails for
/// courts that are not bankruptcy courts.
///
/// # Examples
///
/// ```
/// let page = "<center><b>Case Name:</b> Wren Hollow Mills<br><b>Case Number:</b> 24-10417-rf</center>
///     <table class=complexReport><tr><td></td><td><b>Claim No: 3</b></td><td></td></tr></table>";
/// let register = pacer::page::claims_register::parse(page.as_bytes(), "nysb")?.expect("it is one");
/// assert_eq!(register.docket_number, "24-10417");
/// assert_eq!(register.claims[0].claim_number, Some(3));
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<ClaimsRegister>, PageError> {
    refused::unless_bankruptcy(court)?;
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let tables = claim_tables(&page)?;
    if tables.is_empty() && refused::claims_register(&text) {
        return Ok(None);
    }
    let mut register = case::read(&page, court)?;
    for table in tables {
        register.claims.push(claim::read(&page, table)?);
    }
    let is_unread = register.claims.is_empty() && has_claims(&page);
    match is_unread {
        true => Err(PageError::Unread("claims")),
        false => Ok(Some(register)),
    }
}
