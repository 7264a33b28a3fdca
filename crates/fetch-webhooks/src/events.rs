//! Deliveries, as their owner sees them: the log, tests, and sending again.

use chrono::{DateTime, Utc};
use fetch_db::in_order;
use fetch_model::{FetchId, UserId};

use crate::{Error, EventStatus, WebhookEventId, WebhookId, Webhooks};

/// What was told to an endpoint, or is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// Its number.
    pub id: WebhookEventId,
    /// To which endpoint.
    pub webhook: WebhookId,
    /// Which request has ended; none of a test.
    pub request: Option<FetchId>,
    /// The `Idempotency-Key` of every try.
    pub key: String,
    /// Whether it is a test.
    pub is_test: bool,
    /// Where it stands.
    pub status: EventStatus,
    /// Retries that were made, or are due.
    pub retries: i16,
    /// When it is tried next, if it is.
    pub next_try: Option<DateTime<Utc>>,
    /// The body, once it was written.
    pub content: Option<String>,
    /// The status of the last answer.
    pub status_code: Option<i16>,
    /// The beginning of the last answer.
    pub response: String,
    /// What was wrong with the last try.
    pub error: String,
    /// When the request ended, or the test was asked for.
    pub date_created: DateTime<Utc>,
    /// When it was changed last.
    pub date_modified: DateTime<Utc>,
}

/// Which deliveries are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFilter {
    /// To this endpoint.
    pub webhook: Option<WebhookId>,
    /// That stand there.
    pub status: Option<EventStatus>,
    /// So many, newest first.
    pub limit: i64,
}

/// What becomes of the wish to send something again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// It is sent.
    Due,
    /// There is no such delivery.
    NotFound,
    /// Its endpoint is switched off.
    EndpointDisabled,
}

#[derive(Debug)]
struct Row {
    id: i64,
    webhook_id: i64,
    request_id: Option<i64>,
    event_id: String,
    debug: bool,
    event_status: i16,
    retry_counter: i16,
    next_try: Option<DateTime<Utc>>,
    content: Option<String>,
    status_code: Option<i16>,
    response: String,
    error_message: String,
    date_created: DateTime<Utc>,
    date_modified: DateTime<Utc>,
}

impl TryFrom<Row> for WebhookEvent {
    type Error = Error;

    fn try_from(row: Row) -> Result<WebhookEvent, Error> {
        let status = EventStatus::from_number(row.event_status);
        Ok(WebhookEvent {
            id: WebhookEventId(row.id),
            webhook: WebhookId(row.webhook_id),
            request: row.request_id.map(FetchId),
            key: row.event_id,
            is_test: row.debug,
            status: status.ok_or_else(|| Error::Malformed {
                what: "webhook event",
                why: format!("event_status {}", row.event_status),
            })?,
            retries: row.retry_counter,
            next_try: row.next_try,
            content: row.content,
            status_code: row.status_code,
            response: row.response,
            error: row.error_message,
            date_created: row.date_created,
            date_modified: row.date_modified,
        })
    }
}

/// Tests of one endpoint that may wait to be sent.
pub const MOST_TESTS: i64 = 10;

impl Webhooks {
    /// A delivery of this user; somebody else's is not there. Without a user: whoever's it is.
    pub async fn event(
        &self,
        user: Option<UserId>,
        id: WebhookEventId,
    ) -> Result<Option<WebhookEvent>, Error> {
        Ok(self.numbered(&[id.0], user).await?.pop())
    }

    /// Those of the deliveries that are this user's, in the order of the numbers.
    pub async fn events_of(&self, user: UserId, ids: &[i64]) -> Result<Vec<WebhookEvent>, Error> {
        self.numbered(ids, Some(user)).await
    }

    /// Deliveries by their numbers, in that order; only this user's if there is one.
    async fn numbered(
        &self,
        ids: &[i64],
        user: Option<UserId>,
    ) -> Result<Vec<WebhookEvent>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, webhook_id, request_id, event_id::text as "event_id!", debug, event_status,
                   retry_counter, next_try, content, status_code, response, error_message, date_created,
                   date_modified
               from webhook_events where id = any($1) and ($2::bigint is null or user_id = $2)"#,
            ids,
            user.map(|user| user.0)
        );
        let rows = rows.fetch_all(self.db.pool()).await?.into_iter();
        let events: Result<Vec<WebhookEvent>, Error> = rows.map(WebhookEvent::try_from).collect();
        Ok(in_order(events?, ids, |event| event.id.0))
    }

    /// The last deliveries, whoever's.
    pub async fn log(&self, filter: EventFilter) -> Result<Vec<WebhookEvent>, Error> {
        let ids = sqlx::query_scalar!(
            "select id from webhook_events
             where ($1::bigint is null or webhook_id = $1)
               and ($2::smallint is null or event_status = $2)
             order by id desc limit $3",
            filter.webhook.map(|webhook| webhook.0),
            filter.status.map(|status| status as i16),
            filter.limit
        );
        let ids = ids.fetch_all(self.db.pool()).await?;
        self.numbered(&ids, None).await
    }

    /// Has an endpoint of this user told something that has not happened, whether it is switched on or not. None if
    /// there is no such endpoint, or [`MOST_TESTS`] of its tests wait to be sent.
    pub async fn test(
        &self,
        user: Option<UserId>,
        id: WebhookId,
    ) -> Result<Option<WebhookEventId>, Error> {
        let event = sqlx::query_scalar!(
            "insert into webhook_events (webhook_id, user_id, debug)
             select id, user_id, true from webhook_endpoints
             where id = $1 and ($2::bigint is null or user_id = $2)
               and (select count(*) from webhook_events
                    where webhook_id = $1 and debug and next_try is not null) < $3
             returning id",
            id.0,
            user.map(|user| user.0),
            MOST_TESTS
        );
        let event = event.fetch_optional(self.db.pool()).await?;
        Ok(event.map(WebhookEventId))
    }

    /// Sends a delivery of this user again, now, with the same key and body; its retries begin anew.
    pub async fn replay(
        &self,
        user: Option<UserId>,
        id: WebhookEventId,
    ) -> Result<Replayed, Error> {
        let may_be_sent = sqlx::query_scalar!(
            r#"update webhook_events e
               set event_status = case when may_be_sent then $3::smallint else event_status end,
                   retry_counter = case when may_be_sent then 0 else retry_counter end,
                   next_try = case when may_be_sent then clock_timestamp() else next_try end,
                   claim = case when may_be_sent then claim + 1 else claim end,
                   date_modified = case when may_be_sent then clock_timestamp() else e.date_modified end
               from (select e.id as event, w.enabled or e.debug as may_be_sent
                     from webhook_events e join webhook_endpoints w on w.id = e.webhook_id
                     where e.id = $1 and ($2::bigint is null or e.user_id = $2)
                     for no key update of w) as found
               where e.id = event
               returning may_be_sent as "may_be_sent!""#,
            id.0,
            user.map(|user| user.0),
            EventStatus::InProgress as i16
        );
        Ok(match may_be_sent.fetch_optional(self.db.pool()).await? {
            None => Replayed::NotFound,
            Some(false) => Replayed::EndpointDisabled,
            Some(true) => Replayed::Due,
        })
    }
}
