//! Notices requests that are stuck: a message was lost, or a worker died.
//!
//! One gateway sweeps at a time, by the lock of a row; the others find it taken and wait.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_attempt::LEASE;
use fetch_bus::Bus;
use fetch_control::{Control, plans::Advanced, trackers::Tracked};
use fetch_model::{FetchId, State, TrackerId};
use fetch_queue::{Cancelling, SweepReport};
use kill_point::Point;
use pacer::price;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use crate::{dispatch, retention, sweep_texts};

const EVERY: Duration = Duration::from_secs(1);

/// A database that takes longer than so to confirm a write, or a sweep that does, was away.
const PROMPT: Duration = Duration::from_secs(2);

/// Runs until `shutdown`, and forgets what is older than its life beside it.
///
/// While the database is away, or does not confirm what is written, nobody can say that he lives: what
/// he wrote meanwhile may even become true when its time is over. So nothing is swept then, and once
/// it is back everybody has the time of a lease to speak before he counts as dead.
pub async fn run(control: Control, bus: Bus, shutdown: CancellationToken) {
    let forgetting = retention::run(control.clone(), bus.clone(), shutdown.clone());
    tokio::join!(sweep_on(control, bus, shutdown), forgetting);
}

async fn sweep_on(control: Control, bus: Bus, shutdown: CancellationToken) {
    let mut ticks = time::interval(EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut was_away = false;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if !confirms(&control).await {
            was_away = true;
            continue;
        }
        if std::mem::take(&mut was_away) {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = time::sleep(LEASE) => continue,
            }
        }
        let begun = Instant::now();
        if let Err(error) = sweep_once(&control, &bus).await {
            dispatch::log(&error);
            was_away = true;
        }
        was_away |= begun.elapsed() > PROMPT;
    }
}

/// Whether the database confirms a write, and soon.
async fn confirms(control: &Control) -> bool {
    let asked = Instant::now();
    match control.db.probe().await {
        Ok(()) => asked.elapsed() <= PROMPT,
        Err(error) => {
            dispatch::log(&error);
            false
        }
    }
}

/// One sweep. Does nothing when another gateway is sweeping.
pub async fn sweep_once(control: &Control, bus: &Bus) -> Result<(), fetch_db::Error> {
    let Some(swept) = control.sweep().await? else {
        return Ok(());
    };
    if swept != SweepReport::default() {
        kill_point::reached(Point::SweepAfterCommit);
    }
    dispatch::publish(bus, &swept.unclaimed).await;
    sweep_texts::sweep(control, bus).await?;
    control.queue.forget_old_keys().await?;
    control.complete_bills(price::by_pages).await?;
    for id in swept.reclaimed {
        warn!(
            fetch.id = id.0,
            "took a request back from a worker that stopped responding"
        );
        dispatch::announce(control, bus, id, State::Waiting).await;
    }
    for id in swept.unserved {
        debug!(
            fetch.id = id.0,
            "took a request back that no worker claimed"
        );
        dispatch::announce(control, bus, id, State::Waiting).await;
    }
    for id in swept.nobody_came {
        error!(
            fetch.id = id.0,
            "failed a request: no worker for it was running for a day"
        );
        dispatch::announce(control, bus, id, State::Failed).await;
    }
    for id in swept.court_closed_too_long {
        warn!(
            fetch.id = id.0,
            "failed a request: its court refused all requests for a day"
        );
        dispatch::announce(control, bus, id, State::Failed).await;
    }
    for id in swept.put_off {
        error!(
            fetch.id = id.0,
            "failed a request: a problem of this service held it up for a day"
        );
        dispatch::announce(control, bus, id, State::Failed).await;
    }
    for id in swept.not_logged_in {
        warn!(
            fetch.id = id.0,
            "failed a request: nobody logged in for it in time"
        );
        dispatch::announce(control, bus, id, State::Failed).await;
    }
    for id in swept.given_up {
        error!(
            fetch.id = id.0,
            "failed a request: every worker that took it stopped responding"
        );
        dispatch::announce(control, bus, id, State::Failed).await;
    }
    // Here, where everything has been told: whatever goes wrong with one of them holds up nothing else.
    advance_plans(control, bus).await?;
    run_trackers(control, Utc::now()).await?;
    // Last: nothing else waits for it. Nor does the next sweep, which is soon if this one went well.
    if let Err(error) = control.queue.forget_login_records().await {
        let error = &error as &dyn std::error::Error;
        warn!(error, "could not remove old records of logins");
    }
    Ok(())
}

/// Has requests go on that waited for something else to be fetched.
async fn advance_plans(control: &Control, bus: &Bus) -> Result<(), fetch_db::Error> {
    for due in control.queue.plans_due().await? {
        match control.advance_plan(&due).await {
            Ok(Some(moved)) => tell_of(control, bus, &moved).await,
            Ok(None) => {}
            Err(error) if error.is_absence() => return Err(error),
            // It holds up no other, and is tried again.
            Err(error) => not_gone_on(due.request, &error),
        }
    }
    for (user, step) in control.queue.orphaned_steps().await? {
        match control.cancel(user, step).await {
            Ok(Some(Cancelling::Cancelled)) => {
                info!(fetch.id = step.0, "cancelled a step of a cancelled request");
                dispatch::announce(control, bus, step, State::Cancelled).await;
            }
            // One whose purchase has begun is completed.
            Ok(_) => {}
            Err(error) if error.is_absence() => return Err(error),
            Err(error) => not_gone_on(step, &error),
        }
    }
    for due in control.queue.sets_due().await? {
        match control.advance_set(&due).await {
            Ok(Some(moved)) => tell_of(control, bus, &moved).await,
            Ok(None) => {}
            Err(error) if error.is_absence() => return Err(error),
            Err(error) => not_gone_on(due.request, &error),
        }
    }
    Ok(())
}

fn not_gone_on(request: FetchId, error: &fetch_db::Error) {
    let error = error as &dyn std::error::Error;
    error!(
        fetch.id = request.0,
        error, "could not go on with a request whose step has ended"
    );
}

/// Notes what came of the requests of trackers, and has those ask that are due at `now`.
pub async fn run_trackers(control: &Control, now: DateTime<Utc>) -> Result<(), fetch_db::Error> {
    for run in control.queue.tracker_runs_ended().await? {
        let closed = control.close_tracker_run(run).await;
        passed(closed.map(drop), run.tracker)?;
    }
    for tracker in control.queue.trackers_due(now).await? {
        match control.start_tracker(tracker, now).await {
            Ok(Some(Tracked {
                court,
                request: Some(request),
                ..
            })) => info!(
                tracker = tracker.0,
                fetch.id = request.0,
                court.id = court,
                "a tracker asks whether something was filed"
            ),
            Ok(Some(_)) => info!(tracker = tracker.0, "a tracker asks nothing for now"),
            Ok(None) => {}
            Err(error) => passed(Err(error), tracker)?,
        }
    }
    Ok(())
}

/// One tracker holds up no other, and is tried again.
fn passed(done: Result<(), fetch_db::Error>, tracker: TrackerId) -> Result<(), fetch_db::Error> {
    match done {
        Err(error) if !error.is_absence() => {
            let error = &error as &dyn std::error::Error;
            error!(tracker = tracker.0, error, "could not go on with a tracker");
            Ok(())
        }
        done => done,
    }
}

async fn tell_of(control: &Control, bus: &Bus, moved: &Advanced) {
    info!(
        fetch.id = moved.request.0,
        court.id = moved.court,
        state = moved.state.as_str(),
        "the step of a request has ended"
    );
    if moved.state.is_final() {
        dispatch::announce(control, bus, moved.request, moved.state).await;
    }
}
