//! Keeps an account logged in: again before each session is over, and whenever requests wait because a
//! session has ended early.

use std::{process::ExitCode, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    signal::unix::{SignalKind, signal},
    time,
};

use super::session::{Outcome, Service, Session};

/// The longest pause between two looks whether requests wait.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The first and the longest pause before a login is tried again.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));

/// Logs in until it is told to stop, or the login is refused.
pub(super) async fn run(service: &Service) -> anyhow::Result<ExitCode> {
    let (mut interrupted, mut terminated) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    println!(
        "keeping the account logged in until stopped; the password is only in this process's memory"
    );
    tokio::select! {
        refused = keep(service) => {
            let why = format!(
                "{refused} The login is not tried again. Requests keep waiting until somebody logs \
                 in."
            );
            return Ok(super::refused(&why));
        }
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    println!("stopped; the open session stays usable until it ends");
    Ok(ExitCode::SUCCESS)
}

/// Ends only with the sentence of who refused the login.
async fn keep(service: &Service) -> String {
    let mut failures = 0;
    let mut last = None;
    loop {
        let waiting = service.waiting().await;
        match service.log_in().await {
            Outcome::LoggedIn(session) => {
                println!("{session}");
                failures = 0;
                // What waits on after that waits for another account.
                let others = waiting.map(|waiting| (waiting - session.taken_up).max(0));
                let renewed = last != Some(session.ends);
                last = Some(session.ends);
                until_due(service, &session, renewed, others).await;
            }
            Outcome::Refused(why) => return why,
            Outcome::Later { why, after } => {
                failures += 1;
                let pause = back_off(failures, rand::random()).max(after.unwrap_or_default());
                println!(
                    "not logged in: {why} Trying again in {} s.",
                    pause.as_secs()
                );
                time::sleep(pause).await;
            }
        }
    }
}

/// Waits until the session is to be renewed, or more requests wait for a login than those of other
/// accounts. That is looked at without the password. A session that should have been renewed and was
/// not is tried again after a pause.
async fn until_due(service: &Service, session: &Session, renewed: bool, others: Option<i64>) {
    let mut renew_at = renew_at(session, rand::random());
    if !renewed {
        let pause = TimeDelta::from_std(LOOK_EVERY).unwrap_or_default();
        renew_at = renew_at.max(Utc::now() + pause);
    }
    let life = (session.ends - Utc::now()).to_std().unwrap_or_default();
    let look_every = (life / 20).clamp(Duration::from_millis(100), LOOK_EVERY);
    let mut others = others;
    loop {
        let left = (renew_at - Utc::now()).to_std().unwrap_or_default();
        if left.is_zero() {
            return;
        }
        time::sleep(look_every.min(left)).await;
        let Some(waiting) = service.waiting().await else {
            continue;
        };
        if waiting > others.unwrap_or(0) {
            return;
        }
        others = Some(waiting);
    }
}

/// Somewhere in the first half of the time in which a login opens a new session: the other half is for
/// trying again, and not everybody comes at once.
fn renew_at(session: &Session, chance: f64) -> DateTime<Utc> {
    let span = (session.ends - session.renewed_from).max(TimeDelta::zero());
    let span = span.to_std().unwrap_or_default();
    session.renewed_from + span.mul_f64(chance.clamp(0.0, 1.0) / 2.0)
}

/// Doubles each time; from half of that to all of it, by chance.
fn back_off(failures: u32, chance: f64) -> Duration {
    let (first, longest) = BACK_OFF;
    let doublings = failures.clamp(1, 16) - 1;
    let ceiling = first.saturating_mul(1 << doublings).min(longest);
    ceiling.mul_f64((1.0 + chance.clamp(0.0, 1.0)) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_renewed_while_there_is_time_to_try_again() {
        let ends = Utc::now();
        let session = Session {
            ends,
            renewed_from: ends - TimeDelta::minutes(5),
            taken_up: 0,
        };
        assert_eq!(renew_at(&session, 0.0), session.renewed_from);
        assert_eq!(renew_at(&session, 1.0), ends - TimeDelta::seconds(150));
    }

    #[test]
    fn pauses_grow_to_five_minutes() {
        assert_eq!(back_off(1, 0.0), Duration::from_millis(2500));
        assert_eq!(back_off(1, 1.0), Duration::from_secs(5));
        assert_eq!(back_off(4, 1.0), Duration::from_secs(40));
        assert_eq!(back_off(400, 1.0), Duration::from_secs(300));
    }
}
