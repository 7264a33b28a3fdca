//! Who may be released at a court, and who is: in fairness to users and lanes, and within the caps of
//! their accounts.

use std::collections::HashMap;

use fetch_db::locks::{self, Shared};
use fetch_model::{FetchKind, Lane, fairness::Lanes};

use super::{capacity::CourtCapacity, no_worker::ids_of};
use crate::Error;

/// A request that may be released.
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) lane: i16,
    pub(super) kind: i16,
    pub(super) account_digest: String,
    pub(super) virtual_time: f64,
    /// Places that its account has left at this court.
    pub(super) account_room: i64,
}

/// The next requests of each lane and kind that may run now, in the order of fairness. Twice the
/// room of each, because an account at its cap may stand in several.
pub(super) async fn candidates(
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
    if capacity.bulk_window_is_open {
        lanes.push(Lane::Bulk as i16);
    }
    Ok(sqlx::query_file_as!(
        Candidate,
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
    .await?)
}

/// Fills the room. An account that stands in several lanes or kinds gets no more than its cap in
/// all. A kind that was passed over by its workers lately comes after the others.
pub(super) fn choose(
    capacity: &CourtCapacity,
    mut candidates: Vec<Candidate>,
) -> (Vec<Candidate>, i32) {
    candidates.sort_by_key(|candidate| capacity.passed_over == Some(candidate.kind));
    let mut left: HashMap<String, i64> = HashMap::new();
    for candidate in &candidates {
        left.insert(candidate.account_digest.clone(), candidate.account_room);
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
        let full = |candidate: &Candidate| {
            left.get(&candidate.account_digest)
                .is_none_or(|it| *it <= 0)
        };
        while interactive.next_if(full).is_some() {}
        while bulk.next_if(full).is_some() {}
        let next = match lanes.next(interactive.peek().is_some(), bulk.peek().is_some()) {
            Some(Lane::Interactive) => interactive.next(),
            Some(Lane::Bulk) => bulk.next(),
            None => None,
        };
        let Some(next) = next else { break };
        if let Some(left) = left.get_mut(&next.account_digest) {
            *left -= 1;
        }
        chosen.push(next);
    }
    (chosen, lanes.interactive_in_a_row)
}

/// Leaves out what would be more than an account may have over all courts. Other dispatchers
/// release at other courts at this moment, so the accounts are locked before they are counted.
/// What is taken back for them, `idle`, holds no places.
pub(super) async fn keep_to_account_cap(
    connection: &mut sqlx::PgConnection,
    capacity: &CourtCapacity,
    chosen: Vec<Candidate>,
    idle: &[i64],
) -> Result<Vec<Candidate>, Error> {
    let accounts: Vec<String> = chosen.iter().map(|it| it.account_digest.clone()).collect();
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
        let taken = places.entry(candidate.account_digest.clone()).or_default();
        *taken += 1;
        *taken <= most
    });
    Ok(kept)
}
