//! The permit that is checked right before a request is written.
//!
//! Opening a connection may take a minute, and a machine may be put to sleep meanwhile. What gave
//! the right to send before that may be gone after it; so whoever needs a right asks for it when
//! the connection stands and nothing but the write is left to do.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tower::{Layer, Service};

type Asking = Pin<Box<dyn Future<Output = bool> + Send>>;

tokio::task_local! {
    /// The permit of the request that this task is sending, until it was asked.
    static PERMIT: Cell<Option<Asking>>;
}

/// Runs `sending`, one request of [`crate::Courts`], and awaits `permit` once the connection is
/// established, right before the single write. If it denies, nothing is written, and `sending` ends
/// with [`crate::SendError::NotSent`].
///
/// The time that `permit` takes counts as time to connect.
pub async fn permitted<T>(
    permit: impl Future<Output = bool> + Send + 'static,
    sending: impl Future<Output = T>,
) -> T {
    PERMIT
        .scope(Cell::new(Some(Box::pin(permit))), sending)
        .await
}

/// Asks for the permit after every connect. Connections serve one request each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskPermit;

impl<S> Layer<S> for AskPermit {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Connecting<S> {
        Connecting(inner)
    }
}

/// A connector that asks.
#[derive(Debug, Clone)]
pub(crate) struct Connecting<S>(S);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<S, R> Service<R> for Connecting<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Send,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: R) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async move {
            let connection = connecting.await?;
            let permit = PERMIT.try_with(Cell::take).ok().flatten();
            if let Some(permit) = permit
                && !permit.await
            {
                return Err("the permit to send was withdrawn".into());
            }
            Ok(connection)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{Router, routing::get};
    use tokio::net::TcpListener;

    use super::*;
    use crate::{CourtSession, Courts, CourtsConfig, SendError};

    fn courts(address: std::net::SocketAddr) -> Courts {
        Courts::new(&CourtsConfig {
            court_url: format!("http://{address}/{{court}}"),
            ..CourtsConfig::default()
        })
        .unwrap()
    }

    async fn ask(courts: &Courts, permit: bool, asked: Arc<AtomicUsize>) -> Result<u16, SendError> {
        let session = CourtSession::new("token".to_owned().into(), String::new());
        let permit = async move {
            asked.fetch_add(1, Ordering::SeqCst);
            permit
        };
        let answer = permitted(permit, courts.get(&session, "okwd", "/page")).await?;
        Ok(answer.status)
    }

    #[tokio::test]
    async fn nothing_is_written_without_a_permit() {
        let arrived = Arc::new(AtomicUsize::new(0));
        let counted = arrived.clone();
        let count = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async { "page" }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let courts = courts(listener.local_addr().unwrap());
        let app = Router::new().route("/okwd/page", get(count));
        let server = tokio::spawn(async { axum::serve(listener, app).await });
        let asked = Arc::new(AtomicUsize::new(0));

        let refused = ask(&courts, false, asked.clone()).await;
        assert!(
            matches!(refused, Err(SendError::NotSent { .. })),
            "{refused:?}"
        );
        assert_eq!(arrived.load(Ordering::SeqCst), 0);
        assert_eq!(ask(&courts, true, asked.clone()).await.unwrap(), 200);
        assert_eq!(arrived.load(Ordering::SeqCst), 1);
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        server.abort();
    }

    #[tokio::test]
    async fn nobody_is_asked_before_the_connection_stands() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let courts = courts(listener.local_addr().unwrap());
        drop(listener);
        let asked = Arc::new(AtomicUsize::new(0));
        let refused = ask(&courts, true, asked.clone()).await;
        assert!(
            matches!(refused, Err(SendError::NotSent { .. })),
            "{refused:?}"
        );
        assert_eq!(asked.load(Ordering::SeqCst), 0);
    }
}
