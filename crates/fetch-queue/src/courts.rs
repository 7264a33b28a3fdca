//! The courts we may ask, their manners, and whose slot it is.
//!
//! A slot is reserved with one clock, this database's: skew between workers cannot break it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_model::decision::LONGEST_PAUSE;
use pacer::court::Court;

use crate::{Error, Queue};

/// How gently a court is asked unless its operator says otherwise
/// (`docs/PACER.md`, "Politeness": one second between requests, two at once).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourtLimits {
    /// Least time between two requests, in milliseconds.
    pub gap_ms: i32,
    /// Most requests of ours that a court works on at once.
    pub cap: i32,
}

impl CourtLimits {
    /// The default for a court, by its PACER id: nysd and txwd have asked for more distance.
    #[must_use]
    pub fn default_for(pacer_id: &str) -> CourtLimits {
        let gap_ms = if matches!(pacer_id, "nysd" | "txwd") {
            2000
        } else {
            1000
        };
        CourtLimits { gap_ms, cap: 2 }
    }
}

/// What a court said when it was asked for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextSlot {
    /// Send one request then.
    At(Slot),
    /// The same, at a court that has failed and is only tried again: ask something free first.
    AfterProbe(Slot),
    /// The next free slot is too far away, the breaker is open, or the operator has paused the
    /// court: give the work back.
    NoneSoon,
}

/// A reserved slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// How long it is until then.
    pub wait: Duration,
    /// A request that is written later than so long after its slot comes too close to the next
    /// one. `None` at a court without a gap.
    pub good_for: Option<Duration>,
    /// When it is, by the database's clock.
    starts: DateTime<Utc>,
    /// Where the slot ends and the next may begin, by the database's clock.
    ends: DateTime<Utc>,
}

impl Slot {
    /// A slot of nobody's queue: at once, for as long as one likes.
    #[must_use]
    pub fn unlimited() -> Slot {
        Slot {
            wait: Duration::ZERO,
            good_for: None,
            starts: DateTime::UNIX_EPOCH,
            ends: DateTime::UNIX_EPOCH,
        }
    }
}

/// Slots are this much further apart than the gap, as a share of it: what a request may be late,
/// and what the way to the court may differ from one to the next.
pub(crate) const MARGIN: f64 = 0.025;

/// The part of the gap that a request may be late; the rest of [`MARGIN`] is for the way.
const LATENESS: f64 = 0.01;

/// No machine is asked to be more punctual than so. Gaps of less than a second are for simulated
/// courts, and are kept on average.
const LEAST_LATENESS: Duration = Duration::from_millis(20);

/// Slots are reserved at most this far ahead, so that a queue at a court holds no worker.
pub const LONGEST_SLOT_WAIT: Duration = Duration::from_secs(20);

/// The same for a purchase that is under way, which nobody else can go on with. With all places at
/// a court taken by such, the last of them still gets its slot.
pub const LONGEST_SLOT_WAIT_OF_PURCHASE: Duration = Duration::from_secs(120);

impl Queue {
    /// Brings the table of courts in line with the registry. Settings of known courts stay.
    pub async fn register_courts(&self) -> Result<(), Error> {
        self.write_courts(true).await
    }

    /// Adds the courts that this program knows and the table does not. What the table says of the
    /// others stays: a program of another version may know better.
    pub async fn add_new_courts(&self) -> Result<(), Error> {
        self.write_courts(false).await
    }

    async fn write_courts(&self, correct_known: bool) -> Result<(), Error> {
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
        let manners: Vec<CourtLimits> = pacer_ids
            .iter()
            .map(|id| CourtLimits::default_for(id))
            .collect();
        let gaps: Vec<i32> = manners.iter().map(|manners| manners.gap_ms).collect();
        let caps: Vec<i32> = manners.iter().map(|manners| manners.cap).collect();
        sqlx::query!(
            "insert into courts (id, pacer_id, kind, gap_ms, cap)
             select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[])
             on conflict (id) do update set pacer_id = excluded.pacer_id, kind = excluded.kind
             where $6 and (courts.pacer_id, courts.kind) is distinct from (excluded.pacer_id, excluded.kind)",
            &ids,
            &pacer_ids,
            &kinds,
            &gaps,
            &caps,
            correct_known
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    /// Reserves the next slot at a court for one HTTP request, if it is within `horizon`.
    pub async fn take_slot(&self, court: &str, horizon: Duration) -> Result<NextSlot, Error> {
        self.next_slot(court, horizon, false).await
    }

    /// The same to fetch what was paid for, which costs nothing and waits there for so long only: it is
    /// one question more of a court that is left alone, by us or by its operator. What the court
    /// itself has asked for is heeded. Never [`NextSlot::AfterProbe`].
    pub async fn take_slot_for_paid(&self, court: &str) -> Result<NextSlot, Error> {
        self.next_slot(court, LONGEST_SLOT_WAIT_OF_PURCHASE, true)
            .await
    }

    async fn next_slot(
        &self,
        court: &str,
        horizon: Duration,
        is_paid: bool,
    ) -> Result<NextSlot, Error> {
        let reserved = sqlx::query!(
            r#"update courts
               set last_turn = greatest(next_free, clock_timestamp()),
                   next_free = greatest(next_free, clock_timestamp())
                               + make_interval(secs => gap_ms * $3::float8 / 1000.0)
               where id = $1
                 and next_free < clock_timestamp() + make_interval(secs => $2)
                 and ($4 or paused_until is null or paused_until <= clock_timestamp())
                 and ($4 or held_since is null or held_until <= clock_timestamp())
               returning extract(epoch from
                   next_free - make_interval(secs => gap_ms * $3::float8 / 1000.0) - clock_timestamp()
               )::float8 as "wait_seconds!",
                   next_free - make_interval(secs => gap_ms * $3::float8 / 1000.0) as "starts!",
                   openings > 0 as "is_half_open!", gap_ms, next_free"#,
            court,
            horizon.as_secs_f64(),
            1.0 + MARGIN,
            is_paid
        )
        .fetch_optional(self.db.pool())
        .await?;
        let Some(reserved) = reserved else {
            return Ok(NextSlot::NoneSoon);
        };
        let slot = Slot {
            wait: Duration::from_secs_f64(reserved.wait_seconds.max(0.0)),
            good_for: good_for(reserved.gap_ms),
            starts: reserved.starts,
            ends: reserved.next_free,
        };
        Ok(match reserved.is_half_open && !is_paid {
            true => NextSlot::AfterProbe(slot),
            false => NextSlot::At(slot),
        })
    }

    /// Moves a slot that was missed to the present moment, which only the last one given can be.
    /// `None` if somebody has the slot after it, or the court wants to be left alone.
    pub async fn renew_slot(&self, court: &str, slot: &Slot) -> Result<Option<Slot>, Error> {
        let row = sqlx::query!(
            "update courts
             set last_turn = clock_timestamp(),
                 next_free = clock_timestamp() + make_interval(secs => gap_ms * $3::float8 / 1000.0)
             where id = $1 and next_free = $2
               and (paused_until is null or paused_until <= clock_timestamp())
                 and (held_since is null or held_until <= clock_timestamp())
             returning gap_ms, next_free,
                 next_free - make_interval(secs => gap_ms * $3::float8 / 1000.0) as \"starts!\"",
            court,
            slot.ends,
            1.0 + MARGIN
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| Slot {
            wait: Duration::ZERO,
            good_for: good_for(row.gap_ms),
            starts: row.starts,
            ends: row.next_free,
        }))
    }

    /// How many seconds it is until a slot, less than none when it has passed. Unlike
    /// [`Queue::take_slot`] this waits for nobody who has the court's row, so the answer is fresh.
    pub async fn seconds_until(&self, slot: &Slot) -> Result<f64, Error> {
        Ok(sqlx::query_scalar!(
            r#"select extract(epoch from $1::timestamptz - clock_timestamp())::float8 as "seconds!""#,
            slot.starts
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// Pushes the whole fleet back: the court asked for a pause by this answer (429 or 503 with
    /// `Retry-After`). It gets [`LONGEST_PAUSE`] at most, whatever it asked for.
    pub async fn delay_court(&self, court: &str, wait: Duration, by: &str) -> Result<(), Error> {
        sqlx::query!(
            "update courts
             set next_free = greatest(next_free, clock_timestamp() + make_interval(secs => $2)),
                 asked_by = case when asked_until > clock_timestamp() + make_interval(secs => $2)
                            then asked_by else $3 end,
                 asked_until = greatest(asked_until, clock_timestamp() + make_interval(secs => $2))
             where id = $1",
            court,
            wait.min(LONGEST_PAUSE).as_secs_f64(),
            by
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }
}

fn good_for(gap_ms: i32) -> Option<Duration> {
    let gap = Duration::from_millis(u64::try_from(gap_ms).unwrap_or_default());
    (!gap.is_zero()).then(|| gap.mul_f64(LATENESS).max(LEAST_LATENESS))
}
