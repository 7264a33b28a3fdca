//! The attachment menu of an entry (`doc1/`), in district and bankruptcy courts.

use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::attachment_number::offset;
use super::link::{
    CASE_ID_PARAMETER, DownloadCall, call_of, document_id, href, is_notice_link, links,
};
use super::listed_document::{DocumentSize, file_size, first_number, pages_in_cells};
use super::selection::{child_cells, first_text};
use super::tree::{AttributeName, NodeId, Page, Tag};
use super::{PageError, clean, refused};
use crate::court::reads_as_bankruptcy;

/// What the menu of an entry lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentPage {
    /// The entry's number; usually none in bankruptcy courts.
    pub document_number: Option<u64>,
    /// The main document, in canonical form.
    pub pacer_doc_id: Option<String>,
    /// The case.
    pub pacer_case_id: Option<String>,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
    /// Pages of the main document.
    pub page_count: Option<u32>,
    /// Size of the main document as printed, or empty.
    pub file_size_str: String,
    /// Size of the main document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size_bytes: Option<u64>,
    /// The attachments.
    pub attachments: Vec<Attachment>,
}

/// A document of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its number, counted from 1, the main document being 0.
    pub attachment_number: Option<i64>,
    /// Its description, or empty.
    pub description: String,
    /// Its pages; none for a restricted document.
    pub page_count: Option<u32>,
    /// Its size as printed, or empty.
    pub file_size_str: String,
    /// Its document, in canonical form.
    pub pacer_doc_id: Option<String>,
    /// The sequence number of the entry.
    pub pacer_seq_no: Option<String>,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size_bytes: Option<u64>,
}

/// A row of the menu, and what its check box says.
struct Row {
    node: NodeId,
    cells: Vec<NodeId>,
    link: NodeId,
    box_name: Option<BoxName>,
    size: DocumentSize,
}

/// The parts of a check box's name, `document_3_0`.
struct BoxName {
    /// Number of the entry, perhaps empty.
    document: String,
    attachment: i64,
}

/// What menus call themselves.
const TITLE: &str = "Document Selection Menu";

static BOX_NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^document_([0-9]*)_([0-9]+)$").expect("pattern is tested"));
static SEQUENCE_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[?&]arr_de_seq_nums=([0-9]+)").expect("pattern is tested"));

/// Reads an attachment menu. `Ok(None)` for a page without documents to choose from.
pub fn parse(page: &[u8], court: &str) -> Result<Option<AttachmentPage>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let rows: Vec<Row> = page
        .all_of(Tag::Tr)
        .filter_map(|row| Row::of(&page, row))
        .collect();
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    if !rows.iter().any(|row| row.names_document(&page)) {
        // Links of other pages, such as the login, are none to documents.
        return match page.text_nodes_with(TITLE).is_empty() {
            true => Ok(None),
            false => Err(PageError::Unread("documents")),
        };
    }
    Ok(Some(read(&page, court, first, &rows)))
}

fn read(page: &Page, court: &str, first: &Row, rows: &[Row]) -> AttachmentPage {
    let fallback = sequence_number_of_buttons(page);
    let has_main = first
        .box_name
        .as_ref()
        .is_none_or(|name| name.attachment == 0);
    let attachments = if has_main { &rows[1..] } else { rows };
    AttachmentPage {
        document_number: document_number(page, court),
        pacer_doc_id: document_id(href(page, first.link).unwrap_or_default()),
        pacer_case_id: case_id(page),
        pacer_seq_no: sequence_number(page, first, fallback.as_deref()),
        page_count: first.pages(page).filter(|_| has_main),
        file_size_str: if has_main {
            file_size(page, &first.cells)
        } else {
            String::new()
        },
        file_size_bytes: first.size.bytes.filter(|_| has_main),
        attachments: attachments
            .iter()
            .map(|row| read_attachment(page, court, row, fallback.as_deref()))
            .collect(),
    }
}

impl Row {
    /// A row counts if it has a link.
    fn of(page: &Page, node: NodeId) -> Option<Self> {
        let names_document = |link: &NodeId| href(page, *link).and_then(document_id).is_some();
        let link = links(page, node)
            .find(names_document)
            .or_else(|| links(page, node).next())?;
        let inputs: Vec<NodeId> = page.below_of(node, Tag::Input).collect();
        let value = inputs
            .first()
            .and_then(|input| page.attribute(*input, AttributeName::Value));
        let name = inputs
            .iter()
            .find_map(|input| page.attribute(*input, AttributeName::Name));
        Some(Self {
            node,
            cells: child_cells(page, node),
            link,
            box_name: name.and_then(BoxName::of),
            size: value.map(DocumentSize::of).unwrap_or_default(),
        })
    }

    fn names_document(&self, page: &Page) -> bool {
        href(page, self.link).and_then(document_id).is_some()
    }

    fn pages(&self, page: &Page) -> Option<u32> {
        self.size.pages.or_else(|| pages_in_cells(page, self.node))
    }
}

impl BoxName {
    fn of(name: &str) -> Option<Self> {
        let found = BOX_NAME.captures(name)?;
        Some(Self {
            document: found[1].to_owned(),
            attachment: found[2].parse().ok()?,
        })
    }
}

fn read_attachment(page: &Page, court: &str, row: &Row, fallback: Option<&str>) -> Attachment {
    let is_bankruptcy = reads_as_bankruptcy(court);
    let place = match (is_bankruptcy, row.cells.len()) {
        (true, 6) => 3,
        (true, _) | (false, 5) => 2,
        (false, _) => 1,
    };
    let pacer_doc_id = document_id(href(page, row.link).unwrap_or_default());
    let shown = match &row.box_name {
        Some(name) => Some(name.attachment),
        None => number_of_links(page, row.node),
    };
    let offset = offset(court, pacer_doc_id.as_deref());
    Attachment {
        attachment_number: shown.map(|number| number - offset),
        description: row
            .cells
            .get(place)
            .map_or("", |cell| first_text(page, *cell))
            .to_owned(),
        page_count: row.pages(page),
        file_size_str: file_size(page, &row.cells),
        pacer_doc_id,
        pacer_seq_no: sequence_number(page, row, fallback),
        file_size_bytes: row.size.bytes,
    }
}

fn document_number(page: &Page, court: &str) -> Option<u64> {
    for input in page.all_of(Tag::Input) {
        let name = page
            .attribute(input, AttributeName::Name)
            .and_then(BoxName::of);
        match name.map(|name| name.document) {
            Some(number) if number.is_empty() => return None,
            Some(number) if number.bytes().any(|digit| digit != b'0') => {
                return number.parse().ok();
            }
            _ => {}
        }
    }
    if reads_as_bankruptcy(court) {
        return None;
    }
    ["Document Number", "Main Document"]
        .into_iter()
        .find_map(|label| {
            let row = page.all_of(Tag::Tr).find(|row| {
                page.text(*row).contains(label) && links(page, *row).next().is_some()
            })?;
            number_of_links(page, row)
        })
}

/// The number that the links of a row show: the first text of their own, for a picture has none.
fn number_of_links<N: FromStr>(page: &Page, row: NodeId) -> Option<N> {
    let text = page
        .below_of(row, Tag::A)
        .filter(|link| !is_notice_link(page, *link))
        .find_map(|link| page.children_of(link, Tag::Text).next())?;
    first_number(page.text(text))
}

fn calls(page: &Page) -> impl Iterator<Item = DownloadCall> {
    page.all_of(Tag::A).filter_map(|link| call_of(page, link))
}

fn case_id(page: &Page) -> Option<String> {
    match calls(page).next() {
        Some(call) => call.case_id,
        None => in_buttons(page, &CASE_ID_PARAMETER),
    }
}

fn sequence_number(page: &Page, row: &Row, fallback: Option<&str>) -> Option<String> {
    match call_of(page, row.link) {
        Some(call) => call.sequence_number,
        None => fallback.map(str::to_owned),
    }
}

fn sequence_number_of_buttons(page: &Page) -> Option<String> {
    in_buttons(page, &SEQUENCE_NUMBER)
}

/// Buttons for all documents at once carry the ids of case and entry.
fn in_buttons(page: &Page, pattern: &Regex) -> Option<String> {
    page.all_of(Tag::Input)
        .filter_map(|input| page.attribute(input, AttributeName::Onclick))
        .find_map(|onclick| pattern.captures(onclick))
        .map(|found| found[1].to_owned())
}
