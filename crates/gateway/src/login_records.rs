//! Keeps in the database what the login service has to know exactly.

use std::{pin::pin, sync::Arc, time::Duration};

use fetch_bus::{Bus, KeptRecord, NewRecord, Read, RecordKeeper, Writing};
use fetch_db::{Db, Error};
use fetch_queue::Queue;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{announcements::AGAIN_AFTER, reach::Reach};

/// How long a write may take. Short, as each keeps one of the connections, and whoever asked for it asks
/// again; and waited for to the end, so that a commit that hangs becomes known.
const WRITTEN_WITHIN: Duration = Duration::from_millis(1500);

/// Answers login until `shutdown`, while the database is there: other gateways may have another one that is.
pub(crate) async fn serve(db: Db, bus: Bus, mut database: Reach, shutdown: CancellationToken) {
    let limit = db.commit_wait().min(WRITTEN_WITHIN);
    let keeper = Arc::new(Keeper(Queue::new(db.confirming_within(limit))));
    while !shutdown.is_cancelled() {
        if database.is_away() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                known = database.changed() => if !known { return },
            }
            continue;
        }
        let pause = shutdown.child_token();
        let mut serving = pin!(bus.serve_login_records(keeper.clone(), pause.clone()));
        let served = tokio::select! {
            served = &mut serving => served,
            () = until_away(&mut database) => {
                pause.cancel();
                serving.await
            }
        };
        if let Err(error) = served {
            log(&error);
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = time::sleep(AGAIN_AFTER) => {}
            }
        }
    }
}

fn log(error: &fetch_bus::Error) {
    let error = error as &dyn std::error::Error;
    error!(error, "no records are kept for the login service");
}

/// Never, once nobody looks any more.
async fn until_away(database: &mut Reach) {
    while !database.is_away() {
        if !database.changed().await {
            return std::future::pending().await;
        }
    }
}

struct Keeper(Queue);

impl RecordKeeper for Keeper {
    type Error = Error;

    fn may_pass(error: &Error) -> bool {
        !error.is_lasting()
    }

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

    async fn create(&self, records: &[NewRecord], life: Duration) -> Result<Vec<bool>, Error> {
        let records = records.iter();
        let records = records.map(|record| (record.key.as_str(), record.value.as_slice()));
        let records: Vec<(&str, &[u8])> = records.collect();
        self.0.create_login_records(&records, life).await
    }
}
