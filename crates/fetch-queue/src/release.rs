//! What the dispatcher does with the queue: see which courts have room and work, and release the
//! next requests there.
//!
//! The order within a lane is the virtual time of the rows; which lane gets a place is decided by
//! [`fetch_model::fairness`], whether it is night for bulk work by [`BulkWindow`]. The clock is the
//! database's.
//!
//! A kind of work that has no worker takes nobody's place. One request of it is released all the
//! same, so that a message calls for a worker and one that says nothing of itself is noticed; it is
//! taken back as soon as its place is of use to another kind. See `docs/adr/0019-messages-and-workers.md`.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, NaiveTime, Utc};
use fetch_db::locks::{self, Shared};
use fetch_model::{BulkWindow, Fence, FetchId, FetchKind, Lane, UserId, fairness::Lanes};
use kill_point::Point;

use crate::{Error, Queue, courts::LONGEST_SLOT_WAIT, row::kind_of, workers};

/// What one statement makes part of the queue.
const ENQUEUE_AT_ONCE: u64 = 1000;

/// A message that is not claimed within this time is sent again.
pub(crate) const CLAIM_WITHIN: Duration = Duration::from_secs(15);

/// Work whose message is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The request.
    pub id: FetchId,
    /// Whose it is.
    pub user: UserId,
    /// What it is, which decides who gets it.
    pub kind: FetchKind,
    /// The court it goes to.
    pub court: String,
    /// Attempts so far.
    pub attempts: i32,
    /// The token under which it may be claimed.
    pub fence: Fence,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
}

/// A court as it is locked for a release.
struct CourtCapacity {
    /// Places that are free.
    room: i64,
    cap: i32,
    account_cap: i32,
    account_cap_everywhere: i32,
    interactive_in_a_row: i32,
    window: BulkWindow,
    now: DateTime<Utc>,
    /// The kind that comes last this time.
    passed_over: Option<i16>,
    /// The kinds that nobody takes.
    away: Vec<i16>,
    /// What is released of those here, as far as nobody else is at it. It is locked, so nobody can
    /// claim it meanwhile, and holds no places.
    idle: Vec<Idle>,
}

/// A request that is released and that nobody takes.
struct Idle {
    id: i64,
    account: String,
}

fn ids_of(idle: &[Idle]) -> Vec<i64> {
    idle.iter().map(|idle| idle.id).collect()
}

/// A request that may be released.
struct Candidate {
    id: i64,
    lane: i16,
    kind: i16,
    account: String,
    virtual_time: f64,
    /// Places that its account has left at this court.
    account_room: i64,
}

impl Queue {
    /// Makes requests whose time has come part of the queue.
    pub async fn enqueue_due(&self) -> Result<(), Error> {
        loop {
            let ripe = sqlx::query_file!("src/sql/let_ripen.sql")
                .execute(self.db.pool())
                .await?
                .rows_affected();
            if ripe < ENQUEUE_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// The courts that have room, and work which may run now.
    pub async fn courts_with_work(&self) -> Result<Vec<String>, Error> {
        self.with_work(None).await
    }

    /// The same among some courts: one look at many of them instead of a lock on each.
    pub async fn courts_with_work_among(&self, courts: &[String]) -> Result<Vec<String>, Error> {
        self.with_work(Some(courts)).await
    }

    async fn with_work(&self, among: Option<&[String]>) -> Result<Vec<String>, Error> {
        let mut connection = self.db.acquire().await?;
        let away = workers::kinds_without_worker(&mut connection).await?;
        let out = released_kinds(&mut connection, &away).await?;
        let mut kinds = Vec::from(FetchKind::ALL.map(FetchKind::number));
        kinds.retain(|kind| !out.contains(kind));
        let courts = sqlx::query_file!(
            "src/sql/courts_with_work.sql",
            LONGEST_SLOT_WAIT.as_secs_f64(),
            &kinds,
            &away,
            among
        )
        .fetch_all(&mut *connection)
        .await?;
        let works = courts.into_iter().filter(|court| {
            let window = window(court.bulk_from, court.bulk_until);
            court.interactive || (court.bulk && window.is_open(court.now))
        });
        Ok(works.map(|court| court.id).collect())
    }

    /// Releases the next requests of a court, in the order of fairness, up to the room that it and
    /// the accounts have. Empty when there is none, or another dispatcher is at it.
    pub async fn release(&self, court: &str) -> Result<Vec<Released>, Error> {
        let mut transaction = self.db.begin().await?;
        let released = release_in(&mut transaction, court).await?;
        if released.is_empty() {
            // Dropped, it would hold the court's lock until the pool finds out.
            transaction.rollback().await?;
        } else {
            kill_point::reached(Point::InDispatch);
            transaction.commit().await?;
        }
        Ok(released)
    }
}

async fn release_in(
    connection: &mut sqlx::PgConnection,
    court: &str,
) -> Result<Vec<Released>, Error> {
    let away = workers::kinds_without_worker(connection).await?;
    let Some(capacity) = lock(connection, court, away).await? else {
        return Ok(Vec::new());
    };
    if capacity.room <= 0 {
        return Ok(Vec::new());
    }
    let candidates = candidates(connection, court, &capacity).await?;
    let (unserved, served) = candidates
        .into_iter()
        .partition(|candidate| capacity.away.contains(&candidate.kind));
    let (chosen, interactive_in_a_row) = choose(&capacity, served);
    let idle = idle_of(connection, &capacity, &chosen).await?;
    let chosen = keep_to_account_cap(connection, &capacity, chosen, &idle).await?;
    if chosen.is_empty() {
        return call_for_workers(connection, court, &capacity, unserved).await;
    }
    take_back(connection, &idle).await?;
    let released = mark_released(connection, court, &chosen).await?;
    advance(connection, court, &chosen, interactive_in_a_row).await?;
    Ok(released)
}

/// Those of some kinds of which anything is released.
async fn released_kinds(
    connection: &mut sqlx::PgConnection,
    kinds: &[i16],
) -> Result<Vec<i16>, Error> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar!(
        "select distinct request_type from fetch_requests
         where state = 'released' and request_type = any($1)",
        kinds
    )
    .fetch_all(connection)
    .await?)
}

/// Releases one request of each kind that has no worker and nothing released anywhere: its message
/// calls for a worker, and should one be there and not say so, it takes it.
async fn call_for_workers(
    connection: &mut sqlx::PgConnection,
    court: &str,
    capacity: &CourtCapacity,
    unserved: Vec<Candidate>,
) -> Result<Vec<Released>, Error> {
    // Here, what is released and not taken counts: whoever comes may take all of it.
    let idle_of_account = |account: &str| {
        let idle = capacity.idle.iter().filter(|idle| idle.account == account);
        i64::try_from(idle.count()).unwrap_or(i64::MAX)
    };
    let mut room = capacity.room - i64::try_from(capacity.idle.len()).unwrap_or(i64::MAX);
    let mut first: Vec<Candidate> = Vec::new();
    for candidate in unserved {
        let is_new = first
            .iter()
            .all(|it| it.kind != candidate.kind && it.account != candidate.account);
        let has_room = room > 0 && candidate.account_room > idle_of_account(&candidate.account);
        if is_new && has_room && is_ours_to_call(connection, candidate.kind).await? {
            room -= 1;
            first.push(candidate);
        }
    }
    if first.is_empty() {
        return Ok(Vec::new());
    }
    let first = keep_to_account_cap(connection, capacity, first, &[]).await?;
    mark_released(connection, court, &first).await
}

/// What must be taken back when these are released: all that nobody takes at this court, and of
/// these accounts.
async fn idle_of(
    connection: &mut sqlx::PgConnection,
    capacity: &CourtCapacity,
    chosen: &[Candidate],
) -> Result<Vec<i64>, Error> {
    let accounts: Vec<String> = chosen.iter().map(|it| it.account.clone()).collect();
    let elsewhere = idle_requests(connection, &capacity.away, "", &accounts).await?;
    Ok([ids_of(&capacity.idle), ids_of(&elsewhere)].concat())
}

/// Whether nobody else calls for workers of a kind, here or at another court.
async fn is_ours_to_call(connection: &mut sqlx::PgConnection, kind: i16) -> Result<bool, Error> {
    let is_ours = locks::try_lock(connection, &format!("call for workers {kind}")).await?;
    Ok(is_ours && released_kinds(connection, &[kind]).await?.is_empty())
}

/// Puts back what nobody takes, since others need its place.
async fn take_back(connection: &mut sqlx::PgConnection, idle: &[i64]) -> Result<(), Error> {
    if idle.is_empty() {
        return Ok(());
    }
    let (kinds, words) = words_of_no_worker();
    sqlx::query!(
        "update fetch_requests
         set state = 'waiting', fence = fence + 1, worker = null, lease_until = null,
             unclaimed = unclaimed + 1, message = reason.words
         from unnest($2::smallint[], $3::text[]) as reason (kind, words)
         where id = any($1) and state = 'released' and request_type = reason.kind",
        idle,
        &kinds,
        &words
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What is said to requests of each kind while it has no worker.
pub(super) fn words_of_no_worker() -> (Vec<i16>, Vec<String>) {
    let words = FetchKind::ALL.map(|kind| {
        let service = kind.service();
        format!("No {service} is running; the request waits until one is.")
    });
    (FetchKind::ALL.map(FetchKind::number).into(), words.into())
}

pub(super) fn window(from: NaiveTime, until: NaiveTime) -> BulkWindow {
    BulkWindow { from, until }
}

/// Keeps other dispatchers away from a court and reads its manners; none if it may not be asked, or
/// somebody else is at it.
async fn lock(
    connection: &mut sqlx::PgConnection,
    court: &str,
    away: Vec<i16>,
) -> Result<Option<CourtCapacity>, Error> {
    // Not the court's row: turns are taken by updating that one, and would wait.
    if !locks::try_lock(connection, &format!("release {court}")).await? {
        return Ok(None);
    }
    let idle = idle_requests(connection, &away, court, &[]).await?;
    // Read and counted once the lock is held: what the last holder released is seen.
    let row = sqlx::query!(
        r#"select cap, openings, courts.account_cap, bulk_from, bulk_until, interactive_in_a_row,
               passed_over, clock_timestamp() as "now!", queue_settings.account_cap as account_cap_everywhere,
               (select count(*) from fetch_requests
                where target_court = $1 and id <> all($3)
                  and (state in ('released', 'running')
                       or (state = 'cancelled' and lease_until is not null))) as "under_way!"
           from courts, queue_settings
           where id = $1 and (paused_until is null or paused_until <= clock_timestamp())
             and (held_since is null or held_until <= clock_timestamp())
             and next_free <= clock_timestamp() + make_interval(secs => $2)"#,
        court,
        // Whoever had it would get no turn.
        LONGEST_SLOT_WAIT.as_secs_f64(),
        &ids_of(&idle)
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    // A court that has failed is tried with one request.
    let cap = if row.openings > 0 { 1 } else { row.cap };
    Ok(Some(CourtCapacity {
        room: i64::from(cap) - row.under_way,
        cap,
        account_cap: row.account_cap,
        account_cap_everywhere: row.account_cap_everywhere,
        interactive_in_a_row: row.interactive_in_a_row,
        window: window(row.bulk_from, row.bulk_until),
        now: row.now,
        passed_over: row.passed_over,
        away,
        idle,
    }))
}

/// Locks what is released of kinds that nobody takes, at a court and of accounts. What somebody else
/// is at is left out: it may be claimed at this moment.
async fn idle_requests(
    connection: &mut sqlx::PgConnection,
    away: &[i16],
    court: &str,
    accounts: &[String],
) -> Result<Vec<Idle>, Error> {
    if away.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as!(
        Idle,
        "select id, account_digest as account from fetch_requests
         where state = 'released' and request_type = any($1)
           and (target_court = $2 or account_digest = any($3))
         for update skip locked",
        away,
        court,
        accounts
    )
    .fetch_all(connection)
    .await?)
}

/// The next requests of each lane and kind that may run now, in the order of fairness. Twice the
/// room of each, because an account at its cap may stand in several.
async fn candidates(
    connection: &mut sqlx::PgConnection,
    court: &str,
    capacity: &CourtCapacity,
) -> Result<Vec<Candidate>, Error> {
    let full = sqlx::query_scalar!(
        "select account_digest from fetch_requests
         where (state in ('released', 'running')
                or (state = 'cancelled' and lease_until is not null))
           and not (state = 'released' and request_type = any($2))
         group by account_digest having count(*) >= $1",
        i64::from(capacity.account_cap_everywhere),
        &capacity.away
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut lanes = vec![Lane::Interactive as i16];
    if capacity.window.is_open(capacity.now) {
        lanes.push(Lane::Bulk as i16);
    }
    let rows = sqlx::query_file!(
        "src/sql/candidates.sql",
        court,
        &lanes,
        2 * capacity.room,
        i64::from(capacity.account_cap),
        &full,
        &FetchKind::ALL.map(FetchKind::number),
        &ids_of(&capacity.idle)
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Candidate {
            id: row.id,
            lane: row.lane,
            kind: row.kind,
            account: row.account_digest,
            virtual_time: row.virtual_time,
            account_room: row.account_room,
        })
        .collect())
}

/// Fills the room. An account that stands in several lanes or kinds gets no more than its cap in
/// all. A kind that was passed over by its workers lately comes after the others.
fn choose(capacity: &CourtCapacity, mut candidates: Vec<Candidate>) -> (Vec<Candidate>, i32) {
    candidates.sort_by_key(|candidate| capacity.passed_over == Some(candidate.kind));
    let mut left: HashMap<String, i64> = HashMap::new();
    for candidate in &candidates {
        left.insert(candidate.account.clone(), candidate.account_room);
    }
    let is_bulk = |candidate: &Candidate| candidate.lane == Lane::Bulk as i16;
    let (bulk, interactive): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_bulk);
    let mut bulk = bulk.into_iter().peekable();
    let mut interactive = interactive.into_iter().peekable();
    let mut lanes = Lanes {
        cap: capacity.cap,
        interactive_in_a_row: capacity.interactive_in_a_row,
    };
    let mut chosen = Vec::new();
    for _ in 0..capacity.room {
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
/// What is taken back for them, `idle`, holds no places.
async fn keep_to_account_cap(
    connection: &mut sqlx::PgConnection,
    capacity: &CourtCapacity,
    chosen: Vec<Candidate>,
    idle: &[i64],
) -> Result<Vec<Candidate>, Error> {
    let accounts: Vec<String> = chosen.iter().map(|it| it.account.clone()).collect();
    locks::lock_shared(connection, Shared::Account, &accounts).await?;
    let counts = sqlx::query!(
        r#"select account_digest, count(*) as "places!" from fetch_requests
           where account_digest = any($1) and id <> all($2)
             and (state in ('released', 'running')
                  or (state = 'cancelled' and lease_until is not null))
           group by account_digest"#,
        &accounts,
        idle
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut places: HashMap<String, i64> = counts
        .into_iter()
        .map(|row| (row.account_digest, row.places))
        .collect();
    let most = i64::from(capacity.account_cap_everywhere);
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
             returning id, user_id, request_type, attempts, fence, traceparent, unclaimed),
         noted as (
             insert into fetch_steps (request_id, fence, step)
             select id, fence, 'released' from next
             -- What nobody takes is released again and again; that is told once.
             where unclaimed = 0)
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
             interactive_in_a_row = $4, passed_over = null
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
