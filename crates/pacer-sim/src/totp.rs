//! One-time codes as RFC 6238 has them: six digits, thirty seconds, SHA-1.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Deserialize;
use sha1::Sha1;

/// Seconds for which a code is shown.
pub const STEP_SECONDS: u64 = 30;

/// What an authenticator and the sign-on share. It is enrolled as Base32 text.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(SecretSlice<u8>);

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
            .collect();
        let bytes = BASE32_NOPAD
            .decode(plain.to_ascii_uppercase().as_bytes())
            .map_err(|_| BadSecret)?;
        match bytes.is_empty() {
            true => Err(BadSecret),
            false => Ok(Secret(bytes.into())),
        }
    }

    /// The code of a step, counted from the epoch.
    pub fn code(&self, step: u64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(self.0.expose_secret())
            .expect("a key of any length will do");
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let at = usize::from(digest[19] & 0x0F);
        let word = [digest[at], digest[at + 1], digest[at + 2], digest[at + 3]];
        format!(
            "{:06}",
            (u32::from_be_bytes(word) & 0x7FFF_FFFF) % 1_000_000
        )
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
