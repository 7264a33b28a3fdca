//! The key by which gateway and login authenticate to each other.

use std::fmt;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::seal::{WrongKey, key_bytes, tag, tag_fits};

/// The key that only the gateway and the login service have: 32 bytes.
///
/// It proves to the gateway that a key to seal with, and an answer, are the login service's, and to
/// the login service that a box was sealed by a gateway. It opens nothing: what the gateway has sealed
/// it cannot open itself.
#[derive(Clone)]
pub struct LoginSharedKey(Zeroizing<[u8; 32]>);

/// What a tag is for; one does not pass for another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// A public key of the login service.
    Key,
    /// A request to log in: the name of a key, and a sealed box.
    Request,
    /// An answer: the tag of the request, and the reply.
    Reply,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Purpose::Key => b"login key",
            Purpose::Request => b"login request",
            Purpose::Reply => b"login reply",
        }
    }
}

impl fmt::Debug for LoginSharedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LoginSharedKey(secret)")
    }
}

impl LoginSharedKey {
    /// The key written in `hex`.
    ///
    /// # Errors
    /// When these are not 64 hexadecimal digits.
    pub fn from_hex(hex: &SecretString) -> Result<LoginSharedKey, WrongKey> {
        key_bytes(hex).map(LoginSharedKey)
    }

    /// A new random key.
    #[must_use]
    pub fn generate() -> LoginSharedKey {
        LoginSharedKey(Zeroizing::new(rand::random()))
    }

    /// Another key, for something that has nothing to do with logins. Whoever has this key can make it,
    /// and nobody can find this key, or one of another purpose, from it.
    #[must_use]
    pub fn derive(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(tag(self.0.as_slice(), b"derived key", &[purpose]))
    }

    pub(crate) fn tag(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<u8> {
        tag(self.0.as_slice(), purpose.name(), parts).to_vec()
    }

    /// Takes the same time whatever the tag.
    pub(crate) fn fits(&self, purpose: Purpose, parts: &[&[u8]], tag: &[u8]) -> bool {
        tag_fits(self.0.as_slice(), purpose.name(), parts, tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_fits_one_thing_under_one_key() {
        let key = LoginSharedKey::generate();
        let tag = key.tag(Purpose::Request, &[b"id", b"box"]);
        assert!(key.fits(Purpose::Request, &[b"id", b"box"], &tag));
        assert!(!key.fits(Purpose::Reply, &[b"id", b"box"], &tag));
        assert!(!key.fits(Purpose::Request, &[b"idb", b"ox"], &tag));
        assert!(!key.fits(Purpose::Request, &[b"id", b"box"], &tag[..31]));
        assert!(!key.fits(Purpose::Request, &[b"id", b"box"], b""));
        let other = LoginSharedKey::generate();
        assert!(!other.fits(Purpose::Request, &[b"id", b"box"], &tag));
        assert!(!format!("{key:?}").contains('['));
    }

    #[test]
    fn a_derived_key_is_the_same_for_one_purpose_and_no_tag() {
        let key = LoginSharedKey::generate();
        let derived = key.derive(b"one");
        assert_eq!(derived, key.derive(b"one"));
        assert_ne!(derived, key.derive(b"another"));
        assert_ne!(derived, LoginSharedKey::generate().derive(b"one"));
        for purpose in [Purpose::Key, Purpose::Request, Purpose::Reply] {
            assert_ne!(derived.as_slice(), key.tag(purpose, &[b"one"]));
        }
    }
}
