//! The third cell of a party's row: who represents it.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Attorney, Party};
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
            Tag::I => add_role(&mut attorney.roles, page.text(node)),
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

/// The status of a bar membership is no role.
fn add_role(roles: &mut Vec<String>, text: &str) {
    let role = text.trim();
    let lower = role.to_lowercase();
    if !lower.starts_with("bar status") && !lower.starts_with("designation") {
        roles.push(role.to_owned());
    }
}

static SEE_ABOVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)see\s+above").expect("pattern is tested"));

/// Replaces "(See above for address)" by the address that was given for the same name before.
pub(super) fn fill_see_above(parties: &mut [Party]) {
    let mut known: HashMap<String, String> = HashMap::new();
    for attorney in parties
        .iter_mut()
        .filter_map(|party| party.attorneys.as_mut())
        .flatten()
    {
        if attorney.contact.is_empty() {
            continue;
        }
        if SEE_ABOVE.is_match(&attorney.contact) {
            attorney.contact = known.get(&attorney.name).cloned().unwrap_or_default();
        } else {
            known.insert(attorney.name.clone(), attorney.contact.clone());
        }
    }
}
