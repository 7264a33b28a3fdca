//! Limits of single accounts, where the operator allows them more than all others, or less.
//!
//! The list is a secret of this process, as usernames are in no log.

use std::{collections::HashMap, fmt, time::Duration};

use chrono::{DateTime, Utc};
use fetch_bus::{AttemptEnd, LoginAttempt};
use fetch_model::UserId;
use secrecy::{ExposeSecret, SecretString};

use crate::PaceConfig;

/// What is remembered of an account's hour must fit into its record.
const MOST: usize = 1000;

/// Limits by username.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AccountLimits(HashMap<String, Limit>);

/// What one account is allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Limit {
    min_gap: Duration,
    max_per_hour: usize,
}

/// A list of limits that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a list of username:MILLISECONDS:LOGINS separated by white space, with the least time \
     between two logins of the account and the most in an hour, from 1 to 1000"
)]
pub struct WrongLimits;

impl fmt::Debug for AccountLimits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AccountLimits({})", self.0.len())
    }
}

impl AccountLimits {
    /// Reads `username:MILLISECONDS:LOGINS`, one or several, separated by white space.
    ///
    /// # Errors
    /// When this is no such list, or names an account twice.
    pub fn parse(list: &SecretString) -> Result<AccountLimits, WrongLimits> {
        let mut limits = HashMap::new();
        for word in list.expose_secret().split_whitespace() {
            let (username, limit) = read(word).ok_or(WrongLimits)?;
            if limits.insert(username.to_owned(), limit).is_some() {
                return Err(WrongLimits);
            }
        }
        Ok(AccountLimits(limits))
    }

    /// How long `user` has to wait before PACER may be asked for this account, where these are the limits of any other.
    /// More than those are for logins that go well: whoever names the account and is refused is held to the usual
    /// limits as well, as PACER locks accounts for that.
    pub(crate) fn wait(
        &self,
        username: &str,
        usual: PaceConfig,
        attempts: &[LoginAttempt],
        user: UserId,
        now: DateTime<Utc>,
    ) -> Duration {
        if !self.0.contains_key(username) {
            return usual.wait(attempts, user, now);
        }
        let went_well = |attempt: &LoginAttempt| attempt.end == AttemptEnd::LoggedIn;
        let rest: Vec<LoginAttempt> = attempts
            .iter()
            .copied()
            .filter(|it| !went_well(it))
            .collect();
        let own = self.pace_of(username, usual);
        own.wait(attempts, user, now)
            .max(usual.wait(&rest, user, now))
    }

    /// How often an account may be logged in, where this is how often any other may.
    fn pace_of(&self, username: &str, usual: PaceConfig) -> PaceConfig {
        match self.0.get(username) {
            Some(limit) => PaceConfig {
                min_gap: limit.min_gap,
                max_per_hour: limit.max_per_hour,
                ..usual
            },
            None => usual,
        }
    }
}

fn read(word: &str) -> Option<(&str, Limit)> {
    let (rest, logins) = word.rsplit_once(':')?;
    let (username, gap) = rest.rsplit_once(':')?;
    let limit = Limit {
        min_gap: Duration::from_millis(gap.parse().ok()?),
        max_per_hour: logins
            .parse()
            .ok()
            .filter(|most| (1..=MOST).contains(most))?,
    };
    (!username.is_empty()).then_some((username, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_limits_of_its_own_and_no_other_has_them() {
        let limits = AccountLimits::parse(&" firm:2000:120\n a:b:0:1 ".into()).unwrap();
        let usual = PaceConfig::default();
        let of = |username| limits.pace_of(username, usual);
        assert_eq!(of("firm").min_gap, Duration::from_secs(2));
        assert_eq!(of("firm").max_per_hour, 120);
        assert_eq!(of("firm").max_refused_per_hour, usual.max_refused_per_hour);
        assert_eq!(of("a:b").max_per_hour, 1);
        for other in ["Firm", "a", ""] {
            assert_eq!(of(other), usual);
        }
        assert!(!format!("{limits:?}").contains("firm"));
    }

    #[test]
    fn more_logins_are_no_more_guesses() {
        let limits = AccountLimits::parse(&"firm:0:120".into()).unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let wait = |end, username| {
            let attempt = |ago| LoginAttempt {
                at: now - chrono::TimeDelta::seconds(ago),
                user: UserId(1),
                end,
            };
            let attempts: Vec<LoginAttempt> = (1..=12).rev().map(|ago| attempt(ago * 90)).collect();
            limits.wait(username, PaceConfig::default(), &attempts, UserId(1), now)
        };
        assert_eq!(wait(AttemptEnd::LoggedIn, "firm"), Duration::ZERO);
        for end in [AttemptEnd::Refused, AttemptEnd::NoSession, AttemptEnd::Open] {
            assert_eq!(wait(end, "firm"), wait(end, "other"), "{end:?}");
            assert!(!wait(end, "firm").is_zero(), "{end:?}");
        }
    }

    #[test]
    fn fewer_logins_are_fewer_guesses() {
        let limits = AccountLimits::parse(&"careful:300000:1".into()).unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let attempts = [LoginAttempt {
            at: now - chrono::TimeDelta::seconds(400),
            user: UserId(1),
            end: AttemptEnd::NoSession,
        }];
        let wait =
            |username| limits.wait(username, PaceConfig::default(), &attempts, UserId(1), now);
        assert_eq!(wait("careful"), Duration::from_secs(3600 - 400));
        assert_eq!(wait("other"), Duration::ZERO);
    }

    #[test]
    fn what_is_no_limit_is_a_mistake() {
        for wrong in [
            "firm",
            "firm:1",
            "firm:1:0",
            "firm:1:1001",
            "firm:-1:1",
            ":1:1",
            "firm:x:1",
            "firm:1:1 firm:2:2",
        ] {
            assert_eq!(
                AccountLimits::parse(&wrong.into()),
                Err(WrongLimits),
                "{wrong}"
            );
        }
    }
}
