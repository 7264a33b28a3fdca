//! What the dispatcher does with the queue: see which courts have room and work, and release the
//! next requests there.
//!
//! The order within a lane is the virtual time of the rows; which lane gets a place is decided by
//! [`fetch_model::turns`], whether it is night for bulk work by [`BulkWindow`]. The clock is the
//! database's.

use std::collections::HashMap;

use chrono::{DateTime, NaiveTime, Utc};
use fetch_model::{BulkWindow, Fence, FetchId, Lane, UserId, turns::Lanes};

use super::queue::{CLAIM_WITHIN, Released, kind_of};
use crate::{Error, Store};

/// What one statement makes part of the queue.
const RIPEN_AT_ONCE: u64 = 1000;

/// A court as it is locked for a release.
struct Opening {
    /// Places that are free.
    room: i64,
    cap: i32,
    account_cap: i32,
    account_cap_everywhere: i32,
    interactive_in_a_row: i32,
    window: BulkWindow,
    now: DateTime<Utc>,
}

/// A request that may be released.
struct Candidate {
    id: i64,
    lane: i16,
    account: String,
    virtual_time: f64,
    /// Places that its account has left at this court.
    account_room: i64,
}

impl Store {
    /// Makes requests whose time has come part of the queue.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn let_ripen(&self) -> Result<(), Error> {
        loop {
            let ripe = sqlx::query_file!("src/requests/sql/let_ripen.sql")
                .execute(&self.pool)
                .await?
                .rows_affected();
            if ripe < RIPEN_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// The courts that have room, and work which may run now.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn courts_with_work(&self) -> Result<Vec<String>, Error> {
        let courts = sqlx::query_file!("src/requests/sql/courts_with_work.sql")
            .fetch_all(&self.pool)
            .await?;
        let works = courts.into_iter().filter(|court| {
            let window = window(court.bulk_from, court.bulk_until);
            court.interactive || (court.bulk && window.is_open(court.now))
        });
        Ok(works.map(|court| court.id).collect())
    }

    /// Releases the next requests of a court, in the order of fairness, up to the room that it and
    /// the accounts have. Empty when there is none, or another dispatcher is at it.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn release(&self, court: &str) -> Result<Vec<Released>, Error> {
        let mut transaction = self.pool.begin().await?;
        let released = release_in(&mut transaction, court).await?;
        if released.is_empty() {
            // Dropped, it would hold the court's lock until the pool finds out.
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        Ok(released)
    }
}

async fn release_in(
    connection: &mut sqlx::PgConnection,
    court: &str,
) -> Result<Vec<Released>, Error> {
    let Some(opening) = lock(connection, court).await? else {
        return Ok(Vec::new());
    };
    if opening.room <= 0 {
        return Ok(Vec::new());
    }
    let candidates = candidates(connection, court, &opening).await?;
    let (chosen, interactive_in_a_row) = choose(&opening, candidates);
    let chosen = keep_to_account_cap(connection, &opening, chosen).await?;
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let released = mark_released(connection, court, &chosen).await?;
    advance(connection, court, &chosen, interactive_in_a_row).await?;
    Ok(released)
}

pub(super) fn window(from: NaiveTime, until: NaiveTime) -> BulkWindow {
    BulkWindow { from, until }
}

/// Keeps other dispatchers away from a court and reads its manners; none if it may not be asked, or
/// somebody else is at it.
async fn lock(connection: &mut sqlx::PgConnection, court: &str) -> Result<Option<Opening>, Error> {
    // Not the court's row: turns are taken by updating that one, and would wait.
    let is_ours = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended('release ' || $1, 0)) as "ours!""#,
        court
    )
    .fetch_one(&mut *connection)
    .await?;
    if !is_ours {
        return Ok(None);
    }
    // Read and counted once the lock is held: what the last holder released is seen.
    let row = sqlx::query!(
        r#"select cap, openings, courts.account_cap, bulk_from, bulk_until, interactive_in_a_row,
               clock_timestamp() as "now!", queue_settings.account_cap as account_cap_everywhere,
               (select count(*) from fetch_requests
                where target_court = $1
                  and (state in ('released', 'running')
                       or (state = 'cancelled' and lease_until is not null))) as "under_way!"
           from courts, queue_settings
           where id = $1 and (paused_until is null or paused_until <= clock_timestamp())
             and (held_since is null or held_until <= clock_timestamp())"#,
        court
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    // A court that has failed is tried with one request.
    let cap = if row.openings > 0 { 1 } else { row.cap };
    Ok(Some(Opening {
        room: i64::from(cap) - row.under_way,
        cap,
        account_cap: row.account_cap,
        account_cap_everywhere: row.account_cap_everywhere,
        interactive_in_a_row: row.interactive_in_a_row,
        window: window(row.bulk_from, row.bulk_until),
        now: row.now,
    }))
}

/// The next requests of each lane that may run now. Twice the room of each lane, because an
/// account at its cap may stand in both.
async fn candidates(
    connection: &mut sqlx::PgConnection,
    court: &str,
    opening: &Opening,
) -> Result<Vec<Candidate>, Error> {
    let full = sqlx::query_scalar!(
        "select account_digest from fetch_requests
         where state in ('released', 'running')
            or (state = 'cancelled' and lease_until is not null)
         group by account_digest having count(*) >= $1",
        i64::from(opening.account_cap_everywhere)
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut lanes = vec![Lane::Interactive as i16];
    if opening.window.is_open(opening.now) {
        lanes.push(Lane::Bulk as i16);
    }
    let rows = sqlx::query_file!(
        "src/requests/sql/candidates.sql",
        court,
        &lanes,
        2 * opening.room,
        i64::from(opening.account_cap),
        &full
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Candidate {
            id: row.id,
            lane: row.lane,
            account: row.account_digest,
            virtual_time: row.virtual_time,
            account_room: row.account_room,
        })
        .collect())
}

/// Fills the room. An account that stands in both lanes gets no more than its cap in all.
fn choose(opening: &Opening, candidates: Vec<Candidate>) -> (Vec<Candidate>, i32) {
    let mut left: HashMap<String, i64> = HashMap::new();
    for candidate in &candidates {
        left.insert(candidate.account.clone(), candidate.account_room);
    }
    let is_bulk = |candidate: &Candidate| candidate.lane == Lane::Bulk as i16;
    let (bulk, interactive): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_bulk);
    let mut bulk = bulk.into_iter().peekable();
    let mut interactive = interactive.into_iter().peekable();
    let mut lanes = Lanes {
        cap: opening.cap,
        interactive_in_a_row: opening.interactive_in_a_row,
    };
    let mut chosen = Vec::new();
    for _ in 0..opening.room {
        let full = |candidate: &Candidate| left.get(&candidate.account).is_none_or(|it| *it <= 0);
        while interactive.next_if(full).is_some() {}
        while bulk.next_if(full).is_some() {}
        let next = match lanes.next(interactive.peek().is_some(), bulk.peek().is_some()) {
            Some(Lane::Interactive) => interactive.next(),
            Some(Lane::Bulk) => bulk.next(),
            None => None,
        };
        let Some(next) = next else { break };
        if let Some(left) = left.get_mut(&next.account) {
            *left -= 1;
        }
        chosen.push(next);
    }
    (chosen, lanes.interactive_in_a_row)
}

/// Leaves out what would be more than an account may have over all courts. Other dispatchers
/// release at other courts at this moment, so the accounts are locked before they are counted.
async fn keep_to_account_cap(
    connection: &mut sqlx::PgConnection,
    opening: &Opening,
    chosen: Vec<Candidate>,
) -> Result<Vec<Candidate>, Error> {
    let accounts: Vec<String> = chosen.iter().map(|it| it.account.clone()).collect();
    // One after the other in one order, so that no two wait for each other.
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended(account, 0))
         from (select distinct account from unnest($1::text[]) as t (account) order by account) sorted",
        &accounts
    )
    .fetch_all(&mut *connection)
    .await?;
    let counts = sqlx::query!(
        r#"select account_digest, count(*) as "places!" from fetch_requests
           where account_digest = any($1)
             and (state in ('released', 'running')
                  or (state = 'cancelled' and lease_until is not null))
           group by account_digest"#,
        &accounts
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut places: HashMap<String, i64> = counts
        .into_iter()
        .map(|row| (row.account_digest, row.places))
        .collect();
    let most = i64::from(opening.account_cap_everywhere);
    let mut kept = chosen;
    kept.retain(|candidate| {
        let taken = places.entry(candidate.account.clone()).or_default();
        *taken += 1;
        *taken <= most
    });
    Ok(kept)
}

async fn mark_released(
    connection: &mut sqlx::PgConnection,
    court: &str,
    chosen: &[Candidate],
) -> Result<Vec<Released>, Error> {
    let ids: Vec<i64> = chosen.iter().map(|it| it.id).collect();
    // What was cancelled since it was looked at is left alone.
    let rows = sqlx::query!(
        "with next as (
             update fetch_requests
             set state = 'released', fence = fence + 1, published_at = clock_timestamp(),
                 lease_until = clock_timestamp() + make_interval(secs => $2),
                 date_modified = clock_timestamp()
             where id = any($1) and state in ('accepted', 'waiting')
             returning id, user_id, request_type, attempts, fence, traceparent),
         noted as (
             insert into fetch_steps (request_id, fence, step)
             select id, fence, 'released' from next)
         select id, user_id, request_type, attempts, fence, traceparent from next",
        &ids,
        CLAIM_WITHIN.as_secs_f64()
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Released {
                id: FetchId(row.id),
                user: UserId(row.user_id),
                kind: kind_of(row.request_type)?,
                court: court.to_owned(),
                attempts: row.attempts,
                fence: Fence(row.fence),
                traceparent: row.traceparent,
            })
        })
        .collect()
}

/// Moves the clocks of a court on.
async fn advance(
    connection: &mut sqlx::PgConnection,
    court: &str,
    chosen: &[Candidate],
    interactive_in_a_row: i32,
) -> Result<(), Error> {
    let latest = |lane: Lane| {
        let times = chosen.iter().filter(|it| it.lane == lane as i16);
        times.map(|it| it.virtual_time).fold(0.0, f64::max)
    };
    sqlx::query!(
        "update courts
         set virtual_time = greatest(virtual_time, $2),
             bulk_virtual_time = greatest(bulk_virtual_time, $3),
             interactive_in_a_row = $4
         where id = $1",
        court,
        latest(Lane::Interactive),
        latest(Lane::Bulk),
        interactive_in_a_row
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}
