//! Which courts have room, and work that may run now.

use fetch_model::{BulkWindow, FetchKind};

use super::no_worker::released_kinds;
use crate::{Error, Queue, courts::LONGEST_SLOT_WAIT, workers};

/// What one statement makes part of the queue.
const ENQUEUE_AT_ONCE: u64 = 1000;

impl Queue {
    /// Makes requests whose time has come part of the queue.
    pub async fn enqueue_due(&self) -> Result<(), Error> {
        loop {
            let enqueued = sqlx::query_file!("src/sql/enqueue_due.sql")
                .execute(self.db.pool())
                .await?
                .rows_affected();
            if enqueued < ENQUEUE_AT_ONCE {
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
            let window = BulkWindow {
                from: court.bulk_from,
                until: court.bulk_until,
            };
            court.interactive || (court.bulk && window.is_open(court.now))
        });
        Ok(works.map(|court| court.id).collect())
    }
}
