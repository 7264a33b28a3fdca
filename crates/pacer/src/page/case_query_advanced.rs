//! Search results (`iquery.pl`) of bankruptcy courts: the cases that a name or a number finds.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use super::docket_number::DocketNumberParts;
use super::link::{case_id, href, links};
use super::nesting::hardly_nested;
use super::selection::child_cells;
use super::strings::{case_name, squeeze};
use super::tree::{AttributeName, NodeId, Page, Tag};
use super::{PageError, clean, date, docket_number, refused};

/// A case that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCase {
    /// The number of the case, without judges' initials.
    pub docket_number: Option<String>,
    /// What the number as printed says beyond that.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// The court's id of the case.
    pub pacer_case_id: Option<String>,
    /// The name of the case.
    pub case_name: String,
    /// The chapter, or for a lawsuit inside a bankruptcy which one that is.
    pub chapter: String,
    /// When the case was filed.
    pub date_filed: Option<NaiveDate>,
    /// When it was closed; none while it is open.
    pub date_closed: Option<NaiveDate>,
}

/// Reads search results. `Ok(None)` only for a page that was tampered with: one without results
/// is an empty list.
///
/// # Examples
///
/// ```
/// let page = "<table><tr class=rowBackground1><td><a href='iquery.pl?12-L_1_0-0-998877'>24-10417</a></td>
///     <td>Wren Hollow Mills</td><td>7</td><td>03/05/24</td><td>N / A</td></tr></table>";
/// let cases = pacer::page::case_query_advanced::parse(page.as_bytes(), "nysb")?.expect("it is intact");
/// assert_eq!(cases[0].pacer_case_id.as_deref(), Some("998877"));
/// assert_eq!(cases[0].date_closed, None);
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<Vec<FoundCase>>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let rows = page.all_of(Tag::Tr).filter(|row| is_result(&page, *row));
    hardly_nested(&page, rows)?
        .into_iter()
        .map(|row| read(&page, court, row))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Courts write the two shades of rows differently.
fn is_result(page: &Page, row: NodeId) -> bool {
    matches!(
        page.attribute(row, AttributeName::Class),
        Some("rowBackground1" | "rowbackground2")
    )
}

fn read(page: &Page, court: &str, row: NodeId) -> Result<FoundCase, PageError> {
    let (number, rest) = match child_cells(page, row)[..] {
        // A search for a person also tells who was found, and in which role.
        [_, number, name, chapter, filed, _, closed] => (number, [name, chapter, filed, closed]),
        [number, name, chapter, filed, closed] => (number, [name, chapter, filed, closed]),
        _ => return Err(PageError::Bad("row of a case")),
    };
    let [name, chapter, filed, closed] = rest.map(|cell| page.text(cell));
    let printed = std::iter::once(page.text(number));
    let (docket_number, docket_number_parts) = docket_number::find(printed, court);
    let link = links(page, number).next();
    Ok(FoundCase {
        docket_number: docket_number.map(|number| squeeze(&number)),
        docket_number_parts,
        pacer_case_id: link.and_then(|link| case_id(href(page, link)?)),
        case_name: squeeze(&case_name(name)),
        chapter: squeeze(chapter),
        date_filed: date::date(filed),
        date_closed: date::date(closed),
    })
}
