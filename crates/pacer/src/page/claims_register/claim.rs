//! One claim: a table whose first row tells who claims, and whose second how much.

use super::{Claim, history};
use crate::page::PageError;
use crate::page::labelled::{Colon, Labelled, value_after};
use crate::page::nesting::hardly_nested;
use crate::page::selection::child_cells;
use crate::page::strings::leading_digits;
use crate::page::tree::{NodeId, Page, Tag};

/// Reads the table of a claim.
pub(super) fn read(page: &Page, table: NodeId) -> Result<Claim, PageError> {
    let mut claim = Claim::default();
    let mut rows = page.below_of(table, Tag::Tr);
    let cells = rows.next().map(|row| child_cells(page, row));
    let cells = cells.as_deref().unwrap_or_default();
    if let Some(cell) = cells.first() {
        claim.read_creditor(page, *cell);
    }
    if let Some(cell) = cells.get(1) {
        claim.read_number_and_dates(page, *cell);
    }
    if let Some(cell) = cells.get(2) {
        claim.read_status(page, *cell);
    }
    if let Some(cell) = rows
        .next()
        .and_then(|row| page.children_of(row, Tag::Td).next())
    {
        claim.read_amounts(page, cell)?;
    }
    claim.read_rest(page, table)?;
    Ok(claim)
}

impl Claim {
    fn read_creditor(&mut self, page: &Page, cell: NodeId) {
        let label = page.below_of(cell, Tag::I).next();
        let id = label.map_or("", |label| value_after(page, label));
        self.creditor_id = id.trim_matches(['(', ')']).trim().to_owned();
        self.creditor_details = creditor_details(page, cell);
    }

    fn read_number_and_dates(&mut self, page: &Page, cell: NodeId) {
        let number = page.below_of(cell, Tag::B).next();
        self.claim_number = number.and_then(|number| first_digits(page.text(number)));
        for label in labels(page, cell, Colon::Optional) {
            match label.field.as_str() {
                "original_filed_date" => self.date_original_filed = label.date(),
                "original_entered_date" => self.date_original_entered = label.date(),
                "last_amendment_filed" => self.date_last_amendment_filed = Some(label.date()),
                "last_amendment_entered" => self.date_last_amendment_entered = Some(label.date()),
                _ => {}
            }
        }
    }

    fn read_status(&mut self, page: &Page, cell: NodeId) {
        for label in labels(page, cell, Colon::Required) {
            match label.field.as_str() {
                "status" => self.status = label.value.to_owned(),
                "filed_by" => self.filed_by = label.value.to_owned(),
                "entered_by" => self.entered_by = label.value.to_owned(),
                "modified" => self.date_modified = label.date(),
                _ => {}
            }
        }
    }

    /// Each row of the table inside tells of one part of the claim: its name, a word, an amount.
    fn read_amounts(&mut self, page: &Page, cell: NodeId) -> Result<(), PageError> {
        for row in hardly_nested(page, page.below_of(cell, Tag::Tr))? {
            let [name, _, amount, ..] = child_cells(page, row)[..] else {
                continue;
            };
            let field = match page.text(name).trim() {
                "Amount" => &mut self.amount_claimed,
                "Secured" => &mut self.secured_claimed,
                "Priority" => &mut self.priority_claimed,
                "Unsecured" => &mut self.unsecured_claimed,
                "Admin" => &mut self.admin_claimed,
                "Unknown" => &mut self.unknown_claimed,
                _ => continue,
            };
            *field = Some(page.text(amount).trim().to_owned());
        }
        Ok(())
    }

    /// The rows below the amounts come in no fixed place; each has its label.
    fn read_rest(&mut self, page: &Page, table: NodeId) -> Result<(), PageError> {
        let labelled = |text: &'static str| {
            page.below_of(table, Tag::I)
                .filter(move |label| page.text(*label).trim() == text)
        };
        let value = |text| {
            let label = labelled(text).next();
            label
                .map_or("", |label| value_after(page, label))
                .to_owned()
        };
        self.description = value("Description:");
        self.remarks = value("Remarks:");
        let row = labelled("History:").find_map(|label| outermost_row(page, table, label));
        if let Some(row) = row {
            self.history = history::read(page, row)?;
        }
        Ok(())
    }
}

fn labels(page: &Page, cell: NodeId, colon: Colon) -> impl Iterator<Item = Labelled<'_>> {
    page.below_of(cell, Tag::I)
        .filter_map(move |label| Labelled::of(page, label, colon))
}

/// `Claim No: 12` is 12.
fn first_digits(text: &str) -> Option<u64> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    leading_digits(&text[start..]).parse().ok()
}

/// Name and address: the text after the first line end of the cell's font.
fn creditor_details(page: &Page, cell: NodeId) -> String {
    let font = page.below_of(cell, Tag::Font).next();
    let before = page
        .children_of(cell, Tag::Text)
        .take_while(|text| font.is_none_or(|font| *text < font));
    let line_end = font.and_then(|font| page.children_of(font, Tag::Br).next());
    let after = line_end
        .into_iter()
        .flat_map(|line_end| page.after(line_end))
        .filter(|node| page.is(*node, Tag::Text));
    // The first text is the space between cell and font, which no court leaves out.
    let lines: Vec<&str> = before
        .chain(after)
        .skip(1)
        .map(|text| page.text(text).trim())
        .collect();
    lines.join("\n").trim().to_owned()
}

fn outermost_row(page: &Page, table: NodeId, node: NodeId) -> Option<NodeId> {
    page.ancestors(node)
        .take_while(|around| *around != table)
        .filter(|around| page.is(*around, Tag::Tr))
        .last()
}
