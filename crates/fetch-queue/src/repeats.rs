//! Requests that are sent again: what a caller's Idempotency-Key stands for.
//!
//! A key belongs to a user, is written in the transaction that writes its request, and is
//! forgotten after [`KEPT_FOR`]. Many requests that are sent at once have one key, with which their answer is kept.

use std::time::Duration;

use fetch_model::{FetchId, FetchRequest, UserId};
use sqlx::PgConnection;

use crate::{Error, Queue};

/// How long a key stands for its request.
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);

/// Keys that one call forgets.
const FORGET_AT_ONCE: i64 = 1000;

/// A caller's key and what came with it, as digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Of the key.
    pub key: [u8; 32],
    /// Of what is asked for and who pays.
    pub body: [u8; 32],
}

/// What the key of many requests stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EarlierBatch {
    /// The same were sent before: what was answered.
    Same(String),
    /// Others were, or a single one.
    Different,
}

/// What a key stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Earlier {
    /// The same was asked for before: this request, as it is now.
    Same(Box<FetchRequest>),
    /// Something else was asked for.
    Different,
}

impl Queue {
    /// What the key of a user stands for; `None` if it is new, or older than [`KEPT_FOR`].
    pub async fn earlier(&self, user: UserId, mark: &Mark) -> Result<Option<Earlier>, Error> {
        let row = sqlx::query!(
            "select body_digest, request_id from idempotency_keys
             where user_id = $1 and key_digest = $2
               and date_created > clock_timestamp() - make_interval(secs => $3)",
            user.0,
            &mark.key[..],
            KEPT_FOR.as_secs_f64()
        )
        .fetch_optional(self.db.pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.body_digest != mark.body {
            return Ok(Some(Earlier::Different));
        }
        let Some(id) = row.request_id else {
            return Ok(None);
        };
        let request = self.request_of(user, FetchId(id)).await?;
        Ok(request.map(|request| Earlier::Same(Box::new(request))))
    }

    /// What the key of a user stands for who sends many requests at once; `None` if it is new, or older than
    /// [`KEPT_FOR`].
    pub async fn earlier_batch(
        &self,
        user: UserId,
        mark: &Mark,
    ) -> Result<Option<EarlierBatch>, Error> {
        let row = sqlx::query!(
            "select body_digest, batch_answer from idempotency_keys
             where user_id = $1 and key_digest = $2
               and date_created > clock_timestamp() - make_interval(secs => $3)",
            user.0,
            &mark.key[..],
            KEPT_FOR.as_secs_f64()
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.and_then(|row| match row.body_digest == mark.body {
            true => row.batch_answer.map(EarlierBatch::Same),
            false => Some(EarlierBatch::Different),
        }))
    }

    /// Forgets some of the keys that are older than [`KEPT_FOR`]; says how many.
    pub async fn forget_old_keys(&self) -> Result<u64, Error> {
        let forgotten = sqlx::query!(
            "delete from idempotency_keys
             where (user_id, key_digest) in (
                 select user_id, key_digest from idempotency_keys
                 where date_created <= clock_timestamp() - make_interval(secs => $1)
                 order by date_created limit $2
                 for update skip locked)",
            KEPT_FOR.as_secs_f64(),
            FORGET_AT_ONCE
        )
        .execute(self.db.pool())
        .await?;
        Ok(forgotten.rows_affected())
    }
}

/// Takes a key for a request that is about to be written; false if it stands for another one.
/// Waits for a transaction that has just taken it.
pub async fn take(connection: &mut PgConnection, user: UserId, mark: &Mark) -> Result<bool, Error> {
    let taken = sqlx::query!(
        "insert into idempotency_keys (user_id, key_digest, body_digest) values ($1, $2, $3)
         on conflict (user_id, key_digest) do update
         set body_digest = excluded.body_digest, request_id = null,
             date_created = clock_timestamp()
         where idempotency_keys.date_created <= clock_timestamp() - make_interval(secs => $4)",
        user.0,
        &mark.key[..],
        &mark.body[..],
        KEPT_FOR.as_secs_f64()
    )
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Says which request a key that was taken stands for.
pub async fn point(
    connection: &mut PgConnection,
    user: UserId,
    mark: &Mark,
    request: FetchId,
) -> Result<(), Error> {
    sqlx::query!(
        "update idempotency_keys set request_id = $3 where user_id = $1 and key_digest = $2",
        user.0,
        &mark.key[..],
        request.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says what was answered to the many requests that a key stands for which was taken.
pub async fn keep_answer(
    connection: &mut PgConnection,
    user: UserId,
    mark: &Mark,
    answer: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "update idempotency_keys set batch_answer = $3 where user_id = $1 and key_digest = $2",
        user.0,
        &mark.key[..],
        answer
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the keys of a user.
pub async fn forget_keys_of(connection: &mut PgConnection, user: UserId) -> Result<(), Error> {
    sqlx::query!("delete from idempotency_keys where user_id = $1", user.0)
        .execute(connection)
        .await?;
    Ok(())
}
