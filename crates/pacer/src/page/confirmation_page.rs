//! The price page that a court shows before a document is bought.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::selection::{innermost, saying};
use super::strings::clean as clean_text;
use super::tree::{NodeId, Page, Tag};
use super::{PageError, clean, receipt, refused};
use crate::court::reads_as_appellate;

/// What a price page says about the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmationPage {
    /// Number, and after a hyphen that of the attachment (appellate courts).
    pub document_number: Option<String>,
    /// The case.
    pub docket_number: Option<String>,
    /// Dollars and cents, as printed; see [`crate::price::parse_cents`].
    pub cost: Option<String>,
    /// Pages that count, as printed.
    pub billable_pages: Option<String>,
    /// What the document is: `PDF Document`, `Image12-1`.
    pub document_description: Option<String>,
    /// When the price was told, on the court's clock.
    pub transaction_date: Option<NaiveDateTime>,
}

/// Reads a price page. `Ok(None)` for a page without a receipt: the document is sealed, or it is
/// another page.
pub fn parse(page: &[u8], court: &str) -> Result<Option<ConfirmationPage>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let Some(title) = saying(&page, "Transaction Receipt").next() else {
        return Ok(None);
    };
    let sentence = page
        .all_of(Tag::Strong)
        .map(|strong| page.text(strong))
        .find(|text| text.contains("Document: PDF Document"));
    let docket_number = if reads_as_appellate(court) {
        sentence.and_then(|text| between(text, "Case:", ','))
    } else {
        beside(&page, "Case Number:")
    };
    let found = ConfirmationPage {
        document_number: sentence.and_then(|text| between(text, ", Document:", ')')),
        docket_number,
        cost: beside(&page, "Cost:"),
        billable_pages: beside(&page, "Billable Pages:"),
        document_description: beside(&page, "Description:"),
        transaction_date: transaction_date(&page, title),
    };
    let says_nothing = [
        &found.cost,
        &found.billable_pages,
        &found.document_description,
    ]
    .iter()
    .all(|value| value.is_none())
        && found.transaction_date.is_none();
    match says_nothing {
        true => Err(PageError::Unread("lines of a receipt")),
        false => Ok(Some(found)),
    }
}

fn beside(page: &Page, words: &str) -> Option<String> {
    let value = saying(page, words).find_map(|element| {
        let label = innermost(page, element, Tag::Th)?;
        let cell = page.after(label).find(|node| page.is(*node, Tag::Td))?;
        let font = page.children_of(cell, Tag::Font).next()?;
        Some(page.text(font))
    })?;
    cleaned(value)
}

fn between(text: &str, label: &str, end: char) -> Option<String> {
    let (_, after) = text.split_once(label)?;
    cleaned(after.split(end).next().unwrap_or_default())
}

fn cleaned(text: &str) -> Option<String> {
    Some(clean_text(text)).filter(|text| !text.is_empty())
}

/// Two empty rows stand between the title and the time.
fn transaction_date(page: &Page, title: NodeId) -> Option<NaiveDateTime> {
    let row = innermost(page, title, Tag::Tr)?;
    let row = page
        .after(row)
        .filter(|node| page.is(*node, Tag::Tr))
        .nth(2)?;
    receipt::time(page.text(row))
}
