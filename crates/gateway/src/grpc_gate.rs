//! What every call over gRPC passes before its method: the checks of the HTTP API, in the same
//! order, and before anything of the message was read.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use fetch_runtime::listener::let_in;
use futures_util::Stream;
use tokio::time::{self, Sleep};

use crate::{
    api::Api,
    dialect::{ApiError, Caller, auth},
    grpc::Method,
    grpc_status,
    guard::{Permit, Scope, held},
};

/// Lets a call through, or refuses it.
pub async fn pass(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    // Whether we live, and what we offer, is everybody's to know.
    let Some(method) = Method::of(request.uri().path()) else {
        let begun = api
            .guard
            .begin_anonymous(request.headers(), request.extensions());
        return match begun {
            Ok(permit) => held(next.run(request).await, permit),
            Err(refusal) => grpc_status::status_of(refusal).into_http::<Body>(),
        };
    };
    match check(&api, method, &mut request).await {
        Ok((caller, permit)) => {
            let mut request = match method {
                // Its messages come when its caller has them.
                Method::SubmitMany => request,
                _ => request.map(|body| timely(body, api.guard.body_within)),
            };
            request.extensions_mut().insert(caller);
            let answer = next.run(request).await;
            held(answer, Some(permit))
        }
        Err(refusal) => grpc_status::status_of(refusal).into_http::<Body>(),
    }
}

async fn check(
    api: &Api,
    method: Method,
    request: &mut Request,
) -> Result<(Caller, Permit), ApiError> {
    let caller = auth::authenticate(request.headers(), request.extensions(), api).await?;
    let caller = caller.ok_or_else(auth::nothing_sent)?;
    if method.changes() && caller.reads_only() {
        return Err(ApiError::forbidden());
    }
    api.guard.count(caller.id(), Scope::Fetch)?;
    let permit = match method {
        Method::Watch => api.guard.begin_watching(caller.id())?,
        _ => api.guard.begin(caller.id())?,
    };
    let_in(request.extensions());
    Ok((caller, permit))
}

/// The same body, which breaks off when it has not come by then.
fn timely(body: Body, within: Duration) -> Body {
    Body::from_stream(Timely {
        pieces: body.into_data_stream(),
        deadline: Box::pin(time::sleep(within)),
    })
}

struct Timely {
    pieces: BodyDataStream,
    deadline: Pin<Box<Sleep>>,
}

impl Stream for Timely {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        if let Poll::Ready(piece) = Pin::new(&mut self.pieces).poll_next(context) {
            return Poll::Ready(piece.map(|piece| piece.map_err(io::Error::other)));
        }
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => {
                let late = io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the message did not arrive in time",
                );
                Poll::Ready(Some(Err(late)))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
