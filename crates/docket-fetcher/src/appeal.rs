//! The docket of an appeal, which is asked for by its number.

use fetch_attempt::{Attempt, Outcome};
use fetch_library::merge::StoredDocket;
use fetch_model::{AttemptError, Failure};
use fetch_purchase::{Conversation, appellate::AppealToBuy};

use crate::job::{DocketJob, target};

impl DocketJob {
    /// From an appellate court.
    pub(crate) async fn fetch_appeal(
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
        let target = target(attempt, known, None);
        let message = Failure::SUCCESS.into();
        self.save(attempt, &target, page.as_ref(), message).await
    }
}
