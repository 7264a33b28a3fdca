//! What became of requests, for whoever wants to be told of each change, and of none twice.
//!
//! Events have their numbers when they are written and are seen when they are committed, so one of a lower
//! number may be seen after one of a higher. Readers go no further than a [`Watermark`]: nothing more comes
//! up to there, whatever transactions are open. See `docs/adr/0052-request-events.md`.

use chrono::{DateTime, Utc};
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

/// Up to where all events are known that will ever be there.
#[derive(Debug, Default)]
pub struct Watermark {
    /// When the server was started that this is true of.
    server: Option<DateTime<Utc>>,
    up_to: Option<i64>,
    pending: Option<Pending>,
}

/// Numbers that were given out, some of them perhaps to transactions that are open.
#[derive(Debug, Clone, Copy)]
struct Pending {
    up_to: i64,
    /// A transaction that began after that: once none is open that began before it, all of them are seen.
    later: i64,
}

impl Watermark {
    /// The number up to which nothing more comes; none until that is known.
    #[must_use]
    pub fn up_to(&self) -> Option<i64> {
        self.up_to
    }

    fn be_of(&mut self, server: DateTime<Utc>) {
        if self.server != Some(server) {
            *self = Watermark {
                server: Some(server),
                ..Watermark::default()
            };
        }
    }

    /// Whether there are events that may yet be committed.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        self.pending.is_some()
    }
}

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
        Ok(self.server_and_last().await?.1)
    }

    /// The last event up to a number; 0 if there is none.
    pub async fn last_event_up_to(&self, number: i64) -> Result<i64, Error> {
        let last = sqlx::query_scalar!(
            r#"select coalesce(max(id), 0) as "last!" from request_events where id <= $1"#,
            number
        );
        Ok(last.fetch_one(self.db.pool()).await?)
    }

    /// Raises the watermark as far as transactions have ended. That of another server, or of this one before it was
    /// started again, is worth nothing: numbers that were given to what was lost are given again.
    pub async fn advance(&self, watermark: &mut Watermark) -> Result<(), Error> {
        if watermark.pending.is_none() {
            let (server, last) = self.server_and_last().await?;
            watermark.be_of(server);
            match watermark.up_to {
                Some(up_to) if up_to == last => return Ok(()),
                // The sequence went back with what a crash has lost.
                Some(up_to) if up_to > last => {
                    *watermark = Watermark::default();
                    return Ok(());
                }
                _ => {}
            }
            let later = self.later_transaction().await?;
            watermark.pending = Some(Pending { up_to: last, later });
        }
        let (server, oldest) = self.server_and_oldest_open().await?;
        watermark.be_of(server);
        if let Some(Pending { up_to, .. }) =
            watermark.pending.take_if(|pending| pending.later <= oldest)
        {
            watermark.up_to = Some(up_to);
        }
        Ok(())
    }

    async fn server_and_last(&self) -> Result<(DateTime<Utc>, i64), Error> {
        let row = sqlx::query!(
            r#"select pg_postmaster_start_time() as "server!",
                   case when is_called then last_value else 0 end as "last!"
               from request_events_id_seq"#
        );
        let row = row.fetch_one(self.db.pool()).await?;
        Ok((row.server, row.last))
    }

    /// A transaction has its id when it has updated a request, before the trigger takes a number: so whoever has been
    /// given a number by now has a lower id than this one. It is a statement of its own, as a snapshot may be older
    /// than the sequence that is read with it.
    async fn later_transaction(&self) -> Result<i64, Error> {
        let later = sqlx::query_scalar!(r#"select pg_current_xact_id()::text::bigint as "later!""#);
        Ok(later.fetch_one(self.db.pool()).await?)
    }

    async fn server_and_oldest_open(&self) -> Result<(DateTime<Utc>, i64), Error> {
        let row = sqlx::query!(
            r#"select pg_postmaster_start_time() as "server!",
                   pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldest!""#
        );
        let row = row.fetch_one(self.db.pool()).await?;
        Ok((row.server, row.oldest))
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
