//! Releases what the courts have room for, and says so on the bus.
//!
//! Any number of dispatchers may run: each locks the row of one court at a time and skips those
//! that another holds. It wakes on the database's calls and looks every second anyway, so a
//! missed call costs a second.

use std::time::Duration;

use fetch_bus::{Announcement, Bus, Job, JobKind};
use fetch_model::{FetchKind, State};
use fetch_store::{Store, requests::Released};
use futures_util::{StreamExt, stream};
use kill_point::Point;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Courts looked at side by side.
const COURTS_AT_ONCE: usize = 4;

/// Runs until `shutdown`.
pub async fn run(store: Store, bus: Bus, shutdown: CancellationToken) {
    let mut wakes = None;
    while !shutdown.is_cancelled() {
        if wakes.is_none() {
            wakes = store.wakes().await.inspect_err(log).ok();
        }
        release_everywhere(&store, &bus).await;
        let woken = async {
            match &mut wakes {
                Some(wakes) => wakes.next().await.map(|_| ()),
                None => std::future::pending().await,
            }
        };
        let lost = tokio::select! {
            () = shutdown.cancelled() => return,
            () = time::sleep(LOOK_EVERY) => false,
            result = woken => result.inspect_err(log).is_err(),
        };
        if lost {
            wakes = None;
            time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn release_everywhere(store: &Store, bus: &Bus) {
    if let Err(error) = store.let_ripen().await {
        return log(&error);
    }
    let courts = match store.courts_with_work().await {
        Ok(courts) => courts,
        Err(error) => return log(&error),
    };
    stream::iter(courts)
        .for_each_concurrent(COURTS_AT_ONCE, |court| async move {
            match store.release(&court).await {
                Ok(released) if released.is_empty() => {}
                Ok(released) => {
                    kill_point::reached(Point::DispatchAfterCommit);
                    publish(bus, &released).await;
                }
                Err(error) => log(&error),
            }
        })
        .await;
}

/// Says on the bus that work may be claimed. What cannot be said now is said by the sweeper.
pub(crate) async fn publish(bus: &Bus, released: &[Released]) {
    for work in released {
        let job = Job {
            request: work.id,
            attempts: work.attempts,
            fence: work.fence,
        };
        let kind = match work.kind {
            FetchKind::Docket => JobKind::Docket,
            FetchKind::Pdf => JobKind::Pdf,
            FetchKind::Attachments => JobKind::Attachments,
        };
        debug!(fetch.id = work.id.0, court.id = work.court, "releasing");
        publish_job(bus, kind, work, &job).await;
    }
}

async fn publish_job(bus: &Bus, kind: JobKind, work: &Released, job: &Job) {
    let trace = work.traceparent.as_deref();
    if let Err(error) = bus.publish_job(kind, &work.court, job, trace).await {
        let error = &error as &dyn std::error::Error;
        warn!(
            fetch.id = work.id.0,
            error, "could not publish; the sweeper will"
        );
    }
}

/// Tells whoever watches that a request changed by no worker's hand.
pub(crate) async fn announce(store: &Store, bus: &Bus, id: fetch_model::FetchId, state: State) {
    if let Ok(Some(request)) = store.request(id).await {
        bus.announce(&Announcement {
            request: id,
            user: request.asked.user,
            kind: request.asked.kind,
            court: request.asked.target_court.clone(),
            state,
            status: request.public_status().into(),
            pages: None,
        })
        .await;
    }
}

pub(crate) fn log(error: &fetch_store::Error) {
    warn!(
        error = error as &dyn std::error::Error,
        "the store did not answer"
    );
}
