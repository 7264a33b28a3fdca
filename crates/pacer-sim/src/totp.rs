//! One-time codes as RFC 6238 has them: six digits, thirty seconds, SHA-1.

use std::fmt;

use serde::Deserialize;
use totp_rs::{Builder, Totp};

/// Seconds for which a code is shown.
pub const STEP_SECONDS: u64 = 30;

/// What an authenticator and the sign-on share. It is enrolled as Base32 text.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(Totp);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// The text is no Base32. It is kept out of the message.
#[derive(Debug, thiserror::Error)]
#[error("a one-time secret is Base32 text, such as JBSWY3DPEHPK3PXP")]
pub struct BadSecret;

impl Secret {
    /// Reads Base32 text in either case, with or without blanks and padding.
    pub fn read(text: &str) -> Result<Secret, BadSecret> {
        let plain: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '=')
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        if plain.is_empty() {
            return Err(BadSecret);
        }
        let secret = totp_rs::Secret::try_from_base32(&plain).map_err(|_| BadSecret)?;
        // Secrets of ten bytes are common, and the standard wants sixteen.
        Ok(Secret(
            Builder::new().with_secret(secret).build_noncompliant(),
        ))
    }

    /// The code of a step, counted from the epoch.
    pub fn code(&self, step: u64) -> String {
        self.0.generate(step * STEP_SECONDS).to_string()
    }
}

impl TryFrom<String> for Secret {
    type Error = BadSecret;

    fn try_from(text: String) -> Result<Secret, BadSecret> {
        Secret::read(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let secret = Secret::read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(secret.code(seconds / STEP_SECONDS), code);
        }
    }

    #[test]
    fn a_secret_may_be_written_as_authenticators_show_it() {
        let plain = Secret::read("JBSWY3DPEHPK3PXP").unwrap();
        let shown = Secret::read("jbsw y3dp ehpk 3pxp====").unwrap();
        assert_eq!(plain.code(1), shown.code(1));
        assert!(Secret::read("18").is_err() && Secret::read("").is_err());
    }
}
