//! A docket: find the case, buy the report, read it, save it.

use fetch_attempt::{Attempt, Attempts, Outcome};
use fetch_bus::{Disposition, Job, JobHandler, JobKind};
use fetch_library::{
    Library,
    merge::{DocketTarget, MergedDocket, StoredDocket},
};
use fetch_model::{AttemptError, Failure, kept_page::DocketPage};
use fetch_purchase::{
    Conversation, Fetcher, Purchases, UnchangedDocket, appellate::AppealToBuy, docket::CaseToBuy,
};
use fetch_runtime::Process;
use kill_point::Point;
use pacer::court::Court;

use crate::{Config, MenuJob};

/// Fetches dockets.
pub struct DocketJob {
    library: Library,
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
        library: Library::new(fetcher.db.clone()),
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
    async fn handle(&self, job: Job) -> Disposition {
        self.attempts
            .conduct(&job, async |attempt| self.fetch(attempt).await)
            .await
    }
}

impl DocketJob {
    async fn fetch(&self, attempt: &Attempt) -> Result<Outcome, AttemptError> {
        let known = self.known_docket(attempt).await?;
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
        let outcome = self.save(attempt, &target, page.as_ref()).await?;
        Ok(match (outcome, page, bought.unchanged) {
            (Outcome::Done { docket, .. }, Some(_), Some(unchanged)) => Outcome::Done {
                docket,
                message: not_bought_again(unchanged).into(),
            },
            (outcome, ..) => outcome,
        })
    }

    /// From an appellate court.
    async fn fetch_appeal(
        &self,
        attempt: &Attempt,
        conversation: &Conversation<'_>,
        known: Option<&StoredDocket>,
    ) -> Result<Outcome, AttemptError> {
        let case = AppealToBuy {
            stored_number: known.map(|docket| docket.docket_number_raw.clone()),
            is_in_cmecf: match known {
                Some(docket) => self.library.is_in_cmecf(docket.id).await?,
                None => false,
            },
        };
        let bought = fetch_purchase::appellate::buy(conversation, &case).await?;
        let page = conversation.read_docket(&bought.body)?;
        self.save(attempt, &target(attempt, known, None), page.as_ref())
            .await
    }

    /// Merges what a page says, if it says anything.
    async fn save(
        &self,
        attempt: &Attempt,
        target: &DocketTarget,
        page: Option<&DocketPage>,
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
        let merged = self.library.merge_page(target, page).await?;
        kill_point::reached(Point::AfterSave);
        note_saved(attempt, &merged).await
    }

    /// The docket that the request names.
    async fn known_docket(&self, attempt: &Attempt) -> Result<Option<StoredDocket>, AttemptError> {
        match attempt.request.spec.docket {
            Some(id) => Ok(self.library.docket(id).await?),
            None => Ok(None),
        }
    }
}

/// The docket that a report is merged into.
fn target(
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

async fn note_saved(attempt: &Attempt, merged: &MergedDocket) -> Result<Outcome, AttemptError> {
    let detail = format!(
        "{} entries, {} of them new",
        merged.entries_total, merged.entries_new
    );
    attempt.step("saved", &detail).await?;
    Ok(Outcome::Done {
        docket: Some(merged.docket),
        message: Failure::SUCCESS.into(),
    })
}

fn not_bought_again(unchanged: UnchangedDocket) -> String {
    let UnchangedDocket {
        bought,
        last_filing,
    } = unchanged;
    format!(
        "{} Nothing was bought: the docket was last bought on {bought}, and the court reports the \
         last filing on {last_filing}.",
        Failure::SUCCESS
    )
}
