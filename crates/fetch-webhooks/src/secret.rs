//! What proves to a receiver that a delivery comes from us: the signatures of Standard Webhooks.

use std::fmt;

use data_encoding::BASE64;
use rand::{TryRng, rngs::SysRng};
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::Webhook;

use fetch_db::Error;

/// What secrets begin with, so that whoever finds one knows what it is.
const PREFIX: &str = "whsec_";

/// Bytes of a secret; the specification asks for 24 to 64.
const BYTES: usize = 32;

/// A secret that an endpoint shares with us: `whsec_` and base64.
#[derive(Clone)]
pub struct SigningSecret(SecretString);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(secret)")
    }
}

impl SigningSecret {
    /// A new random one.
    ///
    /// # Panics
    /// When the operating system has no randomness, which does not happen once it has started.
    #[must_use]
    pub fn generate() -> SigningSecret {
        let mut bytes = [0; BYTES];
        SysRng
            .try_fill_bytes(&mut bytes)
            .expect("the operating system has randomness");
        SigningSecret(format!("{PREFIX}{}", BASE64.encode(&bytes)).into())
    }

    /// One that is stored.
    #[must_use]
    pub(crate) fn stored(text: String) -> SigningSecret {
        SigningSecret(text.into())
    }

    /// As its owner is told it, once, and as it is stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What `webhook-signature` says of a body that is sent at a moment (Unix time, in seconds) under an id: a signature
/// by each of the secrets, so that a receiver goes on while one is replaced.
///
/// # Errors
/// When a stored secret is none.
pub fn signature(
    secrets: &[SigningSecret],
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> Result<String, Error> {
    let sign = |secret: &SigningSecret| {
        let signed = Webhook::new(secret.expose())?.sign(id, timestamp, body)?;
        Ok::<_, standardwebhooks::WebhookError>(signed)
    };
    let signatures: Result<Vec<String>, _> = secrets.iter().map(sign).collect();
    let signatures = signatures.map_err(|error| Error::Malformed {
        what: "webhook secret",
        why: error.to_string(),
    })?;
    Ok(signatures.join(" "))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn a_secret_has_the_form_of_the_specification_comes_once_and_is_not_printed() {
        let (one, other) = (SigningSecret::generate(), SigningSecret::generate());
        let bytes = one.expose().strip_prefix("whsec_").unwrap();
        assert_eq!(BASE64.decode(bytes.as_bytes()).unwrap().len(), 32);
        assert_ne!(one.expose(), other.expose());
        assert!(!format!("{one:?}").contains(bytes));
    }

    #[test]
    fn a_signature_is_right_by_the_published_verifier_for_either_secret_and_for_no_other() {
        let secrets = [SigningSecret::generate(), SigningSecret::generate()];
        let now = chrono::Utc::now().timestamp();
        let signed = signature(&secrets, "an-id", now, b"body").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", "an-id".parse().unwrap());
        headers.insert("webhook-timestamp", now.into());
        headers.insert("webhook-signature", signed.parse().unwrap());
        let is_right = |secret: &SigningSecret, body: &[u8]| {
            let webhook = Webhook::new(secret.expose()).unwrap();
            webhook.verify(body, &headers).is_ok()
        };
        for secret in &secrets {
            assert!(is_right(secret, b"body"));
            assert!(!is_right(secret, b"another body"));
        }
        assert!(!is_right(&SigningSecret::generate(), b"body"));
    }
}
