//! Notices with a table for each case.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::docket_text::DocketTexts;
use super::{Case, Form, Links, MAX_CASES, NoticeEntry, Reading, acms, raw_name, recipients};
use crate::page::docket_number::{self, DocketNumberParts};
use crate::page::link::{href, links};
use crate::page::selection::{holding, saying, tail};
use crate::page::strings::clean;
use crate::page::tree::{NodeId, Page, Tag};
use crate::page::{PageError, date};

/// Reads a notice.
pub(super) fn read<'a>(page: &'a Page, court: &str) -> Result<Reading<'a>, PageError> {
    let appellate = is_appellate(page);
    let tables = holding(page, Tag::Table, "Case Name:");
    let acms = tables.is_empty() && holding(page, Tag::Strong, "Case Name:").len() == 1;
    let form = Form::of(appellate, acms, court);
    let cases = match form {
        Form::Acms => vec![acms::read(page, court)?],
        _ => cases(page, &tables, form, court)?,
    };
    Ok(Reading {
        form,
        appellate,
        contains_attachments: holding(page, Tag::Strong, "Document description:").len() > 1,
        recipients: recipients::in_html(page, appellate, &cases),
        cases,
        document_label: document_label(page),
    })
}

/// What a notice of a district or bankruptcy court calls itself.
pub(super) const ELECTRONIC_FILING: &str = "Notice of Electronic Filing";
/// What a notice of an appellate court calls itself.
const DOCKET_ACTIVITY: &str = "Notice of Docket Activity";

/// Whether the notice calls itself as those of appellate courts do. Its docket text may name a notice
/// of another court, and a message around it too.
pub(super) fn is_appellate(page: &Page) -> bool {
    let head = super::head(page);
    match (head.rfind(DOCKET_ACTIVITY), head.rfind(ELECTRONIC_FILING)) {
        (Some(appellate), Some(other)) => appellate > other,
        (appellate, _) => appellate.is_some(),
    }
}

static FILED_ON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"filed\s+on\s+([0-9]{1,4}[/-][0-9]{1,2}[/-][0-9]{1,4})").expect("pattern is tested")
});

/// The date after `filed on`, for all entries.
pub(super) fn date_filed(page: &Page) -> Result<NaiveDate, PageError> {
    let found = FILED_ON
        .captures(page.text(0))
        .ok_or(PageError::Missing("date of filing"))?;
    date::date(&found[1]).ok_or(PageError::Bad("date of filing"))
}

/// How the notice of an appellate court describes its first document.
fn document_label(page: &Page) -> Option<&str> {
    let label = saying(page, "Document Description: ").find(|node| page.is(*node, Tag::Strong))?;
    tail(page, label).map(str::trim)
}

/// What stands beside labels, all over the page.
struct Values<'a> {
    names: Beside<Option<&'a str>>,
    numbers: Beside<Number<'a>>,
    documents: Beside<Document<'a>>,
    form: Form,
    date_filed: NaiveDate,
}

/// What the cells say that come after those with a label, in order. Read once for each cell,
/// because tables around tables share them.
struct Beside<T>(Vec<(NodeId, T)>);

/// The number of a case, as its cell has it.
struct Number<'a> {
    texts: Vec<&'a str>,
    /// All of the first link.
    whole: Option<&'a str>,
    case_link: Option<&'a str>,
}

/// A document, as its cell has it.
struct Document<'a> {
    number: Option<String>,
    link: Option<&'a str>,
}

fn cases(page: &Page, tables: &[NodeId], form: Form, court: &str) -> Result<Vec<Case>, PageError> {
    match (form, tables.len()) {
        (_, 0) => return Ok(Vec::new()),
        (Form::Appellate, 2..) => return Err(PageError::Bad("number of cases for its form")),
        (_, MAX_CASES..) => return Err(PageError::Bad("number of cases")),
        _ => {}
    }
    let values = Values::find(page, form)?;
    let mut texts = DocketTexts::find(page, form);
    // Cases may share what they say, but not so that the notice is many times its size.
    let mut left = 100 * page.text(0).len() + 10_000;
    let mut cases = Vec::with_capacity(tables.len());
    for table in tables {
        let case = values.case(page, *table, texts.after_table(*table)?, court);
        left = left
            .checked_sub(case.size())
            .ok_or(PageError::Bad("number of cases"))?;
        cases.push(case);
    }
    Ok(cases)
}

impl<T> Beside<T> {
    fn find(page: &Page, label: &str, read: impl Fn(NodeId) -> T) -> Self {
        let mut cells: Vec<NodeId> = holding(page, Tag::Td, label)
            .into_iter()
            .filter_map(|cell| page.after(cell).find(|after| page.is(*after, Tag::Td)))
            .collect();
        // A cell around others comes before them, and what is beside it after them.
        cells.sort_unstable();
        Self(cells.into_iter().map(|cell| (cell, read(cell))).collect())
    }

    fn in_table(&self, page: &Page, table: NodeId) -> Option<&T> {
        let first = self.0.partition_point(|(cell, _)| *cell <= table);
        let (cell, value) = self.0.get(first)?;
        (*cell < page.end(table)).then_some(value)
    }
}

impl<'a> Values<'a> {
    fn find(page: &'a Page, form: Form) -> Result<Self, PageError> {
        let all_links: Vec<NodeId> = links(page, 0).collect();
        let first_link = |cell| {
            let first = all_links.partition_point(|link| *link <= cell);
            let link = all_links.get(first)?;
            href(page, *link).filter(|_| *link < page.end(cell))
        };
        let document_label = match form {
            Form::Appellate => "Document(s):",
            _ => "Document Number:",
        };
        Ok(Self {
            names: Beside::find(page, "Case Name:", |cell| own_text(page, cell)),
            numbers: Beside::find(page, "Case Number:", |cell| {
                Number::read(page, cell, first_link(cell))
            }),
            documents: Beside::find(page, document_label, |cell| Document {
                number: document_number(page.text(cell)).filter(|_| form != Form::Appellate),
                link: first_link(cell),
            }),
            form,
            date_filed: date_filed(page)?,
        })
    }

    fn case(&self, page: &Page, table: NodeId, description: String, court: &str) -> Case {
        let name = self.names.in_table(page, table);
        let number = self.numbers.in_table(page, table);
        let document = self.documents.in_table(page, table);
        let texts = number.map_or(&[][..], |number| &number.texts);
        let (docket_number, docket_number_parts) = match self.form {
            Form::Appellate => (
                number.and_then(|number| number.whole).map(str::to_owned),
                DocketNumberParts::default(),
            ),
            _ => docket_number::find(texts.iter().copied(), court),
        };
        let links = Links {
            case: number.and_then(|number| number.case_link),
            document: document.and_then(|document| document.link),
        };
        let mut entry = NoticeEntry::of(self.form, court, self.date_filed, description, &links);
        entry.document_number = document.and_then(|document| document.number.clone());
        Case {
            raw_name: raw_name(name.copied().flatten()),
            number_texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            docket_number,
            docket_number_parts,
            entry,
        }
    }
}

impl<'a> Number<'a> {
    fn read(page: &'a Page, cell: NodeId, case_link: Option<&'a str>) -> Self {
        let links: Vec<NodeId> = with_paragraphs(page, cell)
            .flat_map(|around| page.children_of(around, Tag::A))
            .collect();
        Self {
            texts: links
                .iter()
                .flat_map(|link| page.below_of(*link, Tag::Text))
                .map(|text| page.text(text))
                .collect(),
            whole: links.first().map(|link| page.text(*link)),
            case_link,
        }
    }
}

/// An element and its paragraphs: forwarding programs wrap what cells contain.
fn with_paragraphs(page: &Page, cell: NodeId) -> impl Iterator<Item = NodeId> {
    std::iter::once(cell).chain(page.children_of(cell, Tag::P))
}

/// The first text that is the cell's own, or a paragraph's of it.
pub(super) fn own_text(page: &Page, cell: NodeId) -> Option<&str> {
    with_paragraphs(page, cell)
        .flat_map(|around| page.children_of(around, Tag::Text))
        .map(|text| page.text(text))
        .find(|text| !text.trim().is_empty())
}

/// The number without what follows it: `460(No document attached)`.
fn document_number(printed: &str) -> Option<String> {
    // It stands in front, and a cell around a whole page is not worth cleaning.
    let printed = printed.trim_start();
    let text = clean(&printed[..printed.floor_char_boundary(1_000)]);
    if text == "No document attached" {
        return None;
    }
    let number = text.split([' ', '(']).next().unwrap_or_default();
    (!matches!(number, "" | "doc")).then(|| number.to_owned())
}
