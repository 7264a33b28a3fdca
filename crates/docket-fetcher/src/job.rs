//! A docket: find the case, buy the report, read it, save it.

use std::borrow::Cow;

use fetch_attempt::{Attempt, Attempts, Outcome};
use fetch_bus::{Disposition, Job, JobHandler};
use fetch_library::{
    Library,
    merge::{DocketTarget, StoredDocket},
};
use fetch_model::{AttemptError, Failure, kept_page::DocketPage};
use fetch_purchase::{Conversation, Fetcher, Purchases, docket::CaseToBuy};
use kill_point::Point;
use pacer::court::Court;

/// Fetches dockets.
pub struct DocketJob {
    pub(crate) library: Library,
    attempts: Attempts,
    purchases: Purchases,
}

impl JobHandler for DocketJob {
    async fn handle(&self, job: Job) -> Disposition {
        self.attempts
            .conduct(&job, async |attempt| self.fetch(attempt).await)
            .await
    }
}

impl DocketJob {
    /// Fetches with what `fetcher` is made of.
    pub(crate) fn new(fetcher: &Fetcher) -> DocketJob {
        DocketJob {
            library: Library::new(fetcher.db.clone()),
            attempts: fetcher.attempts.clone(),
            purchases: fetcher.purchases.clone(),
        }
    }

    async fn fetch(&self, attempt: &Attempt) -> Result<Outcome, AttemptError> {
        // The docket that the request names.
        let known = match attempt.request.spec.docket {
            Some(id) => self.library.docket(id).await?,
            None => None,
        };
        let conversation = Conversation::open(&self.purchases, attempt)?;
        let court = &attempt.request.spec.target_court;
        if Court::by_cl_id(court).is_some_and(Court::is_appellate) {
            self.fetch_appeal(attempt, &conversation, known.as_ref())
                .await
        } else {
            self.fetch_case(attempt, &conversation, known.as_ref())
                .await
        }
    }

    /// From a district or bankruptcy court.
    async fn fetch_case(
        &self,
        attempt: &Attempt,
        conversation: &Conversation<'_>,
        known: Option<&StoredDocket>,
    ) -> Result<Outcome, AttemptError> {
        let case = CaseToBuy {
            stored_case_id: known.and_then(|docket| docket.pacer_case_id.clone()),
            stored_number: known.map(|docket| docket.docket_number_raw.clone()),
        };
        let bought = fetch_purchase::docket::buy(conversation, &case).await?;
        let page = conversation.read_docket(&bought.bought.body)?;
        let target = target(attempt, known, Some(bought.case.to_string()));
        let message = match bought.unchanged {
            Some(unchanged) => unchanged.message().into(),
            None => Failure::SUCCESS.into(),
        };
        self.save(attempt, &target, page.as_ref(), message).await
    }

    /// Merges what a page says, if it says anything; the client is told `message` then.
    pub(crate) async fn save(
        &self,
        attempt: &Attempt,
        target: &DocketTarget,
        page: Option<&DocketPage>,
        message: Cow<'static, str>,
    ) -> Result<Outcome, AttemptError> {
        let Some(page) = page else {
            attempt
                .step("read", "nothing that matches the request")
                .await?;
            return Ok(Outcome::Done {
                docket: target.docket,
                message: Failure::NOTHING.into(),
            });
        };
        let (entries, parties) = page.counts();
        let detail = format!("{entries} entries, {parties} parties");
        attempt.step("read", &detail).await?;
        kill_point::reached(Point::BeforeSave);
        let library = self.library.working_for(attempt.request.id);
        let merged = library.merge_page(target, page).await?;
        kill_point::reached(Point::AfterSave);
        let detail = format!(
            "{} entries, {} of them new",
            merged.entries_total, merged.entries_new
        );
        attempt.step("saved", &detail).await?;
        Ok(Outcome::Done {
            docket: Some(merged.docket),
            message,
        })
    }
}

/// The docket that a report is merged into.
pub(crate) fn target(
    attempt: &Attempt,
    known: Option<&StoredDocket>,
    pacer_case_id: Option<String>,
) -> DocketTarget {
    DocketTarget {
        court: attempt.request.spec.target_court.clone(),
        docket: known.map(|docket| docket.id),
        pacer_case_id,
    }
}
