//! Notices of plain text.

use super::html::{date_filed, is_appellate};
use super::{Case, Form, Links, NoticeEntry, Reading, raw_name, recipients};
use crate::page::PageError;
use crate::page::docket_number::{self, DocketNumberParts};
use crate::page::strings::clean;
use crate::page::tree::Page;

const MAILED_TO: &str = "electronically mailed to:";

/// Reads a notice, which is about one case.
pub(super) fn read<'a>(page: &'a Page, court: &str) -> Result<Reading<'a>, PageError> {
    let text = page.text(0);
    let appellate = is_appellate(page);
    let form = Form::of(appellate, false, court);
    if lines_with(text, "Case Name:").min(lines_with(text, "Case Number:")) > 1 {
        return Err(PageError::Bad("number of cases for its form"));
    }
    Ok(Reading {
        form,
        appellate,
        contains_attachments: lines_with(documents(text), "Document description:") > 1,
        cases: vec![case(page, form, court)?],
        document_label: None,
        recipients: recipients::in_plain_text(text),
    })
}

fn case(page: &Page, form: Form, court: &str) -> Result<Case, PageError> {
    let text = page.text(0);
    let number = rest_after(text, "Case Number:").unwrap_or_default();
    let (docket_number, parts) = docket_number::find(std::iter::once(number), court);
    let links = Links {
        case: number
            .find("http")
            .map(|start| first_word(&number[start..])),
        document: document_url(text),
    };
    let description = description(text).ok_or(PageError::Missing("docket text"))?;
    let mut entry = NoticeEntry::of(form, court, date_filed(page)?, description, &links);
    if form != Form::Appellate {
        entry.document_number = rest_after(text, "Document Number:")
            .map(clean)
            .filter(|number| number != "doc");
    }
    Ok(Case {
        raw_name: raw_name(rest_after(text, "Case Name:")),
        number_texts: vec![number.to_owned()],
        docket_number,
        docket_number_parts: match form {
            Form::Appellate => DocketNumberParts::default(),
            _ => parts,
        },
        entry,
    })
}

/// The rest of the first line that has a label.
fn rest_after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(label)?;
    rest.lines().next().or(Some(""))
}

fn lines_with(text: &str, label: &str) -> usize {
    text.lines().filter(|line| line.contains(label)).count()
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// The address after the words. A text entry has something else there.
fn document_url(text: &str) -> Option<&str> {
    text.split("view the document:")
        .skip(1)
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .map(first_word)
        .find(|word| word.starts_with("http://") || word.starts_with("https://"))
}

fn description(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("Docket Text:")?;
    let end = ["The following document", MAILED_TO]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min();
    let lines: Vec<&str> = rest[..end.unwrap_or(rest.len())]
        .lines()
        .take_while(|line| !line.contains("Notice has been"))
        .collect();
    Some(clean(&lines.join(" "))).filter(|text| !text.is_empty())
}

/// The list of documents.
fn documents(text: &str) -> &str {
    text.split_once("The following document(s) are associated with this transaction:")
        .and_then(|(_, rest)| rest.split_once(MAILED_TO))
        .map_or("", |(documents, _)| documents)
}
