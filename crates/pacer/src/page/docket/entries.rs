//! The entries of a docket.

use std::sync::LazyLock;

use regex::Regex;

use super::{DocketEntry, OrderedBy, attachments};
use crate::page::date;
use crate::page::document_number::{has_plain_number, is_number};
use crate::page::link::{call_of, document_id, href, links};
use crate::page::pieces::pieces;
use crate::page::selection::{body_rows, has_child, is_blank};
use crate::page::strings::squeeze;
use crate::page::tree::{AttributeName, NodeId, Page, Tag, any_below};

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

    /// Reads the entries.
    pub(super) fn read(&self, page: &Page, court: &str) -> Vec<DocketEntry> {
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
        entries.retain(|entry| has_plain_number(entry.document_number.as_deref()));
        entries
    }
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
    let mut number = cells.get(1).and_then(|cell| first_word(page, *cell));
    if merges_columns {
        number = number.filter(|number| is_number(number));
    }
    let link = number
        .as_deref()
        .zip(cells.get(1))
        .and_then(|(number, cell)| {
            links(page, *cell).find(|link| page.text(*link).trim() == number)
        });
    let description = match (merges_columns, cells.get(1), cells.get(2)) {
        (true, Some(cell), _) => merged_description(page.text(*cell)),
        (false, _, Some(cell)) => page.text(*cell),
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

fn first_word(page: &Page, cell: NodeId) -> Option<String> {
    pieces(page, cell)
        .iter()
        .find_map(|piece| piece.split_whitespace().next().map(str::to_owned))
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
