//! The service as the commands of a caller reach it.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use fetch_runtime::{FromEnv, Settings, is_exposed};
use pacer_fetch_client::Client;
use secrecy::{ExposeSecret, SecretString};

/// The address of the service, and who asks.
#[derive(Debug, Args)]
pub(crate) struct ServiceArguments {
    /// The address of the service
    #[arg(long, env = "PACER_FETCH_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A PEM file with the certificate authority to trust, if the system does not
    #[arg(long, env = "PACER_FETCH_CA", value_name = "PATH")]
    ca: Option<PathBuf>,
    /// The API token. Other users of this machine can see it in the process list; prefer PACER_FETCH_TOKEN or
    /// PACER_FETCH_TOKEN_FILE
    #[arg(long)]
    token: Option<String>,
}

/// What is read where no token is given as an argument.
struct TokenOfEnvironment(Option<SecretString>);

impl FromEnv for TokenOfEnvironment {
    fn from_env(settings: &mut Settings) -> TokenOfEnvironment {
        TokenOfEnvironment(settings.optional_secret("TOKEN"))
    }
}

impl ServiceArguments {
    /// The service.
    ///
    /// # Errors
    /// `exposed`, when others could read what goes there, unless that is allowed; or when there is no
    /// such authority.
    pub(crate) fn client(
        &self,
        allow_plain: bool,
        exposed: &'static str,
    ) -> anyhow::Result<Client> {
        let url = self.url.trim_end_matches('/');
        ensure!(allow_plain || !is_exposed(url), exposed);
        let token = self.token(Settings::of_this_process())?;
        let token = token.expose_secret();
        Ok(match &self.ca {
            Some(ca) => Client::trusting(url, token, ca)?,
            None => Client::new(url, token),
        })
    }

    fn token(&self, mut settings: Settings) -> anyhow::Result<SecretString> {
        if let Some(token) = &self.token {
            return Ok(SecretString::from(token.as_str()));
        }
        let read = settings.read::<TokenOfEnvironment>()?;
        read.0
            .context("no API token: set PACER_FETCH_TOKEN or PACER_FETCH_TOKEN_FILE")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_goes_to_another_host_in_plain_text() {
        let reached = |url: &str, allow_plain| {
            let arguments = ServiceArguments {
                url: url.to_owned(),
                ca: None,
                token: Some(String::new()),
            };
            arguments.client(allow_plain, "seen")
        };
        for url in ["http://192.0.2.2:8000", "http://gateway.example.org/"] {
            let error = reached(url, false).unwrap_err().to_string();
            assert_eq!(error, "seen", "{url}");
            reached(url, true).unwrap();
        }
        for url in ["http://127.0.0.1:8080/", "https://gateway.example.org"] {
            reached(url, false).unwrap();
        }
    }

    /// What is given as an argument stands in the list of processes, so there are other ways.
    #[test]
    fn the_token_is_read_from_the_environment_or_a_file() {
        let arguments = |token: Option<&str>| ServiceArguments {
            url: String::new(),
            ca: None,
            token: token.map(str::to_owned),
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "of-the-file\n").unwrap();
        let file = file.path().display().to_string();
        let read = |given, name: &str, value: &str| {
            let token = arguments(given).token(Settings::of([(name, value)]));
            token.map(|token| token.expose_secret().to_owned())
        };
        assert_eq!(read(None, "TOKEN_FILE", &file).unwrap(), "of-the-file");
        assert_eq!(
            read(None, "TOKEN", "of-the-environment").unwrap(),
            "of-the-environment"
        );
        assert_eq!(read(Some("given"), "TOKEN", "other").unwrap(), "given");
        let missing = read(None, "ELSE", "").unwrap_err().to_string();
        assert!(missing.contains("PACER_FETCH_TOKEN_FILE"), "{missing}");
    }
}
