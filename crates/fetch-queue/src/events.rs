//! What became of requests, for whoever wants to be told of each change, and of none twice.
//!
//! Events have their numbers when they are written and are seen when they are committed, so one of a lower
//! number may be seen after one of a higher. Readers go no further than a [`Horizon`]: nothing more comes
//! up to there, whatever transactions are open. See `docs/adr/0052-request-events.md`.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use fetch_db::RequestState;
use fetch_model::{Failure, FetchId, PublicStatus, State, UserId};

use crate::{Error, Queue, row::malformed};

/// A change of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number. Later ones of the same request have higher ones.
    pub id: i64,
    /// Which request.
    pub request: FetchId,
    /// Whose it is.
    pub user: UserId,
    /// When it was written, just before it was committed.
    pub at: DateTime<Utc>,
    /// The state that the request had then.
    pub state: State,
    /// The number that clients see.
    pub status: PublicStatus,
    /// What was said.
    pub message: String,
}

/// Up to where all events are known that will ever be there.
#[derive(Debug, Default)]
pub struct Horizon {
    up_to: i64,
    /// Numbers that were given out, and a transaction that began after that. Once none is open that began
    /// before, all of them are seen.
    open: VecDeque<(i64, i64)>,
}

impl Horizon {
    /// The number up to which nothing more comes.
    #[must_use]
    pub fn up_to(&self) -> i64 {
        self.up_to
    }

    /// Whether there are events that may yet be committed.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.open.is_empty()
    }

    fn last_given(&self) -> i64 {
        self.open.back().map_or(self.up_to, |(last, _)| *last)
    }
}

/// Which events are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRange {
    /// None of these and of those before.
    pub after: i64,
    /// None beyond.
    pub up_to: i64,
    /// So many at most.
    pub limit: i64,
}

struct Row {
    id: i64,
    request_id: i64,
    user_id: i64,
    at: DateTime<Utc>,
    state: RequestState,
    attempts: i32,
    failure: Option<serde_json::Value>,
    message: String,
}

impl TryFrom<Row> for Event {
    type Error = Error;

    fn try_from(row: Row) -> Result<Event, Error> {
        let failure = row.failure.map(serde_json::from_value::<Failure>);
        let failure = failure.transpose().map_err(malformed)?;
        let state = State::from(row.state);
        Ok(Event {
            id: row.id,
            request: FetchId(row.request_id),
            user: UserId(row.user_id),
            at: row.at,
            state,
            status: state.public(failure.as_ref(), row.attempts),
            message: row.message,
        })
    }
}

impl Queue {
    /// Moves the horizon on as far as transactions have ended.
    pub async fn move_on(&self, horizon: &mut Horizon) -> Result<(), Error> {
        let pool = self.db.pool();
        let last = sqlx::query_scalar!(
            r#"select case when is_called then last_value else 0 end as "last!"
               from request_events_id_seq"#
        );
        let last = last.fetch_one(pool).await?;
        if last > horizon.last_given() {
            // Whoever has been given a number has changed a request before, so it began before this. It is a
            // statement of its own: what is seen in one may be older than what it reads of a sequence.
            let later = sqlx::query_scalar!(
                r#"select pg_current_xact_id()::text::bigint as "transaction!""#
            );
            horizon
                .open
                .push_back((last, later.fetch_one(pool).await?));
        }
        if !horizon.is_behind() {
            return Ok(());
        }
        let oldest = sqlx::query_scalar!(
            r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldest!""#
        );
        let oldest = oldest.fetch_one(pool).await?;
        while let Some((last, _)) = horizon.open.pop_front_if(|(_, later)| *later < oldest) {
            horizon.up_to = last;
        }
        Ok(())
    }

    /// Events of all users, in the order of their numbers.
    pub async fn events(&self, range: EventRange) -> Result<Vec<Event>, Error> {
        let EventRange {
            after,
            up_to,
            limit,
        } = range;
        let rows = sqlx::query_as!(
            Row,
            r#"select id, request_id, user_id, at, state as "state: _", attempts, failure, message
               from request_events where id > $1 and id <= $2 order by id limit $3"#,
            after,
            up_to,
            limit
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        rows.into_iter().map(Event::try_from).collect()
    }

    /// Those of one user's requests.
    pub async fn events_of(&self, user: UserId, range: EventRange) -> Result<Vec<Event>, Error> {
        let EventRange {
            after,
            up_to,
            limit,
        } = range;
        let rows = sqlx::query_as!(
            Row,
            r#"select id, request_id, user_id, at, state as "state: _", attempts, failure, message
               from request_events where user_id = $1 and id > $2 and id <= $3 order by id limit $4"#,
            user.0,
            after,
            up_to,
            limit
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        rows.into_iter().map(Event::try_from).collect()
    }

    /// What became of one request after an event. It needs no horizon: whoever changes a request waits for who did
    /// before.
    pub async fn events_of_request(
        &self,
        request: FetchId,
        after: i64,
    ) -> Result<Vec<Event>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, request_id, user_id, at, state as "state: _", attempts, failure, message
               from request_events where request_id = $1 and id > $2 order by id"#,
            request.0,
            after
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        rows.into_iter().map(Event::try_from).collect()
    }
}
