//! Notices what nobody moves: a message that got lost, a worker that died.
//!
//! One gateway sweeps at a time, by an advisory lock; the others find it taken and wait.

use std::time::Duration;

use fetch_attempt::LEASE;
use fetch_bus::Bus;
use fetch_model::State;
use fetch_store::{Store, requests::Swept};
use kill_point::Point;
use pacer::price;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use crate::{dispatch, sweep_texts};

const EVERY: Duration = Duration::from_secs(1);

/// Runs until `shutdown`.
pub async fn run(store: Store, bus: Bus, shutdown: CancellationToken) {
    let mut ticks = time::interval(EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = sweep_once(&store, &bus).await {
            dispatch::log(&error);
            // While the database is away nobody can say that he lives. Once it is back, everybody
            // has the time of a lease to do so before he counts as dead.
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = time::sleep(LEASE) => {}
            }
        }
    }
}

/// One sweep. Does nothing when another gateway is sweeping.
///
/// # Errors
/// When the database cannot answer.
pub async fn sweep_once(store: &Store, bus: &Bus) -> Result<(), fetch_store::Error> {
    let Some(swept) = store.sweep().await? else {
        return Ok(());
    };
    if swept != Swept::default() {
        kill_point::reached(Point::SweepAfterCommit);
    }
    dispatch::publish(bus, &swept.unclaimed).await;
    sweep_texts::sweep(store, bus).await?;
    store.forget_old_keys().await?;
    store.complete_bills(price::by_pages).await?;
    for id in swept.taken_back {
        warn!(
            fetch.id = id.0,
            "took a request back from a worker that fell silent"
        );
        dispatch::announce(store, bus, id, State::Waiting).await;
    }
    for id in swept.unserved {
        debug!(fetch.id = id.0, "took a request back that no worker takes");
        dispatch::announce(store, bus, id, State::Waiting).await;
    }
    for id in swept.nobody_came {
        error!(
            fetch.id = id.0,
            "gave a request up: nobody takes work of its kind"
        );
        dispatch::announce(store, bus, id, State::Failed).await;
    }
    for id in swept.locked_out {
        warn!(
            fetch.id = id.0,
            "gave a request up: its court lets nobody in"
        );
        dispatch::announce(store, bus, id, State::Failed).await;
    }
    for id in swept.given_up {
        error!(
            fetch.id = id.0,
            "gave a request up: every worker that had it fell silent"
        );
        dispatch::announce(store, bus, id, State::Failed).await;
    }
    Ok(())
}
