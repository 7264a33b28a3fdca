//! The transaction in which the pages of a case are put in the place of what they said.

use fetch_db::{Db, Error, Transaction, locks};
use fetch_ledger::kept::{self, KeptPage};
use fetch_library::{
    changes::{Changes, MergedPage, Touched},
    content::{self, Content},
    merge::{DocketTarget, MergedMenu},
};
use fetch_model::{
    CaptureId, DocketId, DocumentId, Fence, FetchId,
    kept_page::{DocketPage, Menu},
};
use fetch_queue::ended;

/// Pages of a case that are being read again. What is not committed has not happened.
#[derive(Debug)]
pub struct Rereading {
    transaction: Transaction,
    changes: Changes,
}

impl Rereading {
    /// Begins to read the pages of a case again. Whoever wants the same case waits. `locks` are those
    /// of all pages that will be merged ([`fetch_library::merge::locks_of`]): as fetchers do, it takes them before
    /// any docket, so that no two wait for each other.
    pub async fn begin(
        db: &Db,
        court: &str,
        case: &str,
        locks: &[String],
    ) -> Result<Rereading, Error> {
        let mut transaction = db.begin().await?;
        locks::lock_rereading(&mut transaction, court, case).await?;
        locks::lock_dockets(&mut transaction, locks).await?;
        Ok(Rereading {
            transaction,
            changes: Changes::new(db.time_zone),
        })
    }

    /// Merges the page of a docket, as those who buy dockets do.
    pub async fn merge_page(
        &mut self,
        target: &DocketTarget,
        page: &DocketPage,
    ) -> Result<MergedPage, Error> {
        let changes = &mut self.changes;
        changes
            .merge_page(&mut self.transaction, target, page)
            .await
    }

    /// Merges a menu, as those who fetch menus do.
    pub async fn merge_menu(
        &mut self,
        document: DocumentId,
        menu: &Menu,
    ) -> Result<MergedMenu, Error> {
        let changes = &mut self.changes;
        changes
            .merge_menu(&mut self.transaction, document, menu)
            .await
    }

    /// The dockets that pages were merged into so far.
    pub async fn touched(&mut self) -> Result<Vec<Touched>, Error> {
        self.changes.touched(&mut self.transaction).await
    }

    /// What a docket was before any page was merged into it; none if it was made, or none was.
    #[must_use]
    pub fn before(&self, docket: DocketId) -> Option<&Content> {
        self.changes.before(docket)
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
        kept::pages_after(&mut self.transaction, court, after, is_wanted).await
    }

    /// Notes that a page is what was asked for, if it was kept as something else: billed in vain, of
    /// another case, or as what nobody knew, which is called `item_key` from now on. Tells whether it was.
    pub async fn vouch_for(
        &mut self,
        page: CaptureId,
        item_key: Option<&str>,
    ) -> Result<bool, Error> {
        kept::vouch_for(&mut self.transaction, page, item_key).await
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
        ended::end_as_done(&mut self.transaction, request, fence, docket, nothing).await
    }

    /// Tells the owner of a request that was done that its page says more than it did, and gives it
    /// the docket if it had none. None if that was told before.
    pub async fn tell_read_again(
        &mut self,
        request: FetchId,
        docket: Option<DocketId>,
    ) -> Result<Option<String>, Error> {
        ended::tell_read_again(&mut self.transaction, request, docket).await
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
