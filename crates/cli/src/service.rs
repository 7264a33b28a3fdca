//! The service as the commands of a caller reach it.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use dev_stack::Api;
use fetch_runtime::is_exposed;

/// Where the service is, and who asks.
#[derive(Debug, Args)]
pub(crate) struct ServiceArguments {
    /// Where the service is
    #[arg(long, env = "PACER_FETCH_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A PEM file with the authority of its certificate, if the system does not know it
    #[arg(long, env = "PACER_FETCH_CA", value_name = "PATH")]
    ca: Option<PathBuf>,
    /// The API token
    #[arg(long, env = "PACER_FETCH_TOKEN", hide_env_values = true)]
    token: String,
}

impl ServiceArguments {
    /// The service.
    ///
    /// # Errors
    /// `exposed`, when others could read what goes there, unless that is allowed; or when there is no
    /// such authority.
    pub(crate) fn api(&self, allow_plain: bool, exposed: &'static str) -> anyhow::Result<Api> {
        let url = self.url.trim_end_matches('/');
        ensure!(allow_plain || !is_exposed(url), exposed);
        match &self.ca {
            Some(ca) => Api::trusting(url, &self.token, ca),
            None => Ok(Api::new(url, &self.token)),
        }
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
                token: String::new(),
            };
            arguments.api(allow_plain, "seen")
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
}
