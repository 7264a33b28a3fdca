//! One-time codes for an account that needs them, made of the secret that its authenticator has.
//!
//! The secret is in the memory of this command, like the password: the service gets a code, which is
//! good once and for half a minute.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use fetch_runtime::{FromEnv, Settings};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Mutex, time};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::password::PASSWORD;

const STEP_MS: u64 = 30_000;

/// With less left of a step, its code might arrive in the next one.
const ENOUGH_MS: u64 = 3_000;

/// Makes the codes of one account.
pub(super) struct Codes {
    totp: Totp,
    /// The step of the last code.
    last: Mutex<Option<u64>>,
}

struct Environment(Option<SecretString>);

impl FromEnv for Environment {
    fn from_env(settings: &mut Settings) -> Environment {
        Environment(settings.optional_secret("PACER_OTP_SECRET"))
    }
}

/// From the file, or else the environment; none where the account needs no codes.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Option<Codes>> {
    let secret = match file {
        Some(path) => Some(PASSWORD.of_file(path)?),
        None => Settings::of_this_process().read::<Environment>()?.0,
    };
    secret.as_ref().map(Codes::of).transpose()
}

impl Codes {
    /// Reads a secret as authenticators show it: Base32 in either case, perhaps with blanks.
    fn of(text: &SecretString) -> anyhow::Result<Codes> {
        let text: Zeroizing<String> = Zeroizing::new(
            text.expose_secret()
                .chars()
                .filter(|letter| !letter.is_whitespace() && *letter != '=')
                .map(|letter| letter.to_ascii_uppercase())
                .collect(),
        );
        let secret = Secret::try_from_base32(text.as_str())
            .ok()
            .context("the secret for one-time codes is not Base32, such as JBSWY3DPEHPK3PXP")?;
        if text.is_empty() {
            bail!("the secret for one-time codes is empty");
        }
        // Secrets of ten bytes are common, and the standard wants sixteen.
        let totp = Builder::new().with_secret(secret).build_noncompliant();
        let last = Mutex::new(None);
        Ok(Codes { totp, last })
    }

    /// The next code that was not given yet and has time left. Waits for it, for half a minute at most.
    pub(super) async fn next(&self) -> SecretString {
        let mut last = self.last.lock().await;
        loop {
            let now = Utc::now();
            let wait = wait_before_code(now, *last);
            if wait.is_zero() {
                *last = Some(step_of(now));
                return self.at(now);
            }
            time::sleep(wait).await;
        }
    }

    fn at(&self, now: DateTime<Utc>) -> SecretString {
        self.totp.generate(unix_ms(now) / 1000).to_string().into()
    }
}

fn wait_before_code(now: DateTime<Utc>, last: Option<u64>) -> Duration {
    let left = STEP_MS - unix_ms(now) % STEP_MS;
    match last == Some(step_of(now)) || left < ENOUGH_MS {
        true => Duration::from_millis(left),
        false => Duration::ZERO,
    }
}

fn step_of(now: DateTime<Utc>) -> u64 {
    unix_ms(now) / STEP_MS
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
        for written in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
        ] {
            let codes = Codes::of(&written.into()).unwrap();
            for (seconds, code) in [
                (59, "287082"),
                (1_111_111_109, "081804"),
                (20_000_000_000, "353130"),
            ] {
                assert_eq!(codes.at(at_ms(seconds * 1000)).expose_secret(), code);
            }
        }
        for wrong in ["", " = ", "0189", "not a secret!"] {
            assert!(Codes::of(&wrong.into()).is_err(), "{wrong:?}");
        }
        assert!(Codes::of(&"JBSWY3DPEHPK3PXP".into()).is_ok());
    }

    #[test]
    fn a_code_is_given_once_and_with_time_to_spare() {
        let seconds = Duration::from_secs;
        assert_eq!(wait_before_code(at_ms(60_000), None), seconds(0));
        assert_eq!(wait_before_code(at_ms(60_000), Some(1)), seconds(0));
        assert_eq!(wait_before_code(at_ms(60_000), Some(2)), seconds(30));
        assert_eq!(wait_before_code(at_ms(88_000), None), seconds(2));
    }
}
