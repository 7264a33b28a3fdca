//! The courts we may ask, their manners, and whose turn it is.
//!
//! A turn is reserved with one clock, this database's: skew between workers cannot break it.

use std::time::Duration;

use pacer::court::Court;

use crate::{Error, Store};

/// How gently a court is asked unless its operator says otherwise
/// (`docs/PACER.md`, "Politeness": one second between requests, two at once).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    /// Least time between two requests, in milliseconds.
    pub gap_ms: i32,
    /// Most requests of ours that a court works on at once.
    pub cap: i32,
}

impl Manners {
    /// The default for a court, by its PACER id: nysd and txwd have asked for more distance.
    #[must_use]
    pub fn default_for(pacer_id: &str) -> Manners {
        let gap_ms = if matches!(pacer_id, "nysd" | "txwd") {
            2000
        } else {
            1000
        };
        Manners { gap_ms, cap: 2 }
    }
}

/// What a court said when it was asked for a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Wait this long, then send one request.
    In(Duration),
    /// The same, at a court that has failed and is only tried again: ask something free first.
    Probe(Duration),
    /// The next free turn is too far away, or the breaker is open: give the work back.
    TooFar,
}

/// Turns are reserved at most this far ahead.
const HORIZON_SECONDS: f64 = 20.0;

impl Store {
    /// Brings the table of courts in line with the registry. Settings of known courts stay.
    pub(crate) async fn register_courts(&self) -> Result<(), Error> {
        let courts: Vec<_> = Court::all()
            .iter()
            .filter(|court| court.is_pacer_court())
            .collect();
        let ids: Vec<String> = courts
            .iter()
            .filter_map(|court| court.cl_id.clone())
            .collect();
        let pacer_ids: Vec<String> = courts.iter().map(|court| court.id.to_string()).collect();
        let kinds: Vec<String> = courts
            .iter()
            .map(|court| court.jurisdiction().to_owned())
            .collect();
        let manners: Vec<Manners> = pacer_ids
            .iter()
            .map(|id| Manners::default_for(id))
            .collect();
        let gaps: Vec<i32> = manners.iter().map(|manners| manners.gap_ms).collect();
        let caps: Vec<i32> = manners.iter().map(|manners| manners.cap).collect();
        sqlx::query!(
            "insert into courts (id, pacer_id, kind, gap_ms, cap)
             select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[])
             on conflict (id) do update set pacer_id = excluded.pacer_id, kind = excluded.kind
             where (courts.pacer_id, courts.kind) is distinct from (excluded.pacer_id, excluded.kind)",
            &ids,
            &pacer_ids,
            &kinds,
            &gaps,
            &caps
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Sets the manners of every court, or of one; what is `None` stays.
    ///
    /// # Errors
    /// When the database cannot answer or a value is out of range.
    pub async fn set_manners(
        &self,
        court: Option<&str>,
        gap_ms: Option<i32>,
        cap: Option<i32>,
    ) -> Result<u64, Error> {
        let result = sqlx::query!(
            "update courts set gap_ms = coalesce($2, gap_ms), cap = coalesce($3, cap)
             where $1::text is null or id = $1",
            court,
            gap_ms,
            cap
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }

    /// Reserves the next turn at a court for one HTTP request.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn take_turn(&self, court: &str) -> Result<Turn, Error> {
        let turn = sqlx::query!(
            r#"update courts
               set next_free = greatest(next_free, clock_timestamp())
                               + make_interval(secs => gap_ms / 1000.0)
               where id = $1
                 and next_free < clock_timestamp() + make_interval(secs => $2)
                 and (paused_until is null or paused_until <= clock_timestamp())
               returning extract(epoch from
                   next_free - make_interval(secs => gap_ms / 1000.0) - clock_timestamp()
               )::float8 as "wait_seconds!", openings > 0 as "is_half_open!""#,
            court,
            HORIZON_SECONDS
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(turn) = turn else {
            return Ok(Turn::TooFar);
        };
        let wait = Duration::from_secs_f64(turn.wait_seconds.max(0.0));
        Ok(match turn.is_half_open {
            true => Turn::Probe(wait),
            false => Turn::In(wait),
        })
    }

    /// Pushes the whole fleet back: the court asked for a pause (429 or 503 with `Retry-After`).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn push_back(&self, court: &str, wait: Duration) -> Result<(), Error> {
        sqlx::query!(
            "update courts
             set next_free = greatest(next_free, clock_timestamp() + make_interval(secs => $2))
             where id = $1",
            court,
            wait.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
