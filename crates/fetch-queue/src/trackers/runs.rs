//! The requests of trackers: which are due, and what came of those that have ended.
//!
//! A run is a request for one time at which a tracker was due. It is written with the request, in one transaction, and
//! the tracker is locked meanwhile: whoever asks, and however often, there is one for each such time, and one at a time.

use chrono::{DateTime, TimeDelta, Utc};
use fetch_model::{Cents, DocketId, FetchId, Lane, TokenId, TrackerId, UserId};
use sqlx::PgConnection;

use super::{TrackerState, lane_of};
use crate::{Error, Queue};

/// How many are looked at in one sweep.
const AT_ONCE: i64 = 100;

/// A tracker whose time has come, locked.
#[derive(Debug, Clone, PartialEq)]
pub struct DueTracker {
    /// Its number.
    pub id: TrackerId,
    /// Whose.
    pub user: UserId,
    /// For as long as this token opens something.
    pub token: TokenId,
    /// Of which docket.
    pub docket: DocketId,
    /// At which court.
    pub court: String,
    /// Where the session of the account lies that pays.
    pub session_key: String,
    /// That account.
    pub account_digest: String,
    /// PACER's billing label.
    pub client_code: String,
    /// In which lane it asks.
    pub lane: Lane,
    /// How often, in hours.
    pub every_hours: i32,
    /// Its time is over.
    pub is_over: bool,
    /// What all of its requests may cost together in a quarter.
    pub max_cost: Cents,
    /// When it was due.
    pub due: DateTime<Utc>,
}

/// A request of a tracker that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedRun {
    /// Whose.
    pub tracker: TrackerId,
    /// The request.
    pub request: FetchId,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// Entries that are new.
    pub entries_new: i32,
    /// Entries that are different.
    pub entries_changed: i32,
    /// Documents that are new.
    pub documents_new: i32,
}

impl Added {
    /// Whether something was filed.
    #[must_use]
    pub fn is_something(self) -> bool {
        self.entries_new + self.entries_changed + self.documents_new > 0
    }
}

/// What is written down of a request that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// When the court said something, if it did.
    pub asked: Option<DateTime<Utc>>,
    /// Whether there was something new.
    pub found: bool,
    /// What people should know.
    pub message: String,
    /// It cannot go on.
    pub pause: bool,
}

/// When a tracker is due again that was due then: after as many whole spaces as have passed.
#[must_use]
pub fn next_due(due: DateTime<Utc>, every_hours: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    let space = TimeDelta::hours(every_hours.max(1).into());
    let passed = (now - due).num_seconds().max(0) / space.num_seconds();
    let spaces = i32::try_from(passed + 1).unwrap_or(i32::MAX);
    due + space * spaces
}

impl Queue {
    /// Trackers whose time has come, or is over.
    pub async fn trackers_due(&self, now: DateTime<Utc>) -> Result<Vec<TrackerId>, Error> {
        let ids = sqlx::query_scalar!(
            "select id from fetch_trackers t
             where least(next_due, until) <= $1 and next_due is not null
               and not exists (select from fetch_tracker_runs r where r.tracker_id = t.id and r.is_open)
             order by least(next_due, until), id limit $2",
            now,
            AT_ONCE
        );
        let ids = ids.fetch_all(self.db.pool()).await?;
        Ok(ids.into_iter().map(TrackerId).collect())
    }

    /// Requests of trackers that have ended, and that nobody has looked at since.
    pub async fn tracker_runs_ended(&self) -> Result<Vec<EndedRun>, Error> {
        let rows = sqlx::query!(
            "select runs.tracker_id, runs.request_id
             from fetch_tracker_runs runs join fetch_requests r on r.id = runs.request_id
             where runs.is_open and r.date_completed is not null
             order by runs.request_id limit $1",
            AT_ONCE
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        let ended = rows.into_iter().map(|row| EndedRun {
            tracker: TrackerId(row.tracker_id),
            request: FetchId(row.request_id),
        });
        Ok(ended.collect())
    }

    /// What a request has added to its docket.
    pub async fn added_by(&self, request: FetchId) -> Result<Added, Error> {
        let row = sqlx::query!(
            "select entries_new, entries_changed, documents_new from request_changes where request_id = $1",
            request.0
        );
        let row = row.fetch_optional(self.db.pool()).await?;
        Ok(row.map_or_else(Added::default, |row| Added {
            entries_new: row.entries_new,
            entries_changed: row.entries_changed,
            documents_new: row.documents_new,
        }))
    }
}

/// Locks a tracker whose time has come; none if somebody else has it, or was first.
pub async fn lock_due(
    connection: &mut PgConnection,
    id: TrackerId,
    now: DateTime<Utc>,
) -> Result<Option<DueTracker>, Error> {
    let row = sqlx::query!(
        r#"select user_id, token_id, docket_id, target_court, session_key, account_digest, client_code, lane,
               every_hours, coalesce(until <= $2, false) as "is_over!", max_cost_cents, next_due as "next_due!"
           from fetch_trackers t
           where id = $1 and next_due is not null and least(next_due, until) <= $2
           for no key update skip locked"#,
        id.0,
        now
    );
    let Some(row) = row.fetch_optional(&mut *connection).await? else {
        return Ok(None);
    };
    // A statement of its own: it sees what was committed before the lock was had.
    if is_asking(connection, id).await? {
        return Ok(None);
    }
    Ok(Some(DueTracker {
        id,
        user: UserId(row.user_id),
        token: TokenId(row.token_id),
        docket: DocketId(row.docket_id),
        court: row.target_court,
        session_key: row.session_key,
        account_digest: row.account_digest,
        client_code: row.client_code,
        lane: lane_of(row.lane),
        every_hours: row.every_hours,
        is_over: row.is_over,
        max_cost: Cents(row.max_cost_cents),
        due: row.next_due,
    }))
}

async fn is_asking(connection: &mut PgConnection, id: TrackerId) -> Result<bool, Error> {
    let is_asking = sqlx::query_scalar!(
        r#"select exists (
               select from fetch_tracker_runs where tracker_id = $1 and is_open) as "is_asking!""#,
        id.0
    );
    Ok(is_asking.fetch_one(connection).await?)
}

/// Has a tracker wait for the next day if it has bought something today: the court tells the day of its last filing only,
/// so whoever asks again on that day buys again. The day is that of the quarters. Whether it waits.
pub async fn put_off(
    connection: &mut PgConnection,
    id: TrackerId,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update fetch_trackers
         set next_due = quarter_begins(($2::timestamptz at time zone 'America/Chicago')::date + 1),
             date_modified = clock_timestamp()
         where id = $1 and exists (
             select from fetch_tracker_runs runs
             join purchases p on p.request_id = runs.request_id and p.state <> 'void'
             left join captures c on c.id = p.capture_id
             where runs.tracker_id = $1
               and (coalesce(c.date_created, p.date_created) at time zone 'America/Chicago')::date
                   = ($2::timestamptz at time zone 'America/Chicago')::date)",
        id.0,
        now
    );
    Ok(done.execute(connection).await?.rows_affected() == 1)
}

/// Writes down the request for the time at which a tracker was due, and when it is due next.
pub async fn begin(
    connection: &mut PgConnection,
    due: &DueTracker,
    request: FetchId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "with run as (
             insert into fetch_tracker_runs (tracker_id, due, request_id, quarter)
             values ($1, $2, $3, quarter_of($5)))
         update fetch_trackers
         set state = 'active', next_due = $4, date_modified = clock_timestamp() where id = $1",
        due.id.0,
        due.due,
        request.0,
        next_due(due.due, due.every_hours, now),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has a tracker ask nothing: for good, until its owner says so, or until the quarter after that of `now`.
pub async fn stop(
    connection: &mut PgConnection,
    id: TrackerId,
    state: TrackerState,
    message: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "update fetch_trackers
         set state = $2, message = $3,
             next_due = case when $2 = 'out_of_money'
                             then quarter_begins((quarter_of($4) + interval '3 months')::date) end,
             date_modified = clock_timestamp()
         where id = $1",
        id.0,
        state.as_str(),
        message,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down what came of a request of a tracker. False, and nothing changes, if somebody else was first.
pub async fn close(
    connection: &mut PgConnection,
    run: EndedRun,
    noted: &Noted,
) -> Result<bool, Error> {
    // First the tracker, as by whoever begins.
    sqlx::query!(
        "select id from fetch_trackers where id = $1 for no key update",
        run.tracker.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let closed = sqlx::query!(
        "update fetch_tracker_runs set is_open = false where request_id = $1 and is_open",
        run.request.0
    );
    if closed.execute(&mut *connection).await?.rows_affected() == 0 {
        return Ok(false);
    }
    // What its owner, or the end of its time, has said meanwhile stays.
    sqlx::query!(
        "update fetch_trackers
         set date_asked = coalesce($2, date_asked), date_found = case when $3 then $2 else date_found end,
             message = case when state in ('active', 'out_of_money') then $4 else message end,
             next_due = case when $5 then null else next_due end,
             state = case when $5 and state in ('active', 'out_of_money') then 'paused' else state end,
             date_modified = clock_timestamp()
         where id = $1",
        run.tracker.0,
        noted.asked,
        noted.found,
        noted.message,
        noted.pause
    )
    .execute(connection)
    .await?;
    Ok(true)
}
