//! Endpoints: one for each user, event type and version.

use chrono::{DateTime, Utc};
use fetch_db::{Connection, in_order};
use fetch_model::UserId;

use crate::{Error, EventStatus, SigningSecret, WebhookId, Webhooks, schedule::PARKED_FOR};

/// An endpoint to be.
#[derive(Debug, Clone)]
pub struct NewEndpoint<'a> {
    /// Whose requests it is told of.
    pub user: UserId,
    /// What it is told of; CourtListener's number.
    pub event_type: i16,
    /// Of the content.
    pub version: i16,
    /// Where it is told, as [`crate::Targets`] has read it.
    pub url: &'a str,
    /// Whether it is told already.
    pub enabled: bool,
    /// What signs.
    pub secret: &'a SigningSecret,
}

/// What is to be different of an endpoint; none stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Where it is told.
    pub url: Option<&'a str>,
    /// Whether it is told.
    pub enabled: Option<bool>,
}

/// An endpoint, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its number.
    pub id: WebhookId,
    /// Whose requests it is told of.
    pub user: UserId,
    /// What it is told of.
    pub event_type: i16,
    /// Of the content.
    pub version: i16,
    /// Where it is told.
    pub url: String,
    /// Whether it is told.
    pub enabled: bool,
    /// When it was switched off because of its failures, if it was.
    pub date_disabled: Option<DateTime<Utc>>,
    /// Tries that have failed.
    pub failure_count: i32,
    /// Until when the secret before this one signs as well, if it does.
    pub previous_secret_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub date_created: DateTime<Utc>,
    /// When it was changed last.
    pub date_modified: DateTime<Utc>,
    /// The oldest delivery that has failed and waits.
    pub waiting: Option<OldestWaiting>,
}

/// A delivery that has failed and waits for its next try, or for its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldestWaiting {
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many retries were made or are due.
    pub retries: i16,
    /// What was wrong with the last try.
    pub error: String,
}

/// How long the secret before the last one signs as well, in hours.
pub const PREVIOUS_SECRET_HOURS: i32 = 24;

#[derive(Debug)]
struct Row {
    id: i64,
    user_id: i64,
    event_type: i16,
    version: i16,
    url: String,
    enabled: bool,
    date_disabled: Option<DateTime<Utc>>,
    failure_count: i32,
    previous_secret_until: Option<DateTime<Utc>>,
    date_created: DateTime<Utc>,
    date_modified: DateTime<Utc>,
    waiting_since: Option<DateTime<Utc>>,
    waiting_retries: Option<i16>,
    waiting_error: Option<String>,
}

impl From<Row> for Endpoint {
    fn from(row: Row) -> Endpoint {
        let waiting = row.waiting_since.map(|since| OldestWaiting {
            since,
            retries: row.waiting_retries.unwrap_or_default(),
            error: row.waiting_error.unwrap_or_default(),
        });
        Endpoint {
            id: WebhookId(row.id),
            user: UserId(row.user_id),
            event_type: row.event_type,
            version: row.version,
            url: row.url,
            enabled: row.enabled,
            date_disabled: row.date_disabled,
            failure_count: row.failure_count,
            previous_secret_until: row.previous_secret_until,
            date_created: row.date_created,
            date_modified: row.date_modified,
            waiting,
        }
    }
}

impl Webhooks {
    /// Makes an endpoint. None if the user has one of this event type and version.
    pub async fn register(&self, new: &NewEndpoint<'_>) -> Result<Option<WebhookId>, Error> {
        let id = sqlx::query_scalar!(
            "insert into webhook_endpoints (user_id, event_type, version, url, enabled, secret)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (user_id, event_type, version) do nothing returning id",
            new.user.0,
            new.event_type,
            new.version,
            new.url,
            new.enabled,
            new.secret.expose()
        );
        let id = id.fetch_optional(self.db.pool()).await?;
        Ok(id.map(WebhookId))
    }

    /// An endpoint of this user; somebody else's is not there. Without a user: whoever's it is.
    pub async fn endpoint(
        &self,
        user: Option<UserId>,
        id: WebhookId,
    ) -> Result<Option<Endpoint>, Error> {
        Ok(self.rows(Some(&[id.0]), user).await?.pop())
    }

    /// Those of the endpoints that are this user's, in the order of the numbers.
    pub async fn endpoints_of(&self, user: UserId, ids: &[i64]) -> Result<Vec<Endpoint>, Error> {
        let endpoints = self.rows(Some(ids), Some(user)).await?;
        Ok(in_order(endpoints, ids, |endpoint| endpoint.id.0))
    }

    /// All endpoints, or those of one user, oldest first.
    pub async fn endpoints(&self, user: Option<UserId>) -> Result<Vec<Endpoint>, Error> {
        self.rows(None, user).await
    }

    async fn rows(
        &self,
        ids: Option<&[i64]>,
        user: Option<UserId>,
    ) -> Result<Vec<Endpoint>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select w.id, w.user_id, w.event_type, w.version, w.url, w.enabled, w.date_disabled,
                   w.failure_count,
                   case when w.previous_secret_until > clock_timestamp() then w.previous_secret_until end
                       as previous_secret_until,
                   w.date_created, w.date_modified,
                   oldest.date_created as "waiting_since?", oldest.retry_counter as "waiting_retries?",
                   oldest.error_message as "waiting_error?"
               from webhook_endpoints w
               left join lateral (
                   select date_created, retry_counter, error_message from webhook_events
                   where webhook_id = w.id and event_status = 1 and next_try is not null
                   order by id limit 1) oldest on true
               where ($1::bigint[] is null or w.id = any($1)) and ($2::bigint is null or w.user_id = $2)
               order by w.id"#,
            ids as Option<&[i64]>,
            user.map(|user| user.0)
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        Ok(rows.into_iter().map(Endpoint::from).collect())
    }

    /// Changes an endpoint of this user. What it was not told while it was off is sent from now on, if it is not too
    /// old; what waits is parked when it is switched off. Whether there is such an endpoint.
    pub async fn change(
        &self,
        user: Option<UserId>,
        id: WebhookId,
        change: Change<'_>,
    ) -> Result<bool, Error> {
        let mut transaction = self.db.begin().await?;
        let was_enabled = sqlx::query_scalar!(
            "select enabled from webhook_endpoints
             where id = $1 and ($2::bigint is null or user_id = $2) for no key update",
            id.0,
            user.map(|user| user.0)
        );
        let Some(was_enabled) = was_enabled.fetch_optional(&mut *transaction).await? else {
            return Ok(false);
        };
        sqlx::query!(
            "update webhook_endpoints
             set url = coalesce($2, url), enabled = coalesce($3, enabled),
                 date_disabled = case when $3::boolean is null then date_disabled end,
                 date_modified = clock_timestamp()
             where id = $1",
            id.0,
            change.url,
            change.enabled
        )
        .execute(&mut *transaction)
        .await?;
        match change.enabled {
            Some(true) if !was_enabled => resume(&mut transaction, id).await?,
            Some(false) => park(&mut transaction, id).await?,
            _ => {}
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Gives an endpoint of this user another secret. For [`PREVIOUS_SECRET_HOURS`] the one before it signs as well.
    /// Whether there is such an endpoint.
    pub async fn rotate_secret(
        &self,
        user: Option<UserId>,
        id: WebhookId,
        secret: &SigningSecret,
    ) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update webhook_endpoints
             set previous_secret = secret, secret = $3,
                 previous_secret_until = clock_timestamp() + make_interval(hours => $4),
                 date_modified = clock_timestamp()
             where id = $1 and ($2::bigint is null or user_id = $2)",
            id.0,
            user.map(|user| user.0),
            secret.expose(),
            PREVIOUS_SECRET_HOURS
        );
        Ok(done.execute(self.db.pool()).await?.rows_affected() == 1)
    }

    /// Removes an endpoint of this user, and its deliveries. Whether there is such an endpoint.
    pub async fn remove(&self, user: Option<UserId>, id: WebhookId) -> Result<bool, Error> {
        let done = sqlx::query!(
            "delete from webhook_endpoints where id = $1 and ($2::bigint is null or user_id = $2)",
            id.0,
            user.map(|user| user.0)
        );
        Ok(done.execute(self.db.pool()).await?.rows_affected() == 1)
    }
}

/// Parks what waits for an endpoint: it is switched off. Tests are sent all the same.
pub(crate) async fn park(connection: &mut Connection, id: WebhookId) -> Result<(), Error> {
    sqlx::query!(
        "update webhook_events
         set event_status = $2, next_try = null, date_modified = clock_timestamp()
         where webhook_id = $1 and next_try is not null and not debug",
        id.0,
        EventStatus::EndpointDisabled as i16
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has what was parked begin anew, and fails what is too old: the endpoint is switched on again.
async fn resume(connection: &mut Connection, id: WebhookId) -> Result<(), Error> {
    let hours = i32::try_from(PARKED_FOR.as_secs() / 3600).unwrap_or(i32::MAX);
    sqlx::query!(
        "update webhook_events
         set event_status = case when is_young then $3::smallint else $4 end,
             retry_counter = case when is_young then 0 else retry_counter end,
             next_try = case when is_young then clock_timestamp() end,
             claim = claim + 1, date_modified = clock_timestamp()
         from (select id as parked, date_created > clock_timestamp() - make_interval(hours => $5) as is_young
               from webhook_events where webhook_id = $1 and event_status = $2) as parked
         where id = parked",
        id.0,
        EventStatus::EndpointDisabled as i16,
        EventStatus::InProgress as i16,
        EventStatus::Failed as i16,
        hours
    )
    .execute(connection)
    .await?;
    Ok(())
}
