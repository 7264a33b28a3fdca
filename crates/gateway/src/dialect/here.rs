//! Where a call came in, and the absolute links that lead from there.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::HOST, request::Parts},
};
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
            base: base_url(api.public_url.as_ref(), &parts.headers),
            path,
            version,
            parameters: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        })
    }
}

/// The setting, else what a proxy forwarded, else the host that was asked.
fn base_url(public_url: Option<&url::Url>, headers: &HeaderMap) -> String {
    if let Some(url) = public_url {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    let scheme = match first_of(headers, "x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    let host = first_of(headers, "x-forwarded-host")
        .or_else(|| first_of(headers, HOST.as_str()))
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
    fn the_host_is_the_setting_or_the_proxys_or_the_callers() {
        let mut headers = HeaderMap::new();
        assert_eq!(base_url(None, &headers), "http://localhost");
        headers.insert(HOST, "inner:8000".parse().unwrap());
        assert_eq!(base_url(None, &headers), "http://inner:8000");
        headers.insert("x-forwarded-proto", "https, http".parse().unwrap());
        headers.insert(
            "x-forwarded-host",
            "api.example.org, inner".parse().unwrap(),
        );
        assert_eq!(base_url(None, &headers), "https://api.example.org");
        headers.insert("x-forwarded-host", "evil/<script>".parse().unwrap());
        assert_eq!(base_url(None, &headers), "https://localhost");
        let public = url::Url::parse("https://public.example.org/").unwrap();
        assert_eq!(
            base_url(Some(&public), &headers),
            "https://public.example.org"
        );
    }
}
