//! Deletes what is past its retention period, a little at a time, and sets on the message server how long events
//! are kept.

use std::time::Duration;

use fetch_bus::Bus;
use fetch_control::Control;
use fetch_db::{
    Error,
    retention::{AT_ONCE, Kept},
};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::dispatch;

/// Between two looks at what is due.
const EVERY: Duration = Duration::from_secs(60);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Steps of one look, of each kind of thing: a year's worth that is due at once after a change of the
/// settings is gone in some hours, and nobody notices.
const STEPS: usize = 20;

/// What of each kind is kept for how many days instead of what the operator set before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lives(pub Vec<(Kept, i32)>);

/// Runs until `shutdown`.
pub(crate) async fn run(control: Control, bus: Bus, shutdown: CancellationToken) {
    let mut ticks = time::interval(EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tell(&control, &bus) => {}
        }
        for what in Kept::rows() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                forgotten = forget(&control, what, STEPS) => match forgotten {
                    Ok(0) => {}
                    Ok(forgotten) => info!(forgotten, "deleted {what} that were past their \
                        retention period"),
                    Err(error) => dispatch::log(&error),
                },
            }
        }
    }
}

/// Tells the message server how long events are kept.
async fn tell(control: &Control, bus: &Bus) {
    let days = match control.db.days_of(Kept::Events).await {
        Ok(days) => days,
        Err(error) => return dispatch::log(&error),
    };
    let life = days.map(|days| DAY * days.unsigned_abs());
    if let Err(error) = bus.keep_events_for(life).await {
        let error = &error as &dyn std::error::Error;
        warn!(
            error,
            "could not set on the message server how long events are kept"
        );
    }
}

/// Forgets what is due of one kind, in at most so many steps, and says how much.
async fn forget(control: &Control, what: Kept, steps: usize) -> Result<i64, Error> {
    let mut all = 0;
    for _ in 0..steps {
        let forgotten = control.forget_overdue(what).await?;
        all += forgotten;
        if forgotten < AT_ONCE {
            break;
        }
    }
    Ok(all)
}
