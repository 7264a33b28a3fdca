//! How a page becomes rows.
//!
//! The rules are those of the RECAP Fetch API: what is known is never erased by a page that
//! lacks it, nothing is deleted because a filtered report left it out, and merging the same page
//! twice changes nothing, not even a modification date. A page is merged in one transaction, and
//! in a handful of statements whatever its length.
//!
//! Start reading at [`Library::merge_page`]. `matching` and `numbering` are pure: which row of a
//! page is which stored entry, and in what order entries stand.

mod appeal;
mod attachments;
mod contact;
mod counsel;
mod criminal;
mod docket_fields;
mod documents;
mod entries;
mod find;
mod matching;
mod menu;
mod names;
mod numbering;
mod parties;
mod pdf;
mod report;
mod role;
mod stored;

use fetch_model::{DocketId, kept_page::DocketPage};
use sqlx::PgConnection;

pub use menu::MergedMenu;
pub use pdf::{DocumentText, NewPdf, OcrStatus};
pub use report::locks_of;
pub use stored::{StoredDocket, StoredDocument};

pub(crate) use find::Found;
pub(crate) use menu::{find_place, listed, merge_into};
pub use pdf::keep_text;
pub(crate) use report::Report;

use crate::{Error, Library, request_changes::RequestChanges};
use documents::EntryLayout;

/// Which docket a page belongs to, as far as its buyer knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocketTarget {
    /// CourtListener's id of the court.
    pub court: String,
    /// The stored docket that was asked for, if one was named.
    pub docket: Option<DocketId>,
    /// The court's number of the case, which a docket report does not tell.
    pub pacer_case_id: Option<String>,
}

/// What merging a docket report did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedDocket {
    /// The docket, found or made.
    pub docket: DocketId,
    /// Whether it was made.
    pub is_new: bool,
    /// Entries that the docket did not have before.
    pub entries_new: usize,
    /// Entries that it had, and that are different now.
    pub entries_changed: usize,
    /// Entries that it has now.
    pub entries_total: usize,
    /// Documents that it did not have before.
    pub documents_new: usize,
    /// Documents that it had, and that are different now.
    pub documents_changed: usize,
    /// Parties that it did not have before.
    pub parties_new: usize,
    /// Parties that it had, and that are different now.
    pub parties_changed: usize,
    /// Roles of parties (name and type) that it has now.
    pub party_types_total: usize,
}

impl Library {
    /// Merges the page of a docket into the docket it belongs to, which is made if there is none.
    ///
    /// Pages of one case that are merged at the same time are merged one after the other, and
    /// never make two dockets.
    pub async fn merge_page(
        &self,
        target: &DocketTarget,
        page: &DocketPage,
    ) -> Result<MergedDocket, Error> {
        let mut transaction = self.db.begin().await?;
        let report = Report::of(page, self.db.time_zone);
        let found = report.find(&mut transaction, target).await?;
        let (merged, _) = report.merge(&mut transaction, target, &found).await?;
        self.note(&mut transaction, merged.changes()).await?;
        transaction.commit().await?;
        Ok(merged)
    }
}

impl MergedDocket {
    /// As what was done for a request.
    fn changes(&self) -> RequestChanges {
        RequestChanges {
            docket_new: self.is_new,
            entries_new: self.entries_new,
            entries_changed: self.entries_changed,
            documents_new: self.documents_new,
            documents_changed: self.documents_changed,
            parties_new: self.parties_new,
            parties_changed: self.parties_changed,
        }
    }
}

impl Report<'_> {
    /// Finds the docket that it is of, or makes it, and locks it until the transaction ends.
    pub(crate) async fn find(
        &self,
        connection: &mut PgConnection,
        target: &DocketTarget,
    ) -> Result<Found, Error> {
        find::find_or_make(connection, target, &self.page).await
    }

    /// Merges it into that docket. Also gives the ids of the entries that it lists.
    pub(crate) async fn merge(
        &self,
        connection: &mut PgConnection,
        target: &DocketTarget,
        found: &Found,
    ) -> Result<(MergedDocket, Vec<i64>), Error> {
        let layout = match self.appeal {
            Some(_) => EntryLayout::OneOrAttachments,
            None => EntryLayout::MainAndAttachments,
        };
        let (docket, page) = (found.docket, &*self.page);
        let mut fields_changed =
            docket_fields::update(connection, docket, target, page, self.time_zone).await?;
        if let Some(appeal) = self.appeal {
            fields_changed |= appeal::update(connection, docket, appeal).await?;
        }
        let entries = entries::merge(connection, docket, &page.docket_entries, layout).await?;
        let parties = parties::merge(connection, docket, &page.parties).await?;
        if fields_changed || entries.any() || parties.changed {
            docket_fields::touch(connection, docket, entries.newest).await?;
        }
        let merged = MergedDocket {
            docket: DocketId(docket),
            is_new: found.is_new,
            entries_new: entries.new,
            entries_changed: entries.changed,
            entries_total: entries.total,
            documents_new: entries.documents.new,
            documents_changed: entries.documents.changed,
            parties_new: parties.new,
            parties_changed: parties.different,
            party_types_total: parties.types,
        };
        Ok((merged, entries.listed))
    }
}
