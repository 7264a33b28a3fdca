//! Answers that the caller does not read.
//!
//! Over HTTP/1 the connection ends whose other end takes no byte. Over HTTP/2 a caller may close the
//! window of one stream while the others flow, and hyper would wait for ever. So each stream is watched
//! by the task that runs it, and given up by itself.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use hyper::{
    body::{Body as HttpBody, Frame, SizeHint},
    rt::Executor,
};
use tokio::time::{self, Instant};
use tracing::debug;

tokio::task_local! {
    /// The answer of the stream that this task runs.
    static ANSWER: Answer;
}

/// Since when a piece of an answer waits to be taken; none while the caller waits for us.
#[derive(Debug, Clone, Default)]
struct Answer(Arc<Mutex<Option<Instant>>>);

impl Answer {
    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn waits_since(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the streams of HTTP/2, and resets one of which nothing was taken for so long.
#[derive(Debug, Clone)]
pub(super) struct UntilTaken(pub Duration);

impl<F> Executor<F> for UntilTaken
where
    F: Future + Send + 'static,
{
    fn execute(&self, stream: F) {
        let UntilTaken(within) = *self;
        tokio::spawn(async move {
            let answer = Answer::default();
            let mut stream = pin!(ANSWER.scope(answer.clone(), stream));
            let mut alarm = pin!(time::sleep(within));
            poll_fn(|context| {
                if stream.as_mut().poll(context).is_ready() {
                    return Poll::Ready(());
                }
                let Some(since) = answer.waits_since() else {
                    return Poll::Pending;
                };
                if alarm.deadline() != since + within {
                    alarm.as_mut().reset(since + within);
                }
                ready!(alarm.as_mut().poll(context));
                debug!("closed a stream: the caller read nothing of it");
                Poll::Ready(())
            })
            .await;
        });
    }
}

/// The same body, which says whether it waits for the caller or the caller for it.
pub(super) fn watch(body: Body) -> Body {
    match ANSWER.try_with(Answer::clone) {
        Ok(answer) => {
            answer.set(Some(Instant::now()));
            Body::new(Watched { body, answer })
        }
        // It is the only one of its connection.
        Err(_) => body,
    }
}

struct Watched {
    body: Body,
    answer: Answer,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    /// Whoever asks has taken what there was before.
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let is_a_piece = matches!(polled, Poll::Ready(Some(Ok(_))));
        self.answer.set(is_a_piece.then(Instant::now));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
