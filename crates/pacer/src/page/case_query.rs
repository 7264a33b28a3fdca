//! The summary of one case (`iquery.pl`): a few lines with its number, its name and its dates.

use std::iter;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use super::docket_number::DocketNumberParts;
use super::labelled::{Colon, Labelled, LabelledCase};
pub use super::labelled::{LabelValue, OtherLabels};
use super::rows::{row_text, rows};
use super::selection::{first_text, inside, tail};
use super::strings::{case_name, squeeze};
use super::tree::{AttributeName, NodeId, Page, Tag};
use super::{PageError, clean, docket_number, present_option, refused};

/// What a summary says about a case. A field that may be absent is so if the page lacks its line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseQuery {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The number of the case, without judges' initials.
    pub docket_number: Option<String>,
    /// What the number as printed says beyond that.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// The name in the form that all sources share, or empty.
    pub case_name: String,
    /// The name as printed, or empty.
    pub case_name_raw: String,
    /// The judge it is assigned to, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to_str: Option<String>,
    /// The judge it is referred to, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_to_str: Option<String>,
    /// All judges it is referred to, as printed, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_to_judges: Option<Vec<String>>,
    /// Related cases, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_cases_str: Option<String>,
    /// When the case was filed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_filed: Option<Option<NaiveDate>>,
    /// When something was last filed in it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_last_filing: Option<Option<NaiveDate>>,
    /// When it ended.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_terminated: Option<Option<NaiveDate>>,
    /// When the plan was confirmed (bankruptcy).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_plan_confirmed: Option<Option<NaiveDate>>,
    /// When the debtor was discharged (bankruptcy), although the name says otherwise.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_debtor_dismissed: Option<Option<NaiveDate>>,
    /// The same of the other debtor.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_joint_debtor_dismissed: Option<Option<NaiveDate>>,
    /// When the debts were discharged, where the page does not say whose (bankruptcy).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_discharged: Option<Option<NaiveDate>>,
    /// `bk` for a bankruptcy, `ap` for a lawsuit inside one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_type: Option<String>,
    /// The chapter (bankruptcy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chapter: Option<String>,
    /// Whether there are assets, `Yes` or `No` (bankruptcy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Whether the petition was voluntary, `v`, or not, `i` (bankruptcy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vol: Option<String>,
    /// The bankruptcy that a lawsuit belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_bankruptcy: Option<String>,
    /// What the page says under any other label.
    #[serde(flatten)]
    pub other: OtherLabels,
}

/// More elements than the few lines of a summary have, and a longer text than any of them. They keep
/// elements inside elements from being searched again and again.
const MOST_INSTRUCTIONS: usize = 100;
const LONGEST_INSTRUCTION: usize = 2_000;

/// Reads the summary of a case. `Ok(None)` for a page without one, such as that of a sealed case.
///
/// # Examples
///
/// ```
/// let page = "<div id=cmecfMainContent><center><b><font>1:24-cv-00417-ABC</font></b>
///     Penhallow v. Nimbus Kettle Works<br>Rosalind Ferrant, presiding<br>
///     <b>Date filed:</b> 03/05/2024<br></center></div>";
/// let case = pacer::page::case_query::parse(page.as_bytes(), "cand")?.expect("it is a case");
/// assert_eq!(case.docket_number.as_deref(), Some("1:24-cv-00417"));
/// assert_eq!(case.assigned_to_str.as_deref(), Some("Rosalind Ferrant"));
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<CaseQuery>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let is_refusal = refused::case_query(&text);
    let page = Page::parse(&text)?;
    let is_content = |node| {
        page.is(node, Tag::Div)
            && page.attribute(node, AttributeName::Id) == Some("cmecfMainContent")
    };
    match inside(&page, is_content, Tag::Center).next() {
        Some(center) if is_refusal && has_instruction(&page, center) => Ok(None),
        Some(center) => match read(&page, court, center) {
            Ok(case) if is_refusal && case.docket_number.is_none() => Ok(None),
            Err(_) if is_refusal => Ok(None),
            Ok(case) if case.is_empty() => Err(PageError::Missing("number of a case")),
            case => case.map(Some),
        },
        None => Ok(None),
    }
}

/// Courts write what a case that is none is for in bold or in a font of its own, after the number.
/// Names and values stand outside such elements, and labels end in a colon.
fn has_instruction(page: &Page, center: NodeId) -> bool {
    let number = page.below_of(center, Tag::Font).next();
    let is_told_apart = |node: &NodeId| match page.tag(*node) {
        Tag::Font => number.is_some_and(|number| number < *node),
        Tag::B => !page.text(*node).trim_end().ends_with(':'),
        _ => false,
    };
    let elements = page.below(center).filter(is_told_apart);
    elements.take(MOST_INSTRUCTIONS).any(|element| {
        let text = page.text(element);
        refused::case_query(&text[..text.floor_char_boundary(LONGEST_INSTRUCTION)])
    })
}

fn read(page: &Page, court: &str, center: NodeId) -> Result<CaseQuery, PageError> {
    let rows = rows(page, center);
    let (first, others) = rows.split_first().expect("an element has at least one row");
    let mut case = read_title(page, court, first);
    // What follows the last line end is no line.
    let lines = others.len().saturating_sub(1);
    for row in &others[..lines] {
        let mut bolds = nodes_of(page, row, Tag::B).peekable();
        if bolds.peek().is_none() {
            case.read_line(&squeeze(&row_text(page, row)))?;
        }
        for label in bolds.filter_map(|bold| Labelled::of(page, bold, Colon::Required)) {
            case.add(renamed(label));
        }
    }
    Ok(case)
}

/// Elements of a row, however deep.
fn nodes_of(page: &Page, row: &[NodeId], tag: Tag) -> impl Iterator<Item = NodeId> {
    row.iter()
        .flat_map(|node| iter::once(*node).chain(page.below(*node)))
        .filter(move |node| page.is(*node, tag))
}

fn read_title(page: &Page, court: &str, row: &[NodeId]) -> CaseQuery {
    let number = nodes_of(page, row, Tag::Font)
        .next()
        .map(|font| page.text(font));
    let (docket_number, docket_number_parts) = docket_number::find(number.into_iter(), court);
    let name = raw_name(page, row);
    CaseQuery {
        court_id: squeeze(court),
        docket_number: docket_number.map(|number| squeeze(&number)),
        docket_number_parts,
        case_name: squeeze(&case_name(name)),
        case_name_raw: squeeze(name),
        ..CaseQuery::default()
    }
}

/// The name follows the last bold text of its line, or is in a font of its own there.
fn raw_name<'a>(page: &'a Page, row: &[NodeId]) -> &'a str {
    let is_bold = |node: &NodeId| page.is(*node, Tag::B);
    let Some(bold) = row.iter().rposition(is_bold) else {
        return "";
    };
    let name = tail(page, row[bold]).unwrap_or_default().trim();
    if !name.is_empty() {
        return name;
    }
    row[bold + 1..]
        .iter()
        .find(|node| page.is(**node, Tag::Font))
        .map_or("", |font| first_text(page, *font))
}

fn renamed(label: Labelled<'_>) -> Labelled<'_> {
    let field = match label.field.as_str() {
        "date_of_last_filing" => "date_last_filing",
        "judge" | "chief_judge" => "assigned_to_str",
        "plan_confirmed" => "date_plan_confirmed",
        "debtor_discharged" => "date_debtor_dismissed",
        "joint_debtor_discharged" => "date_joint_debtor_dismissed",
        _ => return label,
    };
    Labelled {
        field: field.to_owned(),
        ..label
    }
}

impl CaseQuery {
    /// Whether the lines say nothing about any case.
    fn is_empty(&self) -> bool {
        let has_lines = self.date_filed.is_some()
            || self.date_last_filing.is_some()
            || self.assigned_to_str.is_some();
        self.docket_number.is_none() && self.case_name_raw.is_empty() && !has_lines
    }

    /// Reads a line without a label. One that is not understood may say anything, so that what
    /// comes after it cannot be trusted.
    fn read_line(&mut self, line: &str) -> Result<(), PageError> {
        let before = |ends: [&str; 2]| ends.iter().find_map(|end| line.strip_suffix(end));
        let is_panel = line.ends_with("panel 2") || line.ends_with("panel 3");
        if line.is_empty() || is_panel || line.contains("Probation") {
            return Ok(());
        }
        if let Some(judge) = before([", presiding", ", panel 1"]) {
            self.assigned_to_str = Some(judge.to_owned());
        } else if let Some(judge) = line.strip_suffix(", referral") {
            let before = self.referred_to_str.replace(judge.to_owned());
            if let Some(before) = before {
                let judges = self.referred_to_judges.get_or_insert_with(|| vec![before]);
                judges.push(judge.to_owned());
            }
        } else if let Some((_, cases)) = line.split_once("Related case: ") {
            self.related_cases_str = Some(cases.to_owned());
        } else {
            return Err(PageError::Bad("line about the case"));
        }
        Ok(())
    }
}

impl LabelledCase for CaseQuery {
    fn date_field(&mut self, name: &str) -> Option<&mut Option<Option<NaiveDate>>> {
        Some(match name {
            "date_filed" => &mut self.date_filed,
            "date_last_filing" => &mut self.date_last_filing,
            "date_terminated" => &mut self.date_terminated,
            "date_plan_confirmed" => &mut self.date_plan_confirmed,
            "date_debtor_dismissed" => &mut self.date_debtor_dismissed,
            "date_joint_debtor_dismissed" => &mut self.date_joint_debtor_dismissed,
            "date_discharged" => &mut self.date_discharged,
            _ => return None,
        })
    }

    fn text_field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "assigned_to_str" => &mut self.assigned_to_str,
            "referred_to_str" => &mut self.referred_to_str,
            "related_cases_str" => &mut self.related_cases_str,
            "case_type" => &mut self.case_type,
            "chapter" => &mut self.chapter,
            "asset" => &mut self.asset,
            "vol" => &mut self.vol,
            "related_bankruptcy" => &mut self.related_bankruptcy,
            _ => return None,
        })
    }

    fn other(&mut self) -> &mut OtherLabels {
        &mut self.other
    }
}
