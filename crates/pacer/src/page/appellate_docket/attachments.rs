//! Documents of an entry, which a full report can list one by one.

use super::{AppellateEntry, EntryAttachment};
use crate::page::link::{document_id, href, links};
use crate::page::listed_document::{file_size, number_in_cells};
use crate::page::selection::{child_cells, first_text};
use crate::page::strings::squeeze;
use crate::page::tree::{AttributeName, NodeId, Page, Tag};

/// Reads the documents in a cell into their entry.
pub(super) fn read(page: &Page, cell: NodeId, entry: &mut AppellateEntry) {
    let attachments: Vec<EntryAttachment> = page
        .children_of(cell, Tag::Table)
        .flat_map(|table| nested_rows(page, table))
        .skip(1)
        .map(|row| read_attachment(page, row))
        .collect();
    if !attachments.is_empty() {
        entry.attachments = Some(attachments);
    }
}

/// Rows inside rows of a table: the outer ones are a frame.
fn nested_rows(page: &Page, table: NodeId) -> impl Iterator<Item = NodeId> {
    let mut frame_end = table;
    page.below_of(table, Tag::Tr).filter(move |row| {
        let is_nested = *row < frame_end;
        if !is_nested {
            frame_end = page.end(*row);
        }
        is_nested
    })
}

fn read_attachment(page: &Page, row: NodeId) -> EntryAttachment {
    let cells = child_cells(page, row);
    // The value of the check box: entry, document, pages, bytes.
    let value = page
        .below_of(row, Tag::Input)
        .next()
        .and_then(|input| page.attribute(input, AttributeName::Value))
        .unwrap_or_default();
    let mut parts = value.split_whitespace();
    EntryAttachment {
        attachment_number: number_in_cells(page, row),
        description: cells
            .get(3)
            .map_or_else(String::new, |cell| squeeze(first_text(page, *cell))),
        pacer_doc_id: links(page, row)
            .next()
            .and_then(|link| document_id(href(page, link)?)),
        pacer_seq_no: parts.next().map(str::to_owned),
        page_count: parts.nth(1).and_then(|pages| pages.parse().ok()),
        file_size_str: squeeze(&file_size(page, &cells)),
        file_size_bytes: parts
            .next()
            .and_then(|bytes| bytes.parse().ok())
            .filter(|bytes| *bytes > 0),
    }
}
