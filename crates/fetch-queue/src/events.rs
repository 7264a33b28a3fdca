//! What became of requests, for whoever wants to be told of each change, and of none twice.
//!
//! An event of a lower number may be seen after one of a higher, so readers go no further than a [`Watermark`].
//! See `docs/adr/0052-request-events.md`.

use chrono::{DateTime, Utc};
pub use fetch_db::watermark::Watermark;
use fetch_model::{FetchId, State, UserId};

use crate::{Error, Queue};

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
    /// The state that the request had then, in the word of the database: a later version may know others.
    pub state: String,
    /// The number that clients see.
    pub status: i16,
    /// What was said.
    pub message: String,
}

impl Event {
    /// Whether the request had come to its end.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.state.parse().is_ok_and(State::is_final)
    }
}

/// Events have their numbers from here.
const NUMBERS: &str = "request_events_id_seq";

/// Which events are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRange {
    /// None of these and of those before.
    pub after: i64,
    /// None beyond.
    pub up_to: i64,
    /// So many rows at most.
    pub limit: i64,
}

struct Row {
    id: i64,
    request_id: i64,
    user_id: i64,
    at: DateTime<Utc>,
    state: String,
    status: i16,
    message: String,
}

fn events(rows: Vec<Row>) -> Vec<Event> {
    let event = |row: Row| Event {
        id: row.id,
        request: FetchId(row.request_id),
        user: UserId(row.user_id),
        at: row.at,
        state: row.state,
        status: row.status,
        message: row.message,
    };
    rows.into_iter().map(event).collect()
}

impl Queue {
    /// The last number that was given to an event; 0 if none was.
    pub async fn last_event_given(&self) -> Result<i64, Error> {
        self.db.last_given(NUMBERS).await
    }

    /// The last event up to a number; 0 if there is none.
    pub async fn last_event_up_to(&self, number: i64) -> Result<i64, Error> {
        let last = sqlx::query_scalar!(
            r#"select coalesce(max(id), 0) as "last!" from request_events where id <= $1"#,
            number
        );
        Ok(last.fetch_one(self.db.pool()).await?)
    }

    /// Raises the watermark as far as transactions have ended.
    pub async fn advance(&self, watermark: &mut Watermark) -> Result<(), Error> {
        self.db.advance(watermark, NUMBERS).await
    }

    /// Events of all users, in the order of their numbers.
    pub async fn events(&self, range: EventRange) -> Result<Vec<Event>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, request_id, user_id, at, state::text as "state!", status, message
               from request_events where id > $1 and id <= $2 order by id limit $3"#,
            range.after,
            range.up_to,
            range.limit
        );
        Ok(events(rows.fetch_all(self.db.pool()).await?))
    }

    /// Those of one user's requests.
    pub async fn events_of(&self, user: UserId, range: EventRange) -> Result<Vec<Event>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, request_id, user_id, at, state::text as "state!", status, message
               from request_events where user_id = $1 and id > $2 and id <= $3 order by id limit $4"#,
            user.0,
            range.after,
            range.up_to,
            range.limit
        );
        Ok(events(rows.fetch_all(self.db.pool()).await?))
    }

    /// What became of one request after an event. It needs no watermark: whoever changes a request waits for who
    /// did before.
    pub async fn events_of_request(
        &self,
        request: FetchId,
        after: i64,
    ) -> Result<Vec<Event>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, request_id, user_id, at, state::text as "state!", status, message
               from request_events where request_id = $1 and id > $2 order by id"#,
            request.0,
            after
        );
        Ok(events(rows.fetch_all(self.db.pool()).await?))
    }
}
