//! The intent of a purchase: a row of the ledger that stands before money can move.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fetch_attempt::ClaimState;
use fetch_ledger::purchases::{Affirmed, Intent, NewPurchase};
use fetch_model::{AttemptError, Failure, PurchaseId};

use crate::{
    Conversation, Stores,
    pulse::Pulse,
    purchase::{Item, bought_by_another, bought_meanwhile},
    watch::StoreWatch,
};

/// The intent of a purchase, written when the first of its requests is about to be. As long as
/// anybody holds this, it is said that the purchase is under way.
pub(crate) struct PurchaseIntent {
    stores: Stores,
    watch: StoreWatch,
    new: NewPurchase,
    pub(super) life: Arc<ClaimState>,
    granted: Mutex<Option<Granted>>,
    /// It was to be written, and the database did not say whether it is.
    unconfirmed: AtomicBool,
    needless: AtomicBool,
}

/// An intent that stands.
struct Granted {
    id: PurchaseId,
    _pulse: Pulse,
}

impl PurchaseIntent {
    /// The intent to buy an item, which is not written yet.
    ///
    /// # Errors
    /// When the database cannot say what may be put at stake.
    pub(crate) async fn of(
        conversation: &Conversation<'_>,
        item: &Item,
        flagged: bool,
    ) -> Result<PurchaseIntent, AttemptError> {
        let request = &conversation.attempt.request;
        let stores = &conversation.purchases.stores;
        let quoted = match item.priced_first {
            true => stores.ledger.initial_quote(request.id, item.quoted).await?,
            false => item.quoted,
        };
        Ok(PurchaseIntent {
            stores: stores.clone(),
            watch: conversation.purchases.watch.clone(),
            new: NewPurchase {
                request: request.id,
                fence: request.fence,
                item_key: item.key.clone(),
                quoted,
                flagged,
                enough: item.enough.clone(),
            },
            life: conversation.attempt.life(),
            granted: Mutex::default(),
            unconfirmed: AtomicBool::new(false),
            needless: AtomicBool::new(false),
        })
    }

    /// The intent, if it is written.
    pub(crate) fn id(&self) -> Option<PurchaseId> {
        let granted = self.granted.lock();
        let granted = granted.unwrap_or_else(PoisonError::into_inner);
        granted.as_ref().map(|granted| granted.id)
    }

    /// Whether the right to send was denied because the thing is kept by now.
    pub(crate) fn is_needless(&self) -> bool {
        self.needless.load(Ordering::Relaxed)
    }

    /// Writes the intent, unless what it buys could not be kept; or makes sure that it still stands.
    pub(super) async fn write_or_renew(&self) -> Result<(), AttemptError> {
        if let Some(intent) = self.id() {
            return match self
                .stores
                .ledger
                .affirm_purchase(intent, &self.new)
                .await?
            {
                Affirmed::Stands => Ok(()),
                Affirmed::Held => Err(self.held()),
                Affirmed::Lost => Err(AttemptError::Lost),
            };
        }
        self.watch.check()?;
        // An error may come after the commit, and whoever waits for this may be gone by then.
        self.unconfirmed.store(true, Ordering::Release);
        let begun = self.stores.ledger.begin_purchase(&self.new).await?;
        self.unconfirmed.store(false, Ordering::Release);
        match begun {
            Intent::Granted(id) => {
                let granted = Granted {
                    id,
                    _pulse: Pulse::of(self.stores.clone(), id),
                };
                *self.granted.lock().unwrap_or_else(PoisonError::into_inner) = Some(granted);
                Ok(())
            }
            Intent::UnderWay => Err(bought_by_another(Duration::ZERO)),
            Intent::Held => Err(self.held()),
            Intent::OverBudget(shortfall) => {
                let before = self.stores.ledger.spent_on(self.new.request).await?;
                Err(Failure::OverBudget { shortfall, before }.into())
            }
            Intent::Lost => Err(AttemptError::Lost),
        }
    }

    /// Nothing was billed: whatever of the intent is written, or is about to be, is void.
    pub(crate) async fn void(&self, why: &str) -> Result<(), fetch_db::Error> {
        match self.id() {
            Some(id) => self.stores.ledger.void_purchase(id, why).await,
            None if self.unconfirmed.load(Ordering::Acquire) => {
                self.stores.ledger.void_begun(&self.new, why).await
            }
            None => Ok(()),
        }
    }

    fn held(&self) -> AttemptError {
        self.needless.store(true, Ordering::Relaxed);
        bought_meanwhile()
    }
}
