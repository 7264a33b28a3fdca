//! Where a request stands, and about when it is its turn.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_db::RequestState;
use fetch_model::{
    BulkWindow, FetchId, Lane, State, UserId,
    fairness::{Line, USUAL_COURT_TIME, wait_of},
};

use crate::{Error, Queue, courts::LONGEST_SLOT_WAIT, workers};

/// Where a request stands in the queue of its court.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its lane.
    pub lane: Lane,
    /// 1 for the next one; 0 once it is released. `None` while its own time has not come.
    pub position: Option<i64>,
    /// Requests that are under way at the court.
    pub under_way: i64,
    /// About how long until it is begun. `None` when nobody knows.
    pub wait: Option<Duration>,
    /// What it waits for besides its turn.
    pub waits_for: Option<WaitReason>,
}

/// Something that has to pass before anything is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// Its own time, set by its owner or by the pause between attempts.
    NotBefore(DateTime<Utc>),
    /// Its court has failed and is left alone.
    CourtFails(DateTime<Utc>),
    /// The operator has paused its court, perhaps without an end.
    CourtPaused(Option<DateTime<Utc>>),
    /// Its court has asked to be left alone for a while.
    CourtAskedForPause(DateTime<Utc>),
    /// The next request to its court is far away, for no reason that is known any more.
    NextTurn(DateTime<Utc>),
    /// Nobody who does such work is there.
    NoWorker,
    /// Bulk work runs at night.
    BulkWindow(DateTime<Utc>),
    /// Its session has ended: its owner has to log in again by then.
    Login(DateTime<Utc>),
}

impl WaitReason {
    /// The word that names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            WaitReason::NotBefore(_) => "not_before",
            WaitReason::CourtFails(_) => "court_fails",
            WaitReason::CourtPaused(_) => "court_paused",
            WaitReason::CourtAskedForPause(_) => "court_asked_for_pause",
            WaitReason::NextTurn(_) => "next_turn",
            WaitReason::NoWorker => "no_worker",
            WaitReason::BulkWindow(_) => "bulk_window",
            WaitReason::Login(_) => "login",
        }
    }

    /// When it has passed, if anybody knows; of a login, when it is too late.
    #[must_use]
    pub fn until(self) -> Option<DateTime<Utc>> {
        match self {
            WaitReason::NotBefore(at)
            | WaitReason::CourtFails(at)
            | WaitReason::CourtAskedForPause(at)
            | WaitReason::NextTurn(at)
            | WaitReason::BulkWindow(at)
            | WaitReason::Login(at) => Some(at),
            WaitReason::CourtPaused(at) => at,
            WaitReason::NoWorker => None,
        }
    }
}

impl Queue {
    /// Where a request of this user stands. `None` once it is begun, and for somebody else's.
    pub async fn place_of(&self, user: UserId, id: FetchId) -> Result<Option<Place>, Error> {
        let mut connection = self.db.acquire().await?;
        let away = workers::kinds_without_worker(&mut connection).await?;
        let row = sqlx::query_file!(
            "src/sql/place.sql",
            id.0,
            user.0,
            LONGEST_SLOT_WAIT.as_secs_f64(),
            &away
        )
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let lane = match row.lane {
            1 => Lane::Bulk,
            _ => Lane::Interactive,
        };
        let state = State::from(row.state);
        let has_no_worker = away.contains(&row.request_type);
        if state == State::Released {
            return Ok(Some(Place {
                lane,
                position: Some(0),
                under_way: row.under_way,
                // A message that nobody took at once may be taken at any time, or never.
                wait: (!has_no_worker && row.unclaimed == 0).then_some(Duration::ZERO),
                waits_for: has_no_worker.then_some(WaitReason::NoWorker),
            }));
        }
        if !matches!(state, State::Accepted | State::Waiting) {
            return Ok(None);
        }
        if let Some(by) = row.login_until {
            return Ok(Some(Place {
                lane,
                position: None,
                under_way: row.under_way,
                wait: None,
                waits_for: Some(WaitReason::Login(by)),
            }));
        }
        let night = BulkWindow {
            from: row.bulk_from,
            until: row.bulk_until,
        };
        let not_before = row.not_before.filter(|at| *at > row.now);
        let held = row.held.then_some(WaitReason::CourtPaused(row.held_until));
        let wait_reasons = [
            held,
            not_before.map(WaitReason::NotBefore),
            row.paused_until
                .filter(|at| *at > row.now)
                .map(WaitReason::CourtFails),
            row.asked_until
                .filter(|at| *at > row.now)
                .map(WaitReason::CourtAskedForPause),
            row.next_turn.map(WaitReason::NextTurn),
            has_no_worker.then_some(WaitReason::NoWorker),
            (lane == Lane::Bulk && !night.is_open(row.now))
                .then(|| WaitReason::BulkWindow(night.next_opening(row.now))),
        ];
        // Whatever takes longest, and of what takes as long, what comes later here; a pause without
        // an end takes longer than everything.
        let end =
            |wait_reason: &WaitReason| wait_reason.until().unwrap_or(DateTime::<Utc>::MAX_UTC);
        let waits_for = wait_reasons.into_iter().flatten().max_by_key(end);
        let blocked = match waits_for.map(WaitReason::until) {
            None => Some(Duration::ZERO),
            Some(until) => until.map(|at| (at - row.now).to_std().unwrap_or_default()),
        };
        let passed_over = if has_no_worker {
            0
        } else {
            row.ahead_without_worker
        };
        let ahead = row.ahead_in_lane + row.ahead_in_other_lane - passed_over;
        let court = Line {
            ahead,
            under_way: row.under_way,
            cap: if row.half_open { 1 } else { row.cap },
        };
        let account = Line {
            ahead: row.ahead_of_account,
            under_way: row.under_way_of_account,
            cap: row.account_cap,
        };
        let court_time = row.court_ms.map_or(USUAL_COURT_TIME, |ms| {
            Duration::from_secs_f64(ms.max(0.0) / 1000.0)
        });
        let gap = Duration::from_millis(row.gap_ms.try_into().unwrap_or(0));
        Ok(Some(Place {
            lane,
            position: not_before.is_none().then_some(ahead + 1),
            under_way: row.under_way,
            wait: blocked.map(|blocked| wait_of([court, account], court_time, gap, blocked)),
            waits_for,
        }))
    }
}
