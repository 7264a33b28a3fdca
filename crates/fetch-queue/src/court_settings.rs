//! What the operator says about a court, at any time: how gently it is asked, when bulk work may
//! run there, and whether it is asked at all. It holds from the next release and the next turn on.

use chrono::{DateTime, Utc};
use fetch_model::BulkWindow;

use crate::{
    Error, Queue,
    courts::{LONGEST_SLOT_WAIT_OF_PURCHASE, MARGIN},
};

/// The settings of a court, and how it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourtSettings {
    /// CourtListener's id.
    pub court: String,
    /// Least time between two requests, in milliseconds.
    pub gap_ms: i32,
    /// Most requests at once.
    pub cap: i32,
    /// Most requests of one PACER account at once.
    pub account_cap: i32,
    /// When bulk work may run.
    pub bulk_window: BulkWindow,
    /// The operator's pause, if there is one.
    pub pause: Option<Pause>,
    /// Until when the breaker is open, and why.
    pub breaker: Option<(DateTime<Utc>, String)>,
    /// Until when the court has asked to be left alone, and by what answer.
    pub asked_pause: Option<(DateTime<Utc>, String)>,
    /// When the next request may be sent there, if that is later than turns are ever reserved: a
    /// gap that was very long for a while does that, or a clock that was wrong.
    pub next_turn: Option<DateTime<Utc>>,
    /// Requests that wait, those included whose time has not come.
    pub queued: i64,
    /// Requests under way.
    pub under_way: i64,
}

/// A pause that an operator has put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// When it ends by itself; `None` for not at all.
    pub until: Option<DateTime<Utc>>,
    /// Why, as the operator wrote it.
    pub reason: String,
}

/// A change of settings; what is `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CourtChange {
    /// Least time between two requests, in milliseconds.
    pub gap_ms: Option<i32>,
    /// Most requests at once.
    pub cap: Option<i32>,
    /// Most requests of one PACER account at once.
    pub account_cap: Option<i32>,
    /// When bulk work may run.
    pub bulk_window: Option<BulkWindow>,
}

impl Queue {
    /// The settings of one court, or of all.
    pub async fn court_settings(&self, court: Option<&str>) -> Result<Vec<CourtSettings>, Error> {
        let rows = sqlx::query!(
            r#"select id, gap_ms, cap, account_cap, bulk_from, bulk_until,
                   (held_since is not null
                    and (held_until is null or held_until > clock_timestamp())) as "held!",
                   held_until, held_reason,
                   case when paused_until > clock_timestamp() then paused_until end as paused_until,
                   open_reason,
                   case when asked_until > clock_timestamp() then asked_until end as asked_until,
                   asked_by,
                   case when next_free > clock_timestamp()
                             + make_interval(secs => $2 + gap_ms * $3::float8 / 1000.0)
                             and next_free > coalesce(asked_until, '-infinity')
                        then next_free end as next_turn,
                   (select count(*) from fetch_requests
                    where target_court = courts.id and state in ('accepted', 'waiting')
                      and not_before is null)
                   + (select count(*) from fetch_requests
                      where target_court = courts.id and state in ('accepted', 'waiting')
                        and not_before is not null) as "queued!",
                   (select count(*) from fetch_requests
                    where target_court = courts.id
                      and (state in ('released', 'running')
                           or (state = 'cancelled' and lease_until is not null))) as "under_way!"
               from courts where $1::text is null or id = $1 order by id"#,
            court,
            LONGEST_SLOT_WAIT_OF_PURCHASE.as_secs_f64(),
            1.0 + MARGIN
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| CourtSettings {
                court: row.id,
                gap_ms: row.gap_ms,
                cap: row.cap,
                account_cap: row.account_cap,
                bulk_window: BulkWindow {
                    from: row.bulk_from,
                    until: row.bulk_until,
                },
                pause: row.held.then_some(Pause {
                    until: row.held_until,
                    reason: row.held_reason,
                }),
                breaker: row.paused_until.map(|until| (until, row.open_reason)),
                asked_pause: row.asked_until.map(|until| (until, row.asked_by)),
                next_turn: row.next_turn,
                queued: row.queued,
                under_way: row.under_way,
            })
            .collect())
    }

    /// Changes the settings of one court, or of all; how many courts that is. A shorter gap holds
    /// from the last turn on that was given, so the time that a longer one set aside is free again.
    ///
    /// # Errors
    /// When the database cannot answer or a value is out of range.
    pub async fn change_courts(
        &self,
        court: Option<&str>,
        change: CourtChange,
    ) -> Result<u64, Error> {
        let result = sqlx::query!(
            "update courts
             set next_free = case when $2 < gap_ms
                     then greatest(asked_until, clock_timestamp(), least(next_free,
                         last_turn + make_interval(secs => $2 * $7::float8 / 1000.0)))
                     else next_free end,
                 gap_ms = coalesce($2, gap_ms), cap = coalesce($3, cap),
                 account_cap = coalesce($4, account_cap),
                 bulk_from = coalesce($5, bulk_from), bulk_until = coalesce($6, bulk_until)
             where $1::text is null or id = $1",
            court,
            change.gap_ms,
            change.cap,
            change.account_cap,
            change.bulk_window.map(|window| window.from),
            change.bulk_window.map(|window| window.until),
            1.0 + MARGIN
        )
        .execute(self.db.pool())
        .await?;
        self.wake_dispatchers().await?;
        Ok(result.rows_affected())
    }

    /// Pauses one court, or all: nothing is released there and no turn is given, for so many
    /// seconds or until it is resumed. How many courts that is.
    pub async fn pause_courts(
        &self,
        court: Option<&str>,
        seconds: Option<f64>,
        reason: &str,
    ) -> Result<u64, Error> {
        let result = sqlx::query!(
            "update courts
             set held_since = clock_timestamp(), held_reason = $3,
                 held_until = clock_timestamp() + make_interval(secs => $2)
             where $1::text is null or id = $1",
            court,
            seconds,
            reason
        )
        .execute(self.db.pool())
        .await?;
        Ok(result.rows_affected())
    }

    /// Ends the pause of one court, or of all, the operator's and one that the court asked for; how
    /// many courts that is. The next turn is as soon as the turns allow that were given already.
    /// The breaker stays as it is.
    pub async fn resume_courts(&self, court: Option<&str>) -> Result<u64, Error> {
        let result = sqlx::query!(
            "update courts
             set held_since = null, held_until = null, held_reason = '',
                 asked_until = null, asked_by = '',
                 next_free = greatest(clock_timestamp(), least(
                     next_free,
                     coalesce(last_turn, clock_timestamp())
                         + make_interval(secs => gap_ms * $3::float8 / 1000.0),
                     -- No turn that was given is later, but by a clock that was wrong.
                     clock_timestamp()
                         + make_interval(secs => $2 + gap_ms * $3::float8 / 1000.0)))
             where $1::text is null or id = $1",
            court,
            LONGEST_SLOT_WAIT_OF_PURCHASE.as_secs_f64(),
            1.0 + MARGIN
        )
        .execute(self.db.pool())
        .await?;
        self.wake_dispatchers().await?;
        Ok(result.rows_affected())
    }

    /// Most requests of one PACER account at once, over all courts.
    pub async fn account_cap(&self) -> Result<i32, Error> {
        Ok(
            sqlx::query_scalar!("select account_cap from queue_settings")
                .fetch_one(self.db.pool())
                .await?,
        )
    }

    /// Sets it.
    ///
    /// # Errors
    /// When the database cannot answer or the value is out of range.
    pub async fn set_account_cap(&self, cap: i32) -> Result<(), Error> {
        sqlx::query!("update queue_settings set account_cap = $1", cap)
            .execute(self.db.pool())
            .await?;
        self.wake_dispatchers().await
    }

    async fn wake_dispatchers(&self) -> Result<(), Error> {
        let channel = crate::notify::WORK_CHANNEL;
        sqlx::query!("select pg_notify($1, '')", channel)
            .fetch_one(self.db.pool())
            .await?;
        Ok(())
    }
}
