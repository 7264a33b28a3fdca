//! Dockets as the Internet Archive keeps them, in XML.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::attorney::is_role;
use super::case_name::UNKNOWN;
use super::date::date;
use super::docket::{Attorney, Party};
use super::document_number::is_number;
use super::judge::judge_name;
use super::party::DistinctParties;
use super::strings::{case_name, party_type, squeeze};
use super::values::date_terminated;
use super::xml::{Document, ElementId, ROOT};
use super::{PageError, clean, present_option};

/// A docket of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IaDocket {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The number of the case, as the archive has it.
    pub docket_number: String,
    /// Cause of action, or empty.
    pub cause: String,
    /// Nature of suit, or empty.
    pub nature_of_suit: String,
    /// Who demands a jury, or empty.
    pub jury_demand: String,
    /// Ground of jurisdiction, or empty.
    pub jurisdiction: String,
    /// `Unknown Case Title` as a last resort.
    pub case_name: String,
    /// When the case was filed.
    pub date_filed: Option<NaiveDate>,
    /// When it ended.
    pub date_terminated: Option<NaiveDate>,
    /// The judge it is assigned to, without titles, or empty.
    pub assigned_to_str: String,
    /// The judge it is referred to, without titles, or empty.
    pub referred_to_str: String,
    /// Always none: the archive does not keep it.
    pub date_converted: Option<NaiveDate>,
    /// Always none: the archive does not keep it.
    pub date_discharged: Option<NaiveDate>,
    /// Always empty: the archive does not keep it.
    pub demand: String,
    /// The parties, each with its attorneys.
    pub parties: Vec<Party>,
    /// Entries in the order of the archive.
    pub docket_entries: Vec<IaEntry>,
}

/// An entry of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IaEntry {
    /// Its number.
    pub document_number: String,
    /// When it was filed; none if the archive has something there that is no date.
    pub date_filed: Option<NaiveDate>,
    /// The docket text, or empty.
    pub description: String,
    /// What kind of entry it is, or empty.
    pub short_description: String,
    /// The main document. Unlike elsewhere, its fourth digit is as the archive has it.
    pub pacer_doc_id: Option<String>,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
    /// Attachments; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<IaAttachment>>,
}

/// An attachment of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IaAttachment {
    /// Its number, as written.
    pub attachment_number: String,
    /// Its description, or empty.
    pub description: String,
    /// Its document, with the fourth digit as the archive has it.
    pub pacer_doc_id: Option<String>,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
    /// When it was filed: absent if the archive does not tell, and none if what it tells is no date.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "present_option"
    )]
    pub date_filed: Option<Option<NaiveDate>>,
}

/// Reads a docket of the archive. Fails on what has neither a number of a case nor its name nor a
/// list of documents, for such a document is no docket.
///
/// # Examples
///
/// ```
/// let page = br#"<gov_uscourts_docket><case_details><docket_num>1:24-cv-00417</docket_num>
///     <case_name>Penhallow et al v. Nimbus Works</case_name></case_details>
///     <document_list><document doc_num="1" attachment_num="0"><date_filed>2024-03-05</date_filed>
///     <long_desc>COMPLAINT about a kettle</long_desc></document></document_list></gov_uscourts_docket>"#;
/// let docket = pacer::page::ia_docket::parse(page, "cand")?;
/// assert_eq!(docket.case_name, "Penhallow v. Nimbus Works");
/// assert_eq!(docket.docket_entries[0].description, "COMPLAINT about a kettle");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<IaDocket, PageError> {
    let text = clean::xml(page);
    let docket = Document::parse(&text);
    let is_docket = ["docket_num", "case_name", "document_list"]
        .into_iter()
        .any(|name| docket.below(ROOT, name).next().is_some());
    if !is_docket {
        return Err(PageError::Missing("docket"));
    }
    let value = |name| {
        docket
            .below(ROOT, name)
            .next()
            .map_or("", |element| docket.text(element))
    };
    Ok(IaDocket {
        court_id: squeeze(court),
        docket_number: squeeze(value("docket_num")),
        cause: squeeze(value("case_cause")),
        nature_of_suit: squeeze(value("nature_of_suit")),
        jury_demand: squeeze(value("jury_demand")),
        jurisdiction: squeeze(value("jurisdiction")),
        case_name: name_of(value("case_name")),
        date_filed: date(value("date_case_filed")),
        date_terminated: date(value("date_case_terminated")),
        assigned_to_str: judge_name(value("assigned_to")),
        referred_to_str: judge_name(value("referred_to")),
        date_converted: None,
        date_discharged: None,
        demand: String::new(),
        parties: parties(&docket),
        docket_entries: entries(&docket),
    })
}

fn name_of(text: &str) -> String {
    let name = if text.trim().is_empty() {
        UNKNOWN
    } else {
        text
    };
    squeeze(&case_name(name))
}

fn parties(docket: &Document<'_>) -> Vec<Party> {
    let mut parties = DistinctParties::default();
    for list in docket.below(ROOT, "party_list") {
        for element in docket.children(list, "party") {
            let name = docket.text_of(element, "name").unwrap_or_default();
            if !name.trim().is_empty() {
                parties.add(party(docket, element, name));
            }
        }
    }
    parties.into_parties()
}

fn party(docket: &Document<'_>, element: ElementId, name: &str) -> Party {
    let value = |name| docket.text_of(element, name).unwrap_or_default();
    let extra_info = value("extra_info");
    let attorneys = docket
        .children(element, "attorney_list")
        .flat_map(|list| docket.children(list, "attorney"))
        .map(|element| attorney(docket, element));
    Party {
        name: name.to_owned(),
        party_type: party_type(value("type")),
        extra_info: extra_info.to_owned(),
        date_terminated: date_terminated(extra_info),
        attorneys: Some(attorneys.collect()),
        criminal_data: None,
    }
}

fn attorney(docket: &Document<'_>, element: ElementId) -> Attorney {
    let value = |name| docket.text_of(element, name).unwrap_or_default();
    let roles = value("attorney_role")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && is_role(line))
        .map(str::to_owned);
    Attorney {
        name: value("attorney_name").to_owned(),
        contact: value("contact").to_owned(),
        roles: roles.collect(),
    }
}

/// Entries, and after each its attachments.
fn entries(docket: &Document<'_>) -> Vec<IaEntry> {
    let mut entries: Vec<IaEntry> = Vec::new();
    for list in docket.below(ROOT, "document_list") {
        for element in docket.children(list, "document") {
            let attribute = |name| docket.attribute(element, name).unwrap_or_default();
            let (document, attachment) = (attribute("doc_num"), attribute("attachment_num"));
            if attachment == "0" {
                entries.extend(entry(docket, element, &document));
            } else if let Some(last) = entries.last_mut()
                && last.document_number == document
            {
                last.attachments
                    .get_or_insert_default()
                    .push(self::attachment(docket, element, &attachment));
            }
        }
    }
    entries
}

/// None without a date, or with a number that is none.
fn entry(docket: &Document<'_>, element: ElementId, number: &str) -> Option<IaEntry> {
    let date_filed = date(printed_date(docket, element)?);
    is_number(number).then(|| IaEntry {
        document_number: number.to_owned(),
        date_filed,
        description: value(docket, element, "long_desc"),
        short_description: value(docket, element, "short_desc"),
        pacer_doc_id: id(docket, element, "pacer_doc_id"),
        pacer_seq_no: id(docket, element, "pacer_de_seq_num"),
        attachments: None,
    })
}

fn attachment(docket: &Document<'_>, element: ElementId, number: &str) -> IaAttachment {
    IaAttachment {
        attachment_number: squeeze(number),
        description: value(docket, element, "short_desc"),
        pacer_doc_id: id(docket, element, "pacer_doc_id"),
        pacer_seq_no: id(docket, element, "pacer_de_seq_num"),
        date_filed: printed_date(docket, element).map(date),
    }
}

/// When a document was filed, as printed. An empty element says as little as none.
fn printed_date<'a>(docket: &'a Document<'_>, element: ElementId) -> Option<&'a str> {
    docket
        .text_of(element, "date_filed")
        .filter(|date| !date.is_empty())
}

fn value(docket: &Document<'_>, element: ElementId, name: &str) -> String {
    squeeze(docket.text_of(element, name).unwrap_or_default())
}

fn id(docket: &Document<'_>, element: ElementId, name: &str) -> Option<String> {
    Some(value(docket, element, name)).filter(|id| !id.is_empty())
}
