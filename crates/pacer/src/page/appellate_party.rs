//! Parties and attorneys as appellate courts print them: lines of a cell.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::attorney::Attorney;
use super::pieces::pieces_of;
use super::rows::{Row, row_text, rows};
use super::selection::tail;
use super::tree::{NodeId, Page, Tag};
use super::{PageError, date};

/// A party of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppellateParty {
    /// The name as printed.
    pub name: String,
    /// The role as printed, `Defendant - Appellant`.
    #[serde(rename = "type")]
    pub party_type: String,
    /// When the party left the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_terminated: Option<NaiveDate>,
    /// Lines about the party that have no label, as printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unparsed: Vec<String>,
    /// Counsel.
    pub attorneys: Vec<Attorney>,
    /// Other lines about the party, by their label.
    #[serde(flatten)]
    pub labelled: BTreeMap<String, String>,
}

/// Labels that would be taken for a field of ours.
const FIELDS: &[&str] = &["name", "type", "date_terminated", "unparsed", "attorneys"];

impl AppellateParty {
    /// Reads a cell: name, lines about the party, role. Fails if there are no two lines.
    pub(crate) fn read(
        page: &Page,
        cell: NodeId,
        attorneys: Vec<Attorney>,
    ) -> Result<Self, PageError> {
        let lines = rows(page, cell);
        let [first, between @ .., last] = &lines[..] else {
            return Err(PageError::Missing("role of a party"));
        };
        let role = row_text(page, last);
        let role = role.trim();
        let mut party = Self {
            name: row_text(page, first).trim().to_owned(),
            party_type: role.strip_suffix(',').unwrap_or(role).to_owned(),
            date_terminated: None,
            unparsed: Vec::new(),
            attorneys,
            labelled: BTreeMap::new(),
        };
        for line in between {
            party.read_line(page, line);
        }
        Ok(party)
    }

    fn read_line(&mut self, page: &Page, line: &Row) {
        let Some((label, value)) = labelled(page, line) else {
            self.unparsed.push(row_text(page, line));
            return;
        };
        if label == "Terminated" {
            self.date_terminated = date::date(value);
        } else {
            self.labelled.insert(label.to_owned(), value.to_owned());
        }
    }
}

/// The bold label of a line, and what follows it.
fn labelled<'a>(page: &'a Page, line: &Row) -> Option<(&'a str, &'a str)> {
    let bold = line
        .iter()
        .find(|node| matches!(page.tag(**node), Tag::B | Tag::Strong))?;
    let label = page.text(*bold).trim();
    let label = label.strip_suffix(':').unwrap_or(label);
    let is_field = FIELDS.contains(&label);
    (!is_field).then(|| (label, tail(page, *bold).unwrap_or_default()))
}

/// Reads the attorneys of a cell, between which there is an empty line: two `<br>` that touch.
pub(crate) fn attorneys_in_cell(page: &Page, cell: NodeId) -> Vec<Attorney> {
    let Range { mut start, end } = page.below(cell);
    let mut attorneys = Vec::new();
    let mut node = start;
    while node < end {
        if is_empty_line(page, node, end) {
            attorneys.extend(attorney(page, start..node));
            node += 2;
            start = node;
        } else {
            node += 1;
        }
    }
    attorneys.extend(attorney(page, start..end));
    attorneys
}

fn is_empty_line(page: &Page, node: NodeId, end: NodeId) -> bool {
    let next = node + 1;
    next < end
        && page.is(node, Tag::Br)
        && page.is(next, Tag::Br)
        && page.parent(node) == page.parent(next)
}

/// Reads the lines of an attorney: the name first, roles in brackets, and all others.
pub(crate) fn attorney(page: &Page, nodes: Range<NodeId>) -> Option<Attorney> {
    let mut lines = pieces_of(page, nodes).into_iter();
    let name = lines.next().filter(|name| !name.is_empty())?;
    let (mut contact, mut roles) = (Vec::new(), Vec::new());
    for line in lines {
        match role(&line) {
            Some(role) => roles.push(role.to_owned()),
            None => contact.push(line),
        }
    }
    Some(Attorney {
        name,
        contact: contact.join("\n"),
        roles,
    })
}

fn role(line: &str) -> Option<&str> {
    let (role, _) = line.strip_prefix('[')?.rsplit_once(']')?;
    Some(role)
}
