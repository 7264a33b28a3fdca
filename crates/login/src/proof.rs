//! Remembering that a password was right, or wrong, without remembering the password.

use fetch_bus::Credentials;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key that lives and dies with the process: digests made with it mean nothing elsewhere.
pub(crate) struct ProofKey(Zeroizing<[u8; 32]>);

/// The digest of a password, or of a whole attempt. Compared in constant time by [`Proof::is`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Proof([u8; 32]);

impl Proof {
    pub(crate) fn is(&self, other: &Proof) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl ProofKey {
    pub(crate) fn generate() -> ProofKey {
        ProofKey(Zeroizing::new(rand::random()))
    }

    /// Of the password of an account. One-time codes change and prove nothing later.
    pub(crate) fn of_password(&self, credentials: &Credentials) -> Proof {
        let Credentials {
            username,
            password,
            client_code,
            ..
        } = credentials;
        self.digest(&[
            username.expose_secret(),
            password.expose_secret(),
            client_code,
        ])
    }

    /// Of everything that was tried: with another one-time code it is another attempt.
    pub(crate) fn of_attempt(&self, credentials: &Credentials) -> Proof {
        let Credentials {
            username,
            password,
            client_code,
            otp_code,
        } = credentials;
        let otp = otp_code.as_ref().map_or("", |code| code.expose_secret());
        self.digest(&[
            username.expose_secret(),
            password.expose_secret(),
            client_code,
            otp,
        ])
    }

    fn digest(&self, parts: &[&str]) -> Proof {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&*self.0).expect("a key of any length will do");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Proof(mac.finalize().into_bytes().into())
    }
}
