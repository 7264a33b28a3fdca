//! Trackers: dockets that are looked at again and again, until something was filed (`docs/adr/0060-trackers.md`).
//!
//! A tracker asks and buys nothing itself. When its time has come, it makes a request like any other ([`runs`]).

pub mod runs;

use chrono::{DateTime, Utc};
use fetch_db::in_order;
use fetch_model::{Cents, DocketId, FetchId, Lane, TokenId, TrackerId, UserId};
use sqlx::PgConnection;

use crate::{Error, Queue};

/// What is said of a tracker that its owner has paused.
const PAUSED: &str = "Paused by its owner.";

/// Where a tracker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackerState {
    /// It asks when it is due.
    Active,
    /// It asks again when the next quarter begins, or when it may spend more.
    OutOfMoney,
    /// It asks nothing until its owner says so.
    Paused,
    /// Its time is over.
    Ended,
}

impl TrackerState {
    /// All of them.
    pub const ALL: [TrackerState; 4] = [
        TrackerState::Active,
        TrackerState::OutOfMoney,
        TrackerState::Paused,
        TrackerState::Ended,
    ];

    /// The word of the API and of the row.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TrackerState::Active => "active",
            TrackerState::OutOfMoney => "out_of_money",
            TrackerState::Paused => "paused",
            TrackerState::Ended => "ended",
        }
    }

    fn from_word(word: &str) -> Result<TrackerState, Error> {
        let mut all = TrackerState::ALL.into_iter();
        all.find(|state| state.as_str() == word)
            .ok_or_else(|| Error::Malformed {
                what: "tracker",
                why: format!("state {word}"),
            })
    }
}

/// A tracker to be.
#[derive(Debug, Clone)]
pub struct NewTracker<'a> {
    /// Whose.
    pub user: UserId,
    /// By which token.
    pub token: TokenId,
    /// Of which docket.
    pub docket: DocketId,
    /// At which court.
    pub court: &'a str,
    /// Where the session of the account lies that pays.
    pub session_key: &'a str,
    /// That account.
    pub account_digest: &'a str,
    /// PACER's billing label.
    pub client_code: &'a str,
    /// In which lane it asks.
    pub lane: Lane,
    /// How often, in hours.
    pub every_hours: i32,
    /// Until when, if not for good.
    pub until: Option<DateTime<Utc>>,
    /// What all of its requests may cost together in a quarter.
    pub max_cost: Cents,
}

/// What is to be different of a tracker; none stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrackerChange {
    /// Whether it asks nothing.
    pub paused: Option<bool>,
    /// How often it asks, in hours.
    pub every_hours: Option<i32>,
    /// Until when it asks; none inside: for good.
    pub until: Option<Option<DateTime<Utc>>>,
    /// What all of its requests may cost together in a quarter.
    pub max_cost: Option<Cents>,
}

/// A tracker, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracker {
    /// Its number.
    pub id: TrackerId,
    /// Of which docket.
    pub docket: DocketId,
    /// At which court.
    pub court: String,
    /// In which lane it asks.
    pub lane: Lane,
    /// PACER's billing label.
    pub client_code: String,
    /// How often it asks, in hours.
    pub every_hours: i32,
    /// Until when, if not for good.
    pub until: Option<DateTime<Utc>>,
    /// What all of its requests may cost together in a quarter.
    pub max_cost: Cents,
    /// What they have cost in the present one, or may have.
    pub spent: Cents,
    /// Where it is.
    pub state: TrackerState,
    /// What people should know.
    pub message: String,
    /// When it asks next.
    pub next_due: Option<DateTime<Utc>>,
    /// When the court said something last.
    pub asked: Option<DateTime<Utc>>,
    /// When there was something new last.
    pub found: Option<DateTime<Utc>>,
    /// Its last request.
    pub last_request: Option<FetchId>,
    /// Whether that has not ended, or nobody has looked at its end yet.
    pub is_asking: bool,
    /// When it was made.
    pub date_created: DateTime<Utc>,
    /// When it was changed last.
    pub date_modified: DateTime<Utc>,
}

/// A tracker that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// Its request that has not ended, or at whose end nobody has looked yet.
    pub asking: Option<FetchId>,
}

#[derive(Debug)]
struct Row {
    id: i64,
    docket_id: i64,
    target_court: String,
    lane: i16,
    client_code: String,
    every_hours: i32,
    until: Option<DateTime<Utc>>,
    max_cost_cents: i32,
    spent_cents: i32,
    state: String,
    message: String,
    next_due: Option<DateTime<Utc>>,
    date_asked: Option<DateTime<Utc>>,
    date_found: Option<DateTime<Utc>>,
    last_request: Option<i64>,
    is_asking: bool,
    date_created: DateTime<Utc>,
    date_modified: DateTime<Utc>,
}

impl TryFrom<Row> for Tracker {
    type Error = Error;

    fn try_from(row: Row) -> Result<Tracker, Error> {
        Ok(Tracker {
            id: TrackerId(row.id),
            docket: DocketId(row.docket_id),
            court: row.target_court,
            lane: lane_of(row.lane),
            client_code: row.client_code,
            every_hours: row.every_hours,
            until: row.until,
            max_cost: Cents(row.max_cost_cents),
            spent: Cents(row.spent_cents),
            state: TrackerState::from_word(&row.state)?,
            message: row.message,
            next_due: row.next_due,
            asked: row.date_asked,
            found: row.date_found,
            last_request: row.last_request.map(FetchId),
            is_asking: row.is_asking,
            date_created: row.date_created,
            date_modified: row.date_modified,
        })
    }
}

fn lane_of(number: i16) -> Lane {
    match number {
        1 => Lane::Bulk,
        _ => Lane::Interactive,
    }
}

impl Queue {
    /// Makes a tracker that is due at `now`. None if its user has one of that docket.
    pub async fn track(
        &self,
        new: &NewTracker<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<TrackerId>, Error> {
        let id = sqlx::query_scalar!(
            "insert into fetch_trackers (user_id, docket_id, target_court, token_id, session_key, account_digest,
                 client_code, lane, every_hours, until, max_cost_cents, next_due)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (user_id, docket_id) do nothing returning id",
            new.user.0,
            new.docket.0,
            new.court,
            new.token.0,
            new.session_key,
            new.account_digest,
            new.client_code,
            new.lane as i16,
            new.every_hours,
            new.until,
            new.max_cost.0,
            now
        );
        let id = id.fetch_optional(self.db.pool()).await?;
        Ok(id.map(TrackerId))
    }

    /// Whether this user has a tracker of that docket.
    pub async fn is_tracked(&self, user: UserId, docket: DocketId) -> Result<bool, Error> {
        let is_tracked = sqlx::query_scalar!(
            r#"select exists (
                   select from fetch_trackers where user_id = $1 and docket_id = $2) as "is_tracked!""#,
            user.0,
            docket.0
        );
        Ok(is_tracked.fetch_one(self.db.pool()).await?)
    }

    /// Those of the trackers that are this user's, in the order of the numbers, with what they have spent in the
    /// quarter of `now`.
    pub async fn trackers_of(
        &self,
        user: UserId,
        ids: &[i64],
        now: DateTime<Utc>,
    ) -> Result<Vec<Tracker>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select t.id, t.docket_id, t.target_court, t.lane, t.client_code, t.every_hours, t.until, t.max_cost_cents,
                   least(coalesce((
                       select sum(coalesce(p.billed_cents, p.quoted_cents))
                       from fetch_tracker_runs runs join purchases p on p.request_id = runs.request_id
                       where runs.tracker_id = t.id and p.state <> 'void'
                         and quarter_of($3) in (runs.quarter, quarter_of(p.date_created))), 0), 2147483647)::int
                       as "spent_cents!",
                   t.state, t.message, t.next_due, t.date_asked, t.date_found,
                   last.request_id as "last_request?", coalesce(last.is_open, false) as "is_asking!",
                   t.date_created, t.date_modified
               from fetch_trackers t
               left join lateral (
                   select request_id, is_open from fetch_tracker_runs
                   where tracker_id = t.id order by due desc limit 1) last on true
               where t.id = any($1) and t.user_id = $2"#,
            ids,
            user.0,
            now
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        let trackers: Result<Vec<Tracker>, Error> =
            rows.into_iter().map(Tracker::try_from).collect();
        Ok(in_order(trackers?, ids, |tracker| tracker.id.0))
    }

    /// Changes a tracker of this user: from now on it asks for as long as this token opens something. One that asked
    /// nothing is due at `now`, if it asks again. Whether there is such a tracker.
    pub async fn change_tracker(
        &self,
        user: UserId,
        token: TokenId,
        id: TrackerId,
        change: TrackerChange,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update fetch_trackers t
             set token_id = $3, every_hours = wanted.every_hours, until = wanted.until,
                 max_cost_cents = wanted.max_cost_cents,
                 state = case when wanted.paused then 'paused' else 'active' end,
                 message = case when wanted.paused then case when $5 then $10 else t.message end
                                when t.state = 'active' then t.message else '' end,
                 next_due = case when wanted.paused then null
                                 when t.state = 'active'
                                     then least(t.next_due, $9::timestamptz + make_interval(hours => wanted.every_hours))
                                 else $9 end,
                 date_modified = clock_timestamp()
             from (select id as wanted_id, coalesce($4, every_hours) as every_hours,
                          case when $6 then $7 else until end as until,
                          coalesce($8, max_cost_cents) as max_cost_cents,
                          coalesce($5, state = 'paused') as paused
                   from fetch_trackers where id = $1 and user_id = $2 for no key update) as wanted
             where t.id = wanted_id",
            id.0,
            user.0,
            token.0,
            change.every_hours,
            change.paused,
            change.until.is_some(),
            change.until.flatten(),
            change.max_cost.map(|cents| cents.0),
            now,
            PAUSED
        );
        Ok(done.execute(self.db.pool()).await?.rows_affected() == 1)
    }

    /// Removes a tracker of this user; none if there is no such tracker. From then on it makes no request.
    pub async fn remove_tracker(
        &self,
        user: UserId,
        id: TrackerId,
    ) -> Result<Option<Removed>, Error> {
        let mut transaction = self.db.begin().await?;
        let locked = sqlx::query_scalar!(
            "select id from fetch_trackers where id = $1 and user_id = $2 for update",
            id.0,
            user.0
        );
        if locked.fetch_optional(&mut *transaction).await?.is_none() {
            return Ok(None);
        }
        // A statement of its own: it sees what was committed while the lock was waited for.
        let asking = sqlx::query_scalar!(
            "select request_id from fetch_tracker_runs where tracker_id = $1 and is_open",
            id.0
        );
        let asking = asking.fetch_optional(&mut *transaction).await?;
        sqlx::query!("delete from fetch_trackers where id = $1", id.0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(Removed {
            asking: asking.map(FetchId),
        }))
    }
}

/// Removes the trackers of a user who is going.
pub async fn remove_trackers_of(connection: &mut PgConnection, user: UserId) -> Result<(), Error> {
    sqlx::query!("delete from fetch_trackers where user_id = $1", user.0)
        .execute(connection)
        .await?;
    Ok(())
}
