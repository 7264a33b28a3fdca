//! Work of a kind that has no worker.
//!
//! It takes nobody's place. One request of it is released all the same, so that a message calls for a
//! worker and one that says nothing of itself is noticed; it is taken back as soon as its place is of
//! use to another kind. See `docs/adr/0019-messages-and-workers.md`.

use fetch_db::locks;
use fetch_model::FetchKind;

use super::{
    Released,
    candidates::{Candidate, keep_to_account_cap},
    capacity::CourtCapacity,
    mark_released,
};
use crate::Error;

/// A request that is released and that nobody takes.
pub(super) struct Idle {
    pub(super) id: i64,
    account: String,
}

pub(super) fn ids_of(idle: &[Idle]) -> Vec<i64> {
    idle.iter().map(|idle| idle.id).collect()
}

/// Locks what is released of kinds that nobody takes, at a court and of accounts. What somebody else
/// is at is left out: it may be claimed at this moment.
pub(super) async fn idle_requests(
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

/// What must be taken back when these are released: all that nobody takes at this court, and of
/// these accounts.
pub(super) async fn idle_of(
    connection: &mut sqlx::PgConnection,
    capacity: &CourtCapacity,
    chosen: &[Candidate],
) -> Result<Vec<i64>, Error> {
    let accounts: Vec<String> = chosen.iter().map(|it| it.account_digest.clone()).collect();
    let elsewhere = idle_requests(connection, &capacity.away, "", &accounts).await?;
    Ok([ids_of(&capacity.idle), ids_of(&elsewhere)].concat())
}

/// Puts back what nobody takes, since others need its place.
pub(super) async fn take_back(
    connection: &mut sqlx::PgConnection,
    idle: &[i64],
) -> Result<(), Error> {
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

/// Releases one request of each kind that has no worker and nothing released anywhere: its message
/// calls for a worker, and should one be there and not say so, it takes it.
pub(super) async fn call_for_workers(
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
            .all(|it| it.kind != candidate.kind && it.account_digest != candidate.account_digest);
        let has_room =
            room > 0 && candidate.account_room > idle_of_account(&candidate.account_digest);
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

/// Whether nobody else calls for workers of a kind, here or at another court.
async fn is_ours_to_call(connection: &mut sqlx::PgConnection, kind: i16) -> Result<bool, Error> {
    let is_ours = locks::try_lock(connection, &format!("call for workers {kind}")).await?;
    Ok(is_ours && released_kinds(connection, &[kind]).await?.is_empty())
}

/// Those of some kinds of which anything is released.
pub(super) async fn released_kinds(
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

/// What is said to requests of each kind while it has no worker.
pub(crate) fn words_of_no_worker() -> (Vec<i16>, Vec<String>) {
    let words = FetchKind::ALL.map(|kind| {
        let service = kind.service();
        format!("No {service} is running; the request waits until one is.")
    });
    (FetchKind::ALL.map(FetchKind::number).into(), words.into())
}
