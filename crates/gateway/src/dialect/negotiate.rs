//! Whether the caller accepts JSON, the only format of answers.

use axum::http::{HeaderMap, StatusCode, header::ACCEPT};

use super::ApiError;

/// Refuses callers that want something else than JSON. `format` is the parameter of that name,
/// which overrides the header.
///
/// # Errors
/// 404 for a format that is unknown here, 406 for a header that excludes JSON.
pub fn check(headers: &HeaderMap, format: Option<&str>) -> Result<(), ApiError> {
    match format {
        Some("json") => return Ok(()),
        Some(_) => return Err(ApiError::not_found()),
        None => {}
    }
    let accept = accepted(headers);
    if accept.trim().is_empty() || accept.split(',').any(admits_json) {
        return Ok(());
    }
    let text = "Could not satisfy the request Accept header.";
    Err(ApiError::detail(StatusCode::NOT_ACCEPTABLE, text))
}

/// Whether the caller would rather have a page for people, as browsers say: HTML is named, and not after
/// JSON.
#[must_use]
pub fn prefers_a_page(headers: &HeaderMap) -> bool {
    let accept = accepted(headers);
    let named = accept.split(',').filter_map(admitted);
    let mut named =
        named.filter(|named| matches!(named.as_str(), "text/html" | "application/json"));
    named.next().is_some_and(|first| first == "text/html")
}

fn accepted(headers: &HeaderMap) -> String {
    let accept: Vec<&str> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    accept.join(",")
}

fn admits_json(range: &str) -> bool {
    admitted(range).is_some_and(|media_type| {
        matches!(
            media_type.as_str(),
            "*/*" | "application/*" | "application/json"
        )
    })
}

/// The type that a part of the header names, in small letters; none if it is named to be refused.
fn admitted(range: &str) -> Option<String> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.any(|parameter| {
        let value = parameter
            .strip_prefix("q=")
            .and_then(|value| value.parse::<f32>().ok());
        value.is_some_and(|quality| quality <= 0.0)
    });
    (!refused).then_some(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(accept: &str, format: Option<&str>) -> u16 {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        check(&headers, format)
            .err()
            .map_or(200, |refusal| refusal.status().as_u16())
    }

    #[test]
    fn only_json_is_given() {
        assert!(check(&HeaderMap::new(), None).is_ok());
        for fine in [
            "*/*",
            "application/json; indent=2",
            "application/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        ] {
            assert_eq!(status(fine, None), 200, "{fine}");
        }
        assert_eq!(status("image/png", None), 406);
        assert_eq!(status("text/html, */*;q=0", None), 406);
        assert_eq!(status("image/png", Some("json")), 200);
        assert_eq!(status("*/*", Some("yaml")), 404);
    }

    #[test]
    fn browsers_prefer_a_page() {
        for (accept, page) in [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                true,
            ),
            ("TEXT/HTML", true),
            ("application/json, text/html", false),
            ("text/html;q=0, */*", false),
            ("*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(prefers_a_page(&headers), page, "{accept}");
        }
        assert!(!prefers_a_page(&HeaderMap::new()));
    }
}
