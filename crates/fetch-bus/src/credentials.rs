//! Credentials on their way to the login service, and the keys that keep them closed.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use crypto_box::{
    PublicKey, SalsaBox, SecretKey,
    aead::{Aead, AeadCore, OsRng},
};
use data_encoding::HEXLOWER;
use fetch_model::UserId;
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::time;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Error,
    seal::{PasswordSeal, WrongKey, key_bytes},
    wire,
};

const KEY_ID_BYTES: usize = 8;

const NONCE_BYTES: usize = 16;

/// Of the sender's public key, which every sealed box begins with.
const SENDER_BYTES: usize = 32;

/// Of what makes each box of one agreement differ.
const BOX_NONCE_BYTES: usize = 24;

/// How long a sender seals with one agreement of keys. Making one is the dearest step of a login
/// whose session lives; and as long as it exists, whoever takes the sender over can open what was
/// sealed with it.
const AGREED_FOR: Duration = Duration::from_secs(1);

/// Agreements that a receiver remembers: those of the last second of many senders.
const REMEMBERED: usize = 64;

/// By the sender's public key, the latest last.
type Agreements = VecDeque<([u8; SENDER_BYTES], Arc<SalsaBox>)>;

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
    /// Those that senders made lately.
    agreed: Arc<Mutex<Agreements>>,
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
        let public = LoginPublicKey::of(secret.public_key());
        let agreed = Arc::default();
        LoginKeyPair {
            secret,
            public,
            agreed,
        }
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
        let unreadable = || Error::Sealed {
            what: "credentials",
        };
        let (sender, rest) = sealed
            .split_first_chunk::<SENDER_BYTES>()
            .ok_or_else(unreadable)?;
        let (nonce, content) = rest
            .split_first_chunk::<BOX_NONCE_BYTES>()
            .ok_or_else(unreadable)?;
        let agreement = self.agreement_with(*sender);
        let plain = agreement.decrypt(nonce.into(), content);
        LoginBox::from_plain(&Zeroizing::new(plain.map_err(|_| unreadable())?))
    }

    fn agreement_with(&self, sender: [u8; SENDER_BYTES]) -> Arc<SalsaBox> {
        let find = |agreed: &Agreements| {
            let found = agreed.iter().rev().find(|(of, _)| *of == sender);
            found.map(|(_, agreement)| agreement.clone())
        };
        let lock = || self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agreement) = find(&lock()) {
            return agreement;
        }
        let agreement = SalsaBox::new(&PublicKey::from_bytes(sender), &self.secret);
        let agreement = Arc::new(agreement);
        let mut agreed = lock();
        if agreed.len() == REMEMBERED {
            agreed.pop_front();
        }
        agreed.push_back((sender, agreement.clone()));
        agreement
    }
}

/// What credentials are sealed with. Public. Cheap to clone; all clones seal with one agreement.
#[derive(Clone)]
pub(crate) struct LoginPublicKey(Arc<Recipient>);

struct Recipient {
    key: PublicKey,
    agreement: Mutex<Option<Arc<Agreement>>>,
}

/// Of a key pair that nobody has any more, and a recipient.
struct Agreement {
    sender: [u8; SENDER_BYTES],
    cipher: SalsaBox,
}

impl fmt::Debug for LoginPublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LoginPublicKey({})", HEXLOWER.encode(&self.id()))
    }
}

impl PartialEq for LoginPublicKey {
    fn eq(&self, other: &LoginPublicKey) -> bool {
        self.0.key == other.0.key
    }
}

impl LoginPublicKey {
    fn of(key: PublicKey) -> LoginPublicKey {
        LoginPublicKey(Arc::new(Recipient {
            key,
            agreement: Mutex::default(),
        }))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<LoginPublicKey, Error> {
        let key = PublicKey::from_slice(bytes);
        key.map(LoginPublicKey::of).map_err(|_| Error::Malformed {
            what: "a public key",
        })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.key.to_bytes().to_vec()
    }

    /// A short name for the key.
    pub(crate) fn id(&self) -> Vec<u8> {
        Sha256::digest(self.0.key.as_bytes())[..KEY_ID_BYTES].to_vec()
    }

    /// Seals for the owner of the key. To be called within a runtime, which forgets what it was
    /// sealed with after [`AGREED_FOR`].
    pub(crate) fn seal(&self, content: LoginBox) -> Result<Vec<u8>, Error> {
        let plain = content.into_plain();
        let agreement = self.agreement();
        let nonce = SalsaBox::generate_nonce(&mut OsRng);
        let sealed = agreement.cipher.encrypt(&nonce, plain.as_slice());
        let sealed = sealed.map_err(|_| Error::Sealed {
            what: "credentials",
        })?;
        Ok([&agreement.sender, nonce.as_slice(), &sealed].concat())
    }

    fn agreement(&self) -> Arc<Agreement> {
        let lock = |it: &Recipient| {
            let agreement = it.agreement.lock().unwrap_or_else(PoisonError::into_inner);
            agreement.clone()
        };
        if let Some(agreement) = lock(&self.0) {
            return agreement;
        }
        let secret = SecretKey::generate(&mut OsRng);
        let agreement = Arc::new(Agreement {
            sender: secret.public_key().to_bytes(),
            cipher: SalsaBox::new(&self.0.key, &secret),
        });
        self.keep(agreement.clone());
        agreement
    }

    fn keep(&self, agreement: Arc<Agreement>) {
        let set = |it: &Recipient, agreement| {
            *it.agreement.lock().unwrap_or_else(PoisonError::into_inner) = agreement;
        };
        set(&self.0, Some(agreement));
        let recipient = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            time::sleep(AGREED_FOR).await;
            if let Some(recipient) = recipient.upgrade() {
                set(&recipient, None);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            username: "jan".into(),
            password: "canary-password".into(),
            client_code: "matter-7".into(),
            otp_code: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_agreed_is_forgotten_after_a_second() {
        let keys = LoginKeyPair::generate();
        let sender = || {
            let content = LoginBox::new(UserId(3), credentials());
            let sealed = keys.public().seal(content).unwrap();
            keys.open(&sealed).unwrap();
            sealed[..SENDER_BYTES].to_vec()
        };
        let first = sender();
        assert_eq!(sender(), first);
        time::sleep(AGREED_FOR + Duration::from_millis(1)).await;
        assert!(keys.public().0.agreement.lock().unwrap().is_none());
        assert_ne!(sender(), first);
        for _ in 0..2 * REMEMBERED {
            time::sleep(AGREED_FOR + Duration::from_millis(1)).await;
            sender();
        }
        assert_eq!(keys.agreed.lock().unwrap().len(), REMEMBERED);
    }

    #[tokio::test]
    async fn no_two_boxes_are_alike_and_a_changed_one_does_not_open() {
        let keys = LoginKeyPair::generate();
        let content = || LoginBox {
            nonce: "00".repeat(NONCE_BYTES),
            ..LoginBox::new(UserId(3), credentials())
        };
        let seal = || keys.public().seal(content()).unwrap();
        let sealed = seal();
        assert_ne!(sealed[SENDER_BYTES..], seal()[SENDER_BYTES..]);
        assert!(keys.open(&sealed).is_ok());
        for place in [
            0,
            SENDER_BYTES,
            SENDER_BYTES + BOX_NONCE_BYTES,
            sealed.len() - 1,
        ] {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(keys.open(&changed).is_err(), "byte {place}");
        }
        for length in [
            0,
            SENDER_BYTES,
            SENDER_BYTES + BOX_NONCE_BYTES,
            sealed.len() - 1,
        ] {
            assert!(keys.open(&sealed[..length]).is_err(), "{length} bytes");
        }
    }

    #[tokio::test]
    async fn only_the_login_service_opens_credentials() {
        let keys = LoginKeyPair::generate();
        let credentials = credentials();
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
