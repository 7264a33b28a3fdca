//! Keeps in the database what the login service has to know exactly.

use std::{sync::Arc, time::Duration};

use fetch_bus::{Bus, KeptRecord, Read, RecordKeeper, Writing};
use fetch_db::Error;
use fetch_queue::Queue;
use tokio_util::sync::CancellationToken;
use tracing::error;

/// Answers login until `shutdown`.
pub(crate) async fn serve(queue: Queue, bus: Bus, shutdown: CancellationToken) {
    let serving = bus.serve_login_records(Arc::new(Keeper(queue)), shutdown);
    if let Err(error) = serving.await {
        let error = &error as &dyn std::error::Error;
        error!(error, "no records are kept for the login service");
    }
}

struct Keeper(Queue);

impl RecordKeeper for Keeper {
    type Error = Error;

    async fn read(&self, key: &str) -> Result<Read, Error> {
        let (record, at) = self.0.login_record(key).await?;
        let record = record.map(|record| KeptRecord {
            value: record.value,
            revision: record.revision.unsigned_abs(),
        });
        Ok(Read { record, at })
    }

    async fn write(
        &self,
        key: &str,
        value: &[u8],
        over: u64,
        life: Duration,
    ) -> Result<Option<Writing>, Error> {
        // What no row can have is nobody's.
        let over = i64::try_from(over).unwrap_or(i64::MAX);
        let written = self.0.write_login_record(key, value, over, life).await?;
        Ok(written.map(|written| Writing {
            revision: written.revision.unsigned_abs(),
            at: written.at,
        }))
    }
}
