//! The third cell of a party's row: who represents it.

use super::Attorney;
use crate::page::attorney::is_role;
use crate::page::strings::single_spaces;
use crate::page::tree::{NodeId, Page, Tag};

/// Reads the attorneys of a cell: each bold name, and what follows it.
pub(super) fn read(page: &Page, cell: NodeId) -> Vec<Attorney> {
    page.below_of(cell, Tag::B)
        .filter_map(|name| attorney(page, name))
        .collect()
}

/// None if nothing follows the name.
fn attorney(page: &Page, bold: NodeId) -> Option<Attorney> {
    page.after(bold).next()?;
    let mut attorney = Attorney {
        name: single_spaces(page.text(bold)),
        contact: String::new(),
        roles: Vec::new(),
    };
    for node in page.after(bold).take_while(|node| !page.is(*node, Tag::B)) {
        match page.tag(node) {
            Tag::Text => add_line(&mut attorney.contact, page.text(node)),
            Tag::I if is_role(page.text(node).trim()) => {
                attorney.roles.push(page.text(node).trim().to_owned());
            }
            _ => {}
        }
    }
    Some(attorney)
}

fn add_line(contact: &mut String, text: &str) {
    let line = single_spaces(text);
    if !line.is_empty() {
        contact.push_str(&line);
        contact.push('\n');
    }
}
