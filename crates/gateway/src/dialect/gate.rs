//! What every call passes before its handler: the order of checks (`docs/API.md#order-of-checks`).
//!
//! Content negotiation, then who calls, then whether that account may, then whether it has asked
//! for too much lately, then the handler, which is where a method that does not exist is refused: an
//! anonymous `PUT` is 401.

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, VARY},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use fetch_runtime::listener::let_in;

use url::Position;

use super::{ApiError, auth, cross_site, here::host_called, negotiate};
use crate::{
    api::Api,
    guard::{Permit, Scope, held},
};

/// What a place lets callers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The methods that exist, as the `Allow` header names them.
    pub allow: &'static str,
    /// Whether reading needs an account.
    pub anonymous: bool,
    /// Whether an ordinary account may write at all, were there a method for it.
    pub writable: bool,
    /// Whether writing changes anything, which a token for reading must not.
    pub changes: bool,
    /// Whether it speaks JSON, and so to nobody who wants something else.
    pub json: bool,
    /// Whether a call goes on for as long as its caller listens.
    pub watches: bool,
    /// What its calls are counted with.
    pub scope: Scope,
}

/// One request: read.
pub const REQUEST_DETAIL: Access = Access {
    allow: "GET, HEAD, OPTIONS",
    anonymous: false,
    writable: true,
    changes: true,
    json: true,
    watches: false,
    scope: Scope::Fetch,
};

/// The list of requests: read and add.
pub const REQUEST_LIST: Access = Access {
    allow: "GET, POST, HEAD, OPTIONS",
    ..REQUEST_DETAIL
};

/// Where something is done to one request, or to something else of the account.
pub const REQUEST_CANCEL: Access = Access {
    allow: "POST",
    ..REQUEST_DETAIL
};

/// One webhook endpoint.
pub const WEBHOOK: Access = Access {
    allow: "GET, PATCH, DELETE, HEAD",
    ..REQUEST_DETAIL
};

/// One delivery.
pub const WEBHOOK_EVENT: Access = Access {
    allow: "GET, HEAD",
    ..REQUEST_DETAIL
};

/// Where an account is logged in and nothing else.
pub const LOGIN: Access = Access {
    allow: "GET, POST, HEAD",
    ..REQUEST_DETAIL
};

/// A question that is posted, and changes nothing.
pub const QUESTION: Access = Access {
    allow: "POST",
    changes: false,
    ..REQUEST_DETAIL
};

/// A table of what was spent.
pub const TABLE: Access = Access {
    allow: "GET, HEAD",
    json: false,
    ..REQUEST_DETAIL
};

/// What becomes of requests, as a stream.
pub const EVENTS: Access = Access {
    watches: true,
    ..TABLE
};

/// What was bought: read, with any account.
pub const READ_ONLY: Access = Access {
    allow: "GET, HEAD, OPTIONS",
    anonymous: false,
    writable: false,
    changes: true,
    json: true,
    watches: false,
    scope: Scope::Read,
};

/// All that was bought, as lines for as long as its caller reads.
pub const EXPORT: Access = Access {
    allow: "GET, HEAD",
    json: false,
    watches: true,
    ..READ_ONLY
};

/// A file that was bought. Callers without an account are let through to the handler, which asks for a
/// link.
pub const FILE: Access = Access {
    allow: "GET, HEAD",
    anonymous: true,
    writable: true,
    json: false,
    ..READ_ONLY
};

/// What everybody may read.
pub const PUBLIC: Access = Access {
    anonymous: true,
    ..READ_ONLY
};

/// What describes the service, to anybody.
pub const DOCUMENT: Access = Access {
    allow: "GET, HEAD",
    json: false,
    ..PUBLIC
};

/// What an account has used of its limits.
pub const USAGE: Access = Access {
    scope: Scope::Usage,
    ..READ_ONLY
};

/// What says what there is, in JSON or as a page.
pub const FRONT_PAGE: Access = Access {
    allow: "GET, HEAD",
    json: false,
    ..PUBLIC
};

/// Lets a call through to its handler, or refuses it.
pub async fn pass(
    State((api, access)): State<(Api, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match check(&api, access, &mut request).await {
        Ok(permit) => held(next.run(request).await, permit),
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(access.allow));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    response
}

async fn check(
    api: &Api,
    access: Access,
    request: &mut Request,
) -> Result<Option<Permit>, ApiError> {
    if access.json {
        check_format(request)?;
    }
    let caller = auth::authenticate(request.headers(), request.extensions(), api).await?;
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let Some(caller) = caller else {
        if !(access.anonymous && reads) {
            return Err(auth::nothing_sent());
        }
        return api
            .guard
            .begin_anonymous(request.headers(), request.extensions());
    };
    if !reads && (!access.writable || access.changes && caller.reads_only()) {
        return Err(ApiError::forbidden());
    }
    if !reads && access.changes {
        check_site(api, request)?;
    }
    api.guard.count(caller.id(), access.scope)?;
    let permit = match access.watches {
        true => api.guard.begin_watching(caller.id())?,
        false => api.guard.begin(caller.id())?,
    };
    let_in(request.extensions());
    request.extensions_mut().insert(caller);
    Ok(Some(permit))
}

/// Pages of ours come from where the operator says that we are, and from where the caller has called.
fn check_site(api: &Api, request: &Request) -> Result<(), ApiError> {
    let headers = request.headers();
    let origin = api.guard.origin(headers, request.extensions());
    let called = host_called(headers, request.uri(), &origin);
    let public = api.public_url.as_ref();
    let public = public.map(|url| &url[Position::BeforeHost..Position::AfterPort]);
    let own: Vec<&str> = called.into_iter().chain(public).collect();
    cross_site::check(headers, &own)
}

fn check_format(request: &Request) -> Result<(), ApiError> {
    let query = request.uri().query().unwrap_or_default();
    let format = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, value)| key == "format" && !value.is_empty())
        .last();
    let format = format.as_ref().map(|(_, value)| value.as_ref());
    negotiate::check(request.headers(), format)
}

/// The handler of methods that do not exist at a place.
pub async fn method_not_allowed(method: Method) -> ApiError {
    let text = format!("Method \"{method}\" not allowed.");
    ApiError::detail(StatusCode::METHOD_NOT_ALLOWED, text)
}
