//! The "Transaction Receipt": at the end of a page that was billed, or on a price page before.

use std::sync::LazyLock;

use chrono::NaiveDateTime;
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::strings::single_spaces;
use super::tree::{NodeId, Page, Tag};
use super::{clean, date};
use crate::price;

/// What a receipt says. Anything may be missing, for receipts of fifteen years differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// When, on the court's clock and without an offset.
    pub time: Option<NaiveDateTime>,
    /// The account that pays.
    pub pacer_login: Option<String>,
    /// The label under which it is billed.
    pub client_code: Option<String>,
    /// What was bought: `Docket Report`, `Image12-1`.
    pub description: Option<String>,
    /// The case number, and how the report was narrowed.
    pub search_criteria: Option<String>,
    /// Pages that count.
    pub billable_pages: Option<u32>,
    /// What they cost, in cents; see [`Receipt::is_exempt`].
    pub cost_cents: Option<u32>,
    /// Whether the account pays nothing although the receipt shows a cost. Older receipts do not
    /// tell.
    #[serde(default)]
    pub is_exempt: bool,
}

const TITLE: &str = "Transaction Receipt";

static TABLE_START: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)<table\b").expect("pattern is tested"));
static TABLE_END: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)</table\b").expect("pattern is tested"));

/// Finds the last receipt of a page; none if the page has none, and so was not billed as far as
/// it tells.
pub fn read(page: &[u8]) -> Option<Receipt> {
    let text = clean::html(page);
    let title = text.rfind(TITLE)?;
    let start = TABLE_START.find_iter(&text[..title]).last()?.start();
    let end = TABLE_END
        .find(&text[title..])
        .map_or(text.len(), |end| title + end.start());
    let table = Page::parse(&text[start..end]).ok()?;
    Some(read_table(&table))
}

fn read_table(page: &Page) -> Receipt {
    let mut receipt = Receipt::default();
    for cell in page
        .all()
        .filter(|node| matches!(page.tag(*node), Tag::Th | Tag::Td))
    {
        let text = single_spaces(page.text(cell));
        if receipt.time.is_none() {
            receipt.time = time(&text);
        }
        if let Some(label) = text.strip_suffix(':') {
            set(&mut receipt, label, value_beside(page, cell));
        }
    }
    receipt
}

/// Appellate courts put their name and ` - ` before the time.
pub(super) fn time(text: &str) -> Option<NaiveDateTime> {
    let time = text.rsplit_once('-').map_or(text, |(_, time)| time).trim();
    // A bare date or a lone number is no time of a receipt.
    time.contains(':').then(|| date::date_time(time)).flatten()
}

fn value_beside(page: &Page, label: NodeId) -> Option<String> {
    let cell = page.after(label).find(|node| page.is(*node, Tag::Td))?;
    Some(single_spaces(page.text(cell))).filter(|text| !text.is_empty())
}

fn set(receipt: &mut Receipt, label: &str, value: Option<String>) {
    match label.trim().to_ascii_lowercase().as_str() {
        "pacer login" | "user" => receipt.pacer_login = value,
        "client code" => receipt.client_code = value,
        "description" => receipt.description = value,
        "search criteria" | "case number" => receipt.search_criteria = value,
        "exempt flag" => {
            receipt.is_exempt = value.is_some_and(|flag| flag.eq_ignore_ascii_case("exempt"));
        }
        "billable pages" => receipt.billable_pages = value.and_then(|pages| pages.parse().ok()),
        "cost" => receipt.cost_cents = value.and_then(|cost| price::parse_cents(&cost)),
        _ => {}
    }
}
