//! A docket that is of another case than the one that was asked for.
//!
//! Its page and its bill are kept, and nothing else is made of it. Every docket that is taken is
//! held against what was asked for, whoever bought it and when.

use fetch_ledger::other_case::OTHER_CASE;
use fetch_model::{AttemptError, Failure, kept_page};
use pacer::page::case_identity::OtherCase;
use tracing::warn;

use crate::{Conversation, PurchaseResult};

impl Conversation<'_> {
    /// Which other case a docket is of, if it is of another one.
    pub(crate) fn other_case(
        &self,
        bought: &PurchaseResult,
        case_id: Option<&str>,
        numbers: &[&str],
    ) -> Option<OtherCase> {
        kept_page::other_case(self.court, &bought.body, case_id, numbers)
    }

    /// Puts such a docket aside, so that nobody takes it for what its key says.
    pub(crate) async fn put_aside(
        &self,
        bought: &PurchaseResult,
        other: &OtherCase,
    ) -> Result<(), AttemptError> {
        warn!(
            court.id = self.court.id.as_str(),
            %other,
            "a court answered with the docket of another case"
        );
        let stores = &self.purchases.stores;
        stores
            .ledger
            .put_other_case_aside(bought.capture.id)
            .await?;
        self.attempt.step("other case", &other.to_string()).await
    }

    /// The same, and the end of the request. What the court has set for itself is forgotten: it is
    /// how courts come to mistake one case for another.
    pub(crate) async fn refuse_other_case(
        &self,
        bought: &PurchaseResult,
        other: OtherCase,
    ) -> AttemptError {
        self.forget_cookies();
        match self.put_aside(bought, &other).await {
            Ok(()) => Failure::OtherCase {
                wanted: other.wanted,
                came: other.came,
            }
            .into(),
            Err(error) => error,
        }
    }

    /// What an earlier attempt at this request brought home under `prefix`, put aside or not.
    pub(crate) async fn docket_captured_before(
        &self,
        prefix: &str,
    ) -> Result<Option<(String, PurchaseResult)>, AttemptError> {
        match self.captured_before(prefix).await? {
            Some(captured) => Ok(Some(captured)),
            None => self.captured_before(&format!("{OTHER_CASE}{prefix}")).await,
        }
    }
}
