//! The attachment menu of an entry (`docs1/`), in appellate courts.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::link::{document_id, href, is_notice_link, links};
use super::listed_document::{first_number, number_in_cells};
use super::selection::{child_cells, rows_below};
use super::tree::{AttributeName, NodeId, Page, Tag};
use super::{PageError, clean, refused};

/// What the menu of an entry lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppellateAttachmentPage {
    /// The first of the documents by its id, in canonical form. The page does not say which one
    /// is the main document.
    pub pacer_doc_id: Option<String>,
    /// The case.
    pub pacer_case_id: Option<String>,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
    /// All documents, the main one among them.
    pub attachments: Vec<AppellateAttachment>,
}

/// A document of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppellateAttachment {
    /// Its number, counted from 1.
    pub attachment_number: Option<u32>,
    /// Its description, or empty.
    pub description: String,
    /// Its pages.
    pub page_count: Option<u32>,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size_bytes: Option<u64>,
    /// Its document, in canonical form.
    pub pacer_doc_id: Option<String>,
}

static CASE_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[?&]caseid=([0-9]+)").expect("pattern is tested"));
static SEQUENCE_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[?&]d=([0-9]+)&outputForm").expect("pattern is tested"));
static SELECTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"sumDocSelected\([^,)]*,\s*([0-9]+)\s*(?:,\s*([0-9]+))?")
        .expect("pattern is tested")
});

/// Reads an attachment menu. `Ok(None)` for a page without documents to choose from.
///
/// # Examples
///
/// ```
/// let page = "<table><tr><td>1</td><td><a href='https://ecf.ca1.uscourts.gov/docs1/00117000001'></a></td>
///     <td>Motion</td><td>7</td></tr></table>
///     <script>open('TransportRoom?servlet=ShowDocMulti&caseId=4711&d=31&outputForm=view')</script>";
/// let menu = pacer::page::appellate_attachment_page::parse(page.as_bytes(), "ca1")?.unwrap();
/// assert_eq!(menu.pacer_seq_no.as_deref(), Some("31"));
/// assert_eq!(menu.attachments[0].page_count, Some(7));
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], _court: &str) -> Result<Option<AppellateAttachmentPage>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse_with_scripts(&text)?;
    let mut rows = rows_below(&page, page.all())?;
    rows.retain(|row| row_links(&page, *row).next().is_some());
    Ok((!rows.is_empty()).then(|| read(&page, &rows)))
}

fn read(page: &Page, rows: &[NodeId]) -> AppellateAttachmentPage {
    let script = page
        .all_of(Tag::Script)
        .next()
        .map_or("", |script| page.text(script));
    let in_script = |pattern: &Regex| Some(pattern.captures(script)?[1].to_owned());
    AppellateAttachmentPage {
        pacer_doc_id: rows
            .iter()
            .flat_map(|row| row_links(page, *row))
            .filter_map(|link| document_id(href(page, link)?))
            .min(),
        pacer_case_id: in_script(&CASE_ID),
        pacer_seq_no: in_script(&SEQUENCE_NUMBER),
        attachments: rows.iter().map(|row| read_attachment(page, *row)).collect(),
    }
}

/// Links that are children of the row's cells. A row around the menu has none.
fn row_links(page: &Page, row: NodeId) -> impl Iterator<Item = NodeId> {
    let is_in_body = page.is(page.parent(row), Tag::Tbody);
    page.children_of(row, Tag::Td)
        .filter(move |_| is_in_body)
        .flat_map(|cell| page.children_of(cell, Tag::A))
        .filter(|link| href(page, *link).is_some() && !is_notice_link(page, *link))
}

fn read_attachment(page: &Page, row: NodeId) -> AppellateAttachment {
    let cells = child_cells(page, row);
    let (pages, bytes) = selection(page, row);
    AppellateAttachment {
        attachment_number: number_in_cells(page, row),
        description: description(page, &cells),
        page_count: pages.or_else(|| pages_in_cells(page, &cells)),
        file_size_bytes: bytes,
        pacer_doc_id: links(page, row)
            .next()
            .and_then(|link| document_id(href(page, link)?)),
    }
}

/// The pages stand behind the description, and with six cells the size too.
fn description(page: &Page, cells: &[NodeId]) -> String {
    let from_end = if cells.len() == 6 { 3 } else { 2 };
    cells
        .len()
        .checked_sub(from_end)
        .and_then(|place| page.children_of(cells[place], Tag::Text).next())
        .map_or_else(String::new, |text| page.text(text).trim().to_owned())
}

/// Pages and bytes as the row's check box passes them on: `sumDocSelected(this,1,13481, 755)`.
fn selection(page: &Page, row: NodeId) -> (Option<u32>, Option<u64>) {
    let found = page
        .below_of(row, Tag::Input)
        .filter(|input| is_selector(page, *input))
        .filter_map(|input| page.attribute(input, AttributeName::Onclick))
        .find_map(|onclick| SELECTION.captures(onclick));
    found.map_or((None, None), |found| {
        let bytes = found.get(2).and_then(|bytes| bytes.as_str().parse().ok());
        (found[1].parse().ok(), bytes)
    })
}

fn is_selector(page: &Page, input: NodeId) -> bool {
    page.attribute(input, AttributeName::Class)
        .is_some_and(|classes| classes.split_whitespace().any(|class| class == "selDocCl"))
}

fn pages_in_cells(page: &Page, cells: &[NodeId]) -> Option<u32> {
    let text = cells
        .iter()
        .flat_map(|cell| page.children_of(*cell, Tag::Text))
        .last()?;
    first_number(page.text(text))
}
