//! What every answer over HTTP is given on its way out, refusals as well: compression for who takes
//! it, and leave for pages of other origins to read it (`docs/API.md#browsers`).

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
            ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
            ORIGIN, VARY,
        },
    },
    middleware::{self, Next},
    response::Response,
};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

use crate::dialect::brings_along_credentials;

/// Smaller answers would hardly get smaller.
const WORTH_COMPRESSING: u64 = 1024;

/// What a page of another origin may do: read.
const METHODS: &str = "GET, HEAD, OPTIONS";

/// The headers that it may send. CourtListener's, and those that ask for a part of a file.
const SENT: &str = "accept, authorization, content-type, user-agent, x-csrftoken, \
                    x-requested-with, if-none-match, if-range, range, last-event-id";

/// The headers of an answer that it may read, beside those that it always may.
const READ: &str = "accept-ranges, allow, content-range, etag, retry-after, www-authenticate, \
                    pacer-fetch-eta-seconds, pacer-fetch-ignored, pacer-fetch-position";

/// For how many seconds a browser need not ask again what it may do: a day, as with CourtListener.
const LASTS: &str = "86400";

/// The same routes, whose answers are fit for browsers and for slow lines.
pub fn dressed(routes: Router) -> Router {
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(
            // Documents are compressed inside, and bytes of theirs are named by their place.
            SizeAbove::new(WORTH_COMPRESSING)
                .and(NotForContentType::const_new("application/pdf"))
                .and(NotForContentType::SSE),
        );
    routes.layer(compression).layer(middleware::from_fn(share))
}

/// Tells browsers that pages of other origins may read an answer.
async fn share(request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else {
        let mut answer = next.run(request).await;
        vary_by_origin(answer.headers_mut());
        return answer;
    };
    // No page but ours may read what a browser gets by credentials that it adds by itself. What a page
    // itself sends it may, and for that it needs no leave beyond the origin's.
    let with_credentials = !brings_along_credentials(request.headers());
    let mut answer = match is_preflight(&request) {
        true => preflight(),
        false => next.run(request).await,
    };
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if with_credentials {
        let yes = HeaderValue::from_static("true");
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    }
    let read = HeaderValue::from_static(READ);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, read);
    vary_by_origin(headers);
    answer
}

/// A browser asks first. Without the header it is somebody who asks what there is.
fn is_preflight(request: &Request) -> bool {
    let asked = request
        .headers()
        .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asked
}

/// It is answered to anybody: browsers ask without a token. What may not be done does not stand in it.
fn preflight() -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::OK;
    for (name, told) in [
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (ACCESS_CONTROL_ALLOW_HEADERS, SENT),
        (ACCESS_CONTROL_MAX_AGE, LASTS),
    ] {
        let told = HeaderValue::from_static(told);
        answer.headers_mut().insert(name, told);
    }
    answer
}

fn vary_by_origin(headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, http::header, routing::get};
    use tower::ServiceExt;

    use super::*;

    const JSON: (&str, &str) = ("content-type", "application/json");
    const PDF: (&str, &str) = ("content-type", "application/pdf");

    /// What becomes of an answer with these headers, for a caller who takes anything.
    async fn sent(headers: &'static [(&str, &str)], byte_count: usize) -> (Option<String>, usize) {
        let answer = move || async move {
            let mut answer = Response::new(Body::from(vec![b'x'; byte_count]));
            for (name, value) in headers {
                let value = HeaderValue::from_static(value);
                answer.headers_mut().insert(*name, value);
            }
            answer
        };
        let request = Request::get("/")
            .header(header::ACCEPT_ENCODING, "gzip, deflate, br, zstd")
            .body(Body::empty())
            .unwrap();
        let routes = dressed(Router::new().route("/", get(answer)));
        let answer = routes.oneshot(request).await.unwrap();
        let encoding = answer.headers().get(header::CONTENT_ENCODING).cloned();
        let encoding = encoding.map(|text| text.to_str().unwrap().to_owned());
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (encoding, body.len())
    }

    #[tokio::test]
    async fn what_would_not_get_smaller_or_is_named_by_its_bytes_is_left() {
        let (encoding, byte_count) = sent(&[JSON], 10_000).await;
        assert_eq!(encoding.as_deref(), Some("zstd"));
        assert!(byte_count < 100, "{byte_count}");
        let left: [(&'static [(&str, &str)], usize); 3] = [
            (&[JSON], 1000),
            (&[PDF], 10_000),
            (&[JSON, ("content-range", "bytes 0-9999/20000")], 10_000),
        ];
        for (headers, byte_count) in left {
            assert_eq!(sent(headers, byte_count).await, (None, byte_count));
        }
        let packed = sent(&[JSON, ("content-encoding", "br")], 10_000).await;
        assert_eq!(packed, (Some("br".to_owned()), 10_000));
    }
}
