//! The header of a docket: what it says about the case as a whole.

use chrono::NaiveDate;

use super::{Docket, DocketEntry, OrderedBy, Party};
use crate::court::reads_as_bankruptcy;
use crate::page::docket_number::{self, DocketNumberParts};
use crate::page::judge::judge_name;
use crate::page::pieces::pieces;
use crate::page::selection::child_cells;
use crate::page::strings::{case_name, clean, squeeze};
use crate::page::tree::{NodeId, Page, Tag, any_below};
use crate::page::values::{DATE_DISCHARGED, DATE_TERMINATED, Values, labels};
use crate::page::{PageError, case_name as naming};

/// What the header says.
pub(super) struct Case {
    docket_number: Option<String>,
    docket_number_parts: DocketNumberParts,
    case_name: String,
    date_filed: Option<NaiveDate>,
    date_terminated: Option<NaiveDate>,
    date_converted: Option<NaiveDate>,
    date_discharged: Option<NaiveDate>,
    assigned_to_str: String,
    referred_to_str: String,
    assigned_to_judges: Option<Vec<String>>,
    referred_to_judges: Option<Vec<String>>,
    cause: String,
    nature_of_suit: String,
    jury_demand: String,
    demand: String,
    jurisdiction: String,
    mdl_status: String,
}

labels! {
    DATE_FILED = r"Date [fF]iled:\s+([0-9/\-–—]+)";
    DATE_CONVERTED = r"Date [Cc]onverted:\s+([0-9/\-–—]+)";
    ASSIGNED = r"(?is)Assigned to:\s+(.*)";
    REFERRED = r"(?is)Referred to:\s+(.*)";
    CAUSE = r"Cause:\s+(.*)";
    NATURE_OF_SUIT = r"Nature of Suit:\s+(.*)";
    JURY_DEMAND = r"Jury Demand:\s+(.*)";
    DEMAND = r"^Demand:\s+(.*)";
    JURISDICTION = r"Jurisdiction:\s+(.*)";
    MDL_STATUS = r"MDL Status:\s+(.*)";
}

impl Case {
    /// Reads the header. Fails on a page that has none, for such a page is no docket.
    pub(super) fn read(page: &Page, court: &str, parties: &[Party]) -> Result<Self, PageError> {
        let table = case_table(page).ok_or(PageError::Missing("case table"))?;
        let values = header_values(page, table);
        let is_adversary = is_adversary(page);
        let (docket_number, docket_number_parts) = number(page, court);
        let nature_of_suit = match is_adversary {
            true => natures_of_suit(page),
            false => values.string(&NATURE_OF_SUIT),
        };
        Ok(Self {
            docket_number: docket_number.map(|number| squeeze(&number)),
            docket_number_parts,
            case_name: name(page, court, parties, &values, is_adversary),
            date_filed: values.date(&DATE_FILED),
            date_terminated: values.date(&DATE_TERMINATED),
            date_converted: values.date(&DATE_CONVERTED),
            date_discharged: values.date(&DATE_DISCHARGED),
            assigned_to_str: values.judge(page, &ASSIGNED),
            referred_to_str: values.judge(page, &REFERRED),
            assigned_to_judges: judges(page, table, "assigned to:"),
            referred_to_judges: judges(page, table, "referred to:"),
            cause: values.string(&CAUSE),
            nature_of_suit: squeeze(&nature_of_suit),
            jury_demand: values.string(&JURY_DEMAND),
            demand: values.string(&DEMAND),
            jurisdiction: values.string(&JURISDICTION),
            mdl_status: values.string(&MDL_STATUS),
        })
    }

    /// Joins what all parts of the page say.
    pub(super) fn into_docket(
        self,
        court: &str,
        ordered_by: Option<OrderedBy>,
        parties: Vec<Party>,
        docket_entries: Vec<DocketEntry>,
    ) -> Docket {
        Docket {
            court_id: squeeze(court),
            docket_number: self.docket_number,
            docket_number_parts: self.docket_number_parts,
            case_name: self.case_name,
            date_filed: self.date_filed,
            date_terminated: self.date_terminated,
            date_converted: self.date_converted,
            date_discharged: self.date_discharged,
            assigned_to_str: self.assigned_to_str,
            referred_to_str: self.referred_to_str,
            assigned_to_judges: self.assigned_to_judges,
            referred_to_judges: self.referred_to_judges,
            cause: self.cause,
            nature_of_suit: self.nature_of_suit,
            jury_demand: self.jury_demand,
            demand: self.demand,
            jurisdiction: self.jurisdiction,
            mdl_status: self.mdl_status,
            ordered_by,
            parties,
            docket_entries,
        }
    }
}

/// Whether the page tells about a case.
pub(super) fn has_case_table(page: &Page) -> bool {
    case_table(page).is_some()
}

/// The outermost table without a `center` around the first cell that tells when the case was
/// filed.
fn case_table(page: &Page) -> Option<NodeId> {
    let centers: Vec<NodeId> = page.all_of(Tag::Center).collect();
    let mut first: Option<NodeId> = None;
    for label in ["Date Filed:", "Date filed:"] {
        for text in page.text_nodes_with(label) {
            let mut around = page
                .ancestors(text)
                .skip_while(|node| !page.is(*node, Tag::Td));
            let Some(cell) = around.next() else { continue };
            let table = page
                .ancestors(cell)
                .filter(|node| page.is(*node, Tag::Table))
                .take_while(|table| !any_below(page, *table, &centers))
                .last();
            if let Some(table) = table {
                first = Some(first.map_or(table, |first| first.min(table)));
            }
        }
    }
    first
}

/// The judges after a label (lower-case), if there are several: the others stand on lines of their
/// own below it, pushed to the right.
fn judges(page: &Page, table: NodeId, label: &str) -> Option<Vec<String>> {
    let (line, first) = page.below_of(table, Tag::Text).find_map(|line| {
        let text = page.text(line).trim();
        let start = text.get(..label.len())?;
        let is_label = start.eq_ignore_ascii_case(label);
        is_label.then(|| (line, &text[label.len()..]))
    })?;
    let others = page
        .after(line)
        .take_while(|node| matches!(page.tag(*node), Tag::Br | Tag::Text))
        .filter(|node| page.is(*node, Tag::Text))
        .map(|text| page.text(text))
        .filter(|text| !text.trim().is_empty())
        .take_while(|text| is_continued(text));
    let names = std::iter::once(first).chain(others).map(judge_name);
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    (names.len() > 1).then_some(names)
}

fn is_continued(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '\r', '\n']);
    line.starts_with('\u{a0}') && !line.contains(':')
}

fn header_values(page: &Page, table: NodeId) -> Values {
    // Text of nested cells comes once for each; only a page that was made to hurt nests so much
    // that this matters.
    let most = 100 * page.text(table).len() + 10_000;
    let mut values = Vec::new();
    let mut length = 0;
    for cell in page.below_of(table, Tag::Td) {
        for piece in pieces(page, cell) {
            length += piece.len();
            values.push(clean(&piece));
        }
        if length > most {
            break;
        }
    }
    Values::new(values)
}

fn number(page: &Page, court: &str) -> (Option<String>, DocketNumberParts) {
    let is_in_center = |node: NodeId| {
        page.ancestors(node)
            .any(|around| page.is(around, Tag::Center))
    };
    let headings: Vec<&str> = if reads_as_bankruptcy(court) {
        page.all_of(Tag::Font)
            .filter(|font| is_in_center(*font))
            .map(|font| page.text(font))
            .collect()
    } else {
        page.all_of(Tag::H3)
            .map(|heading| page.text(heading))
            .collect()
    };
    docket_number::find(headings.iter().copied(), court)
}

/// Whether the page is of a lawsuit inside a bankruptcy.
pub(super) fn is_adversary(page: &Page) -> bool {
    !page.text_nodes_with("Adversary Proceeding").is_empty()
}

/// Adversary proceedings list natures of suit in a table of their own.
fn natures_of_suit(page: &Page) -> String {
    let mut natures = Vec::new();
    let mut end = 0;
    for node in page.all() {
        match page.tag(node) {
            Tag::Table if node >= end && page.text(node).contains("Nature[s] of") => {
                end = page.end(node)
            }
            Tag::Tr if node < end => natures.extend(nature_of_suit(page, node)),
            _ => {}
        }
    }
    natures.join("; ")
}

fn nature_of_suit(page: &Page, row: NodeId) -> Option<String> {
    let parts: Vec<&str> = child_cells(page, row)
        .into_iter()
        .skip(2)
        .flat_map(|cell| page.children_of(cell, Tag::Text))
        .map(|text| page.text(text).trim())
        .filter(|text| !text.is_empty())
        .collect();
    (parts.len() >= 2).then(|| parts.join(" "))
}

fn name(
    page: &Page,
    court: &str,
    parties: &[Party],
    values: &Values,
    is_adversary: bool,
) -> String {
    if reads_as_bankruptcy(court) {
        return bankruptcy_name(page, parties, is_adversary);
    }
    let header = values.pieces().first().map_or("", String::as_str);
    let found = naming::find(header)
        .map(str::to_owned)
        .or_else(|| sides(parties))
        .or_else(|| matter(parties));
    squeeze(&case_name(found.as_deref().unwrap_or(naming::UNKNOWN)))
}

fn bankruptcy_name(page: &Page, parties: &[Party], is_adversary: bool) -> String {
    let debtor = parties
        .iter()
        .find(|party| matches!(party.party_type.as_str(), "Debtor" | "Debtor In Possession"));
    if let Some(debtor) = debtor {
        return squeeze(&debtor.name);
    }
    let mut name = lead_title(page)
        .or_else(|| matter(parties))
        .unwrap_or_else(|| naming::UNKNOWN.to_owned());
    if is_adversary {
        name.push_str(" - Adversary Proceeding");
    }
    squeeze(&case_name(&name))
}

/// The title of the bankruptcy that an adversary proceeding belongs to: the text after its label.
fn lead_title(page: &Page) -> Option<String> {
    let label = page
        .text_nodes_with("Lead BK Title")
        .into_iter()
        .find_map(|text| page.ancestors(text).find(|node| page.is(*node, Tag::I)))?;
    let title = page.after(label).find(|node| page.is(*node, Tag::Text))?;
    Some(page.text(title).trim().to_owned())
}

/// The matter that the first row headed `IN RE:` names, as the court's other pages call it.
fn matter(parties: &[Party]) -> Option<String> {
    let begin = |party: &Party| match naming::heads_matter(&party.party_type) {
        true => Some("In re".to_owned()),
        false => naming::begun_matter(&party.party_type).map(str::to_owned),
    };
    let mut named = parties.iter().filter(|party| !party.name.is_empty());
    let (begin, name) = named.find_map(|party| Some((begin(party)?, &party.name)))?;
    Some(match naming::heads_matter_at_start(name) {
        true => name.clone(),
        false => format!("{begin} {name}"),
    })
}

/// A name made of the first plaintiff and the first defendant.
fn sides(parties: &[Party]) -> Option<String> {
    let first = |role: &str| parties.iter().find(|party| party.party_type == role);
    let (plaintiff, defendant) = (first("Plaintiff")?, first("Defendant")?);
    Some(format!("{} v. {}", plaintiff.name, defendant.name))
}
