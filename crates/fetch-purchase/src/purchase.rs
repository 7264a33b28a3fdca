//! The story of a purchase. If the thing is captured, stop. If an intent is open, settle it. Otherwise take
//! a slot, write the intent unless the thing was captured meanwhile, ask, capture.
//!
//! What is written before the step that cannot be undone: the intent row. What is written right
//! after it: the bytes, then the capture with its bill. A crash in between leaves an intent
//! without a capture, which means that money may have moved; `doubt` says what then.

mod doubt;
mod free;
mod in_vain;
mod item;
mod other_buyer;
mod retry;

use std::{sync::Arc, time::Duration};

use fetch_ledger::{
    booking,
    captures::{Capture, NewCapture},
};
use fetch_model::{AttemptError, Failure, FetchRequest, PurchaseId};
use kill_point::Point;
use pacer::{
    bill::Bill,
    flow::{Flow, Goods},
};
use tracing::{Instrument, info};

use crate::{
    Conversation, Purchases, booked,
    driver::{Conclusion, Driver, PurchaseIntent},
    kept::capture_of,
    response::CourtResponse,
};
pub(crate) use item::Item;
pub use item::PurchaseResult;
pub(crate) use other_buyer::{bought_by_another, bought_meanwhile};
use retry::retry_until_written;

/// How long we keep trying to record a purchase that brought nothing: most databases are back by then.
/// For what was paid for there is no such limit.
const LIMIT: Option<Duration> = Some(Duration::from_secs(300));

/// A purchase that is being made.
pub(crate) struct Purchase<'a> {
    pub conversation: &'a Conversation<'a>,
    item: Item,
    flagged: bool,
    intent: Arc<PurchaseIntent>,
}

impl<'a> Conversation<'a> {
    /// Buys an item once, in the way that the flow knows.
    pub(crate) async fn buy<F: Flow + Send>(
        &'a self,
        item: Item,
        flow: F,
    ) -> Result<PurchaseResult, AttemptError> {
        if let Some(bought) = self.held(&item).await? {
            return Ok(bought);
        }
        // Nothing is bought while the store of the bytes cannot be written.
        self.purchases.watch.check()?;
        let flagged = self.settle_open_intent().await?;
        self.wait_for_other_buyer(&item).await?;
        let intent = Arc::new(PurchaseIntent::of(self, &item, flagged).await?);
        let driver = Driver::buying(self, intent.clone(), &item.case);
        // Boxed, as what it waits for is nested too deeply for an optimising compiler.
        let driven = Box::pin(driver.drive(flow)).await;
        let is_done = matches!(driven, Conclusion::Done(..));
        let purchase = Purchase {
            conversation: self,
            item: item.clone(),
            flagged,
            intent: intent.clone(),
        };
        let closed = purchase.close(driven).await;
        // Not before: what was paid for is in the books, whatever happens when the court's health is recorded.
        if is_done {
            self.record_success().await;
        }
        if closed.is_err()
            && intent.is_needless()
            && let Some(bought) = self.held(&item).await?
        {
            return Ok(bought);
        }
        closed
    }
}

impl Purchase<'_> {
    /// Puts the end of the conversation into the books.
    async fn close(self, driven: Conclusion) -> Result<PurchaseResult, AttemptError> {
        match driven {
            Conclusion::Done(Goods::Billed(bill), response) => {
                self.keep(response, bill, false).await
            }
            Conclusion::Done(Goods::ByRules(item), response) => {
                self.keep_unpriced(response, item).await
            }
            Conclusion::Done(Goods::Free, response) => self.keep_free(response).await,
            Conclusion::RefusedWithBill {
                answer,
                response,
                bill,
            } => self.keep_in_vain(answer, response, bill).await,
            Conclusion::NotBilled(error) => {
                let why = error.to_string();
                retry_until_written(LIMIT, || self.intent.void(&why)).await?;
                Err(error)
            }
            Conclusion::Doubt { why, then } => {
                self.doubt(&why).await?;
                Err(self.after_doubt(then))
            }
        }
    }

    /// Keeps what was bought, or billed and `in_vain`.
    pub(crate) async fn keep(
        &self,
        response: CourtResponse,
        bill: Bill,
        in_vain: bool,
    ) -> Result<PurchaseResult, AttemptError> {
        let conversation = self.conversation;
        let bill = booked::bill(bill);
        let paid = Paid {
            purchases: conversation.purchases.clone(),
            response: response.clone(),
            request: conversation.attempt.request.clone(),
            item_key: self.item.key.clone(),
            intent: self.intent()?,
            _intending: self.intent.clone(),
            bill: bill.clone(),
            in_vain,
        };
        // A job that has run out of time is dropped; what was paid for is not.
        let writing = paid.write_down().in_current_span();
        let written = conversation.purchases.writing.spawn(writing).await;
        let capture = written.map_err(|_| Failure::Internal)??;
        info!(
            cost_cents = bill.cents.0,
            pages = bill.pages,
            item = self.item.key,
            "bought"
        );
        let detail = format!("{} for {} pages", bill.cents, bill.pages);
        conversation.attempt.step("captured", &detail).await?;
        Ok(PurchaseResult {
            capture,
            body: response.body,
            paid_now: true,
        })
    }

    /// The intent that was written before the first request.
    fn intent(&self) -> Result<PurchaseId, AttemptError> {
        // Only an answer to a billable request is asked about.
        self.intent.id().ok_or_else(|| Failure::Internal.into())
    }
}

/// What was paid for and exists nowhere but in this process.
struct Paid {
    purchases: Purchases,
    response: CourtResponse,
    request: FetchRequest,
    item_key: String,
    intent: PurchaseId,
    /// It is under way until it is in the books.
    _intending: Arc<PurchaseIntent>,
    bill: booking::Bill,
    in_vain: bool,
}

impl Paid {
    /// Writes the bytes and then the books, however long it takes: as long as this process lives,
    /// nothing is lost.
    async fn write_down(self) -> Result<Capture, fetch_db::Error> {
        let (stores, response) = (&self.purchases.stores, &self.response);
        let writing = self.purchases.watch.writing();
        let blob = retry_until_written(None, || async {
            let put = response.put(&stores.db.blobs).await;
            put.inspect_err(|error| writing.failed(error))
        })
        .await?;
        drop(writing);
        kill_point::reached(Point::AfterBlob);
        let new = NewCapture {
            in_vain: self.in_vain,
            ..capture_of(&self.request, response, self.item_key, blob)
        };
        let (intent, fence) = (self.intent, self.request.fence);
        let digest = |login: &str| self.purchases.sessions.account_digest(login);
        let capture = retry_until_written(None, || {
            stores.keep_bought(intent, fence, &new, &self.bill, &digest)
        })
        .await?;
        kill_point::reached(Point::AfterCapture);
        Ok(capture)
    }
}
