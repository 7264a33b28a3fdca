//! Callers over HTTP/2 who are answered before they have sent all.
//!
//! Who is refused half-way is still sending. hyper resets a stream whose request nobody reads any more as
//! soon as the answer is out, and some callers throw the answer away then: curl says that the stream was
//! not closed cleanly (92). So the answer is sent at once and ends when what still came was taken. Over
//! HTTP/1 that is for [`super::linger`].

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use hyper::{
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    header::{CONTENT_TYPE, HeaderMap},
};
use tokio::time::{self, Sleep};

/// How long we take what still comes.
const TAKE_FOR: Duration = Duration::from_secs(10);

/// The most that we take.
const TAKE_BYTES: usize = 16 << 20;

/// What becomes of the body of a request.
enum Request {
    /// Somebody may read it.
    Read,
    /// Nobody reads it any more, and more of it may come.
    Left(Incoming),
    /// All of it has come, or it broke.
    Over,
}

/// What is left of a request when its answer is there.
#[derive(Clone)]
pub(super) struct Rest(Arc<Mutex<Request>>);

impl Rest {
    fn get(&self) -> MutexGuard<'_, Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body for whoever answers the request, and what he leaves of it.
pub(super) fn lend(body: Incoming) -> (Body, Rest) {
    let rest = Rest(Arc::new(Mutex::new(match body.is_end_stream() {
        true => Request::Over,
        false => Request::Read,
    })));
    let lent = Lent {
        body: Some(body),
        rest: rest.clone(),
    };
    (Body::new(lent), rest)
}

struct Lent {
    body: Option<Incoming>,
    rest: Rest,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.as_ref().map(HttpBody::size_hint);
        hint.unwrap_or_else(|| SizeHint::with_exact(0))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let left = self.body.take().filter(|body| !body.is_end_stream());
        *self.rest.get() = left.map_or(Request::Over, Request::Left);
    }
}

/// The answer, which ends when what is left of the request was taken. Clients of gRPC know what a reset
/// after an answer means, and do not know answers whose last piece comes later than their status.
pub(super) fn end_after(rest: Rest, headers: &HeaderMap, body: Body) -> Body {
    let media_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |it| it.as_bytes());
    if media_type.starts_with(b"application/grpc") || matches!(*rest.get(), Request::Over) {
        return body;
    }
    Body::new(Unhurried {
        body,
        is_sent: false,
        rest,
        left: TAKE_BYTES,
        until: None,
    })
}

struct Unhurried {
    body: Body,
    is_sent: bool,
    rest: Rest,
    /// How much more is taken.
    left: usize,
    until: Option<Pin<Box<Sleep>>>,
}

impl Unhurried {
    /// Until nothing comes any more, or enough came. What somebody still reads is his.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut rest = self.rest.get();
        let Request::Left(body) = &mut *rest else {
            return Poll::Ready(());
        };
        loop {
            match Pin::new(&mut *body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let bytes = frame.data_ref().map_or(0, Bytes::len);
                    self.left = self.left.saturating_sub(bytes);
                    if self.left == 0 {
                        return Poll::Ready(());
                    }
                }
                Poll::Ready(None | Some(Err(_))) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        let until = self
            .until
            .get_or_insert_with(|| Box::pin(time::sleep(TAKE_FOR)));
        until.as_mut().poll(context)
    }
}

impl HttpBody for Unhurried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.is_sent {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(None) => self.is_sent = true,
                polled => return polled,
            }
        }
        self.poll_rest(context).map(|()| None)
    }

    fn is_end_stream(&self) -> bool {
        (self.is_sent || self.body.is_end_stream()) && matches!(*self.rest.get(), Request::Over)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
