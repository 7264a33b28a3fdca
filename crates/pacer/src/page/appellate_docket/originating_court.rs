//! The case that is appealed, as the docket of the appeal tells of it.

use std::sync::LazyLock;

use regex::Regex;

use super::OriginatingCourt;
use super::labels::{Label, Labels};
use crate::page::date;
use crate::page::judge::judge_name;
use crate::page::link::{href, links};
use crate::page::selection::innermost;
use crate::page::strings::{clean, squeeze};
use crate::page::tree::{NodeId, Page, Tag};

/// Numbers of district courts, which in this place may have more digits in front.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:[0-9]{1,2}:)?[0-9]{2}-[A-Za-z]{1,4}-[0-9]{1,10}").expect("pattern is tested")
});

/// Reads the table of the case below; none if the page has none, or the table says so.
pub(super) fn read(page: &Page, court: &str, labels: &Labels<'_>) -> Option<OriginatingCourt> {
    let title = labels.element(Label::OriginatingCourt)?;
    let table = innermost(page, title, Tag::Table)?;
    let rows: Vec<NodeId> = page.below_of(table, Tag::Tr).collect();
    if rows.len() == 2 && says_none(page, table) {
        return None;
    }
    let number = number(page, table);
    let is_alien = number.as_deref().is_some_and(is_alien_number);
    let (docket_number, restricted_alien_number) = match is_alien {
        true => (None, number),
        false => (number, None),
    };
    let mut found = OriginatingCourt {
        docket_number,
        restricted_alien_number,
        court_id: court_of_first_link(page, table, court),
        assigned_to: squeeze(&judge_name(&labels.value(Label::TrialJudge))),
        ordering_judge: squeeze(&judge_name(&labels.value(Label::OrderingJudge))),
        court_reporter: labels.value(Label::CourtReporter),
        disposition: labels.value(Label::Disposition),
        date_filed: labels.date(Label::DateFiled),
        date_disposed: labels.date(Label::DateDisposed),
        date_judgment: None,
        date_judgment_eod: None,
        date_filed_noa: None,
        date_received_coa: None,
    };
    if let [.., labels, dates] = rows[..] {
        read_dates(page, labels, dates, &mut found);
    }
    Some(found)
}

fn says_none(page: &Page, table: NodeId) -> bool {
    let is_in_cell = |element| innermost(page, element, Tag::Td).is_some_and(|cell| cell > table);
    elements_saying(page, table, "None").any(is_in_cell)
}

/// Elements below whose first own text contains the words.
fn elements_saying<'a>(
    page: &'a Page,
    table: NodeId,
    words: &'a str,
) -> impl Iterator<Item = NodeId> + 'a {
    page.below(table).filter(move |node| {
        page.children_of(*node, Tag::Text)
            .next()
            .is_some_and(|text| page.text(text).contains(words))
    })
}

/// The number of the case, `District: 0978-2 : 1:24-cv-00417`. Agencies have numbers of their
/// own behind the second colon.
fn number(page: &Page, table: NodeId) -> Option<String> {
    let label = elements_saying(page, table, "District").next()?;
    let text = page.text(innermost(page, label, Tag::Td)?);
    let number = match NUMBER.find(text) {
        Some(found) => found.as_str(),
        None => text.split(':').nth(2)?,
    };
    Some(squeeze(number))
}

fn is_alien_number(number: &str) -> bool {
    number
        .strip_prefix('A')
        .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit() || next == '-'))
}

/// The court in the host of a link, `ecf.cand.uscourts.gov`. A link without a host stays with
/// the court of the page.
fn court_of_first_link(page: &Page, table: NodeId, court: &str) -> String {
    let Some(href) = links(page, table).find_map(|link| href(page, link)) else {
        return String::new();
    };
    let court = match href.split_once("//") {
        Some((_, address)) => second_label(address),
        None => court,
    };
    squeeze(court)
}

fn second_label(address: &str) -> &str {
    let host = address.split(['/', '?', '#', ':']).next();
    host.and_then(|host| host.split('.').nth(1))
        .unwrap_or_default()
}

/// The last row has dates, and the row before it their labels.
fn read_dates(page: &Page, labels: NodeId, dates: NodeId, found: &mut OriginatingCourt) {
    for (label, value) in texts(page, labels).zip(texts(page, dates)) {
        let field = match clean(label).as_str() {
            "Date Order/Judgment:" => &mut found.date_judgment,
            "Date Order/Judgment EOD:" => &mut found.date_judgment_eod,
            "Date NOA Filed:" => &mut found.date_filed_noa,
            "Date Rec'd COA:" => &mut found.date_received_coa,
            _ => continue,
        };
        *field = date::date(&clean(value));
    }
}

/// The text nodes in the cells of a row.
fn texts(page: &Page, row: NodeId) -> impl Iterator<Item = &str> {
    page.children_of(row, Tag::Td)
        .flat_map(|cell| page.below_of(cell, Tag::Text))
        .map(|text| page.text(text))
}
