//! Questions that several kinds of page ask of their tree.

use std::collections::HashSet;
use std::ops::Range;

use super::PageError;
use super::tree::{AttributeName, NodeId, Page, Tag};

/// Cells that are children of a row.
pub(crate) fn child_cells(page: &Page, row: NodeId) -> Vec<NodeId> {
    page.children_of(row, Tag::Td).collect()
}

/// The rows of all tables that count, which are children of the tables' bodies.
pub(crate) fn body_rows<'a>(
    page: &'a Page,
    counts: impl Fn(NodeId) -> bool + 'a,
) -> impl Iterator<Item = NodeId> + 'a {
    page.all_of(Tag::Tr).filter(move |row| {
        let body = page.parent(*row);
        page.is(body, Tag::Tbody) && counts(page.parent(body))
    })
}

/// Whether an element has a child with that tag.
pub(crate) fn has_child(page: &Page, node: NodeId, tag: Tag) -> bool {
    page.children_of(node, tag).next().is_some()
}

/// Whether an element has text of its own, not only further down.
pub(crate) fn has_own_text(page: &Page, node: NodeId) -> bool {
    has_child(page, node, Tag::Text)
}

/// Whether an element has an element with that tag below.
pub(crate) fn has_below(page: &Page, node: NodeId, tag: Tag) -> bool {
    page.below_of(node, tag).next().is_some()
}

/// The first text node below, stripped, or nothing.
pub(crate) fn first_text(page: &Page, node: NodeId) -> &str {
    page.below_of(node, Tag::Text)
        .next()
        .map_or("", |text| page.text(text).trim())
}

/// Whether there is nothing but white space.
pub(crate) fn is_blank(page: &Page, node: NodeId) -> bool {
    page.text(node).trim().is_empty()
}

/// Elements that say the words: their first own text node contains them.
pub(crate) fn saying<'a>(page: &'a Page, words: &'a str) -> impl Iterator<Item = NodeId> + 'a {
    page.text_nodes_with(words)
        .into_iter()
        .filter_map(move |text| {
            let element = page.parent(text);
            (page.children_of(element, Tag::Text).next() == Some(text)).then_some(element)
        })
}

/// Elements with that tag whose text contains the words, wherever in it.
pub(crate) fn holding(page: &Page, tag: Tag, words: &str) -> Vec<NodeId> {
    let spots = page.spots(words);
    if spots.is_empty() {
        return Vec::new();
    }
    page.all_of(tag)
        .filter(|node| page.holds(*node, &spots))
        .collect()
}

/// The siblings that follow any of the elements, each once, in order.
pub(crate) fn after_any(page: &Page, elements: &[NodeId]) -> Vec<NodeId> {
    let mut seen = HashSet::new();
    let mut siblings: Vec<NodeId> = elements
        .iter()
        // What follows the first child of a parent includes what follows the others.
        .filter(|element| seen.insert(page.parent(**element)))
        .flat_map(|element| page.after(*element))
        .collect();
    siblings.sort_unstable();
    siblings
}

/// The innermost element with that tag: the node itself, or one around it.
pub(crate) fn innermost(page: &Page, node: NodeId, tag: Tag) -> Option<NodeId> {
    std::iter::once(node)
        .chain(page.ancestors(node))
        .find(|around| page.is(*around, tag))
}

/// The text node directly after an element's end.
pub(crate) fn tail(page: &Page, node: NodeId) -> Option<&str> {
    let next = page.after(node).next()?;
    page.is(next, Tag::Text).then(|| page.text(next))
}

/// Rows inside rows, deeper than on any page of a court.
const MAX_ROW_DEPTH: usize = 20;

/// All rows below some nodes that follow each other, those of nested tables included. Refuses
/// tables that nest without need: whoever reads rows reads their text once for each level.
pub(crate) fn rows_below(page: &Page, nodes: Range<NodeId>) -> Result<Vec<NodeId>, PageError> {
    let mut rows = Vec::new();
    let mut open_ends: Vec<NodeId> = Vec::new();
    for row in nodes.filter(|node| page.is(*node, Tag::Tr)) {
        while open_ends.last().is_some_and(|end| *end <= row) {
            open_ends.pop();
        }
        open_ends.push(page.end(row));
        if open_ends.len() > MAX_ROW_DEPTH {
            return Err(PageError::TooDeep);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Elements with that tag below any node that `is_around` is true for, in order.
pub(crate) fn inside<'a>(
    page: &'a Page,
    is_around: impl Fn(NodeId) -> bool + 'a,
    tag: Tag,
) -> impl Iterator<Item = NodeId> + 'a {
    let mut end = 0;
    page.all().filter(move |node| {
        let is_inside = *node < end && page.is(*node, tag);
        if is_around(*node) {
            end = end.max(page.end(*node));
        }
        is_inside
    })
}

/// Whether an element has that class, perhaps among others.
pub(crate) fn has_class(page: &Page, node: NodeId, class: &str) -> bool {
    page.attribute(node, AttributeName::Class)
        .is_some_and(|classes| classes.split_ascii_whitespace().any(|found| found == class))
}
