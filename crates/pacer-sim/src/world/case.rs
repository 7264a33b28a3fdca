//! What is in a case: people, entries, documents.

use chrono::NaiveDate;

use super::appellate::Appeal;
use super::stub::{SERIALS_PER_ENTRY, Stub};
use crate::court::Delivery;

/// A case, opened.
#[derive(Debug)]
pub struct Case {
    /// What is known from outside.
    pub stub: Stub,
    /// Name of the case: `A v. B`, or the debtor's.
    pub title: String,
    /// The judge it is assigned to; nobody in a court of appeals.
    pub judge: String,
    /// The judge it is referred to (district civil cases only).
    pub referred: Option<String>,
    /// Day the case was opened.
    pub filed: NaiveDate,
    /// Day it was closed, if it was.
    pub terminated: Option<NaiveDate>,
    /// Parties in the order of the docket.
    pub parties: Vec<Party>,
    /// Entries in the order they were entered.
    pub entries: Vec<Entry>,
    /// What only an appeal has.
    pub appeal: Option<Appeal>,
}

/// A party.
#[derive(Debug, Clone)]
pub struct Party {
    /// Role as the docket heads it: `Plaintiff`, `Debtor`, `Plaintiff - Appellant`, …
    pub role: String,
    /// Name.
    pub name: String,
    /// Address lines and the like, under the name.
    pub lines: Vec<String>,
    /// Day the party left the case.
    pub terminated: Option<NaiveDate>,
    /// Who represents it.
    pub attorneys: Vec<Attorney>,
    /// Number of the defendant in a criminal case, with what it is charged with.
    pub charges: Option<Charges>,
}

/// What a criminal defendant is charged with.
#[derive(Debug, Clone)]
pub struct Charges {
    /// Number of the defendant in the case.
    pub number: u64,
    /// Counts that are pending, with what became of them.
    pub pending: Vec<(String, String)>,
    /// Counts that were dropped.
    pub dropped: Vec<(String, String)>,
}

/// An attorney.
#[derive(Debug, Clone)]
pub struct Attorney {
    /// Name.
    pub name: String,
    /// Firm, address, telephone, e-mail, a line each.
    pub contact: Vec<String>,
    /// `LEAD ATTORNEY` and the like.
    pub roles: Vec<&'static str>,
}

/// A docket entry.
#[derive(Debug)]
pub struct Entry {
    /// Document number; none for a minute entry and the like.
    pub number: Option<u32>,
    /// The court's own sequence number (`de_seq_num`).
    pub seq: u32,
    /// Day it was filed.
    pub filed: NaiveDate,
    /// Day it was entered on the docket.
    pub entered: NaiveDate,
    /// What was filed, without the notes on attachments and dates.
    pub text: String,
    /// Short name of what was filed.
    pub title: String,
    /// Main document and attachments; none if nothing can be had.
    pub sheets: Vec<Sheet>,
}

/// One document.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// 0 for the main document. Courts of appeals number all documents of a filing from 1, in
    /// the order of their menu, and only a document that stands alone has the 0.
    pub attachment: u32,
    /// Last part of its id.
    pub serial: u64,
    /// What the menu and the docket text call it.
    pub description: String,
    /// Number of pages.
    pub pages: u32,
    /// Its pages are pictures, without a text layer.
    pub scanned: bool,
    /// What happens to who asks for it.
    pub fate: Fate,
}

/// What happens to who asks for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Sold, the way the court usually delivers.
    Usual,
    /// Sold, delivered like this.
    Delivered(Delivery),
    /// Refused.
    Refused(Refusal),
    /// An opinion, for nothing and without a price page.
    Free,
    /// An opinion, for nothing, with a price page that says so.
    FreeAfterPrice,
    /// A recording of a hearing, at a price of its own.
    Audio,
    /// A transcript: sold without the cap of thirty pages.
    Transcript,
    /// Sold after a warning that it is restricted.
    Restricted,
    /// Shared by related cases: it cannot be had with a case id, and can without.
    Shared,
}

/// The ways in which a court refuses a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The entry is sealed or gone.
    EntryGone,
    /// Not available.
    NotAvailable,
    /// Sealed or restricted.
    NoPermission,
    /// A transcript within its first ninety days.
    TranscriptEmbargo,
    /// Nothing public was filed.
    NoPublicMatter,
    /// `Sealed Document`.
    SealedDocument,
    /// `Under Seal`.
    UnderSeal,
    /// `Document is Sealed`.
    DocumentIsSealed,
    /// `This document is SEALED`.
    ShoutedSealed,
    /// For the court's own users.
    NotForPublicUsers,
    /// Social-security and immigration cases.
    NatureOfSuit,
}

/// Every refusal, in the order in which the entries of the well-known case have them.
pub const REFUSALS: [Refusal; 11] = [
    Refusal::EntryGone,
    Refusal::NotAvailable,
    Refusal::NoPermission,
    Refusal::TranscriptEmbargo,
    Refusal::NoPublicMatter,
    Refusal::SealedDocument,
    Refusal::UnderSeal,
    Refusal::DocumentIsSealed,
    Refusal::ShoutedSealed,
    Refusal::NotForPublicUsers,
    Refusal::NatureOfSuit,
];

impl Refusal {
    /// The words by which the refusal is known.
    pub fn phrase(self) -> &'static str {
        match self {
            Refusal::EntryGone => "could not retrieve dktentry for dlsid",
            Refusal::NotAvailable => "document is not available",
            Refusal::NoPermission => "You do not have permission to view this document.",
            Refusal::TranscriptEmbargo => "You do not have access to this transcript.",
            Refusal::NoPublicMatter => "No matter of public record",
            Refusal::SealedDocument => "Sealed Document",
            Refusal::UnderSeal => "Under Seal",
            Refusal::DocumentIsSealed => "Document is Sealed",
            Refusal::ShoutedSealed => "This document is SEALED",
            Refusal::NotForPublicUsers => {
                "This image is not available for viewing by non-court users"
            }
            Refusal::NatureOfSuit => {
                "Permission to view this document is denied based on Nature of Suit"
            }
        }
    }
}

impl Case {
    /// The docket number with the judges' initials, as headings and receipts have it.
    pub fn number_with_judges(&self) -> String {
        if self.appeal.is_some() {
            return self.stub.docket_number();
        }
        let mut number = format!(
            "{}-{}",
            self.stub.docket_number(),
            crate::names::initials(&self.judge)
        );
        if let Some(referred) = &self.referred {
            number.push('-');
            number.push_str(&crate::names::initials(referred));
        }
        number
    }

    /// Where the document with this serial is: index of the entry, index of the sheet.
    pub fn find_serial(&self, serial: u64) -> Option<(usize, usize)> {
        let offset = serial.checked_sub(self.stub.first_serial)?;
        let entry = (offset / SERIALS_PER_ENTRY) as usize;
        let sheet = (offset % SERIALS_PER_ENTRY) as usize;
        self.entries.get(entry)?.sheets.get(sheet)?;
        Some((entry, sheet))
    }

    /// True if this is an id of the case or of one of its defendants.
    pub fn has_id(&self, id: u64) -> bool {
        self.stub.ids().any(|own| own == id)
    }
}

impl Sheet {
    /// The id with court prefix and flag: `0` opens the menu, `1` the document.
    pub fn id(&self, prefix: &str, flag: char) -> String {
        format!("{prefix}{flag}{}", self.serial)
    }

    /// The size that menus show, in bytes. Courts show that of the stored file, which is not
    /// the one delivered, since the stamp is added on the way out.
    pub fn stored_bytes(&self) -> u64 {
        let per_page = if self.scanned { 61_003 } else { 9_421 };
        u64::from(self.pages) * per_page + self.serial % 4_096
    }
}
