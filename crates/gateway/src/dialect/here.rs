//! Where a call came in, and the absolute links that lead from there.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header::HOST, request::Parts, uri::Authority},
};
use url::form_urlencoded;

use super::{ApiError, FieldErrors};
use crate::{api::Api, forwarded::Origin};

/// A version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `v3`: lists have page numbers.
    V3,
    /// `v4`: lists have cursors.
    V4,
}

impl Version {
    /// Both versions.
    pub const ALL: [Version; 2] = [Version::V3, Version::V4];

    /// The part of the path that names the version.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V3 => "v3",
            Version::V4 => "v4",
        }
    }
}

/// Where a call came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUrl {
    /// Scheme, host and prefix as the caller sees them, without a slash at the end.
    pub base: String,
    /// The path of the call.
    pub path: String,
    /// The version that the path names.
    pub version: Version,
    /// The parameters of the query, in the order in which they were sent.
    pub parameters: Vec<(String, String)>,
}

impl RequestUrl {
    /// The URL of an endpoint of the same version.
    #[must_use]
    pub fn endpoint(&self, name: &str) -> String {
        format!("{}/api/rest/{}/{name}/", self.base, self.version.as_str())
    }

    /// The URL of a row of an endpoint of the same version.
    #[must_use]
    pub fn row(&self, name: &str, id: impl std::fmt::Display) -> String {
        format!(
            "{}/api/rest/{}/{name}/{id}/",
            self.base,
            self.version.as_str()
        )
    }

    /// The last value of a parameter; blank ones count as not given.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let last = self.parameters.iter().rev().find(|(key, _)| key == name);
        last.map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The same without a parameter.
    #[must_use]
    pub fn without(&self, name: &str) -> RequestUrl {
        let mut others = self.clone();
        others.parameters.retain(|(key, _)| key != name);
        others
    }

    /// The URL of this call with a parameter set, or left out; the others sorted by name.
    #[must_use]
    pub fn with_parameter(&self, name: &str, value: Option<&str>) -> String {
        let mut others: Vec<_> = self
            .parameters
            .iter()
            .filter(|(key, _)| key != name)
            .collect();
        let set = value.map(|value| (name.to_owned(), value.to_owned()));
        others.extend(&set);
        others.sort_by_key(|(key, _)| key);
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others.iter().map(|(key, value)| (key, value)))
            .finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{query}", self.base, self.path)
    }
}

impl FromRequestParts<Api> for RequestUrl {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<RequestUrl, ApiError> {
        let path = parts.uri.path().to_owned();
        let version = if path.starts_with("/api/rest/v3/") {
            Version::V3
        } else {
            Version::V4
        };
        let parameters = parameters(parts.uri.query().unwrap_or_default())?;
        Ok(RequestUrl {
            base: match &api.public_url {
                Some(url) => url.as_str().trim_end_matches('/').to_owned(),
                None => base_url(
                    &parts.headers,
                    &parts.uri,
                    &api.guard.origin(&parts.headers, &parts.extensions),
                ),
            },
            path,
            version,
            parameters,
        })
    }
}

/// The parameters of a query. The database takes no text with a NUL, so nobody has to think of that
/// who hands one on.
fn parameters(query: &str) -> Result<Vec<(String, String)>, ApiError> {
    let parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let mut errors = FieldErrors::default();
    for (name, value) in &parameters {
        if name.contains('\0') || value.contains('\0') {
            errors.add(name, "Null characters are not allowed.");
        }
    }
    if errors.is_empty() {
        Ok(parameters)
    } else {
        Err(ApiError::Fields(errors))
    }
}

/// Where the caller called, as the connection or a proxy says, else as the call itself does.
fn base_url(headers: &HeaderMap, uri: &Uri, origin: &Origin) -> String {
    let scheme = match origin.encrypted {
        true => "https",
        false => "http",
    };
    let host = host_called(headers, uri, origin).unwrap_or("localhost");
    format!("{scheme}://{host}")
}

/// The host that was called, with its port if it was named. In HTTP/2 it is a part of the address.
pub(super) fn host_called<'a>(
    headers: &'a HeaderMap,
    uri: &'a Uri,
    origin: &'a Origin,
) -> Option<&'a str> {
    let named = || headers.get(HOST)?.to_str().ok();
    let told = origin.host.as_deref().or_else(named);
    let host = told.or_else(|| uri.authority().map(Authority::as_str));
    host.filter(|host| is_host(host))
}

/// Whether a text may stand for a host in a link, with or without a port.
pub(crate) fn is_host(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
    is_plain && !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(query: &str) -> RequestUrl {
        RequestUrl {
            base: "https://host".into(),
            path: "/api/rest/v4/recap-fetch/".into(),
            version: Version::V4,
            parameters: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    #[test]
    fn links_keep_the_other_parameters_sorted() {
        let here = here("status__in=1,4,5&order_by=-date_created&page=3");
        let base = "https://host/api/rest/v4/recap-fetch/";
        assert_eq!(
            here.with_parameter("count", Some("on")),
            format!("{base}?count=on&order_by=-date_created&page=3&status__in=1%2C4%2C5")
        );
        assert_eq!(
            here.with_parameter("page", None),
            format!("{base}?order_by=-date_created&status__in=1%2C4%2C5")
        );
        assert_eq!(super::tests::here("").with_parameter("page", None), base);
    }

    #[test]
    fn nul_is_in_no_parameter() {
        assert_eq!(parameters("a=1&b=").unwrap().len(), 2);
        for query in ["a=%00", "a=x%00y", "%00", "a%00=1"] {
            let refusal = parameters(query).unwrap_err();
            assert_eq!(refusal.status().as_u16(), 400, "{query}");
        }
    }

    #[test]
    fn the_host_is_the_proxys_or_the_callers() {
        let mut origin = Origin {
            address: None,
            encrypted: false,
            host: None,
        };
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        let base_url =
            |parts: &Parts, origin: &Origin| base_url(&parts.headers, &parts.uri, origin);
        assert_eq!(base_url(&parts, &origin), "http://localhost");
        parts.uri = "https://inner:8001/api/".parse().unwrap();
        assert_eq!(base_url(&parts, &origin), "http://inner:8001");
        parts.headers.insert(HOST, "inner:8000".parse().unwrap());
        assert_eq!(base_url(&parts, &origin), "http://inner:8000");
        origin.encrypted = true;
        assert_eq!(base_url(&parts, &origin), "https://inner:8000");
        origin.host = Some("api.example.org".into());
        assert_eq!(base_url(&parts, &origin), "https://api.example.org");
        origin.host = None;
        for evil in ["evil/<script>", "user@evil", ""] {
            parts.headers.insert(HOST, evil.parse().unwrap());
            assert_eq!(base_url(&parts, &origin), "https://localhost", "{evil}");
        }
    }
}
