//! How bills are completed whose pages had to be counted.

use fetch_db::Error;
use fetch_ledger::counted;
use fetch_library::texts::request_text;
use fetch_model::Lane;
use pacer::price::{Counted, Item};

use crate::Control;

impl Control {
    /// Completes the bills whose pages are counted by now, with what `price` says of them, and sees to it
    /// that somebody counts the others. Returns how many it completed.
    pub async fn complete_bills(
        &self,
        price: impl Fn(Item, u32) -> Counted,
    ) -> Result<usize, Error> {
        let mut transaction = self.db.begin().await?;
        for sha256 in counted::uncounted(&mut transaction).await? {
            // A text that only a bill waits for can wait for the others.
            request_text(&mut transaction, &sha256, Lane::Bulk as i16, None).await?;
        }
        let completed = counted::complete(&mut transaction, price).await?;
        transaction.commit().await?;
        Ok(completed)
    }
}
