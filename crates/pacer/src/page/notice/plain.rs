//! Notices of plain text.

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::html::{date_filed, is_appellate};
use super::{Case, Form, Links, MAX_CASES, NoticeEntry, Reading, raw_name, recipients};
use crate::page::PageError;
use crate::page::docket_number::{self, DocketNumberParts};
use crate::page::document_number::is_number;
use crate::page::strings::clean;
use crate::page::tree::Page;

const MAILED_TO: &str = "electronically mailed to:";
const DOCKET_TEXT: &str = "Docket Text:";

/// A line that ends a docket text, which may speak of documents and of notices too: the heading of
/// the list of documents, or of a list of those who were told.
static END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) ^\s*(?: The\ following\ document(?:\(s\)|s)?\ (?:is|are)\ associated
        | \S*[0-9]-\S*\ +(?:Please\ see\ .*)?Notice\ (?:has|will|was)\b
        | .*\bNotice\ (?:has|will|was)\ .*\b(?:mailed|delivered|sent)\b.*:\s*$ )",
    )
    .expect("pattern is tested")
});

/// Reads a notice. One filing may be in several cases, which follow each other; what was filed is
/// told once, after them.
pub(super) fn read<'a>(page: &'a Page, court: &str) -> Result<Reading<'a>, PageError> {
    let text = page.text(0);
    let appellate = is_appellate(page);
    let form = Form::of(appellate, false, court);
    let blocks = blocks(text);
    match (form, blocks.len()) {
        (Form::Appellate, 2..) => return Err(PageError::Bad("number of cases for its form")),
        (_, MAX_CASES..) => return Err(PageError::Bad("number of cases")),
        _ => {}
    }
    let filed = date_filed(page)?;
    // The cases may share what they say, but not so that the notice is many times its size.
    let mut left = 100 * text.len() + 10_000;
    let mut texts = DocketTexts::of(text, &blocks);
    let mut cases = Vec::with_capacity(blocks.len());
    for block in blocks {
        let description = texts.after(block.start)?;
        let case = case(
            &text[block.start..block.end],
            form,
            court,
            filed,
            description,
        );
        left = left
            .checked_sub(case.size())
            .ok_or(PageError::Bad("number of cases"))?;
        cases.push(case);
    }
    Ok(Reading {
        form,
        appellate,
        contains_attachments: lines_with(documents(text), "Document description:") > 1,
        cases,
        document_label: None,
        recipients: recipients::in_plain_text(text),
    })
}

/// The lines about one case.
struct Block {
    start: usize,
    end: usize,
}

/// Cuts a text before each line that names a case and has the case's number after it. A text that
/// names none is one block, and so is one that names one.
fn blocks(text: &str) -> Vec<Block> {
    let mut starts = Vec::new();
    let mut named = None;
    let mut start = 0;
    // A docket text may speak of cases, without their links.
    let mut is_in_text = false;
    for line in text.split_inclusive('\n') {
        let words = line.trim_start();
        if words.starts_with("Case Name:") {
            named = Some(start);
        } else if words.starts_with("Case Number:") && (!is_in_text || words.contains("://")) {
            starts.extend(named.take());
            is_in_text = false;
        } else if words.starts_with(DOCKET_TEXT) {
            is_in_text = true;
        }
        start += line.len();
    }
    if starts.len() < 2 {
        return vec![Block {
            start: 0,
            end: text.len(),
        }];
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let blocks = starts.iter().zip(ends);
    blocks
        .map(|(start, end)| Block { start: *start, end })
        .collect()
}

/// The docket texts of a notice: cases that follow each other share one.
struct DocketTexts<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Where the lines about each case begin, which end a docket text of the cases before.
    cases: Vec<usize>,
    last: Option<(usize, String)>,
}

impl<'a> DocketTexts<'a> {
    fn of(text: &'a str, blocks: &[Block]) -> Self {
        Self {
            text,
            cases: blocks.iter().map(|block| block.start).collect(),
            starts: text
                .match_indices(DOCKET_TEXT)
                .map(|(start, _)| start)
                .collect(),
            last: None,
        }
    }

    /// The first that begins after a place.
    fn after(&mut self, place: usize) -> Result<String, PageError> {
        const MISSING: PageError = PageError::Missing("docket text");
        let first = self.starts.partition_point(|start| *start < place);
        let start = *self.starts.get(first).ok_or(MISSING)?;
        let text = match self.last.take() {
            Some((last, text)) if last == start => text,
            _ => description(&self.text[start + DOCKET_TEXT.len()..self.end_of(start)])
                .ok_or(MISSING)?,
        };
        self.last = Some((start, text.clone()));
        Ok(text)
    }

    fn end_of(&self, start: usize) -> usize {
        let next = self.cases.partition_point(|case| *case <= start);
        self.cases.get(next).copied().unwrap_or(self.text.len())
    }
}

fn case(block: &str, form: Form, court: &str, filed: NaiveDate, description: String) -> Case {
    let number = rest_after(block, "Case Number:").unwrap_or_default();
    let (docket_number, parts) = docket_number::find(std::iter::once(number), court);
    let document = document_url(block);
    let links = Links {
        case: number.find("http").map(|start| address(&number[start..])),
        document: document.as_deref(),
    };
    let mut entry = NoticeEntry::of(form, court, filed, description, &links);
    if form != Form::Appellate {
        entry.document_number = rest_after(block, "Document Number:")
            .map(|number| clean(number.split('<').next().unwrap_or_default()))
            .filter(|number| is_number(number));
    }
    Case {
        raw_name: raw_name(rest_after(block, "Case Name:")),
        number_texts: vec![number.to_owned()],
        docket_number,
        docket_number_parts: match form {
            Form::Appellate => DocketNumberParts::default(),
            _ => parts,
        },
        entry,
    }
}

/// The rest of the first line that has a label.
fn rest_after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(label)?;
    rest.lines().next().or(Some(""))
}

fn lines_with(text: &str, label: &str) -> usize {
    text.lines().filter(|line| line.contains(label)).count()
}

/// The address that a text begins with. Mail programs write addresses between angle brackets.
fn address(text: &str) -> &str {
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '>');
    &text[..end.unwrap_or(text.len())]
}

/// The address after the words. A text entry has something else there.
fn document_url(text: &str) -> Option<Cow<'_, str>> {
    text.split("view the document:")
        .skip(1)
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .map(|rest| rest.trim_start().trim_start_matches('<'))
        .find(|rest| rest.starts_with("http://") || rest.starts_with("https://"))
        .map(unfolded)
}

/// The address that a text begins with, put together again where a mail program has cut it: what the
/// next line has is then the rest of its query and nothing else.
fn unfolded(text: &str) -> Cow<'_, str> {
    static REST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\r?\n([0-9]*(?:[A-Za-z_]*=[0-9]*)?(?:&[A-Za-z_]+=[0-9]*)*)>?\r?\n")
            .expect("pattern is tested")
    });
    let mut rest = &text[address(text).len()..];
    let mut whole = Cow::Borrowed(address(text));
    while whole.contains('?')
        && let Some(found) = REST.captures(rest)
        && !found[1].is_empty()
    {
        // Behind a value, an equals sign is a cut of quoted-printable.
        let before = whole
            .strip_suffix('=')
            .filter(|before| before.ends_with(|letter: char| letter.is_ascii_digit()))
            .unwrap_or(&whole);
        whole = Cow::Owned(format!("{before}{}", &found[1]));
        rest = &rest[found[0].len() - 1..];
    }
    whole
}

fn description(rest: &str) -> Option<String> {
    let lines: Vec<&str> = rest
        .lines()
        .take_while(|line| !END.is_match(line))
        .collect();
    Some(clean(&lines.join(" "))).filter(|text| !text.is_empty())
}

/// The list of documents.
fn documents(text: &str) -> &str {
    text.split_once("The following document(s) are associated with this transaction:")
        .and_then(|(_, rest)| rest.split_once(MAILED_TO))
        .map_or("", |(documents, _)| documents)
}
