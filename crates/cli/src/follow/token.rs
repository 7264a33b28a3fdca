//! Where the token of the source comes from.

use std::path::Path;

use anyhow::ensure;
use fetch_runtime::{FromEnv, Settings};
use secrecy::{ExposeSecret, SecretString};

use crate::secret;

const TOKEN: secret::Kind = secret::Kind {
    name: "token",
    prompt: "API token of the source: ",
    option: "--token-file",
    most_bytes: 1024,
};

struct Environment(Option<SecretString>);

impl FromEnv for Environment {
    fn from_env(settings: &mut Settings) -> Environment {
        Environment(settings.optional_secret("TOKEN"))
    }
}

/// From the file, or else the environment, or else whoever sits at the terminal.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<SecretString> {
    let token = TOKEN.read(file, || {
        Ok(Settings::of_this_process().read::<Environment>()?.0)
    })?;
    let token = trimmed(&token);
    ensure!(!token.expose_secret().is_empty(), "the token is empty");
    Ok(token)
}

fn trimmed(token: &SecretString) -> SecretString {
    SecretString::from(token.expose_secret().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_token_is_no_part_of_it() {
        let read = TOKEN.of_reader(&b" 0123abcd\r\n"[..]).unwrap();
        assert_eq!(trimmed(&read).expose_secret(), "0123abcd");
        assert!(TOKEN.of_reader("x".repeat(1025).as_bytes()).is_err());
    }
}
