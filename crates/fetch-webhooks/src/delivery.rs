//! Taking what is due, and writing down what became of it.
//!
//! Whoever takes a delivery moves its next try on, by as long as a try can take: a process that dies with it is
//! noticed by nobody, and the delivery is due again. Each taking has a number, and who has an older one writes
//! nothing. So a delivery is sent at least once, and by one process at a time unless one of them was frozen.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use fetch_db::Connection;
use fetch_model::FetchId;

use crate::{
    Error, EventStatus, SigningSecret, Warning, WebhookEventId, WebhookId, Webhooks,
    endpoints::park,
    schedule::{self, Next},
};

/// How long an endpoint whose user may not call is left alone before it is looked at again.
const SHUT_OUT_FOR: Duration = Duration::from_secs(60 * 60);

/// How many deliveries to one endpoint are put aside at once; the next look goes on.
const PUT_ASIDE_AT_ONCE: i64 = 1000;

/// How much is taken at once.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Deliveries in all.
    pub free: usize,
    /// Deliveries of one endpoint, with those that this process is sending.
    pub per_endpoint: usize,
    /// After how long whoever took one counts as dead.
    pub lease: Duration,
}

/// A delivery that this process is to send.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its number.
    pub id: WebhookEventId,
    /// Which taking this is.
    claim: i64,
    /// To which endpoint.
    pub webhook: WebhookId,
    /// Where.
    pub url: String,
    /// The endpoint's event type.
    pub event_type: i16,
    /// The endpoint's version.
    pub version: i16,
    /// When the endpoint was made.
    pub endpoint_created: DateTime<Utc>,
    /// What signs.
    pub secrets: Vec<SigningSecret>,
    /// Which request has ended; none of a test.
    pub request: Option<FetchId>,
    /// The `Idempotency-Key`.
    pub key: String,
    /// The body, if it was written before.
    pub content: Option<String>,
    /// Retries that were made before this try, and this.
    retries: i16,
    /// Whether it is a test.
    pub is_test: bool,
}

/// What was said to a try.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer; none if there was no answer.
    pub status_code: Option<u16>,
    /// The beginning of the answer.
    pub response: String,
    /// What was wrong, if something was.
    pub error: String,
}

impl Outcome {
    /// Whether it has arrived.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status_code.is_some_and(schedule::is_success)
    }
}

/// What was written down about a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// Nothing: somebody else has taken the delivery since, it was parked or begun anew, or it is gone.
    Stale,
    /// What comes next, and what the owner is to know.
    Written(Next, Option<Warning>),
}

#[derive(Debug)]
struct Row {
    id: i64,
    claim: i64,
    webhook_id: i64,
    url: String,
    event_type: i16,
    version: i16,
    endpoint_created: DateTime<Utc>,
    secret: String,
    previous_secret: Option<String>,
    request_id: Option<i64>,
    event_id: String,
    content: Option<String>,
    retry_counter: i16,
    debug: bool,
}

impl From<Row> for Claimed {
    fn from(row: Row) -> Claimed {
        let secrets = [Some(row.secret), row.previous_secret];
        Claimed {
            id: WebhookEventId(row.id),
            claim: row.claim,
            webhook: WebhookId(row.webhook_id),
            url: row.url,
            event_type: row.event_type,
            version: row.version,
            endpoint_created: row.endpoint_created,
            secrets: secrets
                .into_iter()
                .flatten()
                .map(SigningSecret::stored)
                .collect(),
            request: row.request_id.map(FetchId),
            key: row.event_id,
            content: row.content,
            retries: row.retry_counter,
            is_test: row.debug,
        }
    }
}

impl Webhooks {
    /// Takes what is due, the longest due first. `under_way` is what this process is sending, by endpoint.
    pub async fn claim(
        &self,
        under_way: &HashMap<WebhookId, usize>,
        bounds: Bounds,
    ) -> Result<Vec<Claimed>, Error> {
        // One look at an index, and nearly always there is nothing. It is now(), in all that looks for what is due: an
        // index does not serve a clock that goes on while it is read.
        let is_due = sqlx::query_scalar!(
            r#"select exists (select from webhook_events where next_try <= now()) as "is_due!""#
        );
        if !is_due.fetch_one(self.db.pool()).await? {
            return Ok(Vec::new());
        }
        self.put_aside().await?;
        self.take(under_way, bounds).await
    }

    async fn take(
        &self,
        under_way: &HashMap<WebhookId, usize>,
        bounds: Bounds,
    ) -> Result<Vec<Claimed>, Error> {
        let webhooks: Vec<i64> = under_way.keys().map(|id| id.0).collect();
        let counts: Vec<i64> = under_way.values().map(|count| whole(*count)).collect();
        // An endpoint is looked at for itself, so that one with thousands hides nobody's.
        let rows = sqlx::query_as!(
            Row,
            r#"with due as (
                   select e.id from webhook_endpoints w
                   join users u on u.id = w.user_id and u.is_active
                   left join unnest($1::bigint[], $2::bigint[]) as busy (webhook_id, sending)
                       on busy.webhook_id = w.id
                   cross join lateral (
                       select id, next_try from webhook_events
                       where webhook_id = w.id and next_try <= now()
                         and (w.enabled or debug)
                       order by next_try, id
                       limit greatest($3 - coalesce(busy.sending, 0), 0)
                       for update skip locked) e
                   order by coalesce(busy.sending, 0), e.next_try, e.id limit $4)
               update webhook_events e
               set claim = e.claim + 1, next_try = clock_timestamp() + make_interval(secs => $5)
               from due, webhook_endpoints w
               where e.id = due.id and w.id = e.webhook_id
               returning e.id, e.claim, e.webhook_id, w.url, w.event_type, w.version,
                   w.date_created as endpoint_created, w.secret,
                   case when w.previous_secret_until > clock_timestamp() then w.previous_secret end
                       as previous_secret,
                   e.request_id, e.event_id::text as "event_id!", e.content, e.retry_counter, e.debug"#,
            &webhooks,
            &counts,
            whole(bounds.per_endpoint),
            whole(bounds.free),
            bounds.lease.as_secs_f64()
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        Ok(rows.into_iter().map(Claimed::from).collect())
    }

    /// Parks what is due at endpoints that are off, and puts off what is due to users who may not call: they are told
    /// nothing. Whoever switches such an endpoint on waits for this, and finds what was parked.
    async fn put_aside(&self) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let shut = sqlx::query!(
            r#"select w.id, u.is_active
               from webhook_endpoints w join users u on u.id = w.user_id
               where (not w.enabled or not u.is_active)
                 and exists (select from webhook_events
                             where webhook_id = w.id and next_try <= now()
                               and (not debug or not u.is_active))
               for share of w skip locked"#
        );
        let shut = shut.fetch_all(&mut *transaction).await?;
        if shut.is_empty() {
            return Ok(());
        }
        let endpoints: Vec<i64> = shut.iter().map(|it| it.id).collect();
        let are_active: Vec<bool> = shut.iter().map(|it| it.is_active).collect();
        sqlx::query!(
            "update webhook_events
             set event_status = case when is_active then $3::smallint else event_status end,
                 next_try = case when not is_active then clock_timestamp() + make_interval(secs => $4) end
             from (select e.id as held, shut.is_active
                   from unnest($1::bigint[], $2::boolean[]) as shut (webhook_id, is_active)
                   cross join lateral (
                       select id from webhook_events
                       where webhook_id = shut.webhook_id and next_try <= now()
                         and (not debug or not shut.is_active)
                       order by next_try, id limit $5 for update skip locked) e) as held
             where id = held",
            &endpoints,
            &are_active,
            EventStatus::EndpointDisabled as i16,
            SHUT_OUT_FOR.as_secs_f64(),
            PUT_ASIDE_AT_ONCE
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes down what will be sent, before it is. Whether the delivery is still this process's.
    pub async fn write_content(&self, claimed: &Claimed, content: &str) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update webhook_events set content = $3 where id = $1 and claim = $2 and content is null",
            claimed.id.0,
            claimed.claim,
            content
        );
        Ok(done.execute(self.db.pool()).await?.rows_affected() == 1)
    }

    /// Removes a delivery whose request has not ended any more: the operator has had it tried again before anybody was
    /// told. Its next end has a delivery of its own.
    pub async fn withdraw(&self, claimed: &Claimed) -> Result<(), Error> {
        sqlx::query!(
            "delete from webhook_events where id = $1 and claim = $2 and content is null",
            claimed.id.0,
            claimed.claim
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    /// Writes down what was said to a try.
    pub async fn finish(&self, claimed: &Claimed, outcome: &Outcome) -> Result<Finished, Error> {
        let next = schedule::after_try(outcome.is_success(), claimed.retries, claimed.is_test);
        let mut transaction = self.db.begin().await?;
        if next != Next::Delivered {
            // First the endpoint, in every transaction that writes both. What a request that ends right now inserts
            // does not wait for this.
            sqlx::query!(
                "select id from webhook_endpoints where id = $1 for no key update",
                claimed.webhook.0
            )
            .fetch_optional(&mut *transaction)
            .await?;
        }
        if !write(&mut transaction, claimed, outcome, next).await? {
            return Ok(Finished::Stale);
        }
        let mut warning = None;
        if next != Next::Delivered && !claimed.is_test {
            warning = count_failure(&mut transaction, claimed).await?;
        }
        if next == Next::GiveUp {
            switch_off(&mut transaction, claimed.webhook).await?;
        }
        transaction.commit().await?;
        Ok(Finished::Written(next, warning))
    }
}

/// What was parked meanwhile has arrived, if it has; otherwise it stays parked.
async fn write(
    connection: &mut Connection,
    claimed: &Claimed,
    outcome: &Outcome,
    next: Next,
) -> Result<bool, Error> {
    let (status, retries, wait) = match next {
        Next::Delivered => (EventStatus::Delivered, claimed.retries, None),
        Next::Failed | Next::GiveUp => (EventStatus::Failed, claimed.retries, None),
        Next::Retry(retry, wait) => (EventStatus::WaitingForRetry, retry, Some(wait)),
    };
    let done = sqlx::query!(
        "update webhook_events
         set event_status = $3, retry_counter = $4,
             next_try = clock_timestamp() + make_interval(secs => $5),
             status_code = $6, response = $7, error_message = $8, date_modified = clock_timestamp()
         where id = $1 and claim = $2
           and (next_try is not null or event_status = $9 and $10)",
        claimed.id.0,
        claimed.claim,
        status as i16,
        retries,
        wait.map(|wait| wait.as_secs_f64()),
        outcome
            .status_code
            .and_then(|code| i16::try_from(code).ok()),
        storable(&outcome.response),
        storable(&outcome.error),
        EventStatus::EndpointDisabled as i16,
        next == Next::Delivered
    );
    Ok(done.execute(connection).await?.rows_affected() == 1)
}

/// Counts a failure, and says what the owner is to know of it: only of the oldest delivery that waits.
async fn count_failure(
    connection: &mut Connection,
    claimed: &Claimed,
) -> Result<Option<Warning>, Error> {
    sqlx::query!(
        "update webhook_endpoints set failure_count = failure_count + 1 where id = $1",
        claimed.webhook.0
    )
    .execute(&mut *connection)
    .await?;
    let Some(warning) = schedule::warning(claimed.retries) else {
        return Ok(None);
    };
    let is_oldest = sqlx::query_scalar!(
        r#"select not exists (
               select from webhook_events
               where webhook_id = $1 and id < $2 and event_status = $3 and not debug and next_try is not null) as "is_oldest!""#,
        claimed.webhook.0,
        claimed.id.0,
        EventStatus::WaitingForRetry as i16
    );
    let is_oldest = is_oldest.fetch_one(connection).await?;
    Ok((is_oldest || warning == Warning::Disabled).then_some(warning))
}

async fn switch_off(connection: &mut Connection, id: WebhookId) -> Result<(), Error> {
    sqlx::query!(
        "update webhook_endpoints
         set enabled = false, date_disabled = clock_timestamp(), date_modified = clock_timestamp()
         where id = $1 and enabled",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    park(connection, id).await
}

/// The database takes no text with a NUL.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
