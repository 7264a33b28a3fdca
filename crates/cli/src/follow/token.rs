//! Where the token of the source comes from. It is never an argument, which others can see.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, ensure};
use fetch_runtime::{FromEnv, Settings};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// No token is longer.
const MOST_BYTES: u64 = 1024;

struct Environment(Option<SecretString>);

impl FromEnv for Environment {
    fn from_env(settings: &mut Settings) -> Environment {
        Environment(settings.optional_secret("TOKEN"))
    }
}

/// From the file, or else the environment, or else whoever sits at the terminal.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<SecretString> {
    let token = match file {
        Some(path) if path == Path::new("-") => of_reader(io::stdin().lock())?,
        Some(path) => {
            let opened = fs::File::open(path);
            of_reader(opened.with_context(|| format!("cannot read {}", path.display()))?)?
        }
        None => match Settings::of_this_process().read::<Environment>()?.0 {
            Some(token) => token,
            None => rpassword::prompt_password("API token of the source: ")
                .context("there is no terminal to ask for the token; use --token-file")?
                .into(),
        },
    };
    ensure!(!token.expose_secret().is_empty(), "the token is empty");
    Ok(token)
}

fn of_reader(reader: impl Read) -> anyhow::Result<SecretString> {
    let limit = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    // Never moved while it grows, so that no copy is left behind.
    let mut text = Zeroizing::new(String::with_capacity(limit + 1));
    let read = reader.take(MOST_BYTES + 1).read_to_string(&mut text);
    read.context("cannot read the token")?;
    ensure!(
        text.len() <= limit,
        "the token is longer than {MOST_BYTES} bytes"
    );
    Ok(SecretString::from(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_token_is_no_part_of_it() {
        let read = of_reader(&b" 0123abcd\r\n"[..]).unwrap();
        assert_eq!(read.expose_secret(), "0123abcd");
        assert!(of_reader("x".repeat(1025).as_bytes()).is_err());
    }
}
