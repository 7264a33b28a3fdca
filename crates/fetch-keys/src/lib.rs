//! The secrets of a deployment, made anew: keys of services, passwords of the database, certificates, and
//! whatever else must not be guessed.
//!
//! `pacer-fetch keys` writes them for a deployment, and the stack on one machine makes its own at each
//! start. Nothing here reads or keeps one. Randomness is the operating system's, in one place:
//! [`random_hex`].

mod certificates;
mod database_passwords;
mod nats_users;

pub use certificates::{AUTHORITY_DAYS, Authority, Certificates, SERVER_DAYS};
pub use database_passwords::{DatabasePasswords, as_user};
pub use nats_users::NatsUsers;

use rand::{TryRng, rngs::SysRng};

/// A new secret of `N` bytes, in hexadecimal.
///
/// # Panics
/// When the operating system has no randomness, which does not happen once it has started.
#[must_use]
pub fn random_hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system has randomness");
    data_encoding::HEXLOWER.encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_two_letters_for_each_byte_and_comes_once() {
        let (one, other) = (random_hex::<20>(), random_hex::<20>());
        assert_eq!(one.len(), 40);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(one, other);
    }
}
