//! The parties of a docket, and who represents them.

use std::sync::LazyLock;

use regex::Regex;

use super::{Party, attorneys, case, criminal};
use crate::court::reads_as_bankruptcy;
use crate::page::PageError;
use crate::page::party::DistinctParties;
use crate::page::selection::{has_below, has_child, has_own_text};
use crate::page::strings::party_type;
use crate::page::tree::{NodeId, Page, Tag};
use crate::page::values::date_terminated;

/// A row of a table of parties.
pub(super) struct Row {
    pub(super) node: NodeId,
    /// All cells below, those of nested tables included.
    pub(super) cells: Vec<NodeId>,
    /// Whether the first cell has an underlined heading.
    pub(super) has_heading: bool,
    /// Whether anything in the row is bold.
    pub(super) has_bold: bool,
}

/// A party as far as it is known while rows are read.
#[derive(Default)]
struct InProgress {
    party_type: Option<String>,
    name: Option<String>,
    extra_info: String,
    date_terminated: Option<chrono::NaiveDate>,
    attorneys: Option<Vec<super::Attorney>>,
}

static SERVICE_LIST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i)service list").expect("pattern is tested"));
static HYPHENS: LazyLock<Regex> = LazyLock::new(|| Regex::new("-{3,}").expect("pattern is tested"));

/// What marks a heading among parties in old dockets.
const SIX_HYPHENS: &str = "------";

/// Reads all parties. Fails if the page has some, and none of them can be read.
pub(super) fn read(page: &Page, court: &str) -> Result<Vec<Party>, PageError> {
    let rows = find_rows(page);
    let mut parties = Parties::new(case::is_adversary(page));
    for index in 0..rows.len() {
        if is_party_row(page, &rows, index) {
            parties.read_row(page, court, &rows, index);
        }
    }
    let mut parties = parties.found.into_parties();
    if parties.is_empty() && rows.iter().any(|row| names_someone(page, row)) {
        return Err(PageError::Unread("parties"));
    }
    if !reads_as_bankruptcy(court) {
        criminal::read(page, &rows, &mut parties);
    }
    Ok(parties)
}

/// Whether a row of a table of parties has words that are no heading.
fn names_someone(page: &Page, row: &Row) -> bool {
    !row.has_heading && !row.is_empty(page)
}

/// All rows that share their parent with one that marks a table of parties.
fn find_rows(page: &Page) -> Vec<Row> {
    let mut is_marked = vec![false; page.all().len()];
    for row in page.all_of(Tag::Tr) {
        if marks_parties(page, row) {
            is_marked[page.parent(row) as usize] = true;
        }
    }
    page.all_of(Tag::Tr)
        .filter(|row| is_marked[page.parent(*row) as usize])
        .map(|row| Row::of(page, row))
        .collect()
}

fn marks_parties(page: &Page, row: NodeId) -> bool {
    let Some(cell) = page.children_of(row, Tag::Td).next() else {
        return false;
    };
    page.below(cell).any(|node| match page.tag(node) {
        Tag::I => page
            .children_of(node, Tag::B)
            .any(|bold| has_own_text(page, bold)),
        Tag::B => {
            page.children_of(node, Tag::U)
                .any(|underlined| has_own_text(page, underlined))
                || page
                    .children_of(node, Tag::Text)
                    .any(|text| page.text(text).contains("-----"))
        }
        _ => false,
    })
}

impl Row {
    fn of(page: &Page, node: NodeId) -> Self {
        let cells: Vec<NodeId> = page.below_of(node, Tag::Td).collect();
        let has_heading = cells.first().is_some_and(|cell| {
            page.below_of(*cell, Tag::B)
                .any(|bold| has_child(page, bold, Tag::U))
        });
        Self {
            node,
            cells,
            has_heading,
            has_bold: has_below(page, node, Tag::B),
        }
    }

    /// Whether the row has neither cells nor anything but the `v.` between the sides.
    pub(super) fn is_empty(&self, page: &Page) -> bool {
        let text = page.text(self.node).trim();
        self.cells.is_empty() || text.is_empty() || text.eq_ignore_ascii_case("v.")
    }
}

fn is_party_row(page: &Page, rows: &[Row], index: usize) -> bool {
    let row = &rows[index];
    if row.is_empty(page) {
        return false;
    }
    if !row.has_heading {
        return row.has_bold;
    }
    let next_is_bold = rows.get(index + 1).is_some_and(|next| next.has_bold);
    let heads_counts = row.cells.len() == 3 && page.text(row.cells[2]) == "Disposition";
    next_is_bold && !heads_counts
}

struct Parties {
    is_adversary: bool,
    current: InProgress,
    found: DistinctParties,
}

impl Parties {
    fn new(is_adversary: bool) -> Self {
        Self {
            is_adversary,
            current: InProgress::default(),
            found: DistinctParties::default(),
        }
    }

    fn read_row(&mut self, page: &Page, court: &str, rows: &[Row], index: usize) {
        let row = &rows[index];
        if !self.read_type(page, court, row) {
            return;
        }
        let is_after_counts = index > 0 && page.text(rows[index - 1].node).contains("Disposition");
        if !is_after_counts {
            self.read_name(page, row.cells[0]);
        }
        if row.cells.len() == 3 && !self.current.is_empty() {
            self.current.attorneys = Some(attorneys::read(page, row.cells[2]));
        }
        self.finish();
    }

    /// Takes the type that a row announces. False if the row has nothing else.
    fn read_type(&mut self, page: &Page, court: &str, row: &Row) -> bool {
        let text = page.text(row.node);
        let first = row.cells[0];
        let count = row.cells.len();
        if count == 1 && row.has_heading {
            self.begin(party_type(page.text(first)));
            return false;
        }
        if text.contains(SIX_HYPHENS) {
            let heading = page.text(first).trim();
            if count == 1 {
                self.begin(party_type(&HYPHENS.replace_all(heading, "")));
                return false;
            }
            if count == 3 {
                let before = HYPHENS.split(heading).next().unwrap_or_default();
                self.begin(before.to_owned());
            }
            return true;
        }
        if count == 3 {
            if reads_as_bankruptcy(court) && has_bold_italic(page, first) {
                let italic = page.below_of(first, Tag::I).next().unwrap_or(first);
                self.begin(party_type(page.text(italic)));
            } else if SERVICE_LIST.is_match(text) {
                self.begin("Service List".to_owned());
            }
        }
        true
    }

    fn begin(&mut self, party_type: String) {
        self.current = InProgress {
            party_type: Some(party_type),
            ..InProgress::default()
        };
    }

    fn read_name(&mut self, page: &Page, cell: NodeId) {
        let is_name = |bold: &NodeId| {
            !page.is(page.parent(*bold), Tag::I)
                && !has_child(page, *bold, Tag::U)
                && !page.text(*bold).contains(SIX_HYPHENS)
        };
        let Some(bold) = page.below_of(cell, Tag::B).find(is_name) else {
            return;
        };
        let lines: Vec<&str> = page
            .below_of(cell, Tag::Text)
            .filter(|text| !page.is(page.parent(*text), Tag::B))
            .map(|text| page.text(text).trim())
            .filter(|text| !text.is_empty())
            .collect();
        self.current.name = Some(page.text(bold).trim().to_owned());
        self.current.extra_info = lines.join("\n");
        self.current.date_terminated = date_terminated(&self.current.extra_info);
    }

    /// Adds the party unless the list has it already, and starts the next one. In an adversary
    /// proceeding a heading is good for all parties below it.
    fn finish(&mut self) {
        let next_type = if self.is_adversary {
            self.current.party_type.clone()
        } else {
            None
        };
        let current = std::mem::take(&mut self.current);
        self.current.party_type = next_type;
        if current.is_empty() {
            return;
        }
        self.found.add(current.into_party());
    }
}

impl InProgress {
    fn is_empty(&self) -> bool {
        self.party_type.is_none() && self.name.is_none() && self.attorneys.is_none()
    }

    fn into_party(self) -> Party {
        Party {
            name: self.name.unwrap_or_default(),
            party_type: self.party_type.unwrap_or_else(|| "Unknown".to_owned()),
            extra_info: self.extra_info,
            date_terminated: self.date_terminated,
            attorneys: self.attorneys,
            criminal_data: None,
        }
    }
}

fn has_bold_italic(page: &Page, cell: NodeId) -> bool {
    page.below_of(cell, Tag::I)
        .any(|italic| has_child(page, italic, Tag::B))
}
