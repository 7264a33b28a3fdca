//! Requests whose session has ended: they wait, out of the queue, until their owner logs in again.
//!
//! Such a row is `waiting` and says in `login_until` by when. See `docs/adr/0037-requests-survive-their-session.md`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_model::{Failure, Fence, FetchId, TokenId, UserId};
use sqlx::PgConnection;

use crate::{
    Error, Queue,
    notify::WORK_CHANNEL,
    row::{as_json, status_of_failed},
};

/// How long a request waits for a login.
const LOGIN_WITHIN: Duration = Duration::from_secs(24 * 3600);

/// How long after the first login that let it go on a request may wait for another one. Whoever logs in
/// every morning for work that is only done at night would keep it waiting for ever.
const NO_LOGIN_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// What was opened, for whom: whose requests may go on. All of it has to fit.
#[derive(Debug, Clone, Copy)]
pub struct LoggedIn<'a> {
    /// Who logged in.
    pub user: UserId,
    /// With which token of ours.
    pub token: TokenId,
    /// Where the session lies.
    pub session_key: &'a str,
    /// Whom PACER bills.
    pub account_digest: &'a str,
    /// What it books on.
    pub client_code: &'a str,
}

impl Queue {
    /// Puts every request that waits for this login back into the queue, at most behind what its
    /// owner has there, and never before a court's clock. Says how many; none of a user or with a
    /// token that opens nothing any more.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing was changed, unless it is
    /// [`Error::Unconfirmed`].
    pub async fn take_up(&self, login: LoggedIn<'_>) -> Result<u64, Error> {
        let _turn = self.db.turn_to_write().await?;
        self.db.confirmed(self.take_up_now(login)).await
    }

    async fn take_up_now(&self, login: LoggedIn<'_>) -> Result<u64, Error> {
        let row = sqlx::query_file!(
            "src/sql/take_up.sql",
            login.user.0,
            login.token.0,
            login.session_key,
            login.account_digest,
            login.client_code,
            WORK_CHANNEL
        )
        .fetch_one(self.db.pool())
        .await?;
        Ok(row.taken_up.try_into().unwrap_or(0))
    }

    /// How many requests of a user wait for a login, of whichever PACER accounts.
    pub async fn waiting_for_login(&self, user: UserId) -> Result<i64, Error> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "waiting!" from fetch_requests
               where user_id = $1 and login_until is not null and state = 'waiting'"#,
            user.0
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// Puts a request that was just left waiting for a login back into the queue, where it was:
    /// somebody had logged in before the row said that it waits. `fence` is that of the attempt
    /// that left it.
    pub async fn has_session_after_all(&self, id: FetchId, fence: Fence) -> Result<(), Error> {
        sqlx::query!(
            "with back as (
                 update fetch_requests
                 set login_until = null, not_before = null, failure = null, message = '',
                     date_modified = clock_timestamp()
                 where id = $1 and fence = $2 and state = 'waiting' and login_until is not null
                 returning id, fence, target_court),
             noted as (
                 insert into fetch_steps (request_id, fence, step) select id, fence, 'logged_in' from back)
             select pg_notify($3, target_court) from back",
            id.0,
            fence.0,
            WORK_CHANNEL
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(())
    }
}

/// By when somebody has to log in again for a request that is about to wait.
pub(super) async fn deadline(
    connection: &mut PgConnection,
    id: FetchId,
) -> Result<DateTime<Utc>, Error> {
    Ok(sqlx::query_scalar!(
        r#"select least(clock_timestamp() + make_interval(secs => $2),
                        -- The operator's replay begins it anew. Nobody logged in yet: no bound.
                        (select greatest(max(at) filter (where step = 'replayed'),
                                         min(at) filter (where step = 'logged_in'))
                                    + make_interval(secs => $3)
                         from fetch_steps
                         where request_id = $1 and step in ('replayed', 'logged_in')
                         having bool_or(step = 'logged_in'))) as "by!""#,
        id.0,
        LOGIN_WITHIN.as_secs_f64(),
        NO_LOGIN_AFTER.as_secs_f64()
    )
    .fetch_one(connection)
    .await?)
}

/// Ends what nobody logged in for in time.
pub(super) async fn give_up_without_login(
    connection: &mut PgConnection,
) -> Result<Vec<FetchId>, Error> {
    let rows = sqlx::query!(
        "select id, failure from fetch_requests
         where state = 'waiting' and login_until <= clock_timestamp()
         order by login_until limit 1000
         for update skip locked"
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut ended = Vec::new();
    for row in rows {
        let after = row.failure.map(serde_json::from_value).transpose();
        let after = after.ok().flatten().unwrap_or(Failure::Internal);
        let failure = Failure::NoLogin {
            after: Box::new(after),
        };
        ended.push((row.id, failure));
    }
    for (id, failure) in &ended {
        sqlx::query!(
            "with ended as (
                 update fetch_requests
                 set state = 'failed', status = $4, message = $2, failure = $3, fence = fence + 1,
                     worker = null, lease_until = null, not_before = null, login_until = null,
                     date_completed = clock_timestamp(), date_modified = clock_timestamp()
                 where id = $1
                 returning id, fence, message)
             insert into fetch_steps (request_id, fence, step, detail)
             select id, fence, 'failed', message from ended",
            id,
            failure.to_string(),
            as_json(failure)?,
            status_of_failed(failure)
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(ended.into_iter().map(|(id, _)| FetchId(id)).collect())
}
