//! What a register says about the case, all over its head and its foot.

use chrono::NaiveDate;

use super::ClaimsRegister;
use crate::page::labelled::{Colon, Labelled, LabelledCase, OtherLabels};
use crate::page::selection::{has_class, has_own_text};
use crate::page::strings::{harmonize, squeeze};
use crate::page::tree::{NodeId, Page, Tag};
use crate::page::{PageError, docket_number};

/// Reads all labels into a register without claims. Those of the foot win.
pub(super) fn read(page: &Page, court: &str) -> Result<ClaimsRegister, PageError> {
    let mut register = ClaimsRegister {
        court_id: squeeze(court),
        ..ClaimsRegister::default()
    };
    let centers: Vec<NodeId> = page.all_of(Tag::Center).collect();
    let badges = badges(page);
    let head = head_labels(page, &centers);
    let foot = foot_labels(page, &centers);
    for label in badges.chain(head).chain(foot) {
        register.add_label(renamed(label), court);
    }
    if register.docket_number.is_empty() {
        return Err(PageError::Missing("case number"));
    }
    if register.case_name.is_empty() {
        return Err(PageError::Missing("case name"));
    }
    Ok(register)
}

/// What became of the case stands beside its number: `Closed 08/23/2024`.
fn badges(page: &Page) -> impl Iterator<Item = Labelled<'_>> {
    page.all_of(Tag::Span)
        .filter(|span| has_class(page, *span, "label"))
        .filter_map(|span| Labelled::of(page, span, Colon::Optional))
}

/// The cells of the table at the head.
fn head_labels<'a>(page: &'a Page, centers: &[NodeId]) -> impl Iterator<Item = Labelled<'a>> {
    let table = centers.iter().find_map(|center| head_table(page, *center));
    table
        .into_iter()
        .flat_map(|table| page.below_of(table, Tag::Td))
        .filter(|cell| has_own_text(page, *cell))
        .filter_map(|cell| page.children_of(cell, Tag::B).next())
        .filter_map(|bold| Labelled::of(page, bold, Colon::Required))
}

/// The first table after a paragraph.
fn head_table(page: &Page, center: NodeId) -> Option<NodeId> {
    let paragraph = page.children_of(center, Tag::P).next()?;
    page.after(paragraph)
        .find(|node| page.is(*node, Tag::Table))
}

fn foot_labels<'a>(page: &'a Page, centers: &[NodeId]) -> impl Iterator<Item = Labelled<'a>> {
    centers
        .iter()
        .flat_map(|center| page.children_of(*center, Tag::B))
        .filter_map(|bold| Labelled::of(page, bold, Colon::Required))
}

fn renamed(label: Labelled<'_>) -> Labelled<'_> {
    let field = match label.field.as_str() {
        "case_number" => "docket_number",
        "closed" => "date_closed",
        "converted" => "date_converted",
        "debtor_dismissed" => "date_debtor_dismissed",
        "judge" | "honorable_judge" | "chief_judge" => "assigned_to_str",
        "trustee" => "trustee_str",
        "last_date_to_file_claims" => "date_last_to_file_claims",
        "last_date_to_file_govt" => "date_last_to_file_govt",
        _ => return label,
    };
    Labelled {
        field: field.to_owned(),
        ..label
    }
}

impl ClaimsRegister {
    fn add_label(&mut self, label: Labelled<'_>, court: &str) {
        match label.field.as_str() {
            "docket_number" => {
                (self.docket_number, self.docket_number_parts) =
                    docket_number::of_value(label.value, court);
            }
            "case_name" => self.case_name = squeeze(&harmonize(label.value)),
            _ => self.add(label),
        }
    }
}

impl LabelledCase for ClaimsRegister {
    fn date_field(&mut self, name: &str) -> Option<&mut Option<Option<NaiveDate>>> {
        Some(match name {
            "date_filed" => &mut self.date_filed,
            "date_closed" => &mut self.date_closed,
            "date_converted" => &mut self.date_converted,
            "date_debtor_dismissed" => &mut self.date_debtor_dismissed,
            "date_last_to_file_claims" => &mut self.date_last_to_file_claims,
            "date_last_to_file_govt" => &mut self.date_last_to_file_govt,
            _ => return None,
        })
    }

    fn text_field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "chapter" => &mut self.chapter,
            "office" => &mut self.office,
            "assigned_to_str" => &mut self.assigned_to_str,
            "trustee_str" => &mut self.trustee_str,
            _ => return None,
        })
    }

    fn other(&mut self) -> &mut OtherLabels {
        &mut self.other
    }
}
