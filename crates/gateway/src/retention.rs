//! Forgets what is older than its life, a little at a time.

use std::time::Duration;

use fetch_store::{
    Error, Store,
    retention::{AT_ONCE, Kept},
};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::dispatch;

/// Between two looks at what is due.
const EVERY: Duration = Duration::from_secs(60);

/// Steps of one look, of each kind of thing: a year's worth that is due at once after a change of the
/// settings is gone in some hours, and nobody notices.
const STEPS: usize = 20;

/// What of each kind is kept for how many days instead of what the operator set before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lives(pub Vec<(Kept, i32)>);

/// Runs until `shutdown`.
pub(crate) async fn run(store: Store, shutdown: CancellationToken) {
    let mut ticks = time::interval(EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        for what in Kept::ALL {
            tokio::select! {
                () = shutdown.cancelled() => return,
                forgotten = forget(&store, what, STEPS) => match forgotten {
                    Ok(0) => {}
                    Ok(forgotten) => info!(forgotten, "forgot {what} that were older than their life"),
                    Err(error) => dispatch::log(&error),
                },
            }
        }
    }
}

/// Forgets what is due of one kind, in at most so many steps, and says how much.
async fn forget(store: &Store, what: Kept, steps: usize) -> Result<i64, Error> {
    let mut all = 0;
    for _ in 0..steps {
        let forgotten = store.forget_overdue(what).await?;
        all += forgotten;
        if forgotten < AT_ONCE {
            break;
        }
    }
    Ok(all)
}
