//! What a docket says about the appeal as a whole.

use std::collections::HashSet;

use super::labels::{Label, Labels, value_after};
use super::{AppellateDocket, AppellateEntry, AppellateParty, originating_court};
use crate::page::PageError;
use crate::page::selection::{innermost, tail};
use crate::page::strings::{case_name, squeeze};
use crate::page::tree::{AttributeName, NodeId, Page, Tag, any_below};

/// What the comment says that begins the section of the case.
pub(super) const SECTION: &str = "NEW SECTION - Case Stub";

/// Reads the header, and joins it with what other parts of the page say. Fails on a page without
/// one, for such a page is no docket.
pub(super) fn read(
    page: &Page,
    court: &str,
    labels: &Labels<'_>,
    parties: Vec<AppellateParty>,
    docket_entries: Vec<AppellateEntry>,
) -> Result<AppellateDocket, PageError> {
    let name = name_cell(page).ok_or(PageError::Missing("case name"))?;
    Ok(AppellateDocket {
        court_id: squeeze(court),
        docket_number: docket_number(page, labels),
        case_name: squeeze(&case_name(page.text(name))),
        panel: panel(labels),
        nature_of_suit: labels.value(Label::NatureOfSuit),
        appeal_from: Some(labels.value(Label::AppealFrom))
            .filter(|court| court != "null")
            .unwrap_or_default(),
        fee_status: labels.value(Label::FeeStatus),
        date_filed: labels.date(Label::Docketed),
        date_terminated: labels.date(Label::Termed),
        case_type_information: case_type(page, labels),
        originating_court_information: originating_court::read(page, court, labels),
        parties,
        docket_entries,
    })
}

/// Browsers make telephone links of numbers; then the number is the link's text.
fn docket_number(page: &Page, labels: &Labels<'_>) -> String {
    let elements = [Label::Docket, Label::CaseNumber].map(|label| labels.element(label));
    let Some(element) = elements.into_iter().flatten().min() else {
        return String::new();
    };
    let value = value_after(page, element);
    if !value.is_empty() {
        return value;
    }
    page.after(element)
        .find(|node| is_telephone_link(page, *node))
        .map_or_else(String::new, |link| squeeze(page.text(link)))
}

fn is_telephone_link(page: &Page, node: NodeId) -> bool {
    page.is(node, Tag::A)
        && page
            .attribute(node, AttributeName::Href)
            .is_some_and(|href| href.trim_start().starts_with("tel:"))
}

/// In the section of the case, of the tables that come first in their parent and begin with
/// something bold: the first cell in which nothing is bold.
fn name_cell(page: &Page) -> Option<NodeId> {
    let section = page.comment_with(SECTION)?;
    let around = page.parent(section);
    let bold: Vec<NodeId> = page.below_of(around, Tag::B).collect();
    let mut with_table = HashSet::from([around]);
    let mut table_end = section;
    for node in page.end(section)..page.end(around) {
        if page.is(node, Tag::Table) {
            let is_first = with_table.insert(page.parent(node));
            if is_first && begins_bold(page, node, &bold) {
                table_end = table_end.max(page.end(node));
            }
        }
        if node < table_end && page.is(node, Tag::Td) && !any_below(page, node, &bold) {
            return Some(node);
        }
    }
    None
}

/// Whether the first row of one of the table's row groups has something bold.
fn begins_bold(page: &Page, table: NodeId, bold: &[NodeId]) -> bool {
    page.children(table)
        .filter_map(|group| page.children_of(group, Tag::Tr).next())
        .any(|row| any_below(page, row, bold))
}

fn panel(labels: &Labels<'_>) -> Vec<String> {
    let value = labels.value(Label::Panel);
    if !labels.has_panel() || value == "Not available" {
        return Vec::new();
    }
    value.split_whitespace().map(str::to_owned).collect()
}

/// Three numbered lines, from general to particular, of which some say nothing.
fn case_type(page: &Page, labels: &Labels<'_>) -> String {
    let table = labels
        .element(Label::CaseType)
        .and_then(|element| innermost(page, element, Tag::Table));
    let Some(table) = table else {
        return String::new();
    };
    let types: Vec<&str> = page
        .below_of(table, Tag::B)
        .filter_map(|bold| tail(page, bold))
        .map(str::trim)
        .filter(|text| !matches!(*text, "None" | "null" | "-" | ""))
        .collect();
    squeeze(&types.join(", "))
}
