//! The page of a case for phones (`mobile_query.pl`), which tells how many entries it has.

use serde::{Deserialize, Serialize};

use super::listed_document::first_number;
use super::selection::{has_class, inside};
use super::tree::{AttributeName, Page, Tag};
use super::{PageError, clean, refused};
use crate::price::parse_cents;

/// What the page says; a different thing once the account was charged for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MobileQuery {
    /// The account was charged, and the page says only that.
    Charged {
        /// What it was charged, in cents; dollars in JSON.
        #[serde(rename = "cost", with = "dollars")]
        cost_cents: u32,
        /// The sentence that says so.
        cost_raw: String,
    },
    /// The page was free.
    Free {
        /// The court, as given to [`parse`].
        court_id: String,
        /// How many entries the docket has.
        entry_count: u64,
        /// What stands in place of a price, normally nothing.
        cost: String,
    },
}

/// Reads the page of a case for phones. `Ok(None)` for one that was tampered with.
///
/// # Examples
///
/// ```
/// use pacer::page::mobile_query::{MobileQuery, parse};
///
/// let page = "<div class=ui-title></div><a id=entriesLink>Entries <span>143</span></a>";
/// let Some(MobileQuery::Free { entry_count, .. }) = parse(page.as_bytes(), "cand")? else {
///     panic!("the page was free")
/// };
/// assert_eq!(entry_count, 143);
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<MobileQuery>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let title = page
        .all_of(Tag::Div)
        .find(|div| has_class(&page, *div, "ui-title"))
        .ok_or(PageError::Missing("title"))?;
    let title = page.text(title).trim().to_owned();
    Ok(Some(match title.split_once("Cost:") {
        Some((_, after)) => MobileQuery::Charged {
            cost_cents: cents(after).ok_or(PageError::Bad("cost"))?,
            cost_raw: title,
        },
        None => MobileQuery::Free {
            court_id: court.to_owned(),
            entry_count: entry_count(&page)?,
            cost: title,
        },
    }))
}

/// The amount that a text begins with.
fn cents(text: &str) -> Option<u32> {
    let text = text.trim_start().trim_start_matches('$');
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    parse_cents(&text[..end])
}

fn entry_count(page: &Page) -> Result<u64, PageError> {
    let is_link = |node| {
        page.is(node, Tag::A) && page.attribute(node, AttributeName::Id) == Some("entriesLink")
    };
    let count = inside(page, is_link, Tag::Span)
        .next()
        .ok_or(PageError::Missing("number of entries"))?;
    first_number(page.text(count)).ok_or(PageError::Bad("number of entries"))
}

/// Cents as a number of dollars.
mod dollars {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(cents: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(*cents) / 100.0)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        f64::deserialize(deserializer).map(|dollars| (dollars * 100.0).round() as u32)
    }
}
