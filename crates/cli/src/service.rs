//! The service as the commands of a caller reach it.

use std::path::Path;

use anyhow::ensure;
use dev_stack::Api;
use fetch_runtime::is_exposed;

/// The service at `url`, whose certificate comes from `ca` if that is given.
///
/// # Errors
/// `exposed`, when others could read what goes there, unless that is allowed; or when there is no such
/// authority.
pub(crate) fn reached(
    url: &str,
    token: &str,
    ca: Option<&Path>,
    allow_plain: bool,
    exposed: &'static str,
) -> anyhow::Result<Api> {
    let url = url.trim_end_matches('/');
    ensure!(allow_plain || !is_exposed(url), exposed);
    match ca {
        Some(ca) => Api::trusting(url, token, ca),
        None => Ok(Api::new(url, token)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_goes_to_another_host_in_plain_text() {
        let reached = |url, allow_plain| reached(url, "", None, allow_plain, "seen");
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
