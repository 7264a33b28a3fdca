//! Up to where the numbers of a sequence are settled, over all transactions.
//!
//! Rows have their numbers when they are written and are seen when they are committed, so one of a lower number may
//! be seen after one of a higher. Readers go no further than a [`Watermark`]: nothing more comes up to there, whatever
//! transactions are open. See `docs/adr/0052-request-events.md`.

use chrono::{DateTime, Utc};

use crate::{Db, Error};

/// Up to where all rows are known that will ever be there.
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

    /// Whether there are rows that may yet be committed.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        self.pending.is_some()
    }
}

impl Db {
    /// Raises the watermark of a sequence as far as transactions have ended. That of another server, or of this one
    /// before it was started again, is worth nothing: numbers that were given to what was lost are given again.
    ///
    /// Whoever takes a number must have written something before in the same transaction, as triggers have.
    pub async fn advance(&self, watermark: &mut Watermark, sequence: &str) -> Result<(), Error> {
        if watermark.pending.is_none() {
            let (server, last) = self.server_and_last(sequence).await?;
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

    /// The last number that a sequence has given; 0 if it gave none.
    pub async fn last_given(&self, sequence: &str) -> Result<i64, Error> {
        Ok(self.server_and_last(sequence).await?.1)
    }

    async fn server_and_last(&self, sequence: &str) -> Result<(DateTime<Utc>, i64), Error> {
        let row = sqlx::query!(
            r#"select pg_postmaster_start_time() as "server!",
                   coalesce(pg_sequence_last_value($1::text::regclass), 0) as "last!""#,
            sequence
        );
        let row = row.fetch_one(self.pool()).await?;
        Ok((row.server, row.last))
    }

    /// A transaction has its id when it has written something, before it takes a number: so whoever has been given a
    /// number by now has a lower id than this one. It is a statement of its own, as a snapshot may be older than the
    /// sequence that is read with it.
    async fn later_transaction(&self) -> Result<i64, Error> {
        let later = sqlx::query_scalar!(r#"select pg_current_xact_id()::text::bigint as "later!""#);
        Ok(later.fetch_one(self.pool()).await?)
    }

    async fn server_and_oldest_open(&self) -> Result<(DateTime<Utc>, i64), Error> {
        let row = sqlx::query!(
            r#"select pg_postmaster_start_time() as "server!",
                   pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldest!""#
        );
        let row = row.fetch_one(self.pool()).await?;
        Ok((row.server, row.oldest))
    }
}
