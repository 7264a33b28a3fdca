//! What every call passes first, whichever of the two front doors it comes to.
//!
//! While the database is away, nothing can be done for anybody, and whoever calls is told so at
//! once instead of waiting for it.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{dialect::Refusal, grpc, reach::Reach};

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
}

/// Lets a call through, or refuses it.
pub async fn pass(State(front): State<Front>, request: Request, next: Next) -> Response {
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
        return front.spell(Refusal::store_is_away(
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

fn went_away(changes: bool) -> Refusal {
    Refusal::store_is_away(match changes {
        false => "The database cannot be reached at present. Please try again in a few seconds.",
        true => {
            "The database went away while this was under way. It may have taken place all the \
             same: please look before you try again. With an Idempotency-Key you can send a \
             request again without looking."
        }
    })
}

impl Front {
    fn spell(&self, refusal: Refusal) -> Response {
        match self.spelling {
            Spelling::Rest => refusal.into_response(),
            Spelling::Grpc => grpc::status_of(refusal).into_http::<Body>(),
        }
    }
}
