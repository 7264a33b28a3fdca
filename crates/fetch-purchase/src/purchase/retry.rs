//! Writing down how a purchase ended, however often it takes.

use std::time::Duration;

use fetch_attempt::BootInstant;
use tokio::time;
use tracing::warn;

/// Between two tries.
const INSIST_EVERY: Duration = Duration::from_secs(1);

/// The log is told of every so many tries.
const TRIES_PER_WORD: u64 = 300;

/// Tries to write something down until it is, or until the limit has passed.
pub(super) async fn retry_until_written<T, F>(
    limit: Option<Duration>,
    write: impl Fn() -> F,
) -> Result<T, fetch_db::Error>
where
    F: Future<Output = Result<T, fetch_db::Error>>,
{
    let begun = BootInstant::now();
    let mut tries: u64 = 0;
    loop {
        match write().await {
            Err(error) if limit.is_none_or(|limit| begun.elapsed() < limit) => {
                if tries.is_multiple_of(TRIES_PER_WORD) {
                    let error = &error as &dyn std::error::Error;
                    warn!(
                        error,
                        tries, "could not record a purchase; retrying every second"
                    );
                }
                drop(error);
                tries += 1;
                time::sleep(INSIST_EVERY).await;
            }
            ended => return ended,
        }
    }
}
