//! The report of claims filed in a span of time (`ClaimsActRpt.pl`), in all bankruptcies of a
//! court.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::claim_tables::{claim_tables, has_claims};
pub use super::docket_number::DocketNumberParts;
use super::labelled::field_name;
use super::link::{href, is_notice_link, query_value};
use super::selection::{child_cells, first_text};
use super::strings::{harmonize, squeeze};
use super::tree::{NodeId, Page, Tag};
use super::{PageError, clean, date, docket_number, present_option, refused};

/// A claim, and what the report says about its case. Strings are empty if the page lacks them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimActivity {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The name of the case.
    pub case_name: String,
    /// The number of the case, without judges' initials.
    pub docket_number: String,
    /// What the number as printed says beyond it.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// The division of the court, by number.
    pub office: String,
    /// The chapter.
    pub chapter: String,
    /// The judge, as printed.
    pub assigned_to_str: String,
    /// The trustee, as printed.
    pub trustee_str: String,
    /// Until when creditors may file claims.
    pub last_date_to_file_claims: Option<NaiveDate>,
    /// Until when governments may.
    pub last_date_to_file_govt: Option<NaiveDate>,
    /// The claim.
    pub claim: ActiveClaim,
}

/// A claim of the report. Its three ids are absent if it has no link, and null if that lacks them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveClaim {
    /// The court's id of the case.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub pacer_case_id: Option<Option<String>>,
    /// The court's id of the claim.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub claim_id: Option<Option<String>>,
    /// The number of the claim in its case, and that of its version: `6-1`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub claim_number: Option<Option<String>>,
    /// The number of the claim that it amends.
    pub amends_no: String,
    /// All that is claimed, as printed.
    pub amount_claimed: String,
    /// What was allowed, as printed.
    pub amount_allowed: String,
    /// The part that is secured, as printed.
    pub secured_claimed: String,
    /// The part that has priority, as printed.
    pub priority_claimed: String,
    /// Who claims.
    pub creditor_name_address: String,
    /// What it is for.
    pub description: String,
    /// The court's number of the creditor.
    pub creditor_id: String,
    /// Who entered it.
    pub entered_by: String,
    /// Who filed it: `Creditor`, `Debtor` and the like.
    pub filed_by: String,
    /// What became of it.
    pub status: String,
    /// What the court remarks.
    pub remarks: String,
    /// When it was filed.
    pub date_filed: Option<NaiveDate>,
    /// When it was entered.
    pub date_entered: Option<NaiveDate>,
    /// Further documents of the claim.
    pub attachments: Vec<ClaimAttachment>,
}

/// A further document of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimAttachment {
    /// The court's id of the case.
    pub pacer_case_id: Option<String>,
    /// The court's id of the claim.
    pub claim_id: Option<String>,
    /// The number of the claim, and that of its version.
    pub claim_number: Option<String>,
    /// The number of the document among those of the claim.
    pub claim_doc_seq: Option<String>,
    /// What its link says, or empty.
    pub short_description: String,
}

/// Reads a report of claims. `Ok(None)` for a page that says that there are none. Fails for courts
/// that are not bankruptcy courts.
///
/// # Examples
///
/// ```
/// let page = "<table class=complexReport><tr><td>Case: 24-10417-rf<br>Title: Wren Hollow Mills</td>
///     <td>Amount claimed: $9.50</td><td>Chapter: 13</td></tr></table>";
/// let claims = pacer::page::claims_activity::parse(page.as_bytes(), "nysb")?.expect("there is one");
/// assert_eq!(claims[0].docket_number, "24-10417");
/// assert_eq!(claims[0].claim.amount_claimed, "$9.50");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<Vec<ClaimActivity>>, PageError> {
    refused::unless_bankruptcy(court)?;
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let tables = claim_tables(&page)?;
    if tables.is_empty() {
        return match () {
            () if refused::claims_activity(&text) || refused::is_of_session(&text) => Ok(None),
            () if has_claims(&page) => Err(PageError::Unread("claims")),
            () if has_title(&page) => Ok(Some(Vec::new())),
            () => Err(PageError::Missing("table of claims")),
        };
    }
    tables
        .into_iter()
        .map(|table| read(&page, court, table))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn has_title(page: &Page) -> bool {
    !page.text_nodes_with("Claims Activity Report").is_empty()
}

fn read(page: &Page, court: &str, table: NodeId) -> Result<ClaimActivity, PageError> {
    let mut activity = ClaimActivity {
        court_id: squeeze(court),
        ..ClaimActivity::default()
    };
    let mut rows = page.below_of(table, Tag::Tr);
    let first = rows.next().map(|row| child_cells(page, row));
    let first = first.as_deref().unwrap_or_default();
    for cell in [first.first(), first.get(2)].into_iter().flatten() {
        for (field, value) in labels(page, *cell) {
            activity.add(&field, value, court);
            activity.claim.add(&field, value);
        }
    }
    let below = rows
        .take(2)
        .filter_map(|row| page.children_of(row, Tag::Td).next());
    for cell in first.get(1).copied().into_iter().chain(below) {
        for (field, value) in labels(page, cell) {
            activity.claim.add(&field, value);
        }
    }
    if let Some(cell) = first.first() {
        activity.read_links(page, court, *cell);
    }
    if activity.docket_number.is_empty() {
        return Err(PageError::Missing("case number"));
    }
    Ok(activity)
}

/// Labels and values share a text node here.
fn labels(page: &Page, cell: NodeId) -> impl Iterator<Item = (String, &str)> {
    page.children_of(cell, Tag::Text)
        .filter_map(|text| page.text(text).split_once(':'))
        .map(|(label, value)| {
            let value = value.trim();
            let value = value.strip_prefix(':').unwrap_or(value);
            (field_name(&label.replace('/', " ")), value)
        })
}

impl ClaimActivity {
    fn add(&mut self, field: &str, value: &str, court: &str) {
        match field {
            "title" => self.case_name = squeeze(&harmonize(value)),
            "case" => self.read_number(value, court),
            "office" => self.office = squeeze(value),
            "chapter" => self.chapter = squeeze(value),
            "judge" => self.assigned_to_str = squeeze(value),
            "trustee" => self.trustee_str = squeeze(value),
            "last_date_to_file_claims" => self.last_date_to_file_claims = date::date(value),
            "last_date_to_file_govt" => self.last_date_to_file_govt = date::date(value),
            _ => {}
        }
    }

    fn read_number(&mut self, value: &str, court: &str) {
        (self.docket_number, self.docket_number_parts) = docket_number::of_value(value, court);
    }

    /// Some courts make the number of the case a link, without a label. The links in bold lead to
    /// the documents.
    fn read_links(&mut self, page: &Page, court: &str, cell: NodeId) {
        if self.docket_number.is_empty() {
            let mut texts = links_of(page, cell).map(|link| first_text(page, link));
            let number = texts.find(|text| !text.is_empty());
            self.read_number(number.unwrap_or_default(), court);
        }
        let bolds = page.children_of(cell, Tag::B);
        let mut documents = bolds.flat_map(|bold| links_of(page, bold));
        if let Some(link) = documents.next() {
            let ids = ClaimAttachment::of(page, link);
            self.claim.pacer_case_id = Some(ids.pacer_case_id);
            self.claim.claim_id = Some(ids.claim_id);
            self.claim.claim_number = Some(ids.claim_number);
        }
        self.claim.attachments = documents
            .map(|link| ClaimAttachment::of(page, link))
            .collect();
    }
}

fn links_of(page: &Page, node: NodeId) -> impl Iterator<Item = NodeId> {
    page.children_of(node, Tag::A)
        .filter(|link| href(page, *link).is_some() && !is_notice_link(page, *link))
}

impl ActiveClaim {
    fn add(&mut self, field: &str, value: &str) {
        let text = match field {
            "filed" => {
                self.date_filed = date::date(value);
                return;
            }
            "entered" => {
                self.date_entered = date::date(value);
                return;
            }
            "amends_no" => &mut self.amends_no,
            "amount_claimed" => &mut self.amount_claimed,
            "amount_allowed" => &mut self.amount_allowed,
            "secured_claimed" => &mut self.secured_claimed,
            "priority_claimed" => &mut self.priority_claimed,
            "creditor_name_address" => &mut self.creditor_name_address,
            "description" => &mut self.description,
            "creditor_id" => &mut self.creditor_id,
            "entered_by" => &mut self.entered_by,
            "filed_by" => &mut self.filed_by,
            "status" => &mut self.status,
            "remarks" => &mut self.remarks,
            _ => return,
        };
        *text = squeeze(value);
    }
}

impl ClaimAttachment {
    fn of(page: &Page, link: NodeId) -> Self {
        let href = href(page, link).unwrap_or_default();
        Self {
            pacer_case_id: query_value(href, "caseid"),
            claim_id: query_value(href, "claim_id"),
            claim_number: query_value(href, "claim_num"),
            claim_doc_seq: query_value(href, "claim_doc_seq"),
            short_description: squeeze(page.text(link)),
        }
    }
}
