//! Releases what the courts have room for, and publishes it on the bus.
//!
//! Any number of dispatchers may run: each locks one court at a time and skips those that another
//! holds. It looks at the courts that the database or the gateway's own handlers ask for, and
//! every second at all of them anyway, so a missed call costs a second.

mod announce;
mod calls;

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use fetch_bus::{Bus, Job};
use fetch_control::Control;
use fetch_queue::Released;
use futures_util::{StreamExt, stream};
use kill_point::Point;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::wakeups::Wakeups;
pub(crate) use announce::announce;
use calls::{Call, Calls};

/// Between two looks at all courts.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The same, when a place became free where nobody waits for it: its account may have work that
/// waits elsewhere.
const LOOK_SOON: Duration = Duration::from_millis(100);

/// Courts looked at side by side.
const COURTS_AT_ONCE: usize = 4;

/// Runs until `shutdown`.
pub async fn run(control: Control, bus: Bus, accepted: Wakeups, shutdown: CancellationToken) {
    let mut calls = Calls::new(accepted);
    let mut looked = Instant::now();
    let mut look_at = looked;
    while !shutdown.is_cancelled() {
        if calls.listen(&control).await {
            look_at = Instant::now();
        }
        if look_at <= Instant::now() {
            release_everywhere(&control, &bus).await;
            looked = Instant::now();
            look_at = looked + LOOK_EVERY;
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = time::sleep_until(look_at) => {}
            call = calls.next() => match call {
                Call::Accepted(courts) => {
                    release_called(&control, &bus, courts).await;
                    calls.answered();
                }
                Call::At(courts) => {
                    if !release_called(&control, &bus, courts).await {
                        look_at = look_at.min(looked + LOOK_SOON);
                    }
                    calls.answered();
                }
                Call::Everywhere => look_at = Instant::now(),
                // Nothing waits to be released until everybody has heard of these.
                Call::Ended(requests) => {
                    tokio::spawn(announce::announce_done(control.clone(), bus.clone(), requests));
                }
                Call::Disconnected(error) => {
                    log(&error);
                    time::sleep(LOOK_EVERY).await;
                }
            },
        }
    }
}

/// Fills the room of those of these courts that have any. Whether each of them had room and work; one whose
/// release failed counts as if it had.
async fn release_called(control: &Control, bus: &Bus, courts: BTreeSet<String>) -> bool {
    let courts: Vec<String> = courts.into_iter().collect();
    match control.queue.courts_with_work_among(&courts).await {
        Ok(with_work) => {
            let all = with_work.len() == courts.len();
            release_at(control, bus, with_work.into_iter().collect()).await && all
        }
        Err(error) => {
            log(&error);
            false
        }
    }
}

/// Looks at all courts, and at what has waited for its time.
async fn release_everywhere(control: &Control, bus: &Bus) {
    if let Err(error) = control.queue.enqueue_due().await {
        return log(&error);
    }
    match control.queue.courts_with_work().await {
        Ok(courts) => {
            release_at(control, bus, courts.into_iter().collect()).await;
        }
        Err(error) => log(&error),
    }
}

/// Fills the room of these courts; whether each of them had work for it.
async fn release_at(control: &Control, bus: &Bus, courts: BTreeSet<String>) -> bool {
    let all = AtomicBool::new(true);
    stream::iter(courts)
        .for_each_concurrent(COURTS_AT_ONCE, |court| {
            let all = &all;
            async move {
                match control.queue.release(&court).await {
                    Ok(released) if released.is_empty() => all.store(false, Ordering::Relaxed),
                    Ok(released) => {
                        kill_point::reached(Point::DispatchAfterCommit);
                        publish(bus, &released).await;
                    }
                    Err(error) => log(&error),
                }
            }
        })
        .await;
    all.into_inner()
}

/// Says on the bus that work may be claimed. What cannot be said now is said by the sweeper.
pub(crate) async fn publish(bus: &Bus, released: &[Released]) {
    for work in released {
        let job = Job {
            request: work.id,
            attempts: work.attempts,
            fence: work.fence,
        };
        debug!(fetch.id = work.id.0, court.id = work.court, "releasing");
        let trace = work.traceparent.as_deref();
        let published = bus.publish_job(work.kind.into(), &work.court, &job, trace);
        if let Err(error) = published.await {
            let error = &error as &dyn std::error::Error;
            warn!(
                fetch.id = work.id.0,
                error, "could not publish a message; the sweeper will send it again"
            );
        }
    }
}

pub(crate) fn log(error: &fetch_db::Error) {
    warn!(
        error = error as &dyn std::error::Error,
        "the database did not answer"
    );
}
