//! Pages and size of a document in a list, from its check box or the cells of its row.

use super::selection::is_blank;
use super::tree::{NodeId, Page, Tag};

/// What the value of a check box, `23515655-90555-2`, says: id, bytes, pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct DocumentSize {
    /// Bytes, if more than none.
    pub(crate) bytes: Option<u64>,
    /// Pages, if more than none.
    pub(crate) pages: Option<u32>,
}

impl DocumentSize {
    /// Reads a value that has exactly three parts; others say nothing.
    pub(crate) fn of(value: &str) -> Self {
        let parts: Vec<&str> = value.split('-').collect();
        let [_, bytes, pages] = parts[..] else {
            return Self::default();
        };
        Self {
            bytes: bytes.trim().parse().ok().filter(|bytes| *bytes > 0),
            pages: pages.trim().parse().ok().filter(|pages| *pages > 0),
        }
    }
}

/// The number of a document in its row: the first text that is a cell's own and not blank.
pub(crate) fn number_in_cells(page: &Page, row: NodeId) -> Option<u32> {
    page.below_of(row, Tag::Td)
        .flat_map(|cell| page.children_of(cell, Tag::Text))
        .find(|text| !is_blank(page, *text))
        .and_then(|text| first_number(page.text(text)))
}

/// Pages as a cell of the row writes them: `2 pages`, or `2 <b>pages</b>`.
pub(crate) fn pages_in_cells(page: &Page, row: NodeId) -> Option<u32> {
    page.children_of(row, Tag::Td)
        .filter(|cell| page.text(*cell).contains("page"))
        .flat_map(|cell| page.children_of(cell, Tag::Text))
        .find_map(|text| page.text(text).split_whitespace().next()?.parse().ok())
}

/// The size as the last cell writes it: `88.4 KB`. Empty if the cell is about something else.
pub(crate) fn file_size(page: &Page, cells: &[NodeId]) -> String {
    let Some(cell) = cells.last().filter(|cell| !is_blank(page, **cell)) else {
        return String::new();
    };
    let text = page.text(*cell).trim();
    let lower = text.to_lowercase();
    if lower.contains("kb") || lower.contains("mb") {
        text.to_owned()
    } else {
        String::new()
    }
}

/// The number that a text is, without white space around it.
pub(crate) fn first_number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.trim().parse().ok()
}
