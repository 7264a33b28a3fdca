//! Attachments inside a docket report, which only "view multiple documents" shows.

use super::{DocketEntry, EntryAttachment};
use crate::court::{doc_id_prefix, reads_as_bankruptcy};
use crate::page::listed_document::{DocumentSize, file_size, number_in_cells, pages_in_cells};
use crate::page::selection::{child_cells, first_text};
use crate::page::strings::squeeze;
use crate::page::tree::{AttributeName, NodeId, Page, Tag};

/// What the check box of a document says about it.
#[derive(Default)]
struct CheckBox {
    serial: Option<String>,
    sequence_number: Option<String>,
    size: DocumentSize,
}

/// Reads the attachments in a cell into their entry.
pub(super) fn read(page: &Page, court: &str, cell: NodeId, entry: &mut DocketEntry) {
    let mut attachments = Vec::new();
    for table in page.children_of(cell, Tag::Table) {
        for row in page.below_of(table, Tag::Tr) {
            let attachment = read_attachment(page, court, row);
            if !takes_main_document(entry, &attachment, attachments.is_empty()) {
                attachments.push(attachment);
            }
        }
    }
    if !attachments.is_empty() {
        entry.attachments = Some(attachments);
    }
}

/// The main document is listed too: its size belongs to the entry. True if that is all it is.
fn takes_main_document(
    entry: &mut DocketEntry,
    attachment: &EntryAttachment,
    is_first: bool,
) -> bool {
    let is_main = attachment.pacer_doc_id == entry.pacer_doc_id
        && attachment.pacer_seq_no == entry.pacer_seq_no;
    if !is_main {
        return false;
    }
    entry.file_size_bytes = attachment.file_size_bytes;
    entry.file_size_str = Some(attachment.file_size_str.clone());
    entry.page_count = Some(attachment.page_count);
    is_first && attachment.attachment_number == Some(0)
}

fn read_attachment(page: &Page, court: &str, row: NodeId) -> EntryAttachment {
    let cells = child_cells(page, row);
    let place = if reads_as_bankruptcy(court) || cells.len() == 5 {
        2
    } else {
        1
    };
    let input = page.below_of(row, Tag::Input).next();
    let check_box = input
        .map(|input| read_check_box(page, input))
        .unwrap_or_default();
    let pacer_doc_id = check_box
        .serial
        .zip(doc_id_prefix(court))
        .map(|(serial, prefix)| format!("{prefix}0{serial}"));
    EntryAttachment {
        attachment_number: number_in_cells(page, row),
        description: cells
            .get(place)
            .map_or_else(String::new, |cell| squeeze(first_text(page, *cell))),
        page_count: check_box.size.pages.or_else(|| pages_in_cells(page, row)),
        file_size_str: squeeze(&file_size(page, &cells)),
        pacer_doc_id,
        pacer_seq_no: check_box.sequence_number,
        file_size_bytes: check_box.size.bytes,
    }
}

fn read_check_box(page: &Page, input: NodeId) -> CheckBox {
    let name = page
        .attribute(input, AttributeName::Name)
        .unwrap_or_default();
    let value = page
        .attribute(input, AttributeName::Value)
        .unwrap_or_default();
    if name == "download_documents" {
        return read_download_box(page, input, value);
    }
    CheckBox {
        serial: value
            .split('-')
            .next()
            .filter(|serial| !serial.is_empty())
            .map(str::to_owned),
        sequence_number: name.split('_').nth(2).map(str::to_owned),
        size: DocumentSize::of(value),
    }
}

/// In another form the value is the serial alone, and the id has sequence number and bytes.
fn read_download_box(page: &Page, input: NodeId, value: &str) -> CheckBox {
    let id = page.attribute(input, AttributeName::Id).unwrap_or_default();
    let mut parts = id
        .strip_prefix("arr_de_seq_nums_")
        .unwrap_or_default()
        .split('_');
    CheckBox {
        serial: Some(value.to_owned()).filter(|serial| !serial.is_empty()),
        sequence_number: parts
            .next()
            .filter(|number| !number.is_empty())
            .map(str::to_owned),
        size: DocumentSize {
            bytes: parts
                .next()
                .and_then(|bytes| bytes.parse().ok())
                .filter(|bytes| *bytes > 0),
            pages: None,
        },
    }
}
