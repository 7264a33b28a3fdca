//! The parties of an appeal.

use super::AppellateParty;
use crate::page::PageError;
use crate::page::appellate_party::attorneys_in_cell;
use crate::page::attorney::fill_see_above;
use crate::page::selection::{child_cells, rows_below};
use crate::page::tree::{NodeId, Page, Tag};

/// Reads all parties; none if the report was not asked for them.
pub(super) fn read(page: &Page) -> Result<Vec<AppellateParty>, PageError> {
    let mut parties = Vec::new();
    for row in find_rows(page)? {
        // Rows between the sides have one cell, `v.`.
        if let [party, attorneys, ..] = child_cells(page, row)[..] {
            let attorneys = attorneys_in_cell(page, attorneys);
            parties.push(AppellateParty::read(page, party, attorneys)?);
        }
    }
    fill_see_above(parties.iter_mut().flat_map(|party| &mut party.attorneys));
    Ok(parties)
}

/// The first table of the section is a frame; its tables have the parties.
fn find_rows(page: &Page) -> Result<Vec<NodeId>, PageError> {
    let frame = page
        .comment_with("NEW SECTION - Party/Aty List")
        .and_then(|section| page.after(section).find(|node| page.is(*node, Tag::Table)));
    let Some(frame) = frame else {
        return Ok(Vec::new());
    };
    let mut rows = Vec::new();
    let mut next = frame + 1;
    while let Some(table) = (next..page.end(frame)).find(|node| page.is(*node, Tag::Table)) {
        rows.extend(rows_below(page, page.below(table))?);
        next = page.end(table);
    }
    Ok(rows)
}
