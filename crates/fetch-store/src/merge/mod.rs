//! How a page becomes rows.
//!
//! The rules are those of the RECAP Fetch API: what is known is never erased by a page that
//! lacks it, nothing is deleted because a filtered report left it out, and merging the same page
//! twice changes nothing, not even a modification date. A page is merged in one transaction, and
//! in a handful of statements whatever its length.
//!
//! Start reading at [`Store::merge_docket`]. `matching` and `numbering` are pure: which row of a
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
mod numbering;
mod parties;
mod pdf;
mod role;
mod stored;

use fetch_model::DocketId;
use pacer::page::{appellate_docket::AppellateDocket, docket::Docket};

pub use menu::MergedMenu;
pub(crate) use pdf::keep_text;
pub use pdf::{DocumentText, NewPdf, OcrStatus, StoredFile};
pub use stored::{StoredDocket, StoredDocument};

use crate::{Error, Store};
use documents::Shape;

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
    /// Entries that it has now.
    pub entries_total: usize,
    /// Parties that it did not have before.
    pub parties_new: usize,
    /// Roles of parties (name and type) that it has now.
    pub party_types_total: usize,
}

impl Store {
    /// Merges a docket report into the docket it belongs to, which is made if there is none.
    ///
    /// Reports of one case that are merged at the same time are merged one after the other, and
    /// never make two dockets.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing has changed.
    pub async fn merge_docket(
        &self,
        target: &DocketTarget,
        page: &Docket,
    ) -> Result<MergedDocket, Error> {
        self.merge_report(target, page, None).await
    }

    /// The same for a docket of an appellate court, with what only such a docket tells.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing has changed.
    pub async fn merge_appellate_docket(
        &self,
        target: &DocketTarget,
        page: &AppellateDocket,
    ) -> Result<MergedDocket, Error> {
        self.merge_report(target, &appeal::as_docket(page), Some(page))
            .await
    }

    async fn merge_report(
        &self,
        target: &DocketTarget,
        page: &Docket,
        appeal: Option<&AppellateDocket>,
    ) -> Result<MergedDocket, Error> {
        let shape = match appeal {
            Some(_) => Shape::OneOrAttachments,
            None => Shape::MainAndAttachments,
        };
        let mut transaction = self.pool.begin().await?;
        let found = find::find_or_make(&mut transaction, target, page).await?;
        let mut fields_changed =
            docket_fields::update(&mut transaction, found.docket, target, page).await?;
        if let Some(appeal) = appeal {
            fields_changed |= appeal::update(&mut transaction, found.docket, appeal).await?;
        }
        let entries = &page.docket_entries;
        let entries = entries::merge(&mut transaction, found.docket, entries, shape).await?;
        let parties = parties::merge(&mut transaction, found.docket, &page.parties).await?;
        if fields_changed || entries.changed || parties.changed {
            docket_fields::touch(&mut transaction, found.docket, entries.newest).await?;
        }
        transaction.commit().await?;
        Ok(MergedDocket {
            docket: DocketId(found.docket),
            is_new: found.is_new,
            entries_new: entries.new,
            entries_total: entries.total,
            parties_new: parties.new,
            party_types_total: parties.types,
        })
    }
}
