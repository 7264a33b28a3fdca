//! Credentials on their way to the login service, and the keys that keep them closed.

use std::fmt;

use chrono::{DateTime, Utc};
use crypto_box::{PublicKey, SecretKey, aead::OsRng};
use data_encoding::HEXLOWER;
use fetch_model::UserId;
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Error,
    seal::{PasswordSeal, WrongKey, key_bytes},
    wire,
};

const KEY_ID_BYTES: usize = 8;

const NONCE_BYTES: usize = 16;

/// What a person typed to log in to PACER. Wiped from memory when dropped; cannot be printed.
#[derive(Clone)]
pub struct Credentials {
    /// The account.
    pub username: SecretString,
    /// Its password.
    pub password: SecretString,
    /// A billing label; empty if none.
    pub client_code: String,
    /// A one-time code, if the account wants one.
    pub otp_code: Option<SecretString>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(secret)")
    }
}

/// What stands in a sealed box: who types what, when, once.
pub(crate) struct LoginBox {
    pub user: UserId,
    pub credentials: Credentials,
    /// By the gateway's clock.
    pub at: DateTime<Utc>,
    /// In hexadecimal.
    pub nonce: String,
}

impl LoginBox {
    /// A box that is good now and once.
    pub(crate) fn new(user: UserId, credentials: Credentials) -> LoginBox {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        LoginBox {
            user,
            credentials,
            at: Utc::now(),
            nonce: HEXLOWER.encode(&nonce),
        }
    }

    fn into_plain(self) -> Zeroizing<Vec<u8>> {
        let Credentials {
            username,
            password,
            client_code,
            otp_code,
        } = self.credentials;
        let otp = otp_code
            .as_ref()
            .map(|code| code.expose_secret().to_owned());
        let mut message = wire::LoginBox {
            credentials: Some(wire::Credentials {
                username: username.expose_secret().to_owned(),
                password: password.expose_secret().to_owned(),
                client_code,
                otp_code: otp.unwrap_or_default(),
            }),
            user_id: self.user.0,
            at_ms: self.at.timestamp_millis(),
            nonce: HEXLOWER.decode(self.nonce.as_bytes()).unwrap_or_default(),
        };
        let plain = Zeroizing::new(message.encode_to_vec());
        if let Some(credentials) = &mut message.credentials {
            credentials.username.zeroize();
            credentials.password.zeroize();
            credentials.otp_code.zeroize();
        }
        plain
    }

    fn from_plain(plain: &[u8]) -> Result<LoginBox, Error> {
        let malformed = || Error::Malformed {
            what: "credentials",
        };
        let message = wire::LoginBox::decode(plain).map_err(|_| malformed())?;
        let credentials = message.credentials.ok_or_else(malformed)?;
        if message.nonce.len() != NONCE_BYTES {
            return Err(malformed());
        }
        Ok(LoginBox {
            user: UserId(message.user_id),
            at: DateTime::from_timestamp_millis(message.at_ms).ok_or_else(malformed)?,
            nonce: HEXLOWER.encode(&message.nonce),
            credentials: Credentials {
                username: SecretString::from(credentials.username),
                password: SecretString::from(credentials.password),
                client_code: credentials.client_code,
                otp_code: Some(credentials.otp_code)
                    .filter(|code| !code.is_empty())
                    .map(SecretString::from),
            },
        })
    }
}

/// The key pair of the login service (X25519).
///
/// All replicas must have the same one, because any of them may receive a login: give them a
/// shared secret. A single replica may do with a pair of its own, made at each start; callers
/// notice a new one and seal again.
#[derive(Clone)]
pub struct LoginKeyPair {
    secret: SecretKey,
    /// Follows from the secret, at the price of a multiplication that every login would pay.
    public: LoginPublicKey,
}

impl fmt::Debug for LoginKeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LoginKeyPair(secret)")
    }
}

impl LoginKeyPair {
    /// The pair that follows from a secret of 64 hexadecimal digits.
    ///
    /// # Errors
    /// When these are not 64 hexadecimal digits.
    pub fn from_hex(hex: &SecretString) -> Result<LoginKeyPair, WrongKey> {
        Ok(LoginKeyPair::of(SecretKey::from_bytes(*key_bytes(hex)?)))
    }

    /// A new random pair.
    #[must_use]
    pub fn generate() -> LoginKeyPair {
        LoginKeyPair::of(SecretKey::generate(&mut OsRng))
    }

    fn of(secret: SecretKey) -> LoginKeyPair {
        let public = LoginPublicKey(secret.public_key());
        LoginKeyPair { secret, public }
    }

    /// Seals what belongs to whoever knows the password of this account with this client code.
    /// One-time codes change and prove nothing later.
    #[must_use]
    pub fn seal_of_account(&self, credentials: &Credentials) -> PasswordSeal {
        let code = credentials.client_code.as_bytes();
        self.password_seal(b"account", credentials, code)
    }

    /// Seals what was said to these very credentials, whatever the client code: with another
    /// one-time code they are others.
    #[must_use]
    pub fn seal_of_attempt(&self, credentials: &Credentials) -> PasswordSeal {
        let otp = credentials.otp_code.as_ref();
        let otp = otp.map_or("", |code| code.expose_secret());
        self.password_seal(b"attempt", credentials, otp.as_bytes())
    }

    fn password_seal(
        &self,
        purpose: &[u8],
        credentials: &Credentials,
        rest: &[u8],
    ) -> PasswordSeal {
        let secret = Zeroizing::new(self.secret.to_bytes());
        let username = credentials.username.expose_secret().as_bytes();
        let password = credentials.password.expose_secret().as_bytes();
        PasswordSeal::new(secret.as_slice(), purpose, &[username, password, rest])
    }

    pub(crate) fn public(&self) -> &LoginPublicKey {
        &self.public
    }

    /// Opens what was sealed for this pair.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<LoginBox, Error> {
        let plain = self.secret.unseal(sealed).map_err(|_| Error::Sealed {
            what: "credentials",
        })?;
        LoginBox::from_plain(&Zeroizing::new(plain))
    }
}

/// What credentials are sealed with. Public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoginPublicKey(PublicKey);

impl LoginPublicKey {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<LoginPublicKey, Error> {
        let key = PublicKey::from_slice(bytes);
        key.map(LoginPublicKey).map_err(|_| Error::Malformed {
            what: "a public key",
        })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }

    /// A short name for the key.
    pub(crate) fn id(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes())[..KEY_ID_BYTES].to_vec()
    }

    pub(crate) fn seal(&self, content: LoginBox) -> Result<Vec<u8>, Error> {
        let plain = content.into_plain();
        self.0.seal(&mut OsRng, &plain).map_err(|_| Error::Sealed {
            what: "credentials",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_login_service_opens_credentials() {
        let keys = LoginKeyPair::generate();
        let credentials = Credentials {
            username: "jan".into(),
            password: "canary-password".into(),
            client_code: "matter-7".into(),
            otp_code: None,
        };
        assert!(!format!("{credentials:?}").contains("canary"));
        let content = LoginBox::new(UserId(3), credentials);
        let nonce = content.nonce.clone();
        let sealed = keys.public().seal(content).unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"canary"));
        assert!(LoginKeyPair::generate().open(&sealed).is_err());
        let content = keys.open(&sealed).unwrap();
        assert_eq!((content.user, content.nonce), (UserId(3), nonce));
        assert!((Utc::now() - content.at).num_seconds() < 60);
        let opened = content.credentials;
        assert_eq!(opened.password.expose_secret(), "canary-password");
        assert_eq!(opened.client_code, "matter-7");
        assert!(opened.otp_code.is_none());
    }

    #[test]
    fn a_seal_opens_for_the_same_password_and_in_any_replica() {
        let secret = SecretString::from("0f".repeat(32));
        let replica = || LoginKeyPair::from_hex(&secret).unwrap();
        let typed = |password: &str, client_code: &str, otp: Option<&str>| Credentials {
            username: "jan".into(),
            password: password.into(),
            client_code: client_code.to_owned(),
            otp_code: otp.map(SecretString::from),
        };
        let first = typed("right", "a", Some("123456"));
        let account = replica().seal_of_account(&first).seal("x", b"it").unwrap();
        let opens = |seal: PasswordSeal| seal.open("x", &account).is_some();
        assert!(opens(replica().seal_of_account(&typed("right", "a", None))));
        for other in [typed("wrong", "a", None), typed("right", "b", None)] {
            assert!(!opens(replica().seal_of_account(&other)));
        }
        assert!(!opens(LoginKeyPair::generate().seal_of_account(&first)));
        assert!(!opens(replica().seal_of_attempt(&first)));

        let attempt = replica().seal_of_attempt(&first).seal("x", b"it").unwrap();
        let opens = |seal: PasswordSeal| seal.open("x", &attempt).is_some();
        let same = typed("right", "b", Some("123456"));
        assert!(opens(replica().seal_of_attempt(&same)));
        for other in [
            typed("right", "a", None),
            typed("wrong", "a", Some("123456")),
        ] {
            assert!(!opens(replica().seal_of_attempt(&other)));
        }
    }

    #[test]
    fn replicas_with_one_secret_have_one_key() {
        let secret = SecretString::from("0f".repeat(32));
        let (one, two) = (
            LoginKeyPair::from_hex(&secret).unwrap(),
            LoginKeyPair::from_hex(&secret).unwrap(),
        );
        assert_eq!(one.public(), two.public());
        assert_ne!(one.public().id(), LoginKeyPair::generate().public().id());
    }
}
