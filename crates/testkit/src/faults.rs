//! Gateways that fail in the midst of what the login service asks them for.

use std::time::Duration;

use fetch_bus::{NewRecord, Read, RecordKeeper, Writing};
use fetch_db::Error;
use tokio::time::sleep;

use crate::DatabaseKeeper;

/// Longer than an answer is waited for twice.
const TOO_LATE: Duration = Duration::from_millis(700);

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is made and confirmed.
    None,
    /// It is made, and nobody waits any more when the answer comes: as of a gateway that is killed between the
    /// two, or one whose message server is.
    AnswerLost,
    /// It is made, and the gateway does not know.
    Unconfirmed,
    /// It is not made.
    NotMade,
    /// It is made long after the gateway was asked, unless it does not fit any more by then.
    MadeLate,
}

/// Keeps records, and has something become of each write, by its key.
#[derive(Debug)]
pub struct FaultyKeeper<F> {
    keeper: DatabaseKeeper,
    fault: F,
}

impl<F: Fn(&str) -> Fault> FaultyKeeper<F> {
    /// One that fails in this way.
    pub fn new(keeper: DatabaseKeeper, fault: F) -> FaultyKeeper<F> {
        FaultyKeeper { keeper, fault }
    }
}

impl<F: Fn(&str) -> Fault + Send + Sync + 'static> RecordKeeper for FaultyKeeper<F> {
    type Error = Error;

    fn may_pass(error: &Error) -> bool {
        DatabaseKeeper::may_pass(error)
    }

    async fn read(&self, key: &str) -> Result<Read, Error> {
        self.keeper.read(key).await
    }

    async fn write(
        &self,
        key: &str,
        value: &[u8],
        over: u64,
        life: Duration,
    ) -> Result<Option<Writing>, Error> {
        let (keeper, key, value) = (self.keeper.clone(), key.to_owned(), value.to_vec());
        let fault = (self.fault)(&key);
        happens(fault, async move {
            keeper.write(&key, &value, over, life).await
        })
        .await
    }

    /// All together, by the first key.
    async fn create(&self, records: &[NewRecord], life: Duration) -> Result<Vec<bool>, Error> {
        let (keeper, records) = (self.keeper.clone(), records.to_vec());
        let first = records.first().map_or("", |record| &record.key);
        let fault = (self.fault)(first);
        happens(fault, async move { keeper.create(&records, life).await }).await
    }
}

async fn happens<T: Send + 'static>(
    fault: Fault,
    write: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match fault {
        Fault::None => write.await,
        Fault::AnswerLost => {
            let written = write.await;
            sleep(TOO_LATE).await;
            written
        }
        Fault::Unconfirmed => {
            write.await?;
            Err(Error::Unconfirmed)
        }
        Fault::NotMade => Err(Error::Stalled),
        Fault::MadeLate => {
            tokio::spawn(async move {
                sleep(TOO_LATE).await;
                write.await
            });
            Err(Error::Unconfirmed)
        }
    }
}
