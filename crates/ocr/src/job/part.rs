//! Some pages of a text: recognise them, and keep each as soon as it is there.

use std::sync::Arc;

use fetch_attempt::reading::announce_progress;
use fetch_bus::{Disposition, Job, JobHandler, JobKind};
use fetch_library::texts::{ClaimedPart, ReadingClaim};
use fetch_model::retry::MAX_ATTEMPTS;
use fetch_runtime::Counter;
use tokio::sync::mpsc;
use tracing::{Instrument, info_span, warn};

use super::{Interrupted, ReaderContext, lease, pause, rows};
use crate::network::Unused;
use crate::{PageSource, PageText, ReadError, WorkerPool, choice::Reason};

/// Recognises pages.
#[derive(Debug)]
pub struct PartJob {
    reading: ReaderContext,
    pool: Arc<WorkerPool>,
    recognised: Counter,
    /// Whose network reads the lines: a value of that counter's label.
    network: &'static str,
}

impl PartJob {
    /// Recognises with the processes of `pool`, which read lines with our network unless it is unused.
    #[must_use]
    pub fn new(reading: ReaderContext, pool: Arc<WorkerPool>, unused: Option<&Unused>) -> PartJob {
        PartJob {
            reading,
            pool,
            recognised: Counter::new(
                "pacer_fetch_recognised_pages",
                "Pages recognised, by the network that read their lines",
                "network",
            ),
            network: match unused {
                None => "line-network",
                Some(_) => "tesseract",
            },
        }
    }

    async fn advance(&self, claim: &ClaimedPart) -> Result<(), Interrupted> {
        if claim.attempts > MAX_ATTEMPTS {
            self.give_up(claim, Reason::GivenUp).await?;
        } else if !claim.pages.is_empty() {
            self.recognise(claim).await?;
        }
        self.close(claim).await
    }

    async fn recognise(&self, claim: &ClaimedPart) -> Result<(), Interrupted> {
        let file = self
            .reading
            .stores
            .db
            .blobs
            .local_copy(&claim.sha256)
            .await?;
        let numbers: Vec<u32> = claim
            .pages
            .iter()
            .filter_map(|page| u32::try_from(*page).ok())
            .collect();
        let (sender, pages) = mpsc::unbounded_channel();
        let recognising = async move {
            // Its receiver lives as long as this future.
            let keep = |page| drop(sender.send(page));
            self.pool.recognise_each(file.path(), &numbers, keep).await
        };
        let (recognised, saved) = tokio::join!(recognising, self.save_all(claim, pages));
        saved?;
        match recognised {
            Ok(()) => Ok(()),
            // The pass over the file went well, so this is about these pages.
            Err(ReadError::Refused(refusal)) => {
                warn!(
                    error = &refusal as &dyn std::error::Error,
                    "cannot open a file that could be read before"
                );
                self.give_up(claim, Reason::ReaderFailed).await
            }
            Err(error) => Err(Interrupted::Failed(error.into())),
        }
    }

    async fn save_all(
        &self,
        claim: &ClaimedPart,
        mut pages: mpsc::UnboundedReceiver<PageText>,
    ) -> Result<(), Interrupted> {
        while let Some(page) = pages.recv().await {
            if matches!(page.source, PageSource::Ocr | PageSource::TextLayerPlusOcr) {
                self.recognised.add(self.network);
            }
            let saved = self
                .reading
                .stores
                .save_page(claim, &rows::read(&page))
                .await?;
            let progress = saved.ok_or(Interrupted::Lost)?;
            announce_progress(&self.reading.bus, &progress).await;
        }
        Ok(())
    }

    async fn give_up(&self, claim: &ClaimedPart, reason: Reason) -> Result<(), Interrupted> {
        warn!(?reason, "giving up on pages");
        let given_up = self
            .reading
            .stores
            .give_up_part(claim, &rows::word(&reason))
            .await?;
        let progress = given_up.ok_or(Interrupted::Lost)?;
        announce_progress(&self.reading.bus, &progress).await;
        Ok(())
    }

    async fn close(&self, claim: &ClaimedPart) -> Result<(), Interrupted> {
        let last = self.reading.stores.library.close_part(claim).await?;
        if last.ok_or(Interrupted::Lost)? {
            let trace = claim.traceparent.as_deref();
            let woken = self.reading.bus.wake_readers(JobKind::Ocr, 1, trace).await;
            if let Err(error) = woken {
                let error = &error as &dyn std::error::Error;
                warn!(
                    error,
                    "could not wake an ocr worker; the sweeper will do it"
                );
            }
        }
        Ok(())
    }
}

impl JobHandler for PartJob {
    async fn handle(&self, _: Job) -> Disposition {
        let claim = match self
            .reading
            .stores
            .library
            .claim_part(&self.reading.worker, lease::LEASE)
            .await
        {
            Ok(Some(claim)) => claim,
            Ok(None) => return Disposition::Ack,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not claim pages");
                return Disposition::RetryIn(pause(1));
            }
        };
        let span = info_span!("pages", pages = claim.pages.len(), attempt = claim.attempts);
        fetch_bus::continue_from(&span, claim.traceparent.as_deref());
        let name = ReadingClaim::Part {
            id: claim.id,
            fence: claim.fence,
        };
        let work = self.advance(&claim);
        self.reading
            .conduct(&name, claim.attempts, work)
            .instrument(span)
            .await
    }
}
