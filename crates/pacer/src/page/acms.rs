//! What the answers of ACMS share. They are JSON, with HTML in some of the strings.

use serde::Deserialize;

use super::tree::Page;
use super::{PageError, clean};

/// The case of an answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseDetails {
    pub(super) case_id: Option<String>,
    pub(super) case_number: Option<String>,
    pub(super) name: Option<String>,
    pub(super) case_opened: Option<String>,
    pub(super) fee_status: Option<String>,
    pub(super) case_type: Option<String>,
    pub(super) case_sub_type: Option<String>,
    pub(super) case_sub_sub_type: Option<String>,
    pub(super) court: Option<Court>,
    pub(super) district_court_name: Option<String>,
    pub(super) a_number: Option<String>,
    pub(super) party_attorney_list: Option<String>,
}

/// The court or agency below.
#[derive(Debug, Deserialize)]
pub(super) struct Court {
    pub(super) name: Option<String>,
    pub(super) identifier: Option<String>,
}

/// The tree of a string's HTML.
pub(super) fn tree(html: &str) -> Result<Page, PageError> {
    Page::parse(&clean::html(html.as_bytes()))
}

/// The text of a string's HTML.
pub(super) fn text(html: &str) -> Result<String, PageError> {
    let page = tree(html)?;
    Ok(page.text(0).to_owned())
}
