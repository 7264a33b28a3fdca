//! Calls that a page of another site has a browser make, with credentials that the browser adds by itself.
//!
//! A browser that was once told a name and a password (`Authorization: Basic`) sends them with whatever any
//! page asks of us. The page cannot read the answer, but the call has been made by then. So what changes
//! something is refused unless the browser says that a page of ours has asked for it. Other credentials are
//! known to nobody but the program that sends them.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, ORIGIN},
};

use super::ApiError;

/// Where a call comes from, as seen from its target. Browsers set it, and no page can.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the credentials of a call are of the kind that browsers keep, and send with whatever a page asks.
pub(crate) fn brings_along_credentials(headers: &HeaderMap) -> bool {
    let scheme = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    scheme.is_some_and(|scheme| {
        let scheme = scheme.get(..5).unwrap_or_default();
        scheme.eq_ignore_ascii_case(b"basic")
    })
}

/// Refuses a call that changes something if a page of another site has a browser make it. `own` are the
/// hosts, with their ports, that pages of ours come from.
///
/// # Errors
/// 403 then.
pub(super) fn check(headers: &HeaderMap, own: &[&str]) -> Result<(), ApiError> {
    match brings_along_credentials(headers) && !is_from_here(headers, own) {
        true => Err(ApiError::detail(
            StatusCode::FORBIDDEN,
            "A page of another site has asked for this, and the browser has added the credentials by itself. \
             Nothing was changed. Send the token in the form of Authorization: Token KEY.",
        )),
        false => Ok(()),
    }
}

/// Programs say neither where a call comes from nor of which origin it is.
fn is_from_here(headers: &HeaderMap, own: &[&str]) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        // A call that no page has asked for, as by an address that somebody typed, comes from `none`.
        return [&b"same-origin"[..], b"none"].contains(&site.as_bytes());
    }
    // Browsers of before 2023.
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let host = origin.to_str().ok().and_then(|origin| {
        let (_, host) = origin.split_once("://")?;
        Some(host)
    });
    host.is_some_and(|host| own.iter().any(|own| own.eq_ignore_ascii_case(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)], is_refused: bool) {
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            sent.insert(name, value.parse().unwrap());
        }
        let checked = super::check(&sent, &["api.example.org", "api.example.org:8443"]);
        assert_eq!(checked.is_err(), is_refused, "{headers:?}");
    }

    #[test]
    fn what_a_browser_says_of_a_page_counts_for_credentials_that_it_keeps() {
        let basic = ("authorization", "Basic eDp5");
        for (site, is_refused) in [
            ("cross-site", true),
            ("same-site", true),
            ("anything", true),
            ("same-origin", false),
            ("none", false),
        ] {
            check(&[basic, ("sec-fetch-site", site)], is_refused);
            let small = ("authorization", "bASIC eDp5");
            check(&[small, ("sec-fetch-site", site)], is_refused);
            // What is told of the site is surer than the origin.
            let origin = ("origin", "https://pages.example.com");
            check(&[basic, origin, ("sec-fetch-site", site)], is_refused);
            check(
                &[("authorization", "Token x"), ("sec-fetch-site", site)],
                false,
            );
            check(
                &[("authorization", "Bearer x"), ("sec-fetch-site", site)],
                false,
            );
        }
    }

    #[test]
    fn an_origin_counts_where_nothing_else_is_said() {
        let basic = ("authorization", "Basic eDp5");
        check(&[basic], false);
        for (origin, is_refused) in [
            ("https://api.example.org", false),
            ("http://API.example.org:8443", false),
            ("https://pages.example.com", true),
            ("https://api.example.org.example.com", true),
            ("https://api.example.org:444", true),
            ("null", true),
            ("", true),
            ("api.example.org", true),
        ] {
            check(&[basic, ("origin", origin)], is_refused);
        }
    }
}
