//! The list of creditors (`CredMatrixCase.pl`) of a bankruptcy.

use serde::{Deserialize, Serialize};

use super::selection::inside;
use super::tree::{AttributeName, Page, Tag};
use super::{PageError, clean, refused};

/// The creditors as the court hands them on for labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOfCreditors {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// One creditor on each line, the fields separated by `|`; none if the page has no list.
    pub data: Option<String>,
}

/// Reads a list of creditors. `Ok(None)` for a case that is no bankruptcy. Fails for courts that
/// are not bankruptcy courts.
///
/// # Examples
///
/// ```
/// let page = "<form name=bnc><input type=hidden name=data value='1|Ines Corr|Pier 9|'></form>";
/// let list = pacer::page::list_of_creditors::parse(page.as_bytes(), "nysb")?.expect("it is a list");
/// assert_eq!(list.data.as_deref(), Some("1|Ines Corr|Pier 9|"));
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<ListOfCreditors>, PageError> {
    refused::unless_bankruptcy(court)?;
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let is_named = |node, name| page.attribute(node, AttributeName::Name) == Some(name);
    let is_form = |node| page.is(node, Tag::Form) && is_named(node, "bnc");
    let data = inside(&page, is_form, Tag::Input)
        .find(|input| is_named(*input, "data"))
        .and_then(|input| page.attribute(input, AttributeName::Value))
        .map(str::to_owned);
    if data.is_none() && (refused::list_of_creditors(&text) || refused::is_of_session(&text)) {
        return Ok(None);
    }
    // Of a case without creditors, courts say so.
    let has_form = page.all_of(Tag::Form).any(is_form);
    if data.is_none() && !has_form && page.text_nodes_with("creditors").is_empty() {
        return Err(PageError::Missing("list of creditors"));
    }
    Ok(Some(ListOfCreditors {
        court_id: court.to_owned(),
        data,
    }))
}
