//! The stores of whoever works on requests, and what happens in both of them together: a text and the
//! requests that wait for it.
//!
//! Whoever tells or ends requests takes the row of the text before theirs, so that no two wait for each
//! other.

use fetch_db::{Db, Error};
use fetch_library::{
    Library,
    merge::{DocumentText, keep_text},
    texts::{self, ClaimedPart, ClaimedText, Progress, StoredPage, request_text},
};
use fetch_model::{Failure, Fence, FetchId};
use fetch_queue::{Queue, WaitingRequest, waiting};

/// Requests, and what is fetched for them. Without the ledger: readers of documents have these.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The database and the blobs.
    pub db: Db,
    /// Requests and courts.
    pub queue: Queue,
    /// Dockets, documents and texts.
    pub library: Library,
}

/// How far the reading of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingProgress {
    /// Pages that are read, or failed for good.
    pub read: i32,
    /// All pages of the file.
    pub pages: i32,
    /// Who waits for the text.
    pub waiting: Vec<WaitingRequest>,
}

/// A plan that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedText {
    /// How far the reading is now, and who waits for it.
    pub progress: ReadingProgress,
    /// Parts to be recognised. Without any the claim holds on, for the text to be put together.
    pub parts: usize,
}

/// What a text came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedText {
    /// The text and what goes with it; none when the file has no pages to give, and then the
    /// documents stay as they are.
    pub text: Option<DocumentText>,
    /// What the clients are told beside the sentence of their purchase: what is missing, and why.
    /// Empty when nothing is.
    pub note: String,
    /// What the life of the request says.
    pub detail: String,
}

impl Stores {
    /// The stores in that database.
    #[must_use]
    pub fn new(db: Db) -> Stores {
        Stores {
            queue: Queue::new(db.clone()),
            library: Library::new(db.clone()),
            db,
        }
    }

    /// Hands a captured document to the text readers: the request waits for the text of the
    /// document's file, together with everybody who waits for the same bytes. The token of the request
    /// from now on; `None` when the claim was lost, or the document has no file.
    pub async fn hand_over(&self, id: FetchId, fence: Fence) -> Result<Option<Fence>, Error> {
        let mut transaction = self.db.begin().await?;
        let Some(handed) = waiting::hand_over(&mut transaction, id, fence).await? else {
            return Ok(None);
        };
        let traceparent = handed.traceparent.as_deref();
        request_text(&mut transaction, &handed.sha256, handed.lane, traceparent).await?;
        transaction.commit().await?;
        Ok(Some(handed.fence))
    }

    /// Keeps the pages of a file, and opens parts for those that must be recognised: `parts`
    /// names their pages. `None` when the claim was lost.
    pub async fn save_plan(
        &self,
        claim: &ClaimedText,
        pages: &[StoredPage],
        parts: &[Vec<i32>],
        problems: &serde_json::Value,
    ) -> Result<Option<PlannedText>, Error> {
        let mut transaction = self.db.begin().await?;
        let planned = texts::save_plan(&mut transaction, claim, pages, parts, problems).await?;
        let Some(planned) = planned else {
            return Ok(None);
        };
        let to_recognise = planned.pages - planned.read;
        let detail = format!("{} pages, {to_recognise} to recognise", planned.pages);
        waiting::note_waiting(&mut transaction, &claim.sha256, "planned", &detail).await?;
        let progress = Progress {
            read: planned.read,
            pages: planned.pages,
            has_moved: true,
        };
        let progress = tell(&mut transaction, &claim.sha256, progress).await?;
        transaction.commit().await?;
        Ok(Some(PlannedText {
            progress,
            parts: parts.len(),
        }))
    }

    /// Notes that the file has no pages to give, and why. `false` when the claim was lost; else it
    /// holds on, for the requests to be told.
    pub async fn refuse_text(&self, claim: &ClaimedText, why: &str) -> Result<bool, Error> {
        let mut transaction = self.db.begin().await?;
        let is_held = texts::refuse_text(&mut transaction, claim, why).await?;
        if is_held {
            waiting::note_waiting(&mut transaction, &claim.sha256, "unreadable", why).await?;
            transaction.commit().await?;
        }
        Ok(is_held)
    }

    /// Keeps a page that was recognised, and with that the lease's last attempt. A page that is
    /// there already stays as it is. `None` when the claim was lost.
    pub async fn save_page(
        &self,
        claim: &ClaimedPart,
        page: &StoredPage,
    ) -> Result<Option<ReadingProgress>, Error> {
        let mut transaction = self.db.begin().await?;
        let Some(progress) = texts::save_page(&mut transaction, claim, page).await? else {
            return Ok(None);
        };
        let progress = tell(&mut transaction, &claim.sha256, progress).await?;
        transaction.commit().await?;
        Ok(Some(progress))
    }

    /// Fails the pages of a part that are still open, for good and for `reason`. `None` when the
    /// claim was lost.
    pub async fn give_up_part(
        &self,
        claim: &ClaimedPart,
        reason: &str,
    ) -> Result<Option<ReadingProgress>, Error> {
        let mut transaction = self.db.begin().await?;
        let Some(progress) = texts::give_up_part(&mut transaction, claim, reason).await? else {
            return Ok(None);
        };
        let progress = tell(&mut transaction, &claim.sha256, progress).await?;
        transaction.commit().await?;
        Ok(Some(progress))
    }

    /// Gives a text to the documents that have the file and ends the requests that wait for it.
    /// Returns those; `None` when the claim was lost.
    pub async fn finish_text(
        &self,
        claim: &ClaimedText,
        finished: &FinishedText,
    ) -> Result<Option<Vec<WaitingRequest>>, Error> {
        let (sha256, mut transaction) = (&claim.sha256, self.db.begin().await?);
        if !texts::finish(&mut transaction, claim).await? {
            return Ok(None);
        }
        if let Some(text) = &finished.text {
            keep_text(&mut transaction, sha256, text).await?;
            waiting::note_waiting(&mut transaction, sha256, "text", &finished.detail).await?;
        }
        let waiting = waiting::waiting_for(&mut transaction, sha256).await?;
        let ended = waiting::end_waiting(&mut transaction, &waiting, &finished.note).await?;
        transaction.commit().await?;
        Ok(Some(ended))
    }

    /// Sees to it that every request that waits for a text waits for one that is being taken: a
    /// service of another version may have handed it over. Returns those whose document has no
    /// file any more; they failed.
    pub async fn requeue_unread(&self) -> Result<Vec<FetchId>, Error> {
        let mut transaction = self.db.begin().await?;
        for file in waiting::unread(&mut transaction).await? {
            let traceparent = file.traceparent.as_deref();
            request_text(&mut transaction, &file.sha256, file.lane, traceparent).await?;
        }
        let failed = waiting::fail_without_file(&mut transaction).await?;
        transaction.commit().await?;
        Ok(failed)
    }

    /// Ends requests whose document was there to be read for a day in which no reader was seen: what
    /// was bought is there, and its text is not. Whoever reads it later still gives it to the document.
    /// Returns them; they are done.
    pub async fn give_up_reading(&self) -> Result<Vec<WaitingRequest>, Error> {
        let mut transaction = self.db.begin().await?;
        let unread = waiting::unread_for_long(&mut transaction).await?;
        if unread.is_empty() {
            return Ok(Vec::new());
        }
        let ended = waiting::end_waiting(&mut transaction, &unread, Failure::UNREAD).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}

/// Tells those who wait for a text how far it is, if it is further than before.
async fn tell(
    connection: &mut fetch_db::Connection,
    sha256: &str,
    progress: Progress,
) -> Result<ReadingProgress, Error> {
    let Progress { read, pages, .. } = progress;
    let waiting = match progress.has_moved {
        true => waiting::tell_progress(connection, sha256, read, pages).await?,
        false => Vec::new(),
    };
    Ok(ReadingProgress {
        read,
        pages,
        waiting,
    })
}
