//! Where the password comes from.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use fetch_runtime::{FromEnv, Settings};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// No password is longer.
const MOST_BYTES: u64 = 4096;

struct Environment(Option<SecretString>);

impl FromEnv for Environment {
    fn from_env(settings: &mut Settings) -> Environment {
        Environment(settings.optional_secret("PACER_PASSWORD"))
    }
}

/// From the file, or else the environment, or else whoever sits at the terminal.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<SecretString> {
    let password = match file {
        Some(path) if path == Path::new("-") => of_reader(io::stdin().lock())?,
        Some(path) => of_file(path)?,
        None => match Settings::of_this_process().read::<Environment>()?.0 {
            Some(password) => password,
            None => rpassword::prompt_password("PACER password: ")
                .context("there is no terminal to ask for the password; use --password-file")?
                .into(),
        },
    };
    ensure!(
        !password.expose_secret().is_empty(),
        "the password is empty"
    );
    Ok(password)
}

/// The secret that a file holds.
pub(super) fn of_file(path: &Path) -> anyhow::Result<SecretString> {
    let opened = fs::File::open(path);
    let opened = opened.with_context(|| format!("cannot read {}", path.display()))?;
    of_reader(opened).with_context(|| path.display().to_string())
}

/// What is there, without the end of its line.
fn of_reader(reader: impl Read) -> anyhow::Result<SecretString> {
    let limit = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    // Never moved while it grows, so that no copy is left behind.
    let mut text = Zeroizing::new(String::with_capacity(limit + 1));
    let read = reader.take(MOST_BYTES + 1).read_to_string(&mut text);
    read.context("cannot read the password")?;
    if text.len() > limit {
        bail!("the password is longer than {MOST_BYTES} bytes");
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(SecretString::from(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_line_is_no_part_of_it() {
        for (text, password) in [
            ("a b\n", "a b"),
            ("a b\r\n", "a b"),
            (" a\n\n", " a\n"),
            ("a", "a"),
        ] {
            let read = of_reader(text.as_bytes()).unwrap();
            assert_eq!(read.expose_secret(), password);
        }
        assert!(of_reader("x".repeat(4097).as_bytes()).is_err());
        assert!(of_reader(&b"\xff"[..]).is_err());
    }
}
