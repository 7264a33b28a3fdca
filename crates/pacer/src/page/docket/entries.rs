//! The entries of a docket.

use std::sync::LazyLock;

use regex::Regex;

use super::{DocketEntry, OrderedBy, attachments};
use crate::page::document_number::{bare_number, has_plain_number, is_number, shown_number};
use crate::page::link::{call_of, document_id, href, links, other_links, text_without_other_links};
use crate::page::pieces::pieces_outside;
use crate::page::selection::{body_rows, has_child, is_blank};
use crate::page::strings::squeeze;
use crate::page::tree::{AttributeName, NodeId, Page, Tag, any_below};
use crate::page::{PageError, date};

/// The rows of the tables of entries; the first is the header.
pub(super) struct Rows {
    header: Option<NodeId>,
    entries: Vec<NodeId>,
}

/// A number, perhaps with its pages and documents, in front of the text. White space ends each:
/// without it, the digits begin a word of the text.
static MERGED_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[0-9]+\s+(?:\([0-9]+\s+pgs(?:;\s[0-9]+\sdocs)?\)\s+)?)?")
        .expect("pattern is tested")
});

impl Rows {
    /// Finds the tables of entries. A long docket is cut into several tables, of which only the
    /// first has a header; those after it are siblings.
    pub(super) fn find(page: &Page) -> Self {
        let texts = page.text_nodes_with("Docket Text");
        let mut selectors = page.text_nodes_with("Total file size of selected documents");
        selectors.extend(page.text_nodes_with("Footer format:"));
        selectors.sort_unstable();
        let mut has_table_before = vec![false; page.all().len()];
        let mut counts = vec![false; page.all().len()];
        for table in page.all_of(Tag::Table) {
            let parent = page.parent(table) as usize;
            let has_text = any_below(page, table, &texts);
            let is_listed = has_text || has_table_before[parent];
            has_table_before[parent] |= has_text;
            counts[table as usize] = is_listed && !any_below(page, table, &selectors);
        }
        let mut rows = body_rows(page, |table| counts[table as usize]);
        Self {
            header: rows.next(),
            entries: rows.collect(),
        }
    }

    /// By which date the report is sorted, as its header says.
    pub(super) fn ordered_by(&self, page: &Page) -> Option<OrderedBy> {
        let cell = page.children(self.header?).find(|cell| {
            matches!(page.tag(*cell), Tag::Td | Tag::Th) && !has_child(page, *cell, Tag::Input)
        })?;
        Some(match page.text(cell) {
            "Date Entered" | "Docket Date" => OrderedBy::DateEntered,
            _ => OrderedBy::DateFiled,
        })
    }

    /// Whether any row has the date of an entry.
    pub(super) fn has_entries(&self, page: &Page) -> bool {
        self.entries.iter().any(|row| is_dated(page, *row))
    }

    /// Reads the entries. Fails if the page has some, and none of them can be read.
    pub(super) fn read(&self, page: &Page, court: &str) -> Result<Vec<DocketEntry>, PageError> {
        let entries = self.read_rows(page, court);
        let is_unread = || self.has_entries(page) || has_entries_elsewhere(page);
        match entries.is_empty() && is_unread() {
            true => Err(PageError::Unread("entries")),
            false => Ok(entries),
        }
    }

    fn read_rows(&self, page: &Page, court: &str) -> Vec<DocketEntry> {
        let has_documents = page
            .all_of(Tag::Form)
            .any(|form| page.attribute(form, AttributeName::Name) == Some("view_multi_docs"));
        let mut entries: Vec<DocketEntry> = Vec::with_capacity(self.entries.len());
        for row in &self.entries {
            let cells = entry_cells(page, *row, has_documents);
            let Some(first) = cells.first() else { continue };
            if !is_blank(page, *first) {
                entries.push(read_entry(page, court, *row, &cells));
            } else if let (true, Some(cell), Some(last)) =
                (has_documents, cells.get(2), entries.last_mut())
            {
                attachments::read(page, court, *cell, last);
            }
        }
        entries.retain(|entry| {
            has_plain_number(entry.document_number.as_deref()) && says_something(entry)
        });
        entries
    }
}

/// Whether there is more of an entry than a row: a remark across all columns, that nothing was found,
/// is none.
fn says_something(entry: &DocketEntry) -> bool {
    entry.date_filed.is_some() || entry.document_number.is_some() || !entry.description.is_empty()
}

/// Longer than any date, with what courts write around it.
const LONGEST_DATE: usize = 40;

/// Whether rows like those of entries, with documents, stand in tables that nothing marks as theirs.
fn has_entries_elsewhere(page: &Page) -> bool {
    let is_document = |link| href(page, link).is_some_and(|href| href.contains("/doc1/"));
    page.all_of(Tag::Tr)
        .any(|row| is_dated(page, row) && links(page, row).any(is_document))
}

/// Whether a row is that of an entry: a date, and text after it.
fn is_dated(page: &Page, row: NodeId) -> bool {
    let mut cells = page
        .children_of(row, Tag::Td)
        .skip_while(|cell| is_blank(page, *cell));
    let date = cells.next().map(|cell| page.text(cell).trim());
    let is_date = date.is_some_and(|text| {
        text.len() <= LONGEST_DATE
            && text.starts_with(|letter: char| letter.is_ascii_digit())
            && date::date(text).is_some()
    });
    is_date && cells.any(|cell| page.text(cell).contains(char::is_alphabetic))
}

/// Date, number and text, without check boxes and the columns that some courts add.
fn entry_cells(page: &Page, row: NodeId, has_documents: bool) -> Vec<NodeId> {
    let mut cells: Vec<NodeId> = page
        .children_of(row, Tag::Td)
        .filter(|cell| !has_child(page, *cell, Tag::Input))
        .collect();
    if has_documents {
        if cells.len() == 4 && is_blank(page, cells[2]) {
            cells.remove(2);
        } else if cells.len() == 5 {
            cells.remove(3);
        }
    }
    if cells.len() == 4 {
        cells.remove(1);
    }
    cells
}

fn read_entry(page: &Page, court: &str, row: NodeId, cells: &[NodeId]) -> DocketEntry {
    let merges_columns = court == "txnb";
    let word = cells.get(1).and_then(|cell| first_word(page, *cell));
    let number = match word {
        Some(word) if is_number(&word) => Some(word),
        // The cell begins with the text of an entry without a number.
        Some(_) if merges_columns => None,
        word => cells
            .get(1)
            .and_then(|cell| linked_number(page, *cell))
            .or_else(|| shown_number(&word?).map(str::to_owned)),
    };
    let link = cells.get(1).and_then(|cell| match number.as_deref() {
        Some(number) => links(page, *cell).find(|link| bare_number(page.text(*link)) == number),
        // A number that is none, `3-1`, is not told; its document is known all the same.
        None if !merges_columns => sole_document(page, *cell),
        None => None,
    });
    let merged = cells
        .get(1)
        .filter(|_| merges_columns)
        .map(|cell| text_without_other_links(page, *cell));
    let description = match (&merged, cells.get(2)) {
        (Some(text), _) => merged_description(text),
        (None, Some(cell)) => page.text(*cell),
        _ => "",
    };
    let call = link.and_then(|link| call_of(page, link));
    DocketEntry {
        date_filed: date::date(page.text(cells[0])),
        date_entered: date::entered(description),
        document_number: number,
        description: squeeze(description),
        pacer_doc_id: link.and_then(|link| document_id(href(page, link)?)),
        pacer_seq_no: call
            .and_then(|call| call.sequence_number)
            .or_else(|| sequence_number_of_row(page, row)),
        page_count: None,
        file_size_str: None,
        file_size_bytes: None,
        attachments: None,
    }
}

/// The first word of a cell that is no word of a link to something else than a document.
fn first_word(page: &Page, cell: NodeId) -> Option<String> {
    pieces_outside(page, cell, &other_links(page, cell))
        .iter()
        .find_map(|piece| piece.split_whitespace().next().map(str::to_owned))
}

/// The number that a link to a document shows, where other words stand before it.
fn linked_number(page: &Page, cell: NodeId) -> Option<String> {
    links(page, cell)
        .filter(|link| href(page, *link).is_some_and(|href| document_id(href).is_some()))
        .map(|link| bare_number(page.text(link)))
        .find(|text| is_number(text))
        .map(str::to_owned)
}

/// The link of a cell that leads to a document, if only one does.
fn sole_document(page: &Page, cell: NodeId) -> Option<NodeId> {
    let leads_to_document = |link: &NodeId| {
        href(page, *link).is_some_and(|href| href.contains("/doc1/") && document_id(href).is_some())
    };
    let mut found = links(page, cell).filter(leads_to_document);
    found.next().filter(|_| found.next().is_none())
}

/// Where number and text share a cell, the text comes after the number and ends with the line.
fn merged_description(text: &str) -> &str {
    let start = MERGED_NUMBER.find(text).map_or(0, |number| number.end());
    text[start..].lines().next().unwrap_or_default()
}

/// The check box of a row knows its entry, unless it is of another document.
fn sequence_number_of_row(page: &Page, row: NodeId) -> Option<String> {
    let input = page
        .below_of(row, Tag::Input)
        .find(|input| page.attribute(*input, AttributeName::Name) == Some("arr_de_seq_nums"))?;
    let value = page.attribute(input, AttributeName::Value)?;
    if let Some(id) = page.attribute(input, AttributeName::Id) {
        let own = id.strip_prefix("arr_de_seq_nums_").unwrap_or(id);
        if own != value {
            return None;
        }
    }
    Some(value.to_owned())
}
