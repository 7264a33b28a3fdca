//! The breaker of a court: after too many bad answers it is left alone for a while.
//!
//! One row of `courts`, one statement, one clock: so it holds for the whole fleet.

use std::time::Duration;

use fetch_model::decision::BreakerEvent;

use crate::{Error, Queue};

/// The first pause; each further one is twice as long.
const FIRST_PAUSE_SECONDS: f64 = 600.0;

/// No pause is longer.
const LONGEST_PAUSE_SECONDS: f64 = 6.0 * 3600.0;

/// So many refusals in a row open the breaker.
const TURNED_AWAY: i32 = 3;

/// So many time-outs within [`TIME_OUTS_WITHIN_SECONDS`] open the breaker.
const TIME_OUTS: i32 = 5;

const TIME_OUTS_WITHIN_SECONDS: f64 = 300.0;

/// An open breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBreaker {
    /// How long it stays open.
    pub left: Duration,
    /// What opened it.
    pub reason: String,
}

impl Queue {
    /// Notes that a court gave a bad answer. The breaker, if it is open now.
    ///
    /// A court that fails while it is only tried again is left alone at once, for twice as long
    /// as before. Bad answers to what was on its way when it opened change nothing.
    pub async fn record_failure(
        &self,
        court: &str,
        breaker_event: BreakerEvent,
        reason: &str,
    ) -> Result<Option<OpenBreaker>, Error> {
        let (turned, timed_out) = match breaker_event {
            BreakerEvent::Refused => (true, false),
            BreakerEvent::TimedOut => (false, true),
            BreakerEvent::Trip => (false, false),
        };
        sqlx::query!(
            "with now as (select clock_timestamp() as now), seen as (
                 select id, openings,
                     coalesce(paused_until > now, false) as is_open,
                     consecutive_failures + $2::bool::int as failures,
                     array(select t from unnest(time_outs) t
                           where t > now - make_interval(secs => $4))
                         || case when $3 then array[now] else '{}' end as time_outs
                 from courts, now where id = $1
                 for update of courts), judged as (
                 select *, not is_open and (
                     openings > 0 or not ($2 or $3)
                     or failures >= $5 or cardinality(time_outs) >= $6) as opens
                 from seen)
             update courts
             set consecutive_failures = case when opens then 0 else failures end,
                 time_outs = case when opens then '{}' else judged.time_outs end,
                 openings = courts.openings + opens::int,
                 paused_until = case when opens
                     then now + make_interval(secs => least($7 * 2 ^ courts.openings, $8))
                     else paused_until end,
                 open_since = case when opens then coalesce(open_since, now) else open_since end,
                 open_reason = case when opens then $9 else open_reason end
             from judged, now
             where courts.id = judged.id",
            court,
            turned,
            timed_out,
            TIME_OUTS_WITHIN_SECONDS,
            TURNED_AWAY,
            TIME_OUTS,
            FIRST_PAUSE_SECONDS,
            LONGEST_PAUSE_SECONDS,
            reason
        )
        .execute(self.db.pool())
        .await?;
        self.open_breaker(court).await
    }

    /// The breaker of a court, if it is open.
    pub async fn open_breaker(&self, court: &str) -> Result<Option<OpenBreaker>, Error> {
        let row = sqlx::query!(
            r#"select extract(epoch from paused_until - clock_timestamp())::float8 as "left!",
                      open_reason
               from courts where id = $1 and paused_until > clock_timestamp()"#,
            court
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| OpenBreaker {
            left: Duration::from_secs_f64(row.left.max(0.0)),
            reason: row.open_reason,
        }))
    }

    /// Notes that a court answered as it should: all that was held against it is forgotten.
    pub async fn record_success(&self, court: &str) -> Result<(), Error> {
        sqlx::query!(
            "update courts
             set consecutive_failures = 0, openings = 0, open_since = null, open_reason = '',
                 time_outs = '{}', paused_until = null
             where id = $1
               and (consecutive_failures, openings, cardinality(time_outs)) <> (0, 0, 0)
               and (paused_until is null or paused_until <= clock_timestamp())",
            court
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }
}
