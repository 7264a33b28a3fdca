//! Notices that courts send by e-mail when something is filed.
//!
//! Read by [`nef`](super::nef) and [`email`](super::email). A notice is HTML with a table for each
//! case, HTML with `div`s (ACMS, which some appellate courts run), or plain text.

pub(crate) mod message;

mod acms;
mod docket_text;
mod html;
mod plain;
mod recipients;
mod short_description;
mod wrapped;

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::docket_number::DocketNumberParts;
use super::strings::{case_name, clean};
use super::tree::Page;
use super::{PageError, case_name as naming, link, refused};
use crate::court::reads_as_bankruptcy;
use short_description::Subject;

/// More than any notice has. The names and numbers of all cases are looked for in the subject and
/// in the list of recipients, which takes time for each.
const MAX_CASES: usize = 2_000;

/// A notice of one filing, perhaps in several cases.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notice {
    /// The court, as given.
    pub court_id: String,
    /// Whether it is a Notice of Docket Activity, as appellate courts send.
    pub appellate: bool,
    /// Whether the court runs ACMS.
    pub acms: bool,
    /// Whether more than one document was filed.
    pub contains_attachments: bool,
    /// The cases in which it was filed.
    pub dockets: Vec<NoticeDocket>,
    /// Who was told, as far as the notice shows.
    pub email_recipients: Vec<Recipient>,
}

/// A case of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NoticeDocket {
    /// Never empty; `Unknown Case Title` as a last resort.
    pub case_name: String,
    /// The number of the case, without judges' initials.
    pub docket_number: Option<String>,
    /// What the number as printed says beyond that; nothing in appellate courts.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// When the case was filed, which no notice says.
    pub date_filed: Option<NaiveDate>,
    /// What was filed.
    pub docket_entries: [NoticeEntry; 1],
}

/// What was filed in a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NoticeEntry {
    /// When it was filed.
    pub date_filed: NaiveDate,
    /// The docket text.
    pub description: String,
    /// What the subject of the message calls it, or empty.
    pub short_description: String,
    /// Its number; none for a text entry, and in most appellate courts.
    pub document_number: Option<String>,
    /// Where the document can be had, once without charge.
    pub document_url: Option<String>,
    /// The main document, in canonical form.
    pub pacer_doc_id: Option<String>,
    /// The case.
    pub pacer_case_id: Option<String>,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
    /// What opens the document without charge.
    pub pacer_magic_num: Option<String>,
}

/// Someone who got a notice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recipient {
    /// The name, which may be empty.
    pub name: String,
    /// The addresses, at least one.
    pub email_addresses: Vec<String>,
}

/// Whose form a notice has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    District,
    Bankruptcy,
    Appellate,
    Acms,
}

impl Form {
    fn of(appellate: bool, acms: bool, court: &str) -> Self {
        match (acms, appellate) {
            (true, _) => Self::Acms,
            (false, true) => Self::Appellate,
            (false, false) if reads_as_bankruptcy(court) => Self::Bankruptcy,
            (false, false) => Self::District,
        }
    }
}

/// What a notice says without its subject.
struct Reading<'a> {
    form: Form,
    appellate: bool,
    contains_attachments: bool,
    cases: Vec<Case>,
    /// How the notice itself describes its first document.
    document_label: Option<&'a str>,
    recipients: Vec<Recipient>,
}

/// A case, with what the subject may call it.
struct Case {
    /// The name as printed, cleaned.
    raw_name: String,
    /// The strings that may have the number, as printed.
    number_texts: Vec<String>,
    docket_number: Option<String>,
    docket_number_parts: DocketNumberParts,
    entry: NoticeEntry,
}

/// The links of a case.
#[derive(Default)]
struct Links<'a> {
    case: Option<&'a str>,
    document: Option<&'a str>,
}

/// Reads the HTML of a notice, which has a subject if it came in a message.
pub(super) fn of_html(
    text: &str,
    subject: Option<&str>,
    court: &str,
) -> Result<Option<Notice>, PageError> {
    read(text, subject, court, html::read)
}

/// Reads a notice of plain text, in which stray tags may still be.
pub(super) fn of_plain_text(
    text: &str,
    subject: Option<&str>,
    court: &str,
) -> Result<Option<Notice>, PageError> {
    // Mail programs write addresses between angle brackets, which are no tags.
    let text = unquoted(text).replace("<http", " &lt;http");
    read(&text, subject, court, plain::read)
}

/// The text without the signs that a mail program set before each line of what it quotes.
fn unquoted(text: &str) -> Cow<'_, str> {
    let depth = text
        .lines()
        .find_map(|line| line.split_once("Case Name:"))
        .map(|(before, _)| before)
        .filter(|before| before.chars().all(|sign| matches!(sign, '>' | ' ')))
        .map_or(0, |before| before.matches('>').count());
    if depth == 0 {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        for _ in 0..depth {
            let Some(inner) = rest.trim_start_matches(' ').strip_prefix('>') else {
                break;
            };
            rest = inner;
        }
        plain.push_str(rest.strip_prefix(' ').unwrap_or(rest));
    }
    Cow::Owned(plain)
}

fn read(
    text: &str,
    subject: Option<&str>,
    court: &str,
    reader: for<'a> fn(&'a Page, &str) -> Result<Reading<'a>, PageError>,
) -> Result<Option<Notice>, PageError> {
    let is_refusal = refused::notice(text);
    let page = Page::parse(text)?;
    if is_refusal && refused::notice(head(&page)) {
        return Ok(None);
    }
    let mut reading = match reader(&page, court) {
        Ok(reading) if is_refusal && !reading.is_of_filing(&page) => return Ok(None),
        Err(_) if is_refusal => return Ok(None),
        reading => reading?,
    };
    if reading.cases.is_empty() {
        return Err(PageError::Missing("case"));
    }
    if let Some(subject) = subject {
        describe(&mut reading, &Subject::read(subject)?, court);
    }
    Ok(Some(reading.into_notice(court)))
}

/// What stands before the first case: the notice's own words, and what it calls itself.
fn head(page: &Page) -> &str {
    let text = page.text(0);
    text.split_once("Case Name:").map_or(text, |(head, _)| head)
}

/// Adds what the subject says. All names must be known before, for it may have any of them.
fn describe(reading: &mut Reading<'_>, subject: &Subject, court: &str) {
    let found = subject.describe(reading, court);
    for case in &mut reading.cases {
        case.entry.short_description.clone_from(&found.text);
        if reading.form == Form::Acms {
            case.entry.document_number.clone_from(&found.number);
        }
    }
}

impl Reading<'_> {
    /// Whether the notice is of a filing although its docket text has words of messages that are not:
    /// who files may quote anything. A document that can be had once without charge proves it.
    fn is_of_filing(&self, page: &Page) -> bool {
        let has_document = |case: &Case| case.entry.pacer_magic_num.is_some();
        let is_text_only = |case: &Case| {
            case.docket_number.is_some() && head(page).contains(html::ELECTRONIC_FILING)
        };
        self.cases.iter().any(has_document)
            || (!refused::notice_of_change(page.text(0)) && self.cases.iter().any(is_text_only))
    }

    fn into_notice(self, court: &str) -> Notice {
        Notice {
            court_id: court.to_owned(),
            appellate: self.appellate,
            acms: self.form == Form::Acms,
            contains_attachments: self.contains_attachments,
            dockets: self.cases.into_iter().map(Case::into_docket).collect(),
            email_recipients: self.recipients,
        }
    }
}

impl Case {
    /// Bytes of what may be shared with other cases.
    fn size(&self) -> usize {
        let numbers: usize = self.number_texts.iter().map(String::len).sum();
        let url = self.entry.document_url.as_ref().map_or(0, String::len);
        self.raw_name.len() + numbers + self.entry.description.len() + url
    }

    fn into_docket(self) -> NoticeDocket {
        NoticeDocket {
            case_name: case_name(&self.raw_name),
            docket_number: self.docket_number,
            docket_number_parts: self.docket_number_parts,
            date_filed: None,
            docket_entries: [self.entry],
        }
    }
}

/// The name as printed, cleaned.
fn raw_name(printed: Option<&str>) -> String {
    let cleaned = clean(printed.unwrap_or_default());
    match cleaned.is_empty() {
        true => naming::UNKNOWN.to_owned(),
        false => cleaned,
    }
}

impl NoticeEntry {
    /// An entry with what its links say, and without what only the subject knows.
    fn of(form: Form, court: &str, date_filed: NaiveDate, text: String, links: &Links<'_>) -> Self {
        let url = links.document.and_then(wrapped::unwrapped);
        let url = url.as_deref();
        let is_cmecf = matches!(form, Form::District | Form::Bankruptcy);
        let id_in_url = |name| {
            url.filter(|_| is_cmecf)
                .and_then(|url| link::digits_after(url, name))
                .map(str::to_owned)
        };
        Self {
            date_filed,
            description: text,
            short_description: String::new(),
            document_number: None,
            document_url: url.map(|url| link::absolute(url, court)),
            pacer_doc_id: url
                .filter(|_| form != Form::Acms)
                .and_then(link::document_id),
            pacer_case_id: id_in_url("caseid=")
                .or_else(|| case_id(form, &wrapped::unwrapped(links.case?)?)),
            pacer_seq_no: id_in_url("de_seq_num="),
            pacer_magic_num: url.and_then(|url| magic_number(form, url)),
        }
    }
}

fn case_id(form: Form, href: &str) -> Option<String> {
    match form {
        Form::Appellate | Form::Acms => link::digits_after(href, "caseId=").map(str::to_owned),
        Form::District | Form::Bankruptcy => link::case_id(href),
    }
}

fn magic_number(form: Form, url: &str) -> Option<String> {
    let found = match form {
        Form::Acms => url
            .split_once("/NDA/")
            .and_then(|(_, rest)| rest.split('/').next()),
        Form::Appellate => link::word_after(url, "uid="),
        Form::District | Form::Bankruptcy => link::digits_after(url, "magic_num="),
    };
    found.filter(|found| !found.is_empty()).map(str::to_owned)
}
