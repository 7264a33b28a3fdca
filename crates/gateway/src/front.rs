//! What every call passes first, over HTTP or gRPC.
//!
//! While the database is away, nothing can be done for anybody, and whoever calls is told so at
//! once instead of waiting for it. What is refused, here and further in, is counted here.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use fetch_runtime::Counter;
use tonic::{Code, Status};

use crate::{dialect::ApiError, grpc, grpc_status, reach::Reach};

/// How long the database may be away while a call is under way. One whose connection broke has
/// answered by then; one that waits for a connection has not.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// The HTTP API.
    Rest,
    /// gRPC.
    Grpc,
}

/// What stands in front of a door.
#[derive(Debug, Clone)]
pub struct Front {
    /// Which one.
    pub spelling: Spelling,
    /// Whether the database can be reached.
    pub database: Reach,
    /// Calls that were refused, by why.
    pub refused: Counter,
}

/// Counts what is refused at either door.
#[must_use]
pub fn refused_calls() -> Counter {
    Counter::new(
        "pacer_fetch_refused_calls",
        "Calls that were refused, by reason",
        "why",
    )
}

/// Lets a call through, or refuses it.
pub async fn pass(State(front): State<Front>, request: Request, next: Next) -> Response {
    let (spelling, refused) = (front.spelling, front.refused.clone());
    let answer = let_in(front, request, next).await;
    if let Some(why) = why(spelling, &answer) {
        refused.add(why);
    }
    answer
}

async fn let_in(front: Front, request: Request, next: Next) -> Response {
    let changes = match front.spelling {
        Spelling::Rest => !matches!(
            *request.method(),
            Method::GET | Method::HEAD | Method::OPTIONS
        ),
        Spelling::Grpc => match grpc::Method::of(request.uri().path()) {
            Some(method) => method.changes(),
            // Whether we live, and what we offer, is told without the database.
            None => return next.run(request).await,
        },
    };
    if front.database.is_away() {
        return front.spell(ApiError::store_is_away(
            "The service cannot reach its database, or is still starting. Nothing was changed. \
             Please try again in a few seconds.",
        ));
    }
    // To give up a call that is under way does what a caller does who hangs up.
    tokio::select! {
        answer = next.run(request) => answer,
        () = front.database.away_for(PATIENCE) => front.spell(went_away(changes)),
    }
}

/// Why a call was refused, if it was.
fn why(spelling: Spelling, answer: &Response) -> Option<&'static str> {
    let status = match spelling {
        Spelling::Rest => answer.status(),
        Spelling::Grpc => as_http(answer)?,
    };
    match status {
        StatusCode::UNAUTHORIZED => Some("unauthenticated"),
        StatusCode::FORBIDDEN => Some("forbidden"),
        StatusCode::TOO_MANY_REQUESTS => Some("throttled"),
        StatusCode::SERVICE_UNAVAILABLE => Some("unavailable"),
        status if status.is_client_error() => Some("invalid"),
        status if status.is_server_error() => Some("failed"),
        _ => None,
    }
}

/// What a refusal over gRPC would be over HTTP. One in the midst of a stream comes after this.
fn as_http(answer: &Response) -> Option<StatusCode> {
    let code = Status::from_header_map(answer.headers())?.code();
    Some(match code {
        Code::Ok => return None,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        // A budget is used up for longer than it would pay to wait.
        Code::ResourceExhausted if answer.headers().contains_key(grpc_status::RETRY_AFTER) => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal | Code::Unknown | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    })
}

fn went_away(changes: bool) -> ApiError {
    ApiError::store_is_away(match changes {
        false => "The database cannot be reached at present. Please try again in a few seconds.",
        true => {
            "The connection to the database was lost during this call. The change may still have \
             been made: check before you try again. With an Idempotency-Key you can send a request \
             again without checking."
        }
    })
}

impl Front {
    fn spell(&self, refusal: ApiError) -> Response {
        match self.spelling {
            Spelling::Rest => refusal.into_response(),
            Spelling::Grpc => grpc_status::status_of(refusal).into_http::<Body>(),
        }
    }
}
