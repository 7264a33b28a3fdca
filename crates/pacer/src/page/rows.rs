//! Rows of an element that uses line ends where others use a table.

use super::tree::{NodeId, Page, Tag};

/// A row: some neighbouring nodes, perhaps none.
pub(crate) type Row = Vec<NodeId>;

/// Cuts the content of an element at each `<br>` that is its child, and at the start of each
/// `<p>` child and each `<br>` child of that. A `<br>` deeper down does not cut.
pub(crate) fn rows(page: &Page, element: NodeId) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = Row::new();
    for child in page.children(element) {
        if !page.is(child, Tag::P) {
            add(page, child, &mut row, &mut rows);
            continue;
        }
        rows.push(std::mem::take(&mut row));
        for grandchild in page.children(child) {
            add(page, grandchild, &mut row, &mut rows);
        }
    }
    rows.push(row);
    rows
}

fn add(page: &Page, node: NodeId, row: &mut Row, rows: &mut Vec<Row>) {
    if page.is(node, Tag::Br) {
        rows.push(std::mem::take(row));
    } else {
        row.push(node);
    }
}

/// The text of a row, joined with nothing.
pub(crate) fn row_text(page: &Page, row: &[NodeId]) -> String {
    row.iter().map(|node| page.text(*node)).collect()
}
