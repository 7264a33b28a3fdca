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
mod merged;
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
pub use merged::MergedDocket;
pub use pdf::{DocumentText, NewPdf, OcrStatus};
pub use report::locks_of;
pub use stored::{StoredDocket, StoredDocument};

pub(crate) use documents::MAIN;
pub(crate) use find::{Found, core};
pub(crate) use menu::{find_place, listed, merge_into};
pub use pdf::keep_text;
pub(crate) use report::Report;

use crate::{Error, Library};
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
        self.note(&mut transaction, merged.into()).await?;
        transaction.commit().await?;
        Ok(merged)
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
