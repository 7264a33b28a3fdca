//! The documents about a claim: its versions, and entries of the docket.

use super::{HistoryItem, HistoryKind};
use crate::page::link::{document_id, href, links, query_value, text_without_other_links};
use crate::page::nesting::hardly_nested;
use crate::page::selection::child_cells;
use crate::page::tree::{NodeId, Page, Tag};
use crate::page::{PageError, date};

/// Reads the rows of the table in a claim's row.
pub(super) fn read(page: &Page, row: NodeId) -> Result<Vec<HistoryItem>, PageError> {
    hardly_nested(page, page.below_of(row, Tag::Tr))?
        .into_iter()
        .map(|row| child_cells(page, row))
        .filter(|cells| !cells.is_empty())
        .map(|cells| match cells[..] {
            [_, _, document, date, description, ..] => {
                Ok(read_item(page, document, date, description))
            }
            _ => Err(PageError::Bad("history of a claim")),
        })
        .collect()
}

fn read_item(page: &Page, document: NodeId, date: NodeId, description: NodeId) -> HistoryItem {
    let (document_number, attachment_number) =
        numbers(text_without_other_links(page, document).trim());
    let link = links(page, document).next();
    let href = link.and_then(|link| href(page, link)).unwrap_or_default();
    let mut item = HistoryItem {
        document_number,
        attachment_number,
        kind: kind(href),
        pacer_doc_id: None,
        id: None,
        pacer_case_id: None,
        pacer_seq_no: None,
        pacer_dm_id: None,
        date_filed: date::date(page.text(date)),
        description: page.text(description).trim().to_owned(),
    };
    if document_number.is_some() {
        item.read_ids(href);
    }
    item
}

/// `5-2` is the second version of claim 5.
fn numbers(text: &str) -> (Option<u64>, Option<u64>) {
    match text.split_once('-') {
        Some((number, version)) => (number.trim().parse().ok(), version.trim().parse().ok()),
        None => (text.parse().ok(), None),
    }
}

fn kind(href: &str) -> HistoryKind {
    if href.contains("claim_id") {
        HistoryKind::Claim
    } else {
        HistoryKind::DocketEntry
    }
}

impl HistoryItem {
    fn read_ids(&mut self, href: &str) {
        if href.contains("doc1") {
            self.pacer_doc_id = document_id(href);
        }
        self.pacer_case_id = query_value(href, "caseid");
        match self.kind {
            HistoryKind::Claim => self.id = query_value(href, "claim_id"),
            HistoryKind::DocketEntry => {
                self.pacer_seq_no = query_value(href, "de_seq_num");
                self.pacer_dm_id = query_value(href, "dm_id");
            }
        }
    }
}
