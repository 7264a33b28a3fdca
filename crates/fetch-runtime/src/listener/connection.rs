//! The life of one connection.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{Request, Response, Version, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{self, Instant},
};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::debug;

use crate::Counter;

use super::{
    ConnectionLimits, Peer, Protocols,
    crowd::Place,
    held::hold_until_sent,
    linger::Linger,
    rest::{self, Rest},
    taken::{self, UntilTaken},
};

/// How long the handshake of TLS may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// How long a connection that was asked to end may stay idle.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);

/// Between two questions whether the other end of a connection of HTTP/2 lives, and how long it may
/// take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
const PONG_WITHIN: Duration = Duration::from_secs(20);

/// The most bytes that all headers of a request may have; hyper takes a hundred of them over HTTP/1.
/// A token, a key and what proxies add are less
/// than a quarter of it.
const HEADER_BYTES: u32 = 64 * 1024;

/// The most streams that a caller has opened and given up while we had not even looked: who does
/// that on purpose loses the connection.
const RESETS: usize = 20;

/// What is waiting to be taken by a caller, per stream.
const SEND_BYTES: usize = 256 * 1024;

/// What every connection of a port is served with.
pub(super) struct Server {
    routes: Router,
    tls: Option<TlsAcceptor>,
    http: auto::Builder<UntilTaken>,
    head_within: Duration,
    read_within: Duration,
    stop: CancellationToken,
    /// Connections that this end closed, by why.
    pub closed: Counter,
}

impl Server {
    pub fn new(
        routes: Router,
        tls: Option<TlsAcceptor>,
        limits: &ConnectionLimits,
        protocols: Protocols,
        stop: CancellationToken,
    ) -> Server {
        let mut http = auto::Builder::new(UntilTaken(limits.read_within));
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_within)
            .max_buf_size(HEADER_BYTES as usize);
        http.http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_pending_accept_reset_streams(RESETS)
            .max_header_list_size(HEADER_BYTES)
            .max_send_buf_size(SEND_BYTES)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PONG_WITHIN);
        Server {
            routes,
            tls,
            http: match protocols {
                Protocols::Any => http,
                Protocols::Http2 => http.http2_only(),
            },
            head_within: limits.head_within,
            read_within: limits.read_within,
            stop,
            closed: Counter::new(
                "pacer_fetch_closed_connections",
                "Connections that were refused or closed by the server, by reason",
                "why",
            ),
        }
    }

    /// Serves a connection until one of the two ends has enough.
    pub async fn run(self: Arc<Server>, stream: TcpStream, peer: SocketAddr, place: Place) {
        // Answers are small, and somebody waits for each.
        let _ = stream.set_nodelay(true);
        let place = Arc::new(place);
        let mut stream = TimeoutStream::new(Linger::new(stream, place.clone()));
        stream.set_write_timeout(Some(self.read_within));
        let stream = Box::pin(stream);
        let Some(tls) = &self.tls else {
            return self.converse(stream, peer, false, place).await;
        };
        let handshake = time::timeout(HANDSHAKE_WITHIN, tls.accept(stream));
        let shaken = tokio::select! {
            () = place.gone.cancelled() => return self.closed.add("made_room"),
            () = self.stop.cancelled() => return,
            shaken = handshake => shaken,
        };
        match shaken {
            Ok(Ok(stream)) => self.converse(stream, peer, true, place).await,
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                debug!(error, "a handshake failed");
                self.closed.add("handshake");
            }
            Err(_) => {
                debug!("a TLS handshake took too long");
                self.closed.add("handshake");
            }
        }
    }

    async fn converse<S>(&self, stream: S, peer: SocketAddr, encrypted: bool, place: Arc<Place>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = Peer {
            address: peer,
            encrypted,
        };
        let service = service_fn(|request: Request<Incoming>| {
            let under_way = place.begin();
            let routes = self.routes.clone();
            async move {
                let (mut request, rest) = lent(request);
                request.extensions_mut().insert(peer);
                request.extensions_mut().insert(under_way.call());
                let Ok(answer) = routes.oneshot(request).await;
                let (head, mut body) = answer.into_parts();
                if let Some(rest) = rest {
                    body = rest::end_after(rest, &head.headers, body);
                }
                let body = taken::watch(hold_until_sent(body, under_way));
                Ok::<_, Infallible>(Response::from_parts(head, body))
            }
        });
        let mut talk = pin!(self.http.serve_connection(TokioIo::new(stream), service));
        let mut closing = None;
        loop {
            tokio::select! {
                ended = talk.as_mut() => {
                    if let Err(error) = ended {
                        debug!(error = &*error as &dyn std::error::Error, "a connection broke");
                        let error = error.downcast_ref::<hyper::Error>();
                        if error.is_some_and(hyper::Error::is_timeout) {
                            self.closed.add("slow");
                        }
                    }
                    return;
                }
                () = place.gone.cancelled() => return self.closed.add("made_room"),
                () = self.stop.cancelled(), if closing.is_none() => {
                    closing = Some(Instant::now());
                    talk.as_mut().graceful_shutdown();
                }
                () = time::sleep(self.left(&place, closing)) => match (closing, place.idle_for()) {
                    (None, Some(idle)) if idle >= self.head_within => {
                        self.closed.add("idle");
                        closing = Some(Instant::now());
                        talk.as_mut().graceful_shutdown();
                    }
                    // Whoever was told goodbye and still says nothing has gone.
                    (Some(at), Some(_)) if at.elapsed() >= GOODBYE_WITHIN => return,
                    _ => {}
                }
            }
        }
    }

    /// When to look next at how long a connection has been idle.
    fn left(&self, place: &Place, closing: Option<Instant>) -> Duration {
        match (place.idle_for(), closing) {
            (None, _) => GOODBYE_WITHIN,
            (Some(idle), None) => self.head_within.saturating_sub(idle),
            (Some(_), Some(at)) => GOODBYE_WITHIN.saturating_sub(at.elapsed()),
        }
    }
}

/// The request for whoever answers it, and what he leaves of it, if that is for us to take.
fn lent(request: Request<Incoming>) -> (Request<Body>, Option<Rest>) {
    if request.version() != Version::HTTP_2 {
        return (request.map(Body::new), None);
    }
    let (head, body) = request.into_parts();
    let (body, rest) = rest::lend(body);
    (Request::from_parts(head, body), Some(rest))
}
