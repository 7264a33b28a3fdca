//! The entries of an appellate docket.

use super::{AppellateEntry, attachments};
use crate::page::link::{document_id, href, links};
use crate::page::selection::{child_cells, has_child, is_blank, rows_below};
use crate::page::strings::{clean, squeeze};
use crate::page::tree::{AttributeName, NodeId, Page, Tag};
use crate::page::{PageError, date};

/// Reads the entries; none if the report was not asked for them.
pub(super) fn read(page: &Page) -> Result<Vec<AppellateEntry>, PageError> {
    let lists_documents = page
        .all_of(Tag::Input)
        .any(|input| page.attribute(input, AttributeName::Value) == Some("View Selected"));
    let rows = find_rows(page)?;
    let mut entries: Vec<AppellateEntry> = Vec::with_capacity(rows.len());
    // The end of a row of attachments, whose own rows are no entries.
    let mut attachments_end = 0;
    for row in rows {
        // The form around the entries may hold the receipt too, whose rows have headings.
        if row < attachments_end || has_child(page, row, Tag::Th) {
            continue;
        }
        let cells = child_cells(page, row);
        match (&cells[..], entries.last_mut()) {
            ([], _) => {}
            ([cell], _) if page.text(*cell).trim() == "No docket entries found." => break,
            ([_], _) => {}
            ([first, _, third, ..], last) if lists_documents && is_blank(page, *first) => {
                if let Some(last) = last {
                    attachments::read(page, *third, last);
                }
                attachments_end = page.end(row);
            }
            ([date, number, rest @ ..], _) => {
                entries.push(read_entry(page, *date, *number, rest.first().copied()));
            }
        }
    }
    Ok(entries)
}

/// All rows of the tables and forms that follow the title of the section.
fn find_rows(page: &Page) -> Result<Vec<NodeId>, PageError> {
    let Some(section) = page.comment_with("DOCKET ENTRIES") else {
        return Ok(Vec::new());
    };
    let mut rows = Vec::new();
    for part in page.after(section) {
        if matches!(page.tag(part), Tag::Table | Tag::Form) {
            rows.extend(rows_below(page, page.below(part))?);
        }
    }
    Ok(rows)
}

fn read_entry(
    page: &Page,
    date: NodeId,
    number: NodeId,
    description: Option<NodeId>,
) -> AppellateEntry {
    let pacer_doc_id =
        links(page, number).find_map(|link| document_id(href(page, link).unwrap_or_default()));
    let description = description.map_or("", |cell| page.text(cell));
    AppellateEntry {
        date_filed: date::date(page.text(date)),
        date_entered: date::entered(description),
        document_number: document_number(page, number).or_else(|| pacer_doc_id.clone()),
        description: squeeze(description),
        pacer_doc_id,
        pacer_seq_no: sequence_number(page, number),
        attachments: None,
    }
}

/// Pages and bytes of the document are numbers too, in a smaller font.
fn document_number(page: &Page, cell: NodeId) -> Option<String> {
    page.below_of(cell, Tag::Text)
        .filter(|text| !page.is(page.parent(*text), Tag::Font))
        .map(|text| page.text(text))
        .filter(|text| text.contains(|letter: char| letter.is_ascii_digit()))
        .map(clean)
        .find(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
}

fn sequence_number(page: &Page, cell: NodeId) -> Option<String> {
    let input = page.below_of(cell, Tag::Input).next()?;
    page.attribute(input, AttributeName::Value).map(squeeze)
}
