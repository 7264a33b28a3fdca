//! The key that sessions are sealed with, and the names that are made with it.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use fetch_model::UserId;
use hmac::{HmacReset, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Error;

const NONCE_BYTES: usize = 24;

/// The key shared by `login` and the fetchers: 32 bytes.
///
/// It seals sessions, and keys the digests that name sessions and accounts, so that no name of an
/// account appears anywhere. Changing it makes all sessions unreadable (people log in again) and
/// gives every account a new digest.
#[derive(Clone)]
pub struct SessionSealingKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for SessionSealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionSealingKey(secret)")
    }
}

/// A key derived from what somebody typed and the login service's own secret. What is sealed with
/// it can be opened only by typing the same again, which also proves that it is the same. Nothing
/// of what was typed has to be stored for that, not even a digest.
pub struct PasswordSeal(SessionSealingKey);

impl fmt::Debug for PasswordSeal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordSeal(secret)")
    }
}

impl PasswordSeal {
    pub(crate) fn new(secret: &[u8], purpose: &[u8], parts: &[&[u8]]) -> PasswordSeal {
        PasswordSeal(SessionSealingKey(Zeroizing::new(tag(
            secret, purpose, parts,
        ))))
    }

    pub(crate) fn seal(&self, name: &str, content: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.seal(name, content)
    }

    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.0.open(name, sealed).ok()
    }
}

/// Each part is preceded by its length, so that no two lists of parts look alike.
///
/// Parts may be a password. So what digests them stays where it is until it is wiped: a value that is
/// returned or taken leaves a copy of itself on the stack each time, with the last block of the parts in it.
fn mac(secret: &[u8], purpose: &[u8], parts: &[&[u8]]) -> Box<HmacReset<Sha256>> {
    let mac = HmacReset::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    let mut mac = Box::new(mac);
    for part in [purpose].iter().chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

/// HMAC-SHA-256 of `parts`, for one purpose.
pub(crate) fn tag(secret: &[u8], purpose: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    mac(secret, purpose, parts)
        .finalize_reset()
        .into_bytes()
        .into()
}

/// Whether this is that tag, in a time that does not tell where it differs.
pub(crate) fn tag_fits(secret: &[u8], purpose: &[u8], parts: &[&[u8]], tag: &[u8]) -> bool {
    mac(secret, purpose, parts).verify_slice_reset(tag).is_ok()
}

/// A key that is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a key of 32 bytes, written as 64 hexadecimal digits")]
pub struct WrongKey;

/// Reads 32 bytes from hexadecimal digits.
pub(crate) fn key_bytes(hex: &SecretString) -> Result<Zeroizing<[u8; 32]>, WrongKey> {
    let text = hex.expose_secret().trim().as_bytes();
    let bytes = HEXLOWER_PERMISSIVE
        .decode(text)
        .map(Zeroizing::new)
        .map_err(|_| WrongKey)?;
    let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| WrongKey)?;
    Ok(Zeroizing::new(bytes))
}

impl SessionSealingKey {
    /// The key written in `hex`.
    ///
    /// # Errors
    /// When these are not 64 hexadecimal digits.
    pub fn from_hex(hex: &SecretString) -> Result<SessionSealingKey, WrongKey> {
        key_bytes(hex).map(SessionSealingKey)
    }

    /// A new random key.
    #[must_use]
    pub fn generate() -> SessionSealingKey {
        SessionSealingKey(Zeroizing::new(rand::random()))
    }

    /// Where the session of a user of this service lies that is logged in to this account with
    /// this client code: 64 hexadecimal digits that tell nothing.
    #[must_use]
    pub fn session_key(&self, user: UserId, username: &str, client_code: &str) -> String {
        let user = user.0.to_be_bytes();
        self.digest(
            b"session",
            &[&user, username.as_bytes(), client_code.as_bytes()],
        )
    }

    /// Whom PACER bills and looks at: the same for every user of this service that uses the
    /// account, and for every client code, which only says what the owner books a purchase on.
    /// Spelt with other capitals it counts as the same, whether PACER thinks so or not.
    #[must_use]
    pub fn account_digest(&self, username: &str) -> String {
        let username = username.trim().to_ascii_lowercase();
        self.digest(b"payer", &[username.as_bytes()])
    }

    /// Which login a session comes from: PACER gives one for a username and a client code, and
    /// books on that code whatever is bought with it.
    #[must_use]
    pub fn login_digest(&self, username: &str, client_code: &str) -> String {
        self.digest(b"account", &[username.as_bytes(), client_code.as_bytes()])
    }

    /// What the login service counts the logins of a username under.
    #[must_use]
    pub fn username_digest(&self, username: &str) -> String {
        self.digest(b"username", &[username.as_bytes()])
    }

    fn digest(&self, purpose: &[u8], parts: &[&[u8]]) -> String {
        HEXLOWER.encode(&tag(self.0.as_slice(), purpose, parts))
    }

    /// Seals `content` so that it opens only under `name`.
    pub(crate) fn seal(&self, name: &str, content: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload {
            msg: content,
            aad: name.as_bytes(),
        };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Sealed { what: "a session" })?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let unreadable = Error::Sealed { what: "a session" };
        let Some((nonce, sealed)) = sealed.split_first_chunk::<NONCE_BYTES>() else {
            return Err(unreadable);
        };
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        let content = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        content.map(Zeroizing::new).map_err(|_| unreadable)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_under_its_name_and_key() {
        let key = SessionSealingKey::generate();
        let sealed = key.seal("here", b"canary").unwrap();
        assert_eq!(key.open("here", &sealed).unwrap().as_slice(), b"canary");
        assert!(key.open("there", &sealed).is_err());
        assert!(SessionSealingKey::generate().open("here", &sealed).is_err());
        assert!(key.open("here", &sealed[..20]).is_err());
        assert!(!sealed.windows(6).any(|bytes| bytes == b"canary"));
    }

    #[test]
    fn names_tell_accounts_apart_and_nothing_else() {
        let key = SessionSealingKey::generate();
        let name = key.session_key(UserId(1), "jan", "x");
        assert_eq!(name, key.session_key(UserId(1), "jan", "x"));
        assert!(name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
        for other in [
            key.session_key(UserId(2), "jan", "x"),
            key.session_key(UserId(1), "janx", ""),
            key.session_key(UserId(1), "jan", ""),
            SessionSealingKey::generate().session_key(UserId(1), "jan", "x"),
            key.login_digest("jan", "x"),
            key.account_digest("jan"),
            key.username_digest("jan"),
        ] {
            assert_ne!(name, other);
        }
        let logins = [("jan", "x"), ("janx", ""), ("jan", ""), ("ada", "x")];
        let mut logins = logins.map(|(name, code)| key.login_digest(name, code));
        logins.sort_unstable();
        assert!(logins.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(key.account_digest("jan"), key.account_digest(" Jan"));
        assert_ne!(key.account_digest("jan"), key.account_digest("ada"));
    }

    #[test]
    fn a_key_has_sixty_four_digits() {
        let digits = SecretString::from("aB".repeat(32));
        assert!(SessionSealingKey::from_hex(&digits).is_ok());
        for wrong in ["", "ab", &"zz".repeat(32), &"ab".repeat(33)] {
            assert!(SessionSealingKey::from_hex(&SecretString::from(wrong)).is_err());
        }
        assert!(!format!("{:?}", SessionSealingKey::generate()).contains('['));
    }
}
