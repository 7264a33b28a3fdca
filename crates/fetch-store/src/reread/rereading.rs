//! The transaction in which the pages of a case are put in the place of what they said.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use fetch_model::{
    CaptureId, DocketId, DocumentId, Failure, Fence, FetchId,
    kept_page::{DocketPage, Menu},
};
use sqlx::{Postgres, Transaction};

use super::{
    content::{self, Content},
    kept::{KeptPage, pages_after},
};
use crate::{
    Error, Store,
    captures::UNRECOGNISED,
    doubts::SETTLED,
    locks,
    merge::{self, DocketTarget, MergedMenu, Report},
    other_case::OTHER_CASE,
    requests::wakes::ENDED_CHANNEL,
};

/// Pages of a case that are being read again. What is not committed has not happened.
#[derive(Debug)]
pub struct Rereading {
    transaction: Transaction<'static, Postgres>,
    /// Where days begin.
    time_zone: Tz,
    /// Of every docket that a page was merged into, what it was before; none of one that was made.
    before: BTreeMap<i64, Option<Content>>,
}

/// What a page of a docket was merged into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedPage {
    /// The docket.
    pub docket: DocketId,
    /// The entries that the page lists, as content rows name them.
    pub listed: Vec<String>,
}

/// A docket that pages were merged into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Which.
    pub docket: DocketId,
    /// What it was before; none if it was made.
    pub before: Option<Content>,
    /// What it is now.
    pub after: Content,
}

impl Store {
    /// Begins to read the pages of a case again. Whoever wants the same case waits. `locks` are those
    /// of all pages that will be merged ([`merge::locks_of`]): as fetchers do, it takes them before
    /// any docket, so that no two wait for each other.
    pub async fn begin_rereading(
        &self,
        court: &str,
        case: &str,
        locks: &[String],
    ) -> Result<Rereading, Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query!(
            "select pg_advisory_xact_lock(hashtextextended('pages of ' || $1 || ' ' || $2, 0))",
            court,
            case
        )
        .execute(&mut *transaction)
        .await?;
        locks::lock_dockets(&mut transaction, locks).await?;
        Ok(Rereading {
            transaction,
            time_zone: self.time_zone,
            before: BTreeMap::new(),
        })
    }
}

impl Rereading {
    /// Merges the page of a docket, as those who buy dockets do.
    pub async fn merge_page(
        &mut self,
        target: &DocketTarget,
        page: &DocketPage,
    ) -> Result<MergedPage, Error> {
        let (as_docket, time_zone) = (&mut None, self.time_zone);
        let report = match page {
            DocketPage::District(page) => Report {
                page,
                appeal: None,
                time_zone,
            },
            DocketPage::Appellate(appeal) => Report {
                page: as_docket.insert(merge::as_docket(appeal)),
                appeal: Some(appeal),
                time_zone,
            },
        };
        let found = report.find(&mut self.transaction, target).await?;
        self.note(found.docket, found.is_new).await?;
        let (merged, listed) = report.merge(&mut self.transaction, target, &found).await?;
        Ok(MergedPage {
            docket: merged.docket,
            listed: listed.iter().map(i64::to_string).collect(),
        })
    }

    /// Merges a menu, as those who fetch menus do.
    pub async fn merge_menu(
        &mut self,
        document: DocumentId,
        menu: &Menu,
    ) -> Result<MergedMenu, Error> {
        let (page, shape) = merge::listed(menu);
        match merge::find_place(&mut self.transaction, document, &page).await? {
            Ok(place) => {
                self.note(place.docket, false).await?;
                merge::merge_into(&mut self.transaction, &place, &page, shape).await
            }
            Err(nowhere) => Ok(nowhere),
        }
    }

    /// Notes what a docket was before any page was merged into it; it is locked.
    async fn note(&mut self, docket: i64, is_new: bool) -> Result<(), Error> {
        if self.before.contains_key(&docket) {
            return Ok(());
        }
        let before = match is_new {
            true => None,
            false => Some(content::of_docket(&mut self.transaction, DocketId(docket)).await?),
        };
        self.before.insert(docket, before);
        Ok(())
    }

    /// The dockets that pages were merged into so far.
    pub async fn touched(&mut self) -> Result<Vec<Touched>, Error> {
        let mut touched = Vec::with_capacity(self.before.len());
        for (docket, before) in &self.before {
            let docket = DocketId(*docket);
            touched.push(Touched {
                docket,
                before: before.clone(),
                after: content::of_docket(&mut self.transaction, docket).await?,
            });
        }
        Ok(touched)
    }

    /// What a docket was before any page was merged into it; none if it was made, or none was.
    #[must_use]
    pub fn before(&self, docket: DocketId) -> Option<&Content> {
        self.before.get(&docket.0)?.as_ref()
    }

    /// What a docket is now.
    pub async fn content(&mut self, docket: DocketId) -> Result<Content, Error> {
        content::of_docket(&mut self.transaction, docket).await
    }

    /// Pages of a court with a higher number that are wanted. What had been merged before this
    /// transaction had the docket is among them, so that nothing newer is overwritten unseen.
    pub async fn pages_after(
        &mut self,
        court: &str,
        after: CaptureId,
        is_wanted: impl FnMut(&KeptPage) -> bool + Send,
    ) -> Result<Vec<KeptPage>, Error> {
        pages_after(&mut self.transaction, court, after, is_wanted).await
    }

    /// Notes that a page is what was asked for, if it was kept as something else: billed in vain, of
    /// another case, or as what nobody knew, which is called `item_key` from now on. Tells whether it was.
    pub async fn vouch_for(
        &mut self,
        page: CaptureId,
        item_key: Option<&str>,
    ) -> Result<bool, Error> {
        let renamed = sqlx::query!(
            "update captures
             set in_vain = false,
                 item_key = case when starts_with(item_key, $2) then substr(item_key, length($2) + 1)
                                 when starts_with(item_key, $3) then coalesce($4, item_key)
                                 else item_key end
             where id = $1
               and (in_vain or starts_with(item_key, $2)
                    or starts_with(item_key, $3) and $4::text is not null)",
            page.0,
            OTHER_CASE,
            UNRECOGNISED,
            item_key
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(renamed.rows_affected() > 0)
    }

    /// Ends a request as done that had failed, as it stood when it was looked at, with what its owner
    /// is told; none if it was put into the queue again meanwhile. `nothing` says that its court has
    /// nothing of what was asked for.
    pub async fn end_as_done(
        &mut self,
        request: FetchId,
        fence: Fence,
        docket: Option<DocketId>,
        nothing: bool,
    ) -> Result<Option<String>, Error> {
        let said = sqlx::query_file_scalar!(
            "src/reread/sql/end_as_done.sql",
            request.0,
            fence.0,
            docket.map(|docket| docket.0),
            nothing.then_some(Failure::NOTHING),
            Failure::SUCCESS,
            Failure::SHARED,
            Failure::DOUBTFUL,
            Failure::READ_AGAIN,
            ENDED_CHANNEL,
            SETTLED
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(said)
    }

    /// Tells the owner of a request that was done that its page says more than it did, and gives it
    /// the docket if it had none. None if that was told before.
    pub async fn tell_read_again(
        &mut self,
        request: FetchId,
        docket: Option<DocketId>,
    ) -> Result<Option<String>, Error> {
        let said = sqlx::query_file_scalar!(
            "src/reread/sql/tell_read_again.sql",
            request.0,
            docket.map(|docket| docket.0),
            Failure::NOTHING,
            Failure::SUCCESS,
            Failure::READ_AGAIN,
            ENDED_CHANNEL
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(said)
    }

    /// Lets all of it happen, and those know who watch the requests that ended.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.transaction.commit().await?)
    }

    /// Lets nothing of it happen.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing has happened either.
    pub async fn roll_back(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }
}
