//! Reports that a purchase is in progress, for as long as it is.
//!
//! Whoever is given up for dead while he buys may be alive: frozen, cut off, or merely without the
//! claim. What he paid for comes home all the same, so nobody else is to buy it as long as he says so.

use std::time::Duration;

use crate::Stores;
use fetch_model::PurchaseId;
use tokio::{
    task::AbortHandle,
    time::{self, MissedTickBehavior},
};
use tracing::debug;

/// Several times within [`fetch_ledger::purchases::SILENT_FOR`], and within a lease.
const EVERY: Duration = Duration::from_secs(4);

/// Says so until it is dropped.
pub(crate) struct Pulse(AbortHandle);

impl Pulse {
    pub(crate) fn of(stores: Stores, purchase: PurchaseId) -> Pulse {
        let task = tokio::spawn(async move {
            let mut ticks = time::interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                match stores.ledger.still_buying(purchase).await {
                    Ok(true) => {}
                    // It has its end.
                    Ok(false) => return,
                    Err(error) => debug!(
                        purchase.id = purchase.0,
                        error = &error as &dyn std::error::Error,
                        "could not record that a purchase is under way"
                    ),
                }
            }
        });
        Pulse(task.abort_handle())
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.0.abort();
    }
}
