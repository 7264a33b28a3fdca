//! The docket (`TransportRoom`) of appellate courts: a summary, or a full report.

mod attachments;
mod case;
mod entries;
mod labels;
mod originating_court;
mod parties;

use std::cell::LazyCell;

use chrono::NaiveDate;
use memchr::memmem;
use serde::{Deserialize, Serialize};

pub use super::appellate_party::AppellateParty;
pub use super::attorney::Attorney;
pub use super::docket::EntryAttachment;
use super::tree::Page;
use super::{PageError, clean, refused};
use labels::Labels;

/// A docket, as one report shows it: parties and entries only if the report was asked for them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppellateDocket {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The number of the appeal.
    pub docket_number: String,
    /// The name of the case.
    pub case_name: String,
    /// Initials of the judges, if the report tells.
    pub panel: Vec<String>,
    /// Nature of suit, or empty.
    pub nature_of_suit: String,
    /// Where the case comes from, or empty.
    pub appeal_from: String,
    /// Whether the fee was paid, as printed, or empty.
    pub fee_status: String,
    /// When the appeal was docketed.
    pub date_filed: Option<NaiveDate>,
    /// When it ended.
    pub date_terminated: Option<NaiveDate>,
    /// What the case is, from general to particular, joined with commas.
    pub case_type_information: String,
    /// The case below; on a page an empty object if there is none.
    #[serde(with = "object_or_empty")]
    pub originating_court_information: Option<OriginatingCourt>,
    /// Parties and their counsel.
    pub parties: Vec<AppellateParty>,
    /// Entries in the order of the page.
    pub docket_entries: Vec<AppellateEntry>,
}

/// The case that is appealed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OriginatingCourt {
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docket_number: Option<String>,
    /// Where agencies print the number that they gave to a person in place of one of a case. It
    /// is personal data, and for no eyes but the owner's.
    #[serde(
        rename = "RESTRICTED_ALIEN_NUMBER",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub restricted_alien_number: Option<String>,
    /// Its court, as far as a link tells, or empty.
    pub court_id: String,
    /// The judge of the trial, without titles, or empty.
    pub assigned_to: String,
    /// The judge whose order is appealed, without titles, or empty.
    pub ordering_judge: String,
    /// The court reporter, or empty.
    pub court_reporter: String,
    /// What became of the case, or of an earlier appeal, or empty.
    pub disposition: String,
    /// When the case was filed.
    pub date_filed: Option<NaiveDate>,
    /// When it, or an earlier appeal, was disposed of.
    pub date_disposed: Option<NaiveDate>,
    /// When the order or judgment was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_judgment: Option<NaiveDate>,
    /// When that was entered on the docket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_judgment_eod: Option<NaiveDate>,
    /// When the notice of appeal was filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_filed_noa: Option<NaiveDate>,
    /// When the court of appeals received it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_received_coa: Option<NaiveDate>,
}

/// An entry of the docket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppellateEntry {
    /// When it was filed; none only if the page has something there that is no date.
    pub date_filed: Option<NaiveDate>,
    /// When it was entered, if its text says so.
    pub date_entered: Option<NaiveDate>,
    /// Its number; in courts that do not number entries, the document.
    pub document_number: Option<String>,
    /// The docket text.
    pub description: String,
    /// The document, in canonical form; none if there is nothing to be had.
    pub pacer_doc_id: Option<String>,
    /// The court's internal number of the entry, which only full reports have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacer_seq_no: Option<String>,
    /// Documents of the entry, if the report lists them one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<EntryAttachment>>,
}

/// Absent information is an empty object, told apart in both directions.
mod object_or_empty {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::OriginatingCourt;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Found(T),
        Empty {},
    }

    pub fn serialize<S: Serializer>(
        value: &Option<OriginatingCourt>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let either = value.as_ref().map_or(Either::Empty {}, Either::Found);
        either.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<OriginatingCourt>, D::Error> {
        Ok(match Either::deserialize(deserializer)? {
            Either::Found(court) => Some(court),
            Either::Empty {} => None,
        })
    }
}

/// Whether a page is the docket of a case whose number it tells, whatever it quotes.
pub(crate) fn has_number(page: &[u8]) -> bool {
    parse(page, "")
        .is_ok_and(|docket| docket.is_some_and(|docket| !docket.docket_number.is_empty()))
}

/// Reads a docket of an appellate court. `Ok(None)` for an error page, a price page, or anything
/// else that a court shows in place of one.
///
/// # Examples
///
/// ```
/// let page = "<table><!-- NEW SECTION - Case Stub --><tr><td>
///     <table><tr><td><b>Docket #: </b>26-1042</td><td><b>Docketed:</b> 02/03/2026</td></tr>
///     <tr><td>Wren Hollow v. Nimbus Kettle Works</td></tr></table></td></tr></table>";
/// let docket = pacer::page::appellate_docket::parse(page.as_bytes(), "ca1")?.unwrap();
/// assert_eq!(docket.docket_number, "26-1042");
/// assert_eq!(docket.case_name, "Wren Hollow v. Nimbus Kettle Works");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<AppellateDocket>, PageError> {
    let text = clean::html(page);
    if refused::is_tampered(&text) {
        return Ok(None);
    }
    let is_other =
        LazyCell::new(|| refused::appellate_docket(&text) || refused::is_of_session(&text));
    // What the comment is not in needs no tree to be told from a docket.
    if memmem::find(text.as_bytes(), case::SECTION.as_bytes()).is_none() && *is_other {
        return Ok(None);
    }
    let page = Page::parse(&text)?;
    let has_case = page.comment_with(case::SECTION).is_some();
    if !has_case && *is_other {
        return Ok(None);
    }
    let labels = Labels::find(&page);
    let parties = parties::read(&page)?;
    let docket_entries = entries::read(&page)?;
    if docket_entries.is_empty() && refused::appellate_docket(&text) {
        return Ok(None);
    }
    case::read(&page, court, &labels, parties, docket_entries).map(Some)
}
