//! An attachment menu: free, and always asked of the court anew.

use fetch_attempt::{Attempt, Attempts, Outcome};
use fetch_bus::{Disposition, Job, JobHandler};
use fetch_library::{Library, merge::MergedMenu};
use fetch_model::{AttemptError, Failure, FetchKind};
use fetch_purchase::{Conversation, Fetcher, Purchases};
use pacer::ids::PacerDocId;

/// Fetches attachment menus.
pub struct MenuJob {
    library: Library,
    attempts: Attempts,
    purchases: Purchases,
}

impl JobHandler for MenuJob {
    async fn handle(&self, job: Job) -> Disposition {
        self.attempts
            .conduct(&job, async |attempt| self.fetch(attempt).await)
            .await
    }
}

impl MenuJob {
    /// Fetches with what `fetcher` is made of.
    pub(crate) fn new(fetcher: &Fetcher) -> MenuJob {
        MenuJob {
            library: Library::new(fetcher.db.clone()),
            attempts: fetcher.attempts.clone(),
            purchases: fetcher.purchases.clone(),
        }
    }

    async fn fetch(&self, attempt: &Attempt) -> Result<Outcome, AttemptError> {
        let id = attempt.request.spec.document.ok_or(Failure::Internal)?;
        let document = self
            .library
            .document(id)
            .await?
            .ok_or(Failure::MenuWithoutDocket)?;
        let missing = Failure::MissingDocId {
            kind: FetchKind::Attachments,
            document: id,
        };
        let doc_id = PacerDocId::parse(&document.pacer_doc_id).map_err(|_| missing)?;
        let conversation = Conversation::open(&self.purchases, attempt)?;
        let page = fetch_purchase::menu::fetch(
            &conversation,
            &doc_id,
            &document.entry_description,
            document.has_others,
        )
        .await?;
        attempt
            .step("read", &format!("{} attachments", page.count()))
            .await?;
        let library = self.library.working_for(attempt.request.id);
        match library.merge_menu(id, &page).await? {
            MergedMenu::Merged { documents_new, .. } => {
                attempt
                    .step("saved", &format!("{documents_new} new documents"))
                    .await?;
                Ok(Outcome::Done {
                    docket: None,
                    message: Failure::SUCCESS.into(),
                })
            }
            MergedMenu::DocumentNotFound => Err(Failure::MenuWithoutDocket.into()),
            MergedMenu::TooManyDocuments => Err(Failure::MenuAmbiguous.into()),
        }
    }
}
