//! How a reader takes work, keeps it and gives it back.

use std::time::Duration;

use fetch_model::Fence;

use super::ReadingClaim;
use crate::{Error, Library};

/// What is to be done for a whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Look at every page, and say which must be recognised.
    Plan,
    /// Put the pages together and give the text to the documents.
    Assemble,
}

/// A text to be planned or put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedText {
    /// The name of the file's bytes.
    pub sha256: String,
    /// What is to be done.
    pub stage: Stage,
    /// The token of this claim.
    pub fence: Fence,
    /// Claims for this stage, this one included.
    pub attempts: i32,
    /// Why the file has no pages to give, when that is known already.
    pub refusal: Option<String>,
    /// What is wrong with the file as a whole, in the reader's words.
    pub problems: serde_json::Value,
    /// The trace of the request that wanted it first.
    pub traceparent: Option<String>,
}

/// Pages to be recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedPart {
    /// The number of the part.
    pub id: i64,
    /// The name of the file's bytes.
    pub sha256: String,
    /// The pages of the part that are still open, in order.
    pub pages: Vec<i32>,
    /// The token of this claim.
    pub fence: Fence,
    /// Claims since a page of it was last read, this one included.
    pub attempts: i32,
    /// The trace of the request that wanted the text first.
    pub traceparent: Option<String>,
}

impl Library {
    /// Takes the next text that is to be planned or put together; `None` when there is none.
    pub async fn claim_text(
        &self,
        worker: &str,
        lease: Duration,
    ) -> Result<Option<ClaimedText>, Error> {
        let row = sqlx::query!(
            "with next as (
                 select sha256 from texts
                 where state in ('planning', 'assembling')
                   and (lease_until is null or lease_until < clock_timestamp())
                   and (not_before is null or not_before <= clock_timestamp())
                 order by state, due_at
                 limit 1
                 for no key update skip locked)
             update texts
             set fence = fence + 1, attempts = attempts + 1, worker = $1, not_before = null,
                 lease_until = clock_timestamp() + make_interval(secs => $2)
             from next
             where texts.sha256 = next.sha256
             returning texts.sha256, state, fence, attempts, refusal, problems, traceparent",
            worker,
            lease.as_secs_f64()
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| ClaimedText {
            sha256: row.sha256,
            stage: if row.state == "planning" {
                Stage::Plan
            } else {
                Stage::Assemble
            },
            fence: Fence(row.fence),
            attempts: row.attempts,
            refusal: row.refusal,
            problems: row.problems,
            traceparent: row.traceparent,
        }))
    }

    /// Takes the next pages that are to be recognised; `None` when there are none. Of those that
    /// are open, what is due first, as `texts/due.rs` says.
    pub async fn claim_part(
        &self,
        worker: &str,
        lease: Duration,
    ) -> Result<Option<ClaimedPart>, Error> {
        let row = sqlx::query_file!("src/texts/sql/claim_part.sql", worker, lease.as_secs_f64())
            .fetch_optional(self.db.pool())
            .await?;
        Ok(row.map(|row| ClaimedPart {
            id: row.id,
            sha256: row.sha256,
            pages: row.pages,
            fence: Fence(row.fence),
            attempts: row.attempts,
            traceparent: row.traceparent,
        }))
    }

    /// Says that the reader is alive and keeps the lease. `false` when the claim was lost: stop.
    pub async fn keep_reading(&self, claim: &ReadingClaim, lease: Duration) -> Result<bool, Error> {
        let seconds = lease.as_secs_f64();
        let changed = match claim {
            ReadingClaim::Text { sha256, fence } => {
                sqlx::query!(
                    "update texts
                     set lease_until = clock_timestamp() + make_interval(secs => $3)
                     where sha256 = $1 and fence = $2 and worker is not null",
                    sha256,
                    fence.0,
                    seconds
                )
                .execute(self.db.pool())
                .await?
            }
            ReadingClaim::Part { id, fence } => {
                sqlx::query!(
                    "update text_parts
                     set lease_until = clock_timestamp() + make_interval(secs => $3)
                     where id = $1 and fence = $2 and is_open and worker is not null",
                    id,
                    fence.0,
                    seconds
                )
                .execute(self.db.pool())
                .await?
            }
        };
        Ok(changed.rows_affected() == 1)
    }

    /// Lets somebody else go on, after `pause`. `counts` says whether that was an attempt. A claim
    /// that was lost meanwhile stays lost.
    ///
    /// # Errors
    /// When the database cannot answer; then the lease runs out.
    pub async fn give_back_reading(
        &self,
        claim: &ReadingClaim,
        pause: Duration,
        counts: bool,
    ) -> Result<(), Error> {
        let (seconds, refund) = (pause.as_secs_f64(), i32::from(!counts));
        match claim {
            ReadingClaim::Text { sha256, fence } => {
                sqlx::query!(
                    "update texts
                     set worker = null, lease_until = null, attempts = attempts - $4,
                         not_before = clock_timestamp() + make_interval(secs => $3)
                     where sha256 = $1 and fence = $2 and worker is not null",
                    sha256,
                    fence.0,
                    seconds,
                    refund
                )
                .execute(self.db.pool())
                .await?
            }
            ReadingClaim::Part { id, fence } => {
                sqlx::query!(
                    "update text_parts
                     set worker = null, lease_until = null,
                         attempts = greatest(attempts - $4, 0),
                         not_before = clock_timestamp() + make_interval(secs => $3)
                     where id = $1 and fence = $2 and is_open and worker is not null",
                    id,
                    fence.0,
                    seconds,
                    refund
                )
                .execute(self.db.pool())
                .await?
            }
        };
        Ok(())
    }
}
