//! The history of a case (`HistDocQry.pl`): a docket without parties, for less money.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::date;
use super::docket_number::{self, DocketNumberParts};
use super::document_number::{has_plain_number, shown_number};
use super::judge::judge_name;
use super::link::{call_of, document_id, href, links, text_without_other_links};
use super::selection::{body_rows, child_cells};
use super::strings::{clean as clean_text, harmonize, squeeze};
use super::tree::{AttributeName, NodeId, Page, Tag, any_below};
use super::values::{DATE_DISCHARGED, DATE_TERMINATED, Values, labels};
use super::{PageError, case_name, clean, refused};
use crate::court::reads_as_bankruptcy;

/// What a history tells about a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocketHistory {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// `Unknown Case Title` as a last resort.
    pub case_name: String,
    /// The number of the case, without judges' initials.
    pub docket_number: Option<String>,
    /// What the number as printed says beyond that.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// When the case was filed.
    pub date_filed: Option<NaiveDate>,
    /// When something was filed in it last.
    pub date_last_filing: Option<NaiveDate>,
    /// When it ended.
    pub date_terminated: Option<NaiveDate>,
    /// When the debtor was discharged (bankruptcy).
    pub date_discharged: Option<NaiveDate>,
    /// The judge it is assigned to, without titles, or empty; none if the page of a bankruptcy
    /// court names nobody.
    pub assigned_to_str: Option<String>,
    /// The judge it is referred to, without titles, or empty.
    pub referred_to_str: String,
    /// All judges it is assigned to, where there are several. juriscraper knows only the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to_judges: Option<Vec<String>>,
    /// All judges it is referred to, where there are several. juriscraper knows only the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_to_judges: Option<Vec<String>>,
    /// Entries in the order of the page.
    pub docket_entries: Vec<HistoryEntry>,
}

/// An entry of a history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When it was filed.
    pub date_filed: Option<NaiveDate>,
    /// When it was entered, which may be later.
    pub date_entered: Option<NaiveDate>,
    /// Its number; none for minute entries and the like.
    pub document_number: Option<String>,
    /// The main document, in canonical form; none if there is nothing to be had.
    pub pacer_doc_id: Option<String>,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
    /// What kind of entry it is.
    pub short_description: String,
    /// The docket text, or empty: the report shows it only if it was asked for.
    pub description: String,
}

labels! {
    DATE_FILED = r"[fF]iled:\s+([0-9/\-–—]+)";
    DATE_LAST_FILING = r"(?i)last filing:\s+([0-9/\-–—]+)";
    DATE_ENTERED = r"[eE]ntered:\s+([0-9/\-–—]+)";
    DATE_FILED_AND_ENTERED = r"& Entered:\s+([0-9/\-–—]+)";
    PRESIDING = r"(?is)(.*),\s+presiding";
    REFERRAL = r"(?is)(.*),\s+referral";
}

/// Reads a history. `Ok(None)` for an error page, a price page, or anything else that a court shows
/// in place of one.
///
/// # Examples
///
/// ```
/// let page = br#"<center><b><font size="+1">1:24-cv-00417-ABC</font></b> Penhallow v. Nimbus Works<br>
///     Rosalind M Ferrant, presiding<br><b>Date filed:</b> 03/05/2024</center>"#;
/// let history = pacer::page::docket_history::parse(page, "cand")?.expect("it is a history");
/// assert_eq!(history.case_name, "Penhallow v. Nimbus Works");
/// assert_eq!(history.assigned_to_str.as_deref(), Some("Rosalind M. Ferrant"));
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<DocketHistory>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let docket_entries = entries(&page)?;
    if docket_entries.is_empty() && refused::docket(&text) {
        return Ok(None);
    }
    let values = header_values(&page);
    let (docket_number, docket_number_parts) = docket_number_of(&page, court);
    if docket_number.is_none() && docket_entries.is_empty() && !has_title(&page) {
        return match refused::is_of_session(&text) {
            true => Ok(None),
            false => Err(PageError::Missing("number of a case")),
        };
    }
    Ok(Some(DocketHistory {
        court_id: squeeze(court),
        case_name: case_name_of(values.pieces(), court),
        docket_number,
        docket_number_parts,
        date_filed: values.date(&DATE_FILED),
        date_last_filing: values.date(&DATE_LAST_FILING),
        date_terminated: values.date(&DATE_TERMINATED),
        date_discharged: values.date(&DATE_DISCHARGED),
        assigned_to_str: assigned_to(&page, &values, court),
        referred_to_str: values.judge(&page, &REFERRAL),
        assigned_to_judges: judges(&values, &PRESIDING),
        referred_to_judges: judges(&values, &REFERRAL),
        docket_entries,
    }))
}

/// The texts of whatever is centred and no table.
fn header_values(page: &Page) -> Values {
    let tables: Vec<NodeId> = page.all_of(Tag::Table).collect();
    let mut pieces = Vec::new();
    let mut end = 0;
    for center in page.all_of(Tag::Center) {
        if center < end || any_below(page, center, &tables) {
            continue;
        }
        end = page.end(center);
        let texts = page
            .below_of(center, Tag::Text)
            .map(|text| clean_text(page.text(text)));
        pieces.extend(texts.filter(|text| !text.is_empty()));
    }
    Values::new(pieces)
}

fn docket_number_of(page: &Page, court: &str) -> (Option<String>, DocketNumberParts) {
    let headings: Vec<&str> = page
        .all_of(Tag::Font)
        .filter(|font| page.attribute(*font, AttributeName::Size) == Some("+1"))
        .filter(|font| is_centred(page, *font))
        .map(|font| page.text(font))
        .collect();
    docket_number::find_case(headings.iter().copied(), court)
}

fn is_centred(page: &Page, node: NodeId) -> bool {
    page.ancestors(node)
        .any(|around| page.is(around, Tag::Center))
}

/// The name follows the number. Where patterns disagree about it, it is not known.
fn case_name_of(pieces: &[String], court: &str) -> String {
    let mut after_number = pieces
        .windows(2)
        .filter(|pair| docket_number::names_case(&pair[0], court))
        .map(|pair| pair[1].as_str());
    let found = if reads_as_bankruptcy(court) {
        after_number.next()
    } else {
        let names: BTreeSet<&str> = after_number.flat_map(case_name::starts).collect();
        names.first().copied().filter(|_| names.len() == 1)
    };
    squeeze(&harmonize(found.unwrap_or(case_name::UNKNOWN)))
}

/// The judges on lines that a pattern matches, if there are several.
fn judges(values: &Values, label: &Regex) -> Option<Vec<String>> {
    let lines = values.pieces().iter();
    let names = lines.filter_map(|line| Some(judge_name(&label.captures(line)?[1])));
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    (names.len() > 1).then_some(names)
}

fn assigned_to(page: &Page, values: &Values, court: &str) -> Option<String> {
    if !reads_as_bankruptcy(court) {
        return Some(values.judge(page, &PRESIDING));
    }
    values
        .pieces()
        .windows(2)
        .find(|pair| pair[0].to_lowercase().contains("judge:"))
        .map(|pair| judge_name(&pair[1]))
}

/// Whether the page calls itself a history, of all or only of the documents.
fn has_title(page: &Page) -> bool {
    let mut titles = page
        .all()
        .filter(|node| matches!(page.tag(*node), Tag::H2 | Tag::Font));
    titles.any(|title| matches!(page.text(title).trim(), "History" | "Documents"))
}

/// Reads the entries. Fails if the page has some, and none of them can be read.
fn entries(page: &Page) -> Result<Vec<HistoryEntry>, PageError> {
    let headers: Vec<NodeId> = page
        .text_nodes_with("Description")
        .into_iter()
        .map(|text| page.parent(text))
        .filter(|parent| page.is(*parent, Tag::Th))
        .collect();
    let mut entries: Vec<HistoryEntry> = Vec::new();
    for row in body_rows(page, |table| any_below(page, table, &headers)).skip(1) {
        match child_cells(page, row)[..] {
            [number, dates, kind] => entries.push(entry(page, number, dates, kind)),
            [text] | [_, text] => {
                if let Some(last) = entries.last_mut() {
                    last.description = description(page.text(text));
                }
            }
            _ => {}
        }
    }
    entries.retain(|entry| has_plain_number(entry.document_number.as_deref()));
    if entries.is_empty() && page.all_of(Tag::Tr).any(|row| is_dated(page, row)) {
        return Err(PageError::Unread("entries"));
    }
    Ok(entries)
}

/// Whether a row is that of an entry, which tells when it was filed or entered in its second cell.
fn is_dated(page: &Page, row: NodeId) -> bool {
    let [_, dates, _] = child_cells(page, row)[..] else {
        return false;
    };
    let dates = clean_text(page.text(dates));
    DATE_FILED.is_match(&dates) || DATE_FILED_AND_ENTERED.is_match(&dates)
}

fn entry(page: &Page, number: NodeId, dates: NodeId, kind: NodeId) -> HistoryEntry {
    let names_document = |link: &NodeId| href(page, *link).and_then(document_id).is_some();
    let mut found = links(page, number).filter(names_document);
    let link = found.next().filter(|_| found.next().is_none());
    let dates = clean_text(page.text(dates));
    HistoryEntry {
        date_filed: date::after(&DATE_FILED, &dates)
            .or_else(|| date::after(&DATE_FILED_AND_ENTERED, &dates)),
        date_entered: date::after(&DATE_ENTERED, &dates),
        document_number: shown_number(&clean_text(&text_without_other_links(page, number)))
            .map(str::to_owned),
        pacer_doc_id: link.and_then(|link| document_id(href(page, link)?)),
        pacer_seq_no: link.and_then(|link| call_of(page, link)?.sequence_number),
        short_description: squeeze(page.text(kind)),
        description: String::new(),
    }
}

fn description(text: &str) -> String {
    squeeze(text.strip_prefix("Docket Text: ").unwrap_or(text))
}
