//! A whole text: look at every page of its file, or put the pages together.

use std::{collections::HashMap, sync::Arc};

use anyhow::Context;
use fetch_attempt::{
    FinishedText, PlannedText,
    reading::{announce_done, announce_progress},
};
use fetch_bus::{Disposition, Job, JobHandler, JobKind};
use fetch_library::{
    merge::{self, OcrStatus},
    texts::{ClaimedText, ReadingClaim, Stage, StoredPage},
};
use fetch_model::retry::MAX_ATTEMPTS;
use pacer::page::document_identity::DocumentShown;
use tracing::{Instrument, info_span, warn};

use super::{Interrupted, ReaderContext, lease, pause, rows, words};
use crate::{DocumentText, PageText, ReadError, WorkerPool};

/// Pages that are recognised together: one claim, one opening of the file.
const PAGES_PER_PART: usize = 8;

/// Plans texts and puts them together.
#[derive(Debug)]
pub struct TextJob {
    reading: ReaderContext,
    pool: Arc<WorkerPool>,
}

impl TextJob {
    /// Looks at files with the processes of `pool`.
    #[must_use]
    pub fn new(reading: ReaderContext, pool: Arc<WorkerPool>) -> TextJob {
        TextJob { reading, pool }
    }

    async fn advance(&self, claim: &ClaimedText) -> Result<(), Interrupted> {
        match claim.stage {
            Stage::Assemble => self.assemble(claim, claim.refusal.as_deref()).await,
            // Nobody says why: whoever had it fell silent.
            Stage::Plan if claim.attempts > MAX_ATTEMPTS => {
                self.refuse(claim, "every attempt to read it failed").await
            }
            Stage::Plan => self.plan(claim).await,
        }
    }

    async fn plan(&self, claim: &ClaimedText) -> Result<(), Interrupted> {
        let file = self
            .reading
            .stores
            .db
            .blobs
            .local_copy(&claim.sha256)
            .await?;
        let plan = match self.pool.plan(file.path()).await {
            Ok(plan) => plan,
            Err(ReadError::Refused(refusal)) => {
                return self.refuse(claim, &refusal.to_string()).await;
            }
            Err(error) => return Err(Interrupted::Failed(error.into())),
        };
        let reread = self.pool.reread(file.path(), &plan.garbled()).await;
        let reread = reread.map_err(|error| Interrupted::Failed(error.into()))?;
        let mut reread: HashMap<u32, PageText> =
            reread.into_iter().map(|page| (page.number, page)).collect();
        let pages: Vec<StoredPage> = plan
            .pages
            .iter()
            .map(|page| match reread.remove(&page.number) {
                Some(page) => rows::read(&page),
                None => rows::planned(page),
            })
            .collect();
        let problems = serde_json::to_value(&plan.problems).context("problems as JSON")?;
        let saved = self
            .reading
            .stores
            .save_plan(claim, &pages, &parts_of(&pages), &problems)
            .await?;
        let PlannedText { progress, parts } = saved.ok_or(Interrupted::Lost)?;
        if parts == 0 {
            let claim = ClaimedText {
                problems,
                ..claim.clone()
            };
            return self.assemble(&claim, None).await;
        }
        announce_progress(&self.reading.bus, &progress).await;
        let trace = claim.traceparent.as_deref();
        let woken = self.reading.bus.wake_readers(JobKind::Pages, parts, trace);
        if let Err(error) = woken.await {
            let error = &error as &dyn std::error::Error;
            warn!(error, "could not wake ocr workers; the sweeper will do it");
        }
        Ok(())
    }

    /// The document is bought and there; what is in it cannot be read.
    async fn refuse(&self, claim: &ClaimedText, why: &str) -> Result<(), Interrupted> {
        warn!(why, "the text of a document could not be extracted");
        if !self.reading.stores.refuse_text(claim, why).await? {
            return Err(Interrupted::Lost);
        }
        self.assemble(claim, Some(why)).await
    }

    async fn assemble(
        &self,
        claim: &ClaimedText,
        refusal: Option<&str>,
    ) -> Result<(), Interrupted> {
        let finished = match refusal {
            Some(why) => FinishedText {
                text: None,
                note: words::of_refusal(why),
                detail: why.to_owned(),
            },
            None => self.put_together(claim).await?,
        };
        let ended = self.reading.stores.finish_text(claim, &finished).await?;
        let ended = ended.ok_or(Interrupted::Lost)?;
        announce_done(&self.reading.stores, &self.reading.bus, &ended).await;
        Ok(())
    }

    async fn put_together(&self, claim: &ClaimedText) -> Result<FinishedText, Interrupted> {
        let stored = self
            .reading
            .stores
            .library
            .pages_of_text(&claim.sha256)
            .await?;
        let problems = serde_json::from_value(claim.problems.clone());
        let problems = problems.context("stored problems")?;
        let first = stored.first().map_or("", |page| page.text.as_str());
        let stamped = self.stamped_otherwise(&claim.sha256, first).await?;
        let mut budget = self.pool.limits().document_text_bytes;
        let mut pages = Vec::with_capacity(stored.len());
        for page in stored {
            let mut page = rows::stored(page)?;
            page.cut_to(budget);
            budget -= page.text.len();
            pages.push(page);
        }
        let text = DocumentText::new(pages, problems);
        let plain_text = text.plain_text();
        let notes = [words::of_text(&text), stamped];
        Ok(FinishedText {
            note: notes.join(" ").trim().to_owned(),
            detail: format!(
                "{} pages, {} bytes of text",
                text.page_count,
                plain_text.len()
            ),
            text: Some(merge::DocumentText {
                plain_text,
                ocr_status: text.ocr_status.and_then(status),
                page_count: i32::try_from(text.page_count).ok(),
            }),
        })
    }
}

impl TextJob {
    /// What is said of a file whose stamps name none of the documents that it is stored as; empty
    /// if one does, or there are none.
    async fn stamped_otherwise(
        &self,
        sha256: &str,
        first_page: &str,
    ) -> Result<String, Interrupted> {
        let stamps = DocumentShown::of_stamps(first_page);
        let Some(first) = stamps.first() else {
            return Ok(String::new());
        };
        let documents = self
            .reading
            .stores
            .library
            .documents_with_file(sha256)
            .await?;
        let is_known = documents.iter().any(|document| {
            let (case, number) = (&document.docket_number, &document.document_number);
            stamps.iter().any(|stamp| !stamp.differs(case, number))
        });
        Ok(match documents.first() {
            Some(document) if !is_known => words::of_stamp(first, document),
            _ => String::new(),
        })
    }
}

/// The pages that must be recognised, in parts.
fn parts_of(pages: &[StoredPage]) -> Vec<Vec<i32>> {
    let open: Vec<i32> = pages
        .iter()
        .filter(|page| page.source.is_none())
        .map(|page| page.page)
        .collect();
    open.chunks(PAGES_PER_PART).map(<[i32]>::to_vec).collect()
}

impl JobHandler for TextJob {
    async fn handle(&self, _: Job) -> Disposition {
        let claimed = self
            .reading
            .stores
            .library
            .claim_text(&self.reading.worker, lease::LEASE);
        let claim = match claimed.await {
            Ok(Some(claim)) => claim,
            Ok(None) => return Disposition::Ack,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not claim a text");
                return Disposition::RetryIn(pause(1));
            }
        };
        let span = info_span!("text", stage = ?claim.stage, attempt = claim.attempts);
        fetch_bus::continue_from(&span, claim.traceparent.as_deref());
        let name = ReadingClaim::Text {
            sha256: claim.sha256.clone(),
            fence: claim.fence,
        };
        let work = self.advance(&claim);
        self.reading
            .conduct(&name, claim.attempts, work)
            .instrument(span)
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
