//! Where a request stands, and about when it is its turn.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, NaiveTime, Utc};
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
    /// Something else has to be fetched first.
    Step,
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
            WaitReason::Step => "step",
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
            WaitReason::NoWorker | WaitReason::Step => None,
        }
    }
}

/// A row of `sql/place.sql`.
struct PlaceRow {
    id: i64,
    state: RequestState,
    request_type: i16,
    unclaimed: i32,
    lane: i16,
    not_before: Option<DateTime<Utc>>,
    login_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    waits_for_step: bool,
    cap: i32,
    gap_ms: i32,
    account_cap: i32,
    half_open: bool,
    paused_until: Option<DateTime<Utc>>,
    bulk_from: NaiveTime,
    bulk_until: NaiveTime,
    held: bool,
    held_until: Option<DateTime<Utc>>,
    asked_until: Option<DateTime<Utc>>,
    next_turn: Option<DateTime<Utc>>,
    ahead_in_lane: i64,
    ahead_in_other_lane: i64,
    ahead_of_account: i64,
    under_way: i64,
    under_way_of_account: i64,
    ahead_without_worker: i64,
    court_ms: Option<f64>,
}

impl Queue {
    /// Where a request of this user stands. `None` once it is begun, and for somebody else's.
    pub async fn place_of(&self, user: UserId, id: FetchId) -> Result<Option<Place>, Error> {
        let mut places = self.places_of(user, &[id]).await?;
        Ok(places.remove(&id))
    }

    /// Where these requests of a user stand, in two statements. Those that are begun have no place, and
    /// neither have somebody else's.
    pub async fn places_of(
        &self,
        user: UserId,
        ids: &[FetchId],
    ) -> Result<HashMap<FetchId, Place>, Error> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut connection = self.db.acquire().await?;
        let away = workers::kinds_without_worker(&mut connection).await?;
        let rows = sqlx::query_file_as!(
            PlaceRow,
            "src/sql/place.sql",
            &ids,
            user.0,
            LONGEST_SLOT_WAIT.as_secs_f64(),
            &away
        )
        .fetch_all(&mut *connection)
        .await?;
        let places = rows.iter().filter_map(|row| {
            let place = row.place(away.contains(&row.request_type))?;
            Some((FetchId(row.id), place))
        });
        Ok(places.collect())
    }
}

impl PlaceRow {
    fn place(&self, has_no_worker: bool) -> Option<Place> {
        let nowhere = Place {
            lane: self.lane(),
            position: None,
            under_way: self.under_way,
            wait: None,
            waits_for: None,
        };
        match State::from(self.state) {
            State::Released => Some(Place {
                position: Some(0),
                // A message that nobody took at once may be taken at any time, or never.
                wait: (!has_no_worker && self.unclaimed == 0).then_some(Duration::ZERO),
                waits_for: has_no_worker.then_some(WaitReason::NoWorker),
                ..nowhere
            }),
            State::Accepted if self.waits_for_step => Some(Place {
                waits_for: Some(WaitReason::Step),
                ..nowhere
            }),
            State::Accepted | State::Waiting => Some(match self.login_until {
                Some(by) => Place {
                    waits_for: Some(WaitReason::Login(by)),
                    ..nowhere
                },
                None => self.place_in_line(has_no_worker, nowhere),
            }),
            _ => None,
        }
    }

    fn lane(&self) -> Lane {
        match self.lane {
            1 => Lane::Bulk,
            _ => Lane::Interactive,
        }
    }

    fn place_in_line(&self, has_no_worker: bool, nowhere: Place) -> Place {
        let waits_for = self.waits_for(has_no_worker);
        let blocked = match waits_for.map(WaitReason::until) {
            None => Some(Duration::ZERO),
            Some(until) => until.map(|at| (at - self.now).to_std().unwrap_or_default()),
        };
        let passed_over = match has_no_worker {
            true => 0,
            false => self.ahead_without_worker,
        };
        let ahead = self.ahead_in_lane + self.ahead_in_other_lane - passed_over;
        Place {
            position: self.own_time().is_none().then_some(ahead + 1),
            wait: blocked.map(|blocked| self.wait(ahead, blocked)),
            waits_for,
            ..nowhere
        }
    }

    /// Its own time, if that has not come.
    fn own_time(&self) -> Option<DateTime<Utc>> {
        self.not_before.filter(|at| *at > self.now)
    }

    /// Whatever takes longest, and of what takes as long, what comes later here; a pause without an end takes
    /// longer than everything.
    fn waits_for(&self, has_no_worker: bool) -> Option<WaitReason> {
        let is_ahead = |at: &DateTime<Utc>| *at > self.now;
        let night = BulkWindow {
            from: self.bulk_from,
            until: self.bulk_until,
        };
        let by_day = self.lane() == Lane::Bulk && !night.is_open(self.now);
        let wait_reasons = [
            self.held
                .then_some(WaitReason::CourtPaused(self.held_until)),
            self.own_time().map(WaitReason::NotBefore),
            self.paused_until
                .filter(is_ahead)
                .map(WaitReason::CourtFails),
            self.asked_until
                .filter(is_ahead)
                .map(WaitReason::CourtAskedForPause),
            self.next_turn.map(WaitReason::NextTurn),
            has_no_worker.then_some(WaitReason::NoWorker),
            by_day.then(|| WaitReason::BulkWindow(night.next_opening(self.now))),
        ];
        let end =
            |wait_reason: &WaitReason| wait_reason.until().unwrap_or(DateTime::<Utc>::MAX_UTC);
        wait_reasons.into_iter().flatten().max_by_key(end)
    }

    /// About how long it takes with so many ahead, once nothing is in the way any more.
    fn wait(&self, ahead: i64, blocked: Duration) -> Duration {
        let court = Line {
            ahead,
            under_way: self.under_way,
            cap: if self.half_open { 1 } else { self.cap },
        };
        let account = Line {
            ahead: self.ahead_of_account,
            under_way: self.under_way_of_account,
            cap: self.account_cap,
        };
        let court_time = self.court_ms.map_or(USUAL_COURT_TIME, |ms| {
            Duration::from_secs_f64(ms.max(0.0) / 1000.0)
        });
        let gap = Duration::from_millis(self.gap_ms.try_into().unwrap_or(0));
        wait_of([court, account], court_time, gap, blocked)
    }
}
