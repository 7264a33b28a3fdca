//! The feed of a court (`rss_outside.pl` and the like): what was entered in its dockets lately.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate};
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::case_name::UNKNOWN;
use super::docket::Party;
use super::docket_number::{self, DocketNumberParts};
use super::link;
use super::strings::{case_name, decode_entities, squeeze};
use super::xml::{Document, ElementId, ROOT};
use super::zoned_time::zoned_time;
use super::{PageError, clean};
use crate::court::{reads_as_appellate, reads_as_bankruptcy};

/// A case of the feed, with one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedDocket {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The number of the case, without judges' initials.
    pub docket_number: String,
    /// What the number as printed says beyond that.
    #[serde(flatten)]
    pub docket_number_parts: DocketNumberParts,
    /// The case; feeds of appellate courts do not tell.
    pub pacer_case_id: Option<String>,
    /// `Unknown Case Title` if the feed has only the number.
    pub case_name: String,
    /// The kind of case: `bk`, `ap` (bankruptcy), or empty.
    #[serde(rename = "type")]
    pub case_type: String,
    /// The division's digit (bankruptcy), or empty.
    pub office: String,
    /// The chapter (bankruptcy), or empty.
    pub chapter: String,
    /// The trustee (bankruptcy), or empty.
    pub trustee_str: String,
    /// What no feed tells.
    #[serde(flatten)]
    pub untold: Untold,
    /// The entry.
    pub docket_entries: [FeedEntry; 1],
}

/// What other sources tell of a case and no feed does: always none or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untold {
    /// When the case was filed.
    pub date_filed: Option<NaiveDate>,
    /// When it ended.
    pub date_terminated: Option<NaiveDate>,
    /// When it went to another chapter.
    pub date_converted: Option<NaiveDate>,
    /// When the debtor was discharged.
    pub date_discharged: Option<NaiveDate>,
    /// Parties.
    pub parties: Option<Vec<Party>>,
    /// The judge it is assigned to.
    pub assigned_to_str: String,
    /// The judge it is referred to.
    pub referred_to_str: String,
    /// Cause of action.
    pub cause: String,
    /// Nature of suit.
    pub nature_of_suit: String,
    /// Who demands a jury.
    pub jury_demand: String,
    /// The sum demanded.
    pub demand: String,
    /// Ground of jurisdiction.
    pub jurisdiction: String,
}

/// An entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedEntry {
    /// When it was entered.
    pub date_filed: DateTime<FixedOffset>,
    /// Its number. In appellate courts the document's id stands in for one.
    pub document_number: Option<String>,
    /// What kind of entry it is, or several joined with ` AND `.
    pub short_description: String,
    /// Always empty: feeds have no docket text.
    pub description: String,
    /// The main document, in canonical form, or empty.
    pub pacer_doc_id: String,
    /// The court's internal number of the entry.
    pub pacer_seq_no: Option<String>,
}

/// The values of an item.
struct Item<'a> {
    title: &'a str,
    link: &'a str,
    /// HTML.
    description: &'a str,
    date: &'a str,
    guid: &'a str,
}

/// What the description of an item says about a bankruptcy.
#[derive(Default)]
struct Bankruptcy<'a> {
    case_type: &'a str,
    office: &'a str,
    chapter: &'a str,
    trustee: &'a str,
}

/// Dockets in order, with the kinds of each one's entry.
#[derive(Default)]
struct Merged {
    dockets: Vec<(FeedDocket, Vec<String>)>,
    places: HashMap<Key, usize>,
}

/// What tells entries apart: docket number, case, time, and the document. Of entries without one the
/// guid tells it, which has the number of the entry behind that of the case, or none.
type Key = (String, Option<String>, DateTime<FixedOffset>, String);

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

static BANKRUPTCY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^Type:(.*?)Office:(.*?)Chapter:(.*?)(?:Trustee:(.*?))?\["));
static DOCUMENT_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["'] ?>([0-9]+)</a>"#));
static DOCUMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"href=["']?([^"'<>\s]*/(doc1|docs1)/[^"'<>\s]*)"#));
static SEQUENCE_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern("de_seq_num=([0-9]+)"));

/// Reads a feed. Items without a docket number and those that lack a value are left out; an entry
/// that comes several times, once for each of its kinds, is given once.
///
/// # Examples
///
/// ```
/// let feed = b"<rss><channel><item><title>1:24-cv-00417-ABC Penhallow v. Nimbus Works</title>
///     <link>https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?998877</link>
///     <description>[Order] (&lt;a href='https://ecf.cand.uscourts.gov/doc1/035112345001'&gt;7&lt;/a&gt;)</description>
///     <pubDate>Tue, 05 Mar 2024 10:15:00 GMT</pubDate></item></channel></rss>";
/// let dockets = pacer::page::rss_feed::parse(feed, "cand")?;
/// assert_eq!(dockets[0].case_name, "Penhallow v. Nimbus Works");
/// assert_eq!(dockets[0].docket_entries[0].short_description, "Order");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Vec<FeedDocket>, PageError> {
    let text = clean::xml(page);
    let feed = Document::parse(&text);
    if feed.below(ROOT, "channel").next().is_none() {
        return Err(PageError::Missing("feed"));
    }
    let mut merged = Merged::default();
    for element in feed.below(ROOT, "item") {
        if let Some(item) = Item::of(&feed, element, court)
            && let Some(docket) = item.read(court)?
        {
            merged.add(docket, item.guid);
        }
    }
    Ok(merged.into_dockets())
}

impl<'a> Item<'a> {
    /// None if the item lacks a value. Appellate courts need no link.
    fn of(feed: &'a Document<'_>, element: ElementId, court: &str) -> Option<Self> {
        let value = |name| feed.text_of(element, name).map(str::trim);
        let link = value("link");
        if link.is_none() && !reads_as_appellate(court) {
            return None;
        }
        Some(Self {
            title: value("title")?,
            link: link.unwrap_or_default(),
            description: value("description")?,
            date: value("pubDate").filter(|date| !date.is_empty())?,
            guid: value("guid").unwrap_or_default(),
        })
    }

    /// None without a docket number, and for a bankruptcy that is not described as one.
    fn read(&self, court: &str) -> Result<Option<FeedDocket>, PageError> {
        let (Some(docket_number), docket_number_parts) = self.docket_number(court) else {
            return Ok(None);
        };
        let Some(bankruptcy) = self.bankruptcy(court) else {
            return Ok(None);
        };
        Ok(Some(FeedDocket {
            court_id: squeeze(court),
            docket_number: squeeze(&docket_number),
            docket_number_parts,
            pacer_case_id: self.case_id(court),
            case_name: self.case_name(court),
            case_type: squeeze(bankruptcy.case_type),
            office: squeeze(bankruptcy.office),
            chapter: squeeze(bankruptcy.chapter),
            trustee_str: squeeze(bankruptcy.trustee),
            untold: Untold::default(),
            docket_entries: [self.entry(court)?],
        }))
    }

    fn docket_number(&self, court: &str) -> (Option<String>, DocketNumberParts) {
        let title = std::iter::once(self.title);
        if reads_as_appellate(court) {
            docket_number::find_appeal(title)
        } else {
            docket_number::find_case(title, court)
        }
    }

    fn case_id(&self, court: &str) -> Option<String> {
        if reads_as_appellate(court) {
            return None;
        }
        link::case_id(self.link)
    }

    /// The name after the number, which courts encode twice. The panel's numbers have spaces.
    fn case_name(&self, court: &str) -> String {
        let number = match court {
            "jpml" => self.docket_number(court).0,
            _ => None,
        };
        let after_number = number.and_then(|number| self.title.strip_prefix(&number));
        let name = after_number
            .or_else(|| Some(self.title.split_once(' ')?.1))
            .unwrap_or(UNKNOWN);
        squeeze(&case_name(&decode_entities(name)))
    }

    /// None if the court is one and the description does not have the form; nothing elsewhere.
    fn bankruptcy(&self, court: &str) -> Option<Bankruptcy<'a>> {
        if !reads_as_bankruptcy(court) {
            return Some(Bankruptcy::default());
        }
        let found = BANKRUPTCY.captures(self.description)?;
        let group = |index| found.get(index).map_or("", |group| group.as_str());
        Some(Bankruptcy {
            case_type: group(1),
            office: group(2),
            chapter: group(3),
            trustee: group(4),
        })
    }

    fn entry(&self, court: &str) -> Result<FeedEntry, PageError> {
        let document = DOCUMENT.captures(self.description);
        let address = document.as_ref().map_or("", |found| &found[1]);
        let is_appellate_document = document.as_ref().is_some_and(|found| &found[2] == "docs1");
        let pacer_doc_id = link::document_id(address).unwrap_or_default();
        let document_number = DOCUMENT_NUMBER
            .captures(self.description)
            .map(|found| found[1].to_owned())
            .or_else(|| {
                let stands_in = reads_as_appellate(court) && !pacer_doc_id.is_empty();
                stands_in.then(|| pacer_doc_id.clone())
            });
        Ok(FeedEntry {
            date_filed: zoned_time(self.date).ok_or(PageError::Bad("date of an item"))?,
            document_number,
            short_description: self.short_description(),
            description: String::new(),
            pacer_doc_id,
            pacer_seq_no: SEQUENCE_NUMBER
                .captures(address)
                .filter(|_| !is_appellate_document)
                .map(|found| found[1].to_owned()),
        })
    }

    /// What stands in brackets, unless that is about the date of filing.
    fn short_description(&self) -> String {
        let in_brackets = self
            .description
            .split_once('[')
            .and_then(|(_, after)| after.split_once(']'))
            .map_or("", |(text, _)| text);
        let text = decode_entities(in_brackets);
        if text.to_lowercase().contains("date filed") {
            return String::new();
        }
        text.into_owned()
    }
}

impl Merged {
    fn add(&mut self, mut docket: FeedDocket, guid: &str) {
        let entry = &mut docket.docket_entries[0];
        let kind = std::mem::take(&mut entry.short_description);
        let key = (
            docket.docket_number.clone(),
            docket.pacer_case_id.clone(),
            entry.date_filed,
            match entry.pacer_doc_id.is_empty() {
                true => guid.to_owned(),
                false => entry.pacer_doc_id.clone(),
            },
        );
        match self.places.get(&key) {
            Some(place) => add_kind(&mut self.dockets[*place].1, kind),
            None => {
                self.places.insert(key, self.dockets.len());
                self.dockets.push((docket, vec![kind]));
            }
        }
    }

    fn into_dockets(self) -> Vec<FeedDocket> {
        let joined = self.dockets.into_iter().map(|(mut docket, mut kinds)| {
            kinds.sort_unstable();
            docket.docket_entries[0].short_description = kinds.join(" AND ");
            docket
        });
        joined.collect()
    }
}

/// Adds a kind to those that are there, of which the last may be several in one.
fn add_kind(kinds: &mut Vec<String>, kind: String) {
    if let Some(last) = kinds.pop() {
        kinds.extend(last.split("AND").map(|part| part.trim().to_owned()));
    }
    kinds.push(kind);
}
