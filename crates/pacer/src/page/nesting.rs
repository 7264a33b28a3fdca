//! Elements that are read as a whole each, and must not stand around each other too often.

use super::PageError;
use super::tree::{NodeId, Page};

/// More than there ever are, even on a page that forgets to close some.
const MOST_AROUND: usize = 8;

/// Takes nodes in order. Fails where too many of them are around another, since what is innermost
/// would be read again for each of these.
pub(crate) fn hardly_nested(
    page: &Page,
    nodes: impl Iterator<Item = NodeId>,
) -> Result<Vec<NodeId>, PageError> {
    let mut taken = Vec::new();
    let mut around: Vec<NodeId> = Vec::new();
    for node in nodes {
        around.retain(|end| *end > node);
        if around.len() == MOST_AROUND {
            return Err(PageError::TooDeep);
        }
        around.push(page.end(node));
        taken.push(node);
    }
    Ok(taken)
}
