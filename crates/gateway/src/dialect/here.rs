//! Where a call came in, and the absolute links that lead from there.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::HOST, request::Parts, uri::Authority},
};
use fetch_runtime::listener::Peer;
use url::form_urlencoded;

use super::{ApiError, FieldErrors};
use crate::api::Api;

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
                None => base_url(parts, api.guard.behind_proxy),
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

/// What the proxy in front of us forwarded, if there is one, else the host that was asked. In HTTP/2
/// that is a part of the address.
fn base_url(parts: &Parts, behind_proxy: bool) -> String {
    let headers = &parts.headers;
    let forwarded = |name| first_of(headers, name).filter(|_| behind_proxy);
    let peer = parts.extensions.get::<Peer>();
    let encrypted = peer.is_some_and(|peer| peer.encrypted);
    let scheme = match forwarded("x-forwarded-proto") {
        Some("https") => "https",
        _ if encrypted => "https",
        _ => "http",
    };
    let host = forwarded("x-forwarded-host")
        .or_else(|| first_of(headers, HOST.as_str()))
        .or_else(|| parts.uri.authority().map(Authority::as_str))
        .filter(|host| is_host(host))
        .unwrap_or("localhost");
    format!("{scheme}://{host}")
}

/// The part that the outermost proxy wrote.
fn first_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    value
        .split(',')
        .next()
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn is_host(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
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
        let base_url = |parts: &Parts| super::base_url(parts, true);
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        assert_eq!(base_url(&parts), "http://localhost");
        parts.uri = "https://inner:8001/api/".parse().unwrap();
        assert_eq!(base_url(&parts), "http://inner:8001");
        parts.headers.insert(HOST, "inner:8000".parse().unwrap());
        assert_eq!(base_url(&parts), "http://inner:8000");
        parts.extensions.insert(Peer {
            address: ([127, 0, 0, 1], 1).into(),
            encrypted: true,
        });
        assert_eq!(base_url(&parts), "https://inner:8000");
        parts.extensions.clear();
        for (name, value) in [
            ("x-forwarded-proto", "https, http"),
            ("x-forwarded-host", "api.example.org, inner"),
        ] {
            parts.headers.insert(name, value.parse().unwrap());
        }
        assert_eq!(base_url(&parts), "https://api.example.org");
        // Without a proxy, anybody may have written that.
        assert_eq!(super::base_url(&parts, false), "http://inner:8000");
        let evil = "evil/<script>".parse().unwrap();
        parts.headers.insert("x-forwarded-host", evil);
        assert_eq!(base_url(&parts), "https://localhost");
    }
}
