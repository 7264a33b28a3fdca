//! How the operator settles a purchase in doubt from the court's own statement.

use fetch_db::Error;
use fetch_ledger::doubts::{self, Settled, Settlement};
use fetch_model::PurchaseId;
use fetch_queue::attempt;

use crate::Control;

impl Control {
    /// Puts into the books what the court's statement says of a purchase in doubt, and tells the
    /// owner in the answer to the request. The same again changes nothing.
    pub async fn settle_doubt(
        &self,
        purchase: PurchaseId,
        settlement: Settlement,
        note: &str,
    ) -> Result<Settled, Error> {
        let mut transaction = self.db.begin().await?;
        let (settled, request) =
            doubts::settle(&mut transaction, purchase, settlement, note).await?;
        if let Some(request) = request {
            attempt::add_to_message(&mut transaction, request, &settlement.told()).await?;
            transaction.commit().await?;
        }
        Ok(settled)
    }
}
