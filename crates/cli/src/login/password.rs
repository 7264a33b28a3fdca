//! Where the password comes from.

use std::path::Path;

use fetch_runtime::{FromEnv, Settings};
use secrecy::SecretString;

use crate::secret;

pub(super) const PASSWORD: secret::Kind = secret::Kind {
    name: "password",
    prompt: "PACER password: ",
    option: "--password-file",
    most_bytes: 4096,
};

struct Environment(Option<SecretString>);

impl FromEnv for Environment {
    fn from_env(settings: &mut Settings) -> Environment {
        Environment(settings.optional_secret("PACER_PASSWORD"))
    }
}

/// From the file, or else the environment, or else whoever sits at the terminal.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<SecretString> {
    PASSWORD.read(file, || {
        Ok(Settings::of_this_process().read::<Environment>()?.0)
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_end_of_the_line_is_no_part_of_it() {
        for (text, password) in [
            ("a b\n", "a b"),
            ("a b\r\n", "a b"),
            (" a\n\n", " a\n"),
            ("a", "a"),
        ] {
            let read = PASSWORD.of_reader(text.as_bytes()).unwrap();
            assert_eq!(read.expose_secret(), password);
        }
        assert!(PASSWORD.of_reader("x".repeat(4097).as_bytes()).is_err());
        assert!(PASSWORD.of_reader(&b"\xff"[..]).is_err());
    }
}
