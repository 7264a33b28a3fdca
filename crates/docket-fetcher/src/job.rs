//! A docket: find the case, buy the report, read it, save it.

use fetch_attempt::{Attempt, Attempts, Outcome};
use fetch_bus::{Handled, Job, JobHandler, JobKind};
use fetch_model::{Failure, JobError};
use fetch_purchase::{Conversation, Fetcher, Purchases, docket::CaseToBuy};
use fetch_runtime::Process;
use fetch_store::{
    Store,
    merge::{DocketTarget, StoredDocket},
};
use pacer::{
    court::Court,
    ids::PacerCaseId,
    page::{
        docket::Docket,
        verdict::{self, DocketAnswer},
    },
};

use crate::{Config, MenuJob};

/// Fetches dockets.
pub struct DocketJob {
    store: Store,
    attempts: Attempts,
    purchases: Purchases,
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// When a neighbour that it cannot do without is away at the start.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let fetcher = Fetcher::start(&process).await?;
    let dockets = DocketJob {
        store: fetcher.store.clone(),
        attempts: fetcher.attempts.clone(),
        purchases: fetcher.purchases.clone(),
    };
    let menus = MenuJob::new(&fetcher);
    let stop = process.shutdown();
    tokio::try_join!(
        fetcher.work(JobKind::Docket, dockets, stop.clone()),
        fetcher.work(JobKind::Attachments, menus, stop),
    )?;
    Ok(())
}

impl JobHandler for DocketJob {
    async fn handle(&self, job: Job) -> Handled {
        self.attempts
            .conduct(&job, async |attempt| self.fetch(attempt).await)
            .await
    }
}

impl DocketJob {
    async fn fetch(&self, attempt: &Attempt) -> Result<Outcome, JobError> {
        let known = self.known_docket(attempt).await?;
        let conversation = Conversation::open(&self.purchases, attempt)?;
        let case = CaseToBuy {
            stored_case_id: known
                .as_ref()
                .and_then(|docket| docket.pacer_case_id.clone()),
            stored_number: known
                .as_ref()
                .map(|docket| docket.docket_number_raw.clone()),
        };
        let bought = fetch_purchase::docket::buy(&conversation, &case).await?;
        if verdict::docket_answer(&bought.bought.body) == DocketAnswer::NoDocuments {
            attempt
                .step("read", "nothing of what was asked for")
                .await?;
            return Ok(Outcome::Done {
                docket: known.map(|docket| docket.id),
                message: Failure::NOTHING,
            });
        }
        let page = read(attempt, &bought.bought.body)?;
        let entries = page.docket_entries.len();
        attempt
            .step(
                "read",
                &format!("{entries} entries, {} parties", page.parties.len()),
            )
            .await?;
        let saved = self
            .save(attempt, known.as_ref(), &bought.case, &page)
            .await?;
        Ok(Outcome::Done {
            docket: Some(saved),
            message: Failure::SUCCESS,
        })
    }

    /// The docket that the request names.
    async fn known_docket(&self, attempt: &Attempt) -> Result<Option<StoredDocket>, JobError> {
        match attempt.request.asked.docket {
            Some(id) => Ok(self.store.docket(id).await?),
            None => Ok(None),
        }
    }

    async fn save(
        &self,
        attempt: &Attempt,
        known: Option<&StoredDocket>,
        case: &PacerCaseId,
        page: &Docket,
    ) -> Result<fetch_model::DocketId, JobError> {
        let target = DocketTarget {
            court: attempt.request.asked.target_court.clone(),
            docket: known.map(|docket| docket.id),
            pacer_case_id: Some(case.to_string()),
        };
        let merged = self.store.merge_docket(&target, page).await?;
        let detail = format!(
            "{} entries, {} of them new",
            merged.entries_total, merged.entries_new
        );
        attempt.step("saved", &detail).await?;
        Ok(merged.docket)
    }
}

/// Reads the page that was bought. One that is no docket is kept, and the request says what came.
fn read(attempt: &Attempt, body: &[u8]) -> Result<Docket, JobError> {
    let court = Court::by_cl_id(&attempt.request.asked.target_court).ok_or(Failure::Internal)?;
    let unread = |reason: String| JobError::from(Failure::DocketNotRecognised { reason });
    match pacer::page::docket::parse(body, court.id.as_str()) {
        Ok(Some(docket)) => Ok(docket),
        Ok(None) => Err(unread("The court's page is not a docket.".to_owned())),
        Err(error) => Err(unread(format!("The court's page cannot be read: {error}."))),
    }
}
