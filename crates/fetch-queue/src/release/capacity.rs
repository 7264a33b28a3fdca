//! The room that a court has, counted while it is locked for a release.

use fetch_db::locks;
use fetch_model::BulkWindow;

use super::no_worker::{Idle, idle_requests, ids_of};
use crate::{Error, courts::LONGEST_SLOT_WAIT};

/// A court as it is locked for a release.
pub(super) struct CourtCapacity {
    /// Places that are free.
    pub(super) room: i64,
    pub(super) cap: i32,
    pub(super) account_cap: i32,
    pub(super) account_cap_everywhere: i32,
    pub(super) interactive_in_a_row: i32,
    /// It is night, or whenever else bulk work may run.
    pub(super) bulk_window_is_open: bool,
    /// The kind that comes last this time.
    pub(super) passed_over: Option<i16>,
    /// The kinds that nobody takes.
    pub(super) away: Vec<i16>,
    /// What is released of those here, as far as nobody else is at it. It is locked, so nobody can
    /// claim it meanwhile, and holds no places.
    pub(super) idle: Vec<Idle>,
}

/// Keeps other dispatchers away from a court and reads its manners; none if it may not be asked, or
/// somebody else is at it.
pub(super) async fn lock(
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
    let window = BulkWindow {
        from: row.bulk_from,
        until: row.bulk_until,
    };
    Ok(Some(CourtCapacity {
        room: i64::from(cap) - row.under_way,
        cap,
        account_cap: row.account_cap,
        account_cap_everywhere: row.account_cap_everywhere,
        interactive_in_a_row: row.interactive_in_a_row,
        bulk_window_is_open: window.is_open(row.now),
        passed_over: row.passed_over,
        away,
        idle,
    }))
}
