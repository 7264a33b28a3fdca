//! What every call passes before its handler: the order of checks of the contract (§2).
//!
//! Content negotiation, then who calls, then whether that account may, then the handler, which
//! is where a method that does not exist is refused: an anonymous `PUT` is 401.

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, VARY},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Refusal, auth, negotiate};
use crate::api::Api;

/// What a place lets callers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The methods that exist, as the `Allow` header names them.
    pub allow: &'static str,
    /// Whether reading needs an account.
    pub anonymous: bool,
    /// Whether an ordinary account may write at all, were there a method for it.
    pub writable: bool,
}

/// The list of requests: read and add.
pub const REQUEST_LIST: Access = Access {
    allow: "GET, POST, HEAD, OPTIONS",
    anonymous: false,
    writable: true,
};

/// A question that is posted, and changes nothing.
pub const QUESTION: Access = Access {
    allow: "POST",
    anonymous: false,
    writable: true,
};

/// One request: read.
pub const REQUEST_DETAIL: Access = Access {
    allow: "GET, HEAD, OPTIONS",
    anonymous: false,
    writable: true,
};

/// Where one request is cancelled.
pub const REQUEST_CANCEL: Access = Access {
    allow: "POST",
    anonymous: false,
    writable: true,
};

/// What was bought: read, with any account.
pub const READ_ONLY: Access = Access {
    allow: "GET, HEAD, OPTIONS",
    anonymous: false,
    writable: false,
};

/// What everybody may read.
pub const PUBLIC: Access = Access {
    allow: "GET, HEAD, OPTIONS",
    anonymous: true,
    writable: false,
};

/// Lets a call through to its handler, or refuses it.
pub async fn pass(
    State((api, access)): State<(Api, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match check(&api, access, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(access.allow));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    response
}

async fn check(api: &Api, access: Access, request: &mut Request) -> Result<(), Refusal> {
    let query = request.uri().query().unwrap_or_default();
    let format = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, value)| key == "format" && !value.is_empty())
        .last();
    negotiate::check(
        request.headers(),
        format.as_ref().map(|(_, value)| value.as_ref()),
    )?;

    let caller = auth::authenticate(request.headers(), &api.store).await?;
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if caller.is_none() && !(access.anonymous && reads) {
        return Err(auth::nothing_sent());
    }
    if !reads && !access.writable {
        let text = "You do not have permission to perform this action.";
        return Err(Refusal::detail(StatusCode::FORBIDDEN, text));
    }
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    Ok(())
}

/// The handler of methods that do not exist at a place.
pub async fn method_not_allowed(method: Method) -> Refusal {
    let text = format!("Method \"{method}\" not allowed.");
    Refusal::detail(StatusCode::METHOD_NOT_ALLOWED, text)
}
