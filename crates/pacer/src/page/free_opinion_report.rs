//! The report of written opinions (`WrtOpRpt.pl`), which are free.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::docket_number::{self, DocketNumberParts};
use super::link::{case_id, document_id, download_call, href, is_notice_link, links};
use super::selection::{child_cells, is_blank, saying, tail};
use super::strings::case_name;
use super::tree::{AttributeName, NodeId, Page, Tag};
use super::{PageError, clean, date};

/// What the report lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeOpinionReport {
    /// The opinions, in the order of the page.
    pub opinions: Vec<FreeOpinion>,
    /// How many there are by the court's own count, which can be more than it lists.
    pub reported: Option<u64>,
}

/// An opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeOpinion {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The number of the case, without judges' initials.
    pub docket_number: Option<String>,
    /// What the number as printed says beyond that. Where a case has several opinions, only the
    /// first row prints it in full.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// `Case name unknown` as a last resort.
    pub case_name: String,
    /// When it was filed.
    pub date_filed: NaiveDate,
    /// The case.
    pub pacer_case_id: Option<String>,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
    /// The document, in canonical form; none only if the row has no link to it.
    pub pacer_doc_id: Option<String>,
    /// The entry's number, as printed.
    pub document_number: String,
    /// The docket text, as printed.
    pub description: String,
    /// Nature of suit, or empty; bankruptcy courts do not tell.
    pub nature_of_suit: String,
    /// Cause of action, or empty; bankruptcy courts do not tell.
    pub cause: String,
}

/// A row of the report by the meaning of its cells, whichever way the report is sorted.
struct Row {
    case: NodeId,
    date: NodeId,
    document: NodeId,
    description: NodeId,
    /// Only reports with five columns have notes.
    notes: Option<NodeId>,
    is_sorted_by_date: bool,
}

const TOTAL: &str = "Total number of opinions reported";
const UNKNOWN: &str = "Case name unknown";

/// Reads the report. Where a row leaves out what it shares with the row before, it is filled in.
///
/// # Examples
///
/// ```
/// let page = br#"<table><tr><th>Case Number &amp; Name:</th><th>Date Filed:</th></tr><tr>
///     <td><a href="/cgi-bin/DktRpt.pl?998877">1:24-cv-00417-ABC</a><br><b>Penhallow v. Nimbus Works</b></td>
///     <td>03/05/2024</td><td><a href="/doc1/035112345001">7</a></td><td>ORDER about a kettle</td>
///     <td><i>Cause:</i> 28:1332 Diversity</td></tr></table>"#;
/// let report = pacer::page::free_opinion_report::parse(page, "cand")?;
/// assert_eq!(report.opinions[0].case_name, "Penhallow v. Nimbus Works");
/// assert_eq!(report.opinions[0].cause, "28:1332 Diversity");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<FreeOpinionReport, PageError> {
    let page = Page::parse(&clean::html(page))?;
    let reported = reported(&page);
    let mut report = FreeOpinionReport {
        opinions: Vec::new(),
        reported,
    };
    if reported == Some(0) {
        return Ok(report);
    }
    let table = page
        .all_of(Tag::Table)
        .next()
        .ok_or(PageError::Missing("table of opinions"))?;
    for row in rows(&page, table) {
        let opinion = Row::of(&page, row)?.read(&page, court, report.opinions.last())?;
        report.opinions.push(opinion);
    }
    Ok(report)
}

fn reported(page: &Page) -> Option<u64> {
    let label = saying(page, TOTAL).find(|element| page.is(*element, Tag::B))?;
    tail(page, label)?.trim().parse().ok()
}

/// All rows but the headers, which come first.
fn rows(page: &Page, table: NodeId) -> impl Iterator<Item = NodeId> {
    let mut parents_of_headers = vec![false; page.all().len()];
    page.below_of(table, Tag::Tr).filter(move |row| {
        std::mem::replace(&mut parents_of_headers[page.parent(*row) as usize], true)
    })
}

impl Row {
    fn of(page: &Page, row: NodeId) -> Result<Self, PageError> {
        let (first, second, document, description, notes) = match child_cells(page, row)[..] {
            [first, second, document, description] => (first, second, document, description, None),
            [first, second, document, description, notes] => {
                (first, second, document, description, Some(notes))
            }
            _ => return Err(PageError::Bad("row of opinions")),
        };
        let is_sorted_by_date = links(page, second).next().is_some();
        let (case, date) = if is_sorted_by_date {
            (second, first)
        } else {
            (first, second)
        };
        Ok(Self {
            case,
            date,
            document,
            description,
            notes,
            is_sorted_by_date,
        })
    }

    fn read(
        &self,
        page: &Page,
        court: &str,
        before: Option<&FreeOpinion>,
    ) -> Result<FreeOpinion, PageError> {
        let (docket_number, docket_number_parts) = self.docket_number(page, court, before);
        let (pacer_case_id, pacer_seq_no) = self.case_id(page, before);
        Ok(FreeOpinion {
            court_id: court.to_owned(),
            docket_number,
            docket_number_parts,
            case_name: self.case_name(page, court, before),
            date_filed: self.date_filed(page, before)?,
            pacer_case_id,
            pacer_seq_no,
            pacer_doc_id: links(page, self.document)
                .next()
                .and_then(|link| document_id(href(page, link)?)),
            document_number: page
                .below_of(self.document, Tag::Text)
                .filter(|text| !self.is_of_notice(page, *text))
                .map(|text| page.text(text))
                .find(|text| !text.trim().is_empty())
                .unwrap_or_default()
                .to_owned(),
            description: page.text(self.description).to_owned(),
            nature_of_suit: self.note(page, "NOS"),
            cause: self.note(page, "Cause"),
        })
    }

    /// Whether number and name are one text, with a space between them.
    fn joins_number_and_name(&self, court: &str) -> bool {
        self.notes.is_none() || matches!(court, "areb" | "arwb")
    }

    fn docket_number(
        &self,
        page: &Page,
        court: &str,
        before: Option<&FreeOpinion>,
    ) -> (Option<String>, DocketNumberParts) {
        let text = match links(page, self.case).next() {
            Some(link) => {
                let text = page.text(link).trim();
                match text.split_once(' ') {
                    Some((number, _)) if self.joins_number_and_name(court) => number,
                    _ => text,
                }
            }
            None => before
                .and_then(|before| before.docket_number.as_deref())
                .unwrap_or_default(),
        };
        docket_number::find(std::iter::once(text), court)
    }

    fn case_name(&self, page: &Page, court: &str, before: Option<&FreeOpinion>) -> String {
        if is_blank(page, self.case) {
            return before
                .map_or(UNKNOWN, |before| &before.case_name)
                .to_owned();
        }
        let found = if self.joins_number_and_name(court) {
            page.text(self.case)
                .trim()
                .split_once(' ')
                .map(|(_, name)| name)
        } else {
            page.below_of(self.case, Tag::B)
                .next()
                .map(|bold| page.text(bold))
        };
        found.map(case_name).unwrap_or_else(|| UNKNOWN.to_owned())
    }

    fn date_filed(
        &self,
        page: &Page,
        before: Option<&FreeOpinion>,
    ) -> Result<NaiveDate, PageError> {
        let text = page
            .below_of(self.date, Tag::Text)
            .next()
            .map_or("", |text| page.text(text));
        if let (true, true, Some(before)) = (self.is_sorted_by_date, text.trim().is_empty(), before)
        {
            return Ok(before.date_filed);
        }
        date::date(text).ok_or(PageError::Bad("date of an opinion"))
    }

    /// Case and sequence number. The script of the document's link knows both; the link to the case
    /// knows only the first.
    fn case_id(
        &self,
        page: &Page,
        before: Option<&FreeOpinion>,
    ) -> (Option<String>, Option<String>) {
        let call = page
            .below(self.document)
            .find_map(|node| page.attribute(node, AttributeName::Onclick))
            .and_then(download_call);
        if let Some(call) = call {
            return (call.case_id, call.sequence_number);
        }
        match (links(page, self.case).next(), before) {
            (Some(link), _) => (href(page, link).and_then(case_id), None),
            (None, Some(before)) => (before.pacer_case_id.clone(), before.pacer_seq_no.clone()),
            (None, None) => (None, None),
        }
    }

    /// Whether a text below the document's cell belongs to the link to a notice.
    fn is_of_notice(&self, page: &Page, text: NodeId) -> bool {
        page.ancestors(text)
            .take_while(|around| *around != self.document)
            .any(|around| is_notice_link(page, around))
    }

    /// What stands after a label among the notes.
    fn note(&self, page: &Page, label: &str) -> String {
        let text = self.notes.and_then(|notes| {
            let label = page.children_of(notes, Tag::I).find(|italic| {
                page.children_of(*italic, Tag::Text)
                    .next()
                    .is_some_and(|text| page.text(text).contains(label))
            })?;
            tail(page, label)
        });
        text.unwrap_or_default().trim().to_owned()
    }
}
