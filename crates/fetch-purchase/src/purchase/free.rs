//! What came for nothing, though it might have been billed.

use fetch_model::AttemptError;

use super::{LIMIT, Purchase, PurchaseResult, retry_until_written};
use crate::response::CourtResponse;

impl Purchase<'_> {
    /// Keeps a page that cost nothing. One that cannot be kept cost nothing either.
    pub(super) async fn keep_free(
        &self,
        response: CourtResponse,
    ) -> Result<PurchaseResult, AttemptError> {
        let conversation = self.conversation;
        let stores = &conversation.purchases.stores;
        let intent = self.intent()?;
        let blob = match response.put(&stores.db.blobs).await {
            Ok(blob) => blob,
            Err(error) => {
                let why = "the answer was free of charge and could not be stored";
                retry_until_written(LIMIT, || stores.ledger.void_purchase(intent, why)).await?;
                return Err(error.into());
            }
        };
        let item_key = self.item.free_key().to_owned();
        let new = conversation.capture_of(&response, item_key, blob);
        let fence = conversation.attempt.fence();
        let capture = retry_until_written(LIMIT, || stores.keep_free(intent, fence, &new)).await?;
        conversation
            .attempt
            .step("captured", "free of charge")
            .await?;
        Ok(PurchaseResult {
            capture,
            body: response.body,
            paid_now: false,
        })
    }
}
