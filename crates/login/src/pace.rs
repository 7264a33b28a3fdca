//! How often one account may be logged in. PACER slows or suspends accounts that do it too often.
//!
//! What did not go well counts against who tried it: anybody may name an account that is not theirs,
//! and must not be able to keep its owner out. What went well counts for everybody.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{AttemptEnd, LoginAttempt};
use fetch_model::UserId;

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

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
    /// Refusals of one user of ours within any hour, of whichever accounts.
    pub max_refused_per_hour: usize,
}

impl Default for PaceConfig {
    fn default() -> PaceConfig {
        PaceConfig {
            min_gap: Duration::from_secs(60),
            max_per_hour: 10,
            max_refused_per_hour: 20,
        }
    }
}

impl PaceConfig {
    /// How long `user` has to wait before PACER may be asked again, after these attempts, oldest
    /// first.
    pub(crate) fn wait(
        &self,
        attempts: &[LoginAttempt],
        user: UserId,
        now: DateTime<Utc>,
    ) -> Duration {
        let counts =
            |attempt: &&LoginAttempt| attempt.user == user || attempt.end == AttemptEnd::LoggedIn;
        let attempts: Vec<LoginAttempt> = attempts.iter().filter(counts).copied().collect();
        self.gap(&attempts, now).max(self.crowd(&attempts, now))
    }

    /// How long a user has to wait who was refused at these times, oldest first.
    pub(crate) fn wait_of_user(&self, refused: &[DateTime<Utc>], now: DateTime<Utc>) -> Duration {
        match refused.len().checked_sub(self.max_refused_per_hour) {
            Some(surplus) => refused
                .get(surplus)
                .map_or(HOUR, |&at| HOUR.saturating_sub(since(at, now))),
            None => Duration::ZERO,
        }
    }

    /// After a login it is a minute, and after more wrong passwords than a person mistypes.
    fn gap(&self, attempts: &[LoginAttempt], now: DateTime<Utc>) -> Duration {
        let recent = |attempt: &&LoginAttempt| since(attempt.at, now) < self.min_gap;
        let recent: Vec<&LoginAttempt> = attempts.iter().filter(recent).collect();
        let refused = |attempt: &&LoginAttempt| attempt.end == AttemptEnd::Refused;
        let mistyped = recent.iter().all(refused);
        match recent.last() {
            Some(last) if !mistyped || recent.len() > CORRECTIONS => {
                self.min_gap.saturating_sub(since(last.at, now))
            }
            _ => Duration::ZERO,
        }
    }

    fn crowd(&self, attempts: &[LoginAttempt], now: DateTime<Utc>) -> Duration {
        match attempts.len().checked_sub(self.max_per_hour) {
            Some(surplus) => HOUR.saturating_sub(since(attempts[surplus].at, now)),
            None => Duration::ZERO,
        }
    }
}

/// Forgets attempts that no limit counts any more.
pub(crate) fn forget_old(attempts: &mut Vec<LoginAttempt>, now: DateTime<Utc>) {
    attempts.retain(|attempt| since(attempt.at, now) < HOUR);
}

/// A time to come, which two clocks can make of one just past, is now.
fn since(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (now - at)
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

    const OWNER: UserId = UserId(1);
    const STRANGER: UserId = UserId(2);

    fn attempt(seconds: i64, user: UserId, end: AttemptEnd) -> LoginAttempt {
        LoginAttempt {
            at: at(seconds),
            user,
            end,
        }
    }

    fn wait(past: &[(i64, bool)], now: i64) -> u64 {
        let attempt = |&(seconds, refused): &(i64, bool)| match refused {
            true => attempt(seconds, OWNER, AttemptEnd::Refused),
            false => attempt(seconds, OWNER, AttemptEnd::LoggedIn),
        };
        let mut attempts: Vec<LoginAttempt> = past.iter().map(attempt).collect();
        forget_old(&mut attempts, at(now));
        let wait = PaceConfig::default().wait(&attempts, OWNER, at(now));
        wait.as_secs()
    }

    #[test]
    fn what_a_stranger_tries_in_vain_keeps_the_stranger_out_and_nobody_else() {
        for end in [AttemptEnd::Refused, AttemptEnd::NoSession, AttemptEnd::Open] {
            let tries: Vec<_> = (0..10).map(|n| attempt(60 * n, STRANGER, end)).collect();
            let wait = |user| PaceConfig::default().wait(&tries, user, at(601));
            assert_eq!(wait(OWNER), Duration::ZERO);
            assert_eq!(wait(STRANGER).as_secs(), 2999);
        }
        // Who logs in has the password, and is waited for by everybody.
        let shared = [attempt(0, STRANGER, AttemptEnd::LoggedIn)];
        let wait = PaceConfig::default().wait(&shared, OWNER, at(10));
        assert_eq!(wait.as_secs(), 50);
    }

    #[test]
    fn a_user_may_be_refused_so_often_in_an_hour() {
        let pace = PaceConfig {
            max_refused_per_hour: 3,
            ..PaceConfig::default()
        };
        let wait = |times: &[i64], now| {
            let times: Vec<_> = times.iter().map(|&seconds| at(seconds)).collect();
            pace.wait_of_user(&times, at(now)).as_secs()
        };
        assert_eq!(wait(&[], 0), 0);
        assert_eq!(wait(&[0, 10], 20), 0);
        assert_eq!(wait(&[0, 10, 20], 20), 3580);
        assert_eq!(wait(&[0, 10, 20, 30], 40), 3570);
        assert_eq!(wait(&[0, 10, 20], 3600), 0);
        let nothing_goes = PaceConfig {
            max_refused_per_hour: 0,
            ..pace
        };
        assert_eq!(nothing_goes.wait_of_user(&[], at(0)), HOUR);
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
