//! Accepting a price that the court has shown.

use fetch_model::{AttemptError, Failure};
use tracing::warn;

use super::Driver;
use crate::booked;

impl Driver<'_> {
    /// Notes the price that the court has shown. One that does not fit under a limit ends the
    /// purchase before money moves.
    pub(super) async fn accept(
        &self,
        cents: u32,
        differs: Option<String>,
    ) -> Result<(), AttemptError> {
        let attempt = self.conversation.attempt;
        if let Some(differs) = differs
            && let Err(error) = attempt.step("differs", &differs).await
        {
            warn!(%error, "could not record the difference between quote and bill");
        }
        let price = booked::cents(cents);
        if let Some(intent) = self.intent.as_ref().and_then(|intent| intent.id()) {
            let stores = &self.conversation.purchases.stores;
            if let Some(shortfall) = stores.ledger.price_purchase(intent, price).await? {
                let request = attempt.request.id;
                let before = stores.ledger.spent_on(request).await?;
                return Err(Failure::OverBudget { shortfall, before }.into());
            }
        }
        attempt.step("priced", &price.to_string()).await
    }
}
