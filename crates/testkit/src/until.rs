//! Waiting for something that must come about.

use std::{fmt::Display, time::Duration};

use anyhow::ensure;
use tokio::time::{Instant, sleep};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks again until something is so, and gives what was looked for: `look` says what it is, or with
/// `Err` what it sees instead.
///
/// # Errors
/// When it is not so within this time, with what was seen last; and when `look` cannot see at all.
pub async fn until<T, Seen: Display>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Result<T, Seen>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + within;
    loop {
        let seen = match look().await? {
            Ok(found) => return Ok(found),
            Err(seen) => seen,
        };
        ensure!(
            Instant::now() < deadline,
            "{what}: not within {within:?}, and last seen was: {seen}"
        );
        sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_about_is_given() {
        let mut looks = 0;
        let third = until("a third look", Duration::from_secs(1), async || {
            looks += 1;
            Ok(if looks == 3 { Ok("here") } else { Err(looks) })
        });
        assert_eq!(third.await.unwrap(), "here");
    }

    #[tokio::test]
    async fn what_was_seen_last_is_said() {
        let mut looks = 0;
        let never = until("a hundredth look", Duration::ZERO, async || {
            looks += 1;
            Ok(Err::<(), _>(looks))
        });
        let said = never.await.unwrap_err().to_string();
        assert_eq!(
            said,
            "a hundredth look: not within 0ns, and last seen was: 1"
        );
    }
}
