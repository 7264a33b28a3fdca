//! A document to read: claim it, read it, save its text.

use std::sync::Arc;

use fetch_attempt::{Attempt, Attempts, Outcome};
use fetch_bus::{Handled, Job, JobHandler};
use fetch_model::{DocumentId, Failure, JobError};
use fetch_store::{
    Store,
    merge::{self, OcrStatus},
};
use tracing::warn;

use crate::{DocumentText, ReadError, WorkerPool};

/// Reads documents.
pub struct ReadingJob {
    store: Store,
    attempts: Attempts,
    pool: Arc<WorkerPool>,
}

impl ReadingJob {
    /// Reads with the processes of `pool`.
    #[must_use]
    pub fn new(store: Store, attempts: Attempts, pool: Arc<WorkerPool>) -> ReadingJob {
        ReadingJob {
            store,
            attempts,
            pool,
        }
    }

    async fn read(&self, attempt: &Attempt) -> Result<Outcome, JobError> {
        let id = attempt.request.asked.document.ok_or(Failure::Internal)?;
        let document = self.store.document(id).await?.ok_or(Failure::Internal)?;
        let sha256 = document.sha256.as_deref().ok_or(Failure::Internal)?;
        let file = self.store.blobs.local_copy(sha256).await?;
        match self.pool.read(file.path()).await {
            Ok(text) => self.save(attempt, id, &text).await?,
            // The document is bought and there; what is in it cannot be read.
            Err(ReadError::Refused(refusal)) => {
                warn!(
                    error = &refusal as &dyn std::error::Error,
                    "a document cannot be read"
                );
                attempt.step("unreadable", &refusal.to_string()).await?;
            }
            Err(error @ ReadError::NoWorker(_)) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "a document was not read"
                );
                return Err(JobError::retry(Failure::Internal));
            }
        }
        Ok(Outcome::Done {
            docket: None,
            message: Failure::SUCCESS.into(),
        })
    }

    async fn save(
        &self,
        attempt: &Attempt,
        document: DocumentId,
        text: &DocumentText,
    ) -> Result<(), JobError> {
        let stored = merge::DocumentText {
            plain_text: text.plain_text(),
            ocr_status: text.ocr_status.and_then(status),
            page_count: i32::try_from(text.page_count).ok(),
        };
        self.store.save_text(document, &stored).await?;
        let detail = format!(
            "{} pages, {} bytes of text",
            text.page_count,
            stored.plain_text.len()
        );
        attempt.step("text", &detail).await
    }
}

impl JobHandler for ReadingJob {
    async fn handle(&self, job: Job) -> Handled {
        self.attempts
            .conduct_reading(&job, async |attempt| self.read(attempt).await)
            .await
    }
}

fn status(number: i16) -> Option<OcrStatus> {
    [
        OcrStatus::FromOcr,
        OcrStatus::TextLayer,
        OcrStatus::NothingFound,
        OcrStatus::Needed,
    ]
    .into_iter()
    .find(|status| *status as i16 == number)
}
