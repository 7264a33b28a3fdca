//! Limits of single accounts, where the operator allows them more than all others, or less.
//!
//! Which accounts these are is nobody else's business: the list is a secret of this process.

use std::{collections::HashMap, fmt, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use crate::PaceConfig;

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
     between two logins of the account and the most in an hour, from 1 to 3600"
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

    /// How often an account may be logged in, where this is how often any other may.
    pub(crate) fn pace_of(&self, username: &str, usual: PaceConfig) -> PaceConfig {
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
            .filter(|most| (1..=3600).contains(most))?,
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
    fn what_is_no_limit_is_a_mistake() {
        for wrong in [
            "firm",
            "firm:1",
            "firm:1:0",
            "firm:1:3601",
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
