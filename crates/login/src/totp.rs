//! One-time codes for accounts whose secret this service was given (RFC 6238).
//!
//! The secrets come with the settings and stay in this process: they are in no request, no message
//! and no store. Whoever knows such an account's password need not send a code.

use std::{collections::HashMap, fmt, time::Duration};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

const STEP_MS: u64 = 30_000;

/// With less left of a step, its code might arrive in the next one.
const ENOUGH_MS: u64 = 3_000;

/// Secrets by username.
#[derive(Clone, Default)]
pub struct TotpSecrets(HashMap<String, TotpSecret>);

/// What the codes of one account are made of.
#[derive(Clone)]
pub(crate) struct TotpSecret(Totp);

/// A list of secrets that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a list of username:SECRET pairs separated by white space, with each secret in Base32"
)]
pub struct WrongSecrets;

impl fmt::Debug for TotpSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TotpSecrets({} secret)", self.0.len())
    }
}

impl TotpSecrets {
    /// Reads `username:SECRET`, one or several, separated by white space.
    ///
    /// # Errors
    /// When this is no such list.
    pub fn parse(list: &SecretString) -> Result<TotpSecrets, WrongSecrets> {
        let words = list.expose_secret().split_whitespace();
        let secrets: Result<HashMap<String, TotpSecret>, WrongSecrets> = words
            .map(|word| {
                let (username, secret) = word.rsplit_once(':').ok_or(WrongSecrets)?;
                Ok((username.to_owned(), TotpSecret::parse(secret)?))
            })
            .collect();
        secrets.map(TotpSecrets)
    }

    pub(crate) fn of(&self, username: &str) -> Option<&TotpSecret> {
        self.0.get(username)
    }
}

impl TotpSecret {
    fn parse(text: &str) -> Result<TotpSecret, WrongSecrets> {
        let text = Zeroizing::new(text.trim_end_matches('=').to_ascii_uppercase());
        let secret = Secret::try_from_base32(text.as_str()).map_err(|_| WrongSecrets)?;
        if text.is_empty() {
            return Err(WrongSecrets);
        }
        // Secrets of ten bytes are common, and the standard wants sixteen.
        let totp = Builder::new().with_secret(secret).build_noncompliant();
        Ok(TotpSecret(totp))
    }

    /// The code of the step that `now` is in.
    pub(crate) fn code(&self, now: DateTime<Utc>) -> SecretString {
        self.0.generate(unix_ms(now) / 1000).to_string().into()
    }
}

/// How long to wait before a code is computed and sent: until the next step, if there is too little
/// of this one left, or if PACER was asked in this one already, for a code is good once.
pub(crate) fn wait_before_code(now: DateTime<Utc>, asked_ago: Option<Duration>) -> Duration {
    let into_step = unix_ms(now) % STEP_MS;
    let left = STEP_MS - into_step;
    let used = asked_ago.is_some_and(|ago| ago.as_millis() <= u128::from(into_step));
    if used || left < ENOUGH_MS {
        Duration::from_millis(left)
    } else {
        Duration::ZERO
    }
}

fn unix_ms(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp_millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_ms(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of eight digits.
        let list = "jan:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into();
        let secrets = TotpSecrets::parse(&list).unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            let told = secrets.of("jan").unwrap().code(at_ms(seconds * 1000));
            assert_eq!(told.expose_secret(), code);
        }
        assert!(secrets.of("ada").is_none());
    }

    #[test]
    fn lists_are_read_or_refused_and_not_shown() {
        let read = |list: &str| TotpSecrets::parse(&list.into());
        let two = read("jan:jbswy3dpehpk3pxp\n a:b@c.d:JBSWY3DPEHPK3PXP====").unwrap();
        assert!(two.of("jan").is_some() && two.of("a:b@c.d").is_some());
        assert_eq!(format!("{two:?}"), "TotpSecrets(2 secret)");
        assert!(read("").unwrap().of("jan").is_none());
        for wrong in ["jan", "jan:", "jan:0189", "jan:JBSWY3DPEHPK3PXP,ada"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_code_is_sent_with_time_to_spare_and_once() {
        let seconds = Duration::from_secs;
        assert_eq!(wait_before_code(at_ms(0), None), seconds(0));
        assert_eq!(wait_before_code(at_ms(27_000), None), seconds(0));
        assert_eq!(wait_before_code(at_ms(28_000), None), seconds(2));
        assert_eq!(
            wait_before_code(at_ms(10_000), Some(seconds(5))),
            seconds(20)
        );
        assert_eq!(
            wait_before_code(at_ms(10_000), Some(seconds(11))),
            seconds(0)
        );
    }
}
