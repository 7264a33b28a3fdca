//! How often one account may be logged in. PACER slows or suspends accounts that do it too often.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::LoginAttempt;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A person who mistyped may correct it at once, twice: as often as a login form in a browser
/// would be filled in again. A program that sends the same again is not asking PACER at all.
const CORRECTIONS: usize = 2;

/// Limits for the logins of one account by all replicas together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaceConfig {
    /// Time between two logins.
    pub min_gap: Duration,
    /// Logins within any hour.
    pub max_per_hour: usize,
}

impl Default for PaceConfig {
    fn default() -> PaceConfig {
        PaceConfig {
            min_gap: Duration::from_secs(60),
            max_per_hour: 10,
        }
    }
}

impl PaceConfig {
    /// How long to wait before PACER may be asked again, after these attempts, oldest first.
    pub(crate) fn wait(&self, attempts: &[LoginAttempt], now: DateTime<Utc>) -> Duration {
        self.gap(attempts, now).max(self.crowd(attempts, now))
    }

    /// After a login it is a minute, and after more wrong passwords than a person mistypes.
    fn gap(&self, attempts: &[LoginAttempt], now: DateTime<Utc>) -> Duration {
        let recent = |attempt: &&LoginAttempt| since(attempt, now) < self.min_gap;
        let recent: Vec<&LoginAttempt> = attempts.iter().filter(recent).collect();
        let mistyped = recent.iter().all(|attempt| attempt.refused);
        match recent.last() {
            Some(last) if !mistyped || recent.len() > CORRECTIONS => {
                self.min_gap.saturating_sub(since(last, now))
            }
            _ => Duration::ZERO,
        }
    }

    fn crowd(&self, attempts: &[LoginAttempt], now: DateTime<Utc>) -> Duration {
        match attempts.len().checked_sub(self.max_per_hour) {
            Some(surplus) => HOUR.saturating_sub(since(&attempts[surplus], now)),
            None => Duration::ZERO,
        }
    }
}

/// Forgets attempts that no limit counts any more.
pub(crate) fn forget_old(attempts: &mut Vec<LoginAttempt>, now: DateTime<Utc>) {
    attempts.retain(|attempt| since(attempt, now) < HOUR);
}

/// A time to come, which two clocks can make of one just past, is now.
fn since(attempt: &LoginAttempt, now: DateTime<Utc>) -> Duration {
    (now - attempt.at)
        .max(TimeDelta::zero())
        .to_std()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn wait(past: &[(i64, bool)], now: i64) -> u64 {
        let attempt = |&(seconds, refused): &(i64, bool)| LoginAttempt {
            at: at(seconds),
            refused,
        };
        let mut attempts: Vec<LoginAttempt> = past.iter().map(attempt).collect();
        forget_old(&mut attempts, at(now));
        PaceConfig::default().wait(&attempts, at(now)).as_secs()
    }

    #[test]
    fn logins_are_a_minute_apart_and_ten_an_hour() {
        assert_eq!(wait(&[], 0), 0);
        assert_eq!(wait(&[(0, false)], 20), 40);
        assert_eq!(wait(&[(0, false)], 60), 0);
        let ten: Vec<(i64, bool)> = (0..10).map(|minute| (60 * minute, minute > 5)).collect();
        assert_eq!(wait(&ten, 600), 3000);
        assert_eq!(wait(&ten, 3600), 0);
        let eleventh = [&ten[..], &[(3600, false)]].concat();
        assert_eq!(wait(&eleventh, 3601), 59);
    }

    #[test]
    fn who_mistyped_may_correct_it_twice() {
        assert_eq!(wait(&[(0, true)], 1), 0);
        assert_eq!(wait(&[(0, true), (5, true)], 10), 0);
        assert_eq!(wait(&[(0, true), (5, true), (10, true)], 15), 55);
        // A login that went well is not corrected, whatever came before or after it.
        assert_eq!(wait(&[(0, true), (5, false)], 10), 55);
        assert_eq!(wait(&[(0, false), (30, true)], 40), 50);
        assert_eq!(wait(&[(0, false), (30, true)], 70), 0);
    }

    #[test]
    fn a_clock_that_goes_back_makes_nobody_wait_longer() {
        assert_eq!(wait(&[(100, false)], 0), 60);
    }
}
