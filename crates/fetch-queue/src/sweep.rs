//! What nobody moves: found by the gateway, and taken back, given up or said again.

use std::time::Duration;

use fetch_db::locks;
use fetch_model::{Failure, Fence, FetchId, FetchKind, State, UserId, retry::MAX_ATTEMPTS};
use sqlx::PgConnection;

use crate::{
    Error, logins,
    notify::WORK_CHANNEL,
    release::{CLAIM_WITHIN, Released, words_of_no_worker},
    row::{as_json, kind_of, status_of, status_of_failed},
    workers,
};

/// How long a request waits for a court that lets nobody in.
const LOCKED_OUT: Duration = Duration::from_secs(24 * 3600);

/// How often a request is put off by its court without an attempt counted. A court that asks for the
/// shortest pause each time is asked for hours.
const MAX_SNOOZES: i32 = 500;

/// The same for what is no court's doing, and then only after [`NOBODY_CAME`]: a volume that is
/// read-only for a night ends nothing.
const MAX_PUT_OFF: i32 = 500;

/// What a sweep found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Released, but nobody claimed it: its message was lost.
    pub unclaimed: Vec<Released>,
    /// Taken back from dead workers; they are in the queue again.
    pub reclaimed: Vec<FetchId>,
    /// Taken back once too often; they failed.
    pub given_up: Vec<FetchId>,
    /// Their court has let nobody in for a day, or put them off again and again; they failed.
    pub court_closed_too_long: Vec<FetchId>,
    /// Released, and not taken for long; they are in the queue again.
    pub unserved: Vec<FetchId>,
    /// No worker of their kind was seen for a day; they failed.
    pub nobody_came: Vec<FetchId>,
    /// Something of ours was in their way for a day; they failed.
    pub put_off: Vec<FetchId>,
    /// Nobody logged in for them in time; they failed.
    pub not_logged_in: Vec<FetchId>,
}

/// Finds work that nobody moves: lost messages and dead workers. `None` when another
/// process is sweeping at this moment.
pub async fn sweep(connection: &mut PgConnection) -> Result<Option<SweepReport>, Error> {
    if !locks::try_lock(connection, "sweep").await? {
        return Ok(None);
    }
    let court_closed_too_long = give_up_on_closed_courts(connection).await?;
    let put_off = give_up_put_off(connection).await?;
    let not_logged_in = logins::give_up_without_login(connection).await?;
    release_places_of_cancelled(connection).await?;
    let nobody_came = give_up_without_workers(connection).await?;
    let unserved = take_back_unclaimed(connection).await?;
    let unclaimed = republish(connection).await?;
    workers::forget_old(connection).await?;
    let failure = as_json(&Failure::Internal)?;
    // The claim was lost with its worker. Whether money moved is for the next attempt to
    // find out: it sees the intent that this one left. Where there is none the answer says it.
    let rows = sqlx::query!(
        r#"update fetch_requests
           set attempts = attempts + 1, fence = fence + 1, worker = null, lease_until = null,
               state = (case when attempts + 1 >= $1 then 'failed' else 'waiting' end)::request_state,
               status = case when attempts + 1 >= $1 then $4::smallint else $5::smallint end,
               failure = case when attempts + 1 >= $1 then $2::jsonb end,
               message = case when attempts + 1 >= $1 then $3 else '' end,
               date_completed = case when attempts + 1 >= $1 then clock_timestamp() end,
               date_modified = clock_timestamp()
           where id in (
               -- Whoever is just saying that he lives holds the row.
               select id from fetch_requests
               where state in ('running', 'captured') and lease_until < clock_timestamp()
               for update skip locked)
           returning id, state = 'failed' as "failed!""#,
        MAX_ATTEMPTS,
        failure,
        Failure::Internal.to_string(),
        status_of_failed(&Failure::Internal),
        // An attempt has been counted, whichever it was.
        status_of(State::Waiting, None, 1)
    )
    .fetch_all(&mut *connection)
    .await?;
    let (given_up, reclaimed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.failed);
    let ids = |rows: Vec<_>, id: fn(&_) -> i64| rows.iter().map(id).map(FetchId).collect();
    Ok(Some(SweepReport {
        unclaimed,
        reclaimed: ids(reclaimed, |row| row.id),
        given_up: ids(given_up, |row| row.id),
        court_closed_too_long,
        unserved,
        nobody_came,
        put_off,
        not_logged_in,
    }))
}

/// Ends what has waited for a day for a court that is closed, or was put off by its court more often
/// than any court is busy: an accepted request ends some day.
async fn give_up_on_closed_courts(connection: &mut PgConnection) -> Result<Vec<FetchId>, Error> {
    let blocked = status_of_failed(&Failure::BlockedByCourt {
        court: String::new(),
    });
    let put_off = sqlx::query_file_scalar!("src/sql/give_up_snoozed.sql", MAX_SNOOZES, blocked);
    let mut ids = put_off.fetch_all(&mut *connection).await?;
    // Nearly always none, and then nobody looks through what is queued.
    let closed = sqlx::query_scalar!(
        "select id from courts where open_since < clock_timestamp() - make_interval(secs => $1)",
        LOCKED_OUT.as_secs_f64()
    )
    .fetch_all(&mut *connection)
    .await?;
    if !closed.is_empty() {
        let court_closed_too_long = sqlx::query_file_scalar!(
            "src/sql/give_up_locked_out.sql",
            LOCKED_OUT.as_secs_f64(),
            &closed,
            blocked
        );
        ids.extend(court_closed_too_long.fetch_all(&mut *connection).await?);
    }
    Ok(ids.into_iter().map(FetchId).collect())
}

/// Ends what something of ours was in the way of, again and again and for a day. It says what that
/// was.
async fn give_up_put_off(connection: &mut PgConnection) -> Result<Vec<FetchId>, Error> {
    let rows = sqlx::query_file!(
        "src/sql/put_off_too_often.sql",
        MAX_PUT_OFF,
        NOBODY_CAME.as_secs_f64()
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let failure = Failure::PutOff {
            reason: cause_of(&row.message),
        };
        sqlx::query!(
            "update fetch_requests
             set state = 'failed', status = $4, message = $2, failure = $3, fence = fence + 1,
                 worker = null, lease_until = null, date_completed = clock_timestamp(),
                 date_modified = clock_timestamp()
             where id = $1",
            row.id,
            failure.to_string(),
            as_json(&failure)?,
            status_of_failed(&failure)
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(rows.into_iter().map(|row| FetchId(row.id)).collect())
}

/// What is in the way, of a message that also says what happens next.
fn cause_of(message: &str) -> String {
    let cause = message.split(". ").next().unwrap_or(message);
    format!("{}.", cause.trim_end_matches('.'))
}

/// Whoever had a request that was cancelled has died: the court has its place back.
async fn release_places_of_cancelled(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!(
        "with freed as (
             update fetch_requests set lease_until = null, worker = null
             where id in (
                 select id from fetch_requests
                 where state = 'cancelled' and lease_until < clock_timestamp()
                 for update skip locked)
             returning target_court)
         select pg_notify($1, target_court) from freed",
        WORK_CHANNEL
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// What is released and was not claimed is said again, up to so many times; then it gives its place
/// at the court to another kind of work, and waits.
const SAID_AGAIN: i32 = 3;

/// How long a request waits for a worker while no worker of its kind is seen, or for whatever else of
/// ours does not come right.
pub(crate) const NOBODY_CAME: Duration = Duration::from_secs(24 * 3600);

/// Takes back what was released and is not claimed: at once where its kind has no worker, and else
/// when it was said often enough. Nothing is counted against it. The court's next places go to other
/// kinds.
async fn take_back_unclaimed(connection: &mut PgConnection) -> Result<Vec<FetchId>, Error> {
    let away = workers::kinds_without_worker(connection).await?;
    let (kinds, words) = words_of_no_worker();
    let busy = FetchKind::ALL.map(|kind| {
        let service = kind.service();
        format!("All {service} workers are busy; the request waits for a free one.")
    });
    let rows = sqlx::query!(
        "with back as (
               update fetch_requests
               set state = 'waiting', fence = fence + 1, worker = null, lease_until = null,
                   unclaimed = unclaimed + 1,
                   message = case when request_type = any($1) then nobody else busy end
               from unnest($2::smallint[], $3::text[], $4::text[]) as reason (kind, nobody, busy)
               where state = 'released' and lease_until < clock_timestamp()
                 and request_type = kind
                 and (request_type = any($1) or (unclaimed + 1) % ($5 + 1) = 0)
               returning id, fence, target_court, request_type, message, unclaimed),
           noted as (
               insert into fetch_steps (request_id, fence, step, detail)
               select id, fence, 'waiting', message from back
               -- Told a few times, however often it happens.
               where unclaimed <= $5 + 1),
           passed_over as (
               update courts set passed_over = back.request_type from back
               where courts.id = back.target_court and not back.request_type = any($1))
           select id, target_court from back",
        &away,
        &kinds,
        &words,
        &busy,
        SAID_AGAIN
    )
    .fetch_all(&mut *connection)
    .await?;
    let courts: Vec<String> = rows.iter().map(|row| row.target_court.clone()).collect();
    sqlx::query!(
        "select pg_notify($1, court) from (select distinct unnest($2::text[]) as court) courts",
        WORK_CHANNEL,
        &courts
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| FetchId(row.id)).collect())
}

/// Ends what has waited for a day in which no worker of its kind was seen.
async fn give_up_without_workers(connection: &mut PgConnection) -> Result<Vec<FetchId>, Error> {
    let unseen = workers::kinds_unseen(connection, NOBODY_CAME).await?;
    let mut ended = Vec::new();
    for kind in unseen.into_iter().filter_map(FetchKind::from_number) {
        let nobody = Failure::NoWorker { kind };
        let ids = sqlx::query_scalar!(
            "update fetch_requests
             set state = 'failed', status = $5, fence = fence + 1, worker = null,
                 lease_until = null, message = $3, failure = $4,
                 date_completed = clock_timestamp(), date_modified = clock_timestamp()
             where request_type = $1 and state in ('accepted', 'waiting', 'released')
               and not_before is null
               and coalesce(begins_at, date_created)
                   < clock_timestamp() - make_interval(secs => $2)
             returning id",
            kind.number(),
            NOBODY_CAME.as_secs_f64(),
            nobody.to_string(),
            as_json(&nobody)?,
            status_of_failed(&nobody)
        )
        .fetch_all(&mut *connection)
        .await?;
        ended.extend(ids.into_iter().map(FetchId));
    }
    Ok(ended)
}

/// Gives work whose message got lost a new lease, so that it is published again once.
async fn republish(connection: &mut PgConnection) -> Result<Vec<Released>, Error> {
    let rows = sqlx::query!(
        "update fetch_requests
         set fence = fence + 1, worker = null, published_at = clock_timestamp(),
             unclaimed = unclaimed + 1,
             lease_until = clock_timestamp() + make_interval(secs => $1)
         where state = 'released' and lease_until < clock_timestamp()
         returning id, user_id, request_type, target_court, attempts, fence, traceparent",
        CLAIM_WITHIN.as_secs_f64()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Released {
                id: FetchId(row.id),
                user: UserId(row.user_id),
                kind: kind_of(row.request_type)?,
                court: row.target_court,
                attempts: row.attempts,
                fence: Fence(row.fence),
                traceparent: row.traceparent,
            })
        })
        .collect()
}
