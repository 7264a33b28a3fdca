//! What the login service remembers: gateways keep it for that, as it has no database. See
//! `docs/adr/0048-login-records.md`.
//!
//! Values are the login service's own, and hold times, numbers and random names. Each write is conditional on
//! the revision that was read, and one statement; a row whose life is over counts as none.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};

use crate::{Error, Queue};

/// Rows that are forgotten at once.
const FORGET_AT_ONCE: i64 = 1000;

/// A record as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What was written.
    pub value: Vec<u8>,
    /// Which writing of all; never 0.
    pub revision: i64,
}

/// That a record was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    /// Which writing of all; never 0.
    pub revision: i64,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
}

impl Queue {
    /// The record under a key, if there is one whose life is not over, and the database's time.
    pub async fn login_record(&self, key: &str) -> Result<(Option<Record>, DateTime<Utc>), Error> {
        let row = sqlx::query!(
            r#"select clock_timestamp() as "at!", value as "value?", revision as "revision?"
               from (values (1)) as one
               left join login_records on key = $1 and expires_at > clock_timestamp()"#,
            key
        )
        .fetch_one(self.db.pool())
        .await?;
        let record = row.value.zip(row.revision);
        let record = record.map(|(value, revision)| Record { value, revision });
        Ok((record, row.at))
    }

    /// Writes a record over the revision that was read, 0 if there was none; after its life it counts as never
    /// written. `None` if there is another one.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing was written, unless it is [`Error::Unconfirmed`].
    pub async fn write_login_record(
        &self,
        key: &str,
        value: &[u8],
        over: i64,
        life: Duration,
    ) -> Result<Option<Writing>, Error> {
        let _turn = self.db.turn_to_write().await?;
        match over {
            0 => self.db.confirmed(self.create_now(key, value, life)).await,
            over => {
                let replacing = self.replace_now(key, value, over, life);
                self.db.confirmed(replacing).await
            }
        }
    }

    /// Creates each of these records, of a key and a value, where there is none; after their life they count as
    /// never written. Says of each, in their order, whether it is there: one that is found with the same value
    /// counts as created.
    ///
    /// # Errors
    /// When the database cannot answer; then none was written, unless it is [`Error::Unconfirmed`].
    pub async fn create_login_records(
        &self,
        records: &[(&str, &[u8])],
        life: Duration,
    ) -> Result<Vec<bool>, Error> {
        let _turn = self.db.turn_to_write().await?;
        let creating = self.create_all_now(records, life);
        let there = self.db.confirmed(creating).await?;
        let is_there = |(key, value): &(&str, &[u8])| {
            let found = there.get(*key);
            found.is_some_and(|found| found == value)
        };
        Ok(records.iter().map(is_there).collect())
    }

    /// Of those that are there, the values by their keys. Two statements with the same keys take them in the same
    /// order, so that neither has what the other waits for.
    async fn create_all_now(
        &self,
        records: &[(&str, &[u8])],
        life: Duration,
    ) -> Result<HashMap<String, Vec<u8>>, Error> {
        let (keys, values): (Vec<&str>, Vec<&[u8]>) = records.iter().copied().unzip();
        let there = sqlx::query!(
            "insert into login_records as known (key, value, expires_at)
             select distinct on (asked.key) asked.key, asked.value,
                    clock_timestamp() + make_interval(secs => $3)
             from unnest($1::text[], $2::bytea[]) as asked (key, value)
             order by asked.key
             on conflict (key) do update
             set value = excluded.value, revision = excluded.revision,
                 written_at = excluded.written_at, expires_at = excluded.expires_at
             where known.expires_at <= clock_timestamp() or known.value = excluded.value
             returning key, value",
            &keys as _,
            &values as _,
            life.as_secs_f64()
        );
        let there = there.fetch_all(self.db.pool()).await?;
        Ok(there.into_iter().map(|row| (row.key, row.value)).collect())
    }

    async fn create_now(
        &self,
        key: &str,
        value: &[u8],
        life: Duration,
    ) -> Result<Option<Writing>, Error> {
        let created = sqlx::query_as!(
            Writing,
            r#"insert into login_records as known (key, value, expires_at)
               values ($1, $2, clock_timestamp() + make_interval(secs => $3))
               on conflict (key) do update
               set value = excluded.value, revision = excluded.revision,
                   written_at = excluded.written_at, expires_at = excluded.expires_at
               where known.expires_at <= clock_timestamp()
               returning revision, clock_timestamp() as "at!""#,
            key,
            value,
            life.as_secs_f64()
        );
        Ok(created.fetch_optional(self.db.pool()).await?)
    }

    async fn replace_now(
        &self,
        key: &str,
        value: &[u8],
        over: i64,
        life: Duration,
    ) -> Result<Option<Writing>, Error> {
        let replaced = sqlx::query_as!(
            Writing,
            r#"update login_records
               set value = $2, revision = nextval('login_record_revisions'),
                   written_at = clock_timestamp(),
                   expires_at = clock_timestamp() + make_interval(secs => $4)
               where key = $1 and revision = $3 and expires_at > clock_timestamp()
               returning revision, clock_timestamp() as "at!""#,
            key,
            value,
            over,
            life.as_secs_f64()
        );
        Ok(replaced.fetch_optional(self.db.pool()).await?)
    }

    /// Forgets some of the records whose life is over; says how many.
    pub async fn forget_login_records(&self) -> Result<u64, Error> {
        let forgotten = sqlx::query!(
            "delete from login_records where key in (
                 select key from login_records where expires_at <= now()
                 order by expires_at limit $1
                 for update skip locked)",
            FORGET_AT_ONCE
        )
        .execute(self.db.pool())
        .await?;
        Ok(forgotten.rows_affected())
    }
}
