//! Keeps a claim alive while its work is under way.

use std::time::Duration;

use fetch_attempt::Stores;
use fetch_library::texts::ReadingClaim;
use tokio::time;
use tracing::warn;

/// How long a claim holds after the last sign of life: what a reader that died costs.
pub(super) const LEASE: Duration = Duration::from_secs(8);

const INTERVAL: Duration = Duration::from_secs(2);

/// Returns when the claim was lost; until then it is kept.
pub(super) async fn lost(stores: &Stores, claim: &ReadingClaim) {
    let mut ticks = time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        match stores.library.keep_reading(claim, LEASE).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not renew a claim");
            }
        }
    }
}
