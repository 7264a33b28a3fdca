//! The stores of whoever buys, and what happens in both of them together: a capture and the move of its
//! request.

use fetch_db::{Db, Error};
use fetch_ledger::{
    Ledger,
    booking::{self, Bill},
    captures::{Capture, NewCapture},
};
use fetch_model::{Fence, PurchaseId};
use fetch_queue::{Queue, attempt};

/// Requests and money.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The database and the blobs.
    pub db: Db,
    /// Requests and courts.
    pub queue: Queue,
    /// Accounts and money.
    pub ledger: Ledger,
}

impl Stores {
    /// The stores in that database.
    #[must_use]
    pub fn new(db: Db) -> Stores {
        Stores {
            queue: Queue::new(db.clone()),
            ledger: Ledger::new(db.clone()),
            db,
        }
    }

    /// Keeps what was bought, with its bill, and moves the request on if the attempt still
    /// holds it. Bytes that were paid for are kept even by an attempt that lost its claim: the
    /// next one will find them. Of the account that a receipt names, `digest` makes what is kept. Said
    /// again, as when the first time was not confirmed, it changes nothing.
    pub async fn keep_bought(
        &self,
        purchase: PurchaseId,
        fence: Fence,
        new: &NewCapture,
        bill: &Bill,
        digest: &(dyn Fn(&str) -> String + Sync),
    ) -> Result<Capture, Error> {
        let mut transaction = self.db.begin().await?;
        let capture = booking::record_bought(&mut transaction, purchase, new, bill, digest).await?;
        // Whoever lost the claim meanwhile has bought it all the same.
        attempt::capture(&mut transaction, new.request, fence).await?;
        transaction.commit().await?;
        Ok(capture)
    }

    /// Remembers bytes that cost nothing, such as an attachment menu, in place of the purchase that
    /// they might have been, and moves the request on if the caller still holds it. Whoever waits
    /// for the end of that purchase finds them.
    pub async fn keep_free(
        &self,
        purchase: PurchaseId,
        fence: Fence,
        new: &NewCapture,
    ) -> Result<Capture, Error> {
        let mut transaction = self.db.begin().await?;
        let capture = booking::record_free(&mut transaction, purchase, new).await?;
        attempt::capture(&mut transaction, new.request, fence).await?;
        transaction.commit().await?;
        Ok(capture)
    }
}
