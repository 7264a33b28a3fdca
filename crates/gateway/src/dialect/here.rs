//! Where a call came in, and the absolute links that lead from there.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::HOST, request::Parts, uri::Authority},
};
use fetch_runtime::listener::Peer;
use url::form_urlencoded;

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
pub struct Here {
    /// Scheme, host and prefix as the caller sees them, without a slash at the end.
    pub base: String,
    /// The path of the call.
    pub path: String,
    /// The version that the path names.
    pub version: Version,
    /// The parameters of the query, in the order in which they were sent.
    pub parameters: Vec<(String, String)>,
}

impl Here {
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

impl FromRequestParts<Api> for Here {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Here, Infallible> {
        let path = parts.uri.path().to_owned();
        let version = if path.starts_with("/api/rest/v3/") {
            Version::V3
        } else {
            Version::V4
        };
        let query = parts.uri.query().unwrap_or_default();
        Ok(Here {
            base: match &api.public_url {
                Some(url) => url.as_str().trim_end_matches('/').to_owned(),
                None => base_url(parts),
            },
            path,
            version,
            parameters: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        })
    }
}

/// What a proxy forwarded, else the host that was asked. In HTTP/2 that is a part of the address.
fn base_url(parts: &Parts) -> String {
    let headers = &parts.headers;
    let peer = parts.extensions.get::<Peer>();
    let encrypted = peer.is_some_and(|peer| peer.encrypted);
    let scheme = match first_of(headers, "x-forwarded-proto") {
        Some("https") => "https",
        _ if encrypted => "https",
        _ => "http",
    };
    let host = first_of(headers, "x-forwarded-host")
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

    fn here(query: &str) -> Here {
        Here {
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
    fn the_host_is_the_proxys_or_the_callers() {
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
        let evil = "evil/<script>".parse().unwrap();
        parts.headers.insert("x-forwarded-host", evil);
        assert_eq!(base_url(&parts), "https://localhost");
    }
}
