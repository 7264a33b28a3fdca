//! An element's text, cut where a reader sees a line end.

use std::ops::Range;

use super::tree::{NodeId, Page, Tag};

/// Stands for a line end. No page has it: it is removed as a control, and a reference to it
/// becomes U+FFFD.
const LINE_END: char = '\0';

/// The pieces of an element: its text nodes joined with spaces and cut at each `<br>` and each
/// start of a `<p>`, which do not interrupt the text node that they are in. Empty pieces are left
/// out, and the others stripped.
pub(crate) fn pieces(page: &Page, node: NodeId) -> Vec<String> {
    pieces_of(page, page.below(node))
}

/// The pieces of nodes that follow each other.
pub(crate) fn pieces_of(page: &Page, nodes: Range<NodeId>) -> Vec<String> {
    let room = page.text_of(&nodes).len() + 16;
    let start = nodes.start;
    pieces_from(page, start, nodes, room)
}

/// The pieces of an element, as if some elements in it were not there.
pub(crate) fn pieces_outside(page: &Page, node: NodeId, left_out: &[NodeId]) -> Vec<String> {
    let is_inside = |found: &NodeId| {
        left_out
            .iter()
            .any(|element| (*element..page.end(*element)).contains(found))
    };
    let nodes = page.below(node).filter(|found| !is_inside(found));
    pieces_from(page, node + 1, nodes, 16)
}

fn pieces_from(
    page: &Page,
    start: NodeId,
    nodes: impl Iterator<Item = NodeId>,
    room: usize,
) -> Vec<String> {
    let mut joined = String::with_capacity(room);
    let mut context = page.parent(start);
    let mut interrupted = false;
    for found in nodes {
        let (text, inside) = match page.tag(found) {
            Tag::Text => (Some(page.text(found)), page.parent(found)),
            Tag::Br => (None, page.parent(found)),
            Tag::P => (None, found),
            _ => {
                interrupted = true;
                continue;
            }
        };
        if !joined.is_empty() && (interrupted || page.parent(found) != context) {
            joined.push(' ');
        }
        match text {
            Some(text) => joined.push_str(text),
            None => joined.push(LINE_END),
        }
        (context, interrupted) = (inside, false);
    }
    joined
        .split(LINE_END)
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.trim().to_owned())
        .collect()
}
