//! Where a secret comes from that a command needs. It is never an argument, which others can see.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// A kind of secret.
pub(crate) struct Kind {
    /// What it is called in errors.
    pub name: &'static str,
    /// How whoever sits at the terminal is asked for it.
    pub prompt: &'static str,
    /// The option that names a file which holds it.
    pub option: &'static str,
    /// None is longer.
    pub most_bytes: usize,
}

impl Kind {
    /// From the file, or else the environment, or else whoever sits at the terminal.
    pub(crate) fn read(
        &self,
        file: Option<&Path>,
        environment: impl FnOnce() -> anyhow::Result<Option<SecretString>>,
    ) -> anyhow::Result<SecretString> {
        let secret = match file {
            Some(path) if path == Path::new("-") => self.of_reader(io::stdin().lock())?,
            Some(path) => self.of_file(path)?,
            None => match environment()? {
                Some(secret) => secret,
                None => self.of_terminal()?,
            },
        };
        ensure!(
            !secret.expose_secret().is_empty(),
            "the {} is empty",
            self.name
        );
        Ok(secret)
    }

    fn of_terminal(&self) -> anyhow::Result<SecretString> {
        let typed = rpassword::prompt_password(self.prompt).with_context(|| {
            let Kind { name, option, .. } = self;
            format!("there is no terminal to ask for the {name}; use {option}")
        })?;
        Ok(typed.into())
    }

    /// What a file holds.
    pub(crate) fn of_file(&self, path: &Path) -> anyhow::Result<SecretString> {
        let opened = fs::File::open(path);
        let opened = opened.with_context(|| format!("cannot read {}", path.display()))?;
        self.of_reader(opened)
            .with_context(|| path.display().to_string())
    }

    /// What is there, without the end of its line.
    pub(crate) fn of_reader(&self, reader: impl Read) -> anyhow::Result<SecretString> {
        let Kind {
            name, most_bytes, ..
        } = self;
        // Never moved while it grows, so that no copy is left behind.
        let mut text = Zeroizing::new(String::with_capacity(most_bytes + 1));
        let most = u64::try_from(most_bytes + 1).unwrap_or(u64::MAX);
        let read = reader.take(most).read_to_string(&mut text);
        read.with_context(|| format!("cannot read the {name}"))?;
        if text.len() > *most_bytes {
            bail!("the {name} is longer than {most_bytes} bytes");
        }
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Ok(SecretString::from(line))
    }
}
