//! The story of a purchase: captured already? then stop; an old intent? settle it; else turn,
//! intent, unless it was captured meanwhile, ask, capture.
//!
//! What is written before the step that cannot be undone: the intent row. What is written right
//! after it: the bytes, then the capture with its bill. A crash in between leaves an intent
//! without a capture, which means that money may have moved; [`OnDoubt`] says what then.

use std::{sync::Arc, time::Duration};

use crate::Stores;
use bytes::Bytes;
use fetch_attempt::BootInstant;
use fetch_bus::Sessions;
use fetch_ledger::{
    booking,
    captures::{Capture, Enough, NewCapture},
    purchases::{NewPurchase, SILENT_FOR},
};
use fetch_model::{AttemptError, Cents, Failure, FetchRequest, OnDoubt, PurchaseId};
use kill_point::Point;
use pacer::{
    bill::Bill,
    flow::{Flow, Goods},
    page::answer::Answer,
};
use tokio::time;
use tracing::{Instrument, info, warn};

use crate::{
    Conversation, booked,
    court_health::{self, Seen},
    driver::{Conclusion, Driver, PurchaseIntent},
    kept::capture_of,
    response::CourtResponse,
    watch::StoreWatch,
};

/// How long the end of a purchase that brought nothing is tried to be written down: most databases
/// are back by then. For what was paid for there is no such limit.
const LIMIT: Option<Duration> = Some(Duration::from_secs(300));

/// Between two tries.
const INSIST_EVERY: Duration = Duration::from_secs(1);

/// The least and the longest time between two looks at somebody else's purchase.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));

/// The log is told of every so many tries.
const TRIES_PER_WORD: u64 = 300;

/// What was bought, or was there already.
#[derive(Debug, Clone)]
pub struct PurchaseResult {
    /// What is kept.
    pub capture: Capture,
    /// A page, or the beginning of a document: enough to tell what it is. The rest of a document is
    /// read from the store, by whoever needs it.
    pub body: Bytes,
    /// Whether money moved in this attempt.
    pub paid_now: bool,
}

/// What is to be bought.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Names the very same thing, whoever asks.
    pub key: String,
    /// The most it will cost.
    pub quoted: Cents,
    /// The court shows the price before it charges; until then no more is put at stake than the
    /// request has set aside.
    pub priced_first: bool,
    /// Which bytes, if they are kept, make it needless to buy it.
    pub enough: Enough,
    /// The case as sentences about its document name it, or empty.
    pub case: String,
}

impl Item {
    /// The name under which what came for nothing is kept: menus have one of their own.
    fn free_key(&self) -> &str {
        match &self.enough {
            Enough::Menu { key, .. } => key,
            Enough::OfAnyAge | Enough::Fresh => &self.key,
        }
    }
}

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
        // Whoever has paid for it may still be writing it down.
        self.purchases.watch.check()?;
        let flagged = self.settle_open_intent().await?;
        self.wait_for_other_buyer(&item).await?;
        let request = &self.attempt.request;
        let stores = self.purchases.stores.clone();
        let quoted = match item.priced_first {
            true => stores.ledger.initial_quote(request.id, item.quoted).await?,
            false => item.quoted,
        };
        let new = NewPurchase {
            request: request.id,
            fence: request.fence,
            item_key: item.key.clone(),
            quoted,
            flagged,
            enough: item.enough.clone(),
        };
        let intent = Arc::new(PurchaseIntent::new(
            stores,
            self.purchases.watch.clone(),
            new,
            self.attempt.life(),
        ));
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
        // Not before: what was paid for is in the books, whatever becomes of the court's.
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

    /// What is being bought for another request is waited for, without taking a turn at the court.
    pub(crate) async fn wait_for_other_buyer(&self, item: &Item) -> Result<(), AttemptError> {
        let stores = &self.purchases.stores;
        let request = self.attempt.request.id;
        match stores.ledger.under_way_for(request, &item.key).await? {
            Some(for_so_long) => Err(bought_by_another(for_so_long)),
            None => Ok(()),
        }
    }

    /// An intent that an earlier attempt left open means that money may have moved. Whoever has it is
    /// waited for until the sweeper says that he is dead. Whether the purchase may be made once more
    /// then is the request's policy; `true` if it must be flagged.
    async fn settle_open_intent(&self) -> Result<bool, AttemptError> {
        let stores = &self.purchases.stores;
        let request = &self.attempt.request;
        if let Some(open) = stores.ledger.open_intent(request.id).await? {
            let left = SILENT_FOR.saturating_sub(open.silent_for);
            return Err(AttemptError::PutOff {
                wait: left.max(Duration::from_secs(1)),
                reason:
                    "The worker that was buying this stopped responding. The request continues \
                     once it is certain that the worker is gone."
                        .to_owned(),
            });
        }
        match (
            stores.ledger.doubts(request.id).await?,
            request.spec.on_doubt,
        ) {
            (0, _) => Ok(false),
            (1, OnDoubt::OnceMore) => Ok(true),
            _ => Err(Failure::MONEY_IN_DOUBT.into()),
        }
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
                Err(after_doubt(&self, then))
            }
        }
    }

    /// Keeps what was billed and ends the request; only then does the answer mean anything for others.
    async fn keep_in_vain(
        &self,
        answer: Answer,
        response: CourtResponse,
        bill: Bill,
    ) -> Result<PurchaseResult, AttemptError> {
        let conversation = self.conversation;
        let kept = self.keep(response.clone(), bill, true).await;
        let seen = Seen {
            case: &self.item.case,
            ..Seen::response(&response)
        };
        let error = conversation.stop(answer, &seen).await;
        kept?;
        Err(court_health::final_word(error, &conversation.about(&seen)).into())
    }

    async fn doubt(&self, why: &str) -> Result<(), AttemptError> {
        warn!(why, "the answer to a purchase was lost");
        if let Some(intent) = self.intent.id() {
            let stores = &self.conversation.purchases.stores;
            retry_until_written(LIMIT, || stores.ledger.doubt_purchase(intent, why)).await?;
        }
        self.conversation.attempt.step("doubt", why).await
    }

    /// The intent that was written before the first request.
    pub(crate) fn intent(&self) -> Result<PurchaseId, AttemptError> {
        // Only an answer to a billable request is asked about.
        self.intent.id().ok_or_else(|| Failure::Internal.into())
    }

    /// Keeps a page that cost nothing. One that cannot be kept cost nothing either.
    async fn keep_free(&self, response: CourtResponse) -> Result<PurchaseResult, AttemptError> {
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
            stores: conversation.purchases.stores.clone(),
            watch: conversation.purchases.watch.clone(),
            sessions: conversation.purchases.sessions.clone(),
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
}

/// What was paid for and exists nowhere but in this process.
struct Paid {
    stores: Stores,
    watch: StoreWatch,
    /// Have the key of digests.
    sessions: Sessions,
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
        let writing = self.watch.writing();
        let blob = retry_until_written(None, || async {
            let put = self.response.put(&self.stores.db.blobs).await;
            put.inspect_err(|error| writing.failed(error))
        })
        .await?;
        drop(writing);
        kill_point::reached(Point::AfterBlob);
        let (response, stores) = (&self.response, &self.stores);
        let new = NewCapture {
            in_vain: self.in_vain,
            ..capture_of(&self.request, response, self.item_key, blob)
        };
        let (intent, fence) = (self.intent, self.request.fence);
        let digest = |login: &str| self.sessions.account_digest(login);
        let capture = retry_until_written(None, || {
            stores.keep_bought(intent, fence, &new, &self.bill, &digest)
        })
        .await?;
        kill_point::reached(Point::AfterCapture);
        Ok(capture)
    }
}

/// Tries to write something down until it is, or until the limit has passed.
async fn retry_until_written<T, F>(
    limit: Option<Duration>,
    write: impl Fn() -> F,
) -> Result<T, fetch_db::Error>
where
    F: Future<Output = Result<T, fetch_db::Error>>,
{
    let begun = BootInstant::now();
    let mut tries: u64 = 0;
    loop {
        match write().await {
            Err(error) if limit.is_none_or(|limit| begun.elapsed() < limit) => {
                if tries.is_multiple_of(TRIES_PER_WORD) {
                    let error = &error as &dyn std::error::Error;
                    warn!(
                        error,
                        tries, "could not record a purchase; retrying every second"
                    );
                }
                drop(error);
                tries += 1;
                time::sleep(INSIST_EVERY).await;
            }
            ended => return ended,
        }
    }
}

/// Somebody else has bought it since it was last looked for.
pub(crate) fn bought_meanwhile() -> AttemptError {
    AttemptError::PutOff {
        wait: Duration::from_secs(1),
        reason: "The same item has just been bought for another request. This one uses that \
                 purchase."
            .to_owned(),
    }
}

/// It is being bought for another request, and has been for so long. It is looked for again when that
/// time has doubled.
pub(crate) fn bought_by_another(for_so_long: Duration) -> AttemptError {
    AttemptError::PutOff {
        wait: for_so_long.clamp(LOOK_AGAIN.0, LOOK_AGAIN.1),
        reason: "The same item is being bought for another request. This one waits for that \
                 purchase."
            .to_owned(),
    }
}

/// A request that is over is over. One that could go on goes on only if its policy says so, and
/// only once.
fn after_doubt(purchase: &Purchase<'_>, then: AttemptError) -> AttemptError {
    let asked = &purchase.conversation.attempt.request.spec;
    let may_try = asked.on_doubt == OnDoubt::OnceMore && !purchase.flagged;
    match then {
        AttemptError::Refuse(_) | AttemptError::Lost => then,
        AttemptError::Retry { .. }
        | AttemptError::Snooze { .. }
        | AttemptError::PutOff { .. }
        | AttemptError::NeedsLogin { .. }
            if may_try =>
        {
            then
        }
        AttemptError::Retry { .. }
        | AttemptError::Snooze { .. }
        | AttemptError::PutOff { .. }
        | AttemptError::NeedsLogin { .. } => Failure::MONEY_IN_DOUBT.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_elses_purchase_is_looked_for_when_its_age_has_doubled() {
        let waits = [0, 2, 9, 300].map(|age| match bought_by_another(Duration::from_secs(age)) {
            AttemptError::PutOff { wait, .. } => wait.as_secs(),
            other => panic!("{other:?}"),
        });
        assert_eq!(waits, [2, 2, 9, 30]);
    }
}
