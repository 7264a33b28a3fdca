//! Accepts connections from strangers: TLS, limits on what a connection may use, and an orderly end.
//!
//! Every HTTP and gRPC server of ours listens through this. What HTTP itself needs is hyper's; here
//! is what hyper leaves to its users: how many may come, how long each may be slow, and who goes
//! when there is no room. Who calls is for the routes to find out: see [`let_in`]. Start at [`Listener`].

mod config;
mod connection;
mod crowd;
mod held;
mod linger;
mod proxies;
mod rest;
mod taken;
mod tls;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, time};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

pub use config::{ConnectionLimits, ListenerConfig};
pub use crowd::{let_in, network_of};
pub use held::hold_until_sent;
pub use proxies::Proxies;
pub use tls::{Tls, TlsError, TlsFiles};

use connection::Server;
use crowd::{Admission, Crowd, Place};

/// After the system refused a connection for want of descriptors or memory.
const PAUSE: Duration = Duration::from_millis(100);

/// Between two looks for a place.
const A_MOMENT: Duration = Duration::from_millis(5);

/// The other end of a connection. Every request has it as an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The address of whoever opened the connection: a caller, or the proxy in front of us.
    pub address: SocketAddr,
    /// Whether the connection is encrypted up to this process.
    pub encrypted: bool,
}

/// Which versions of HTTP are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocols {
    /// Whatever the caller speaks: HTTP/1 or HTTP/2.
    Any,
    /// HTTP/2 alone, as gRPC demands.
    Http2,
}

/// A port on which a router is served.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: ConnectionLimits,
    protocols: Protocols,
}

impl Listener {
    /// Takes the port. Without [`encrypted`](Listener::encrypted), what comes is plain.
    ///
    /// # Errors
    /// When the port cannot be taken.
    pub async fn bind(
        address: SocketAddr,
        limits: ConnectionLimits,
        protocols: Protocols,
    ) -> io::Result<Listener> {
        Ok(Listener {
            tcp: TcpListener::bind(address).await?,
            tls: None,
            limits,
            protocols,
        })
    }

    /// With this certificate.
    #[must_use]
    pub fn encrypted(mut self, tls: Option<&Tls>) -> Listener {
        self.tls = tls.map(|tls| tls.acceptor(self.protocols));
        self
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `stop`; then lets the requests under way end, and returns.
    pub async fn serve(self, routes: Router, stop: CancellationToken) {
        let crowd = Crowd::new(&self.limits);
        let server = Server::new(routes, self.tls, &self.limits, self.protocols, stop.clone());
        let server = Arc::new(server);
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.tcp.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => match place_for(peer, &crowd).await {
                    Some(place) => {
                        connections.spawn(server.clone().run(stream, peer, place));
                    }
                    None => {
                        debug!(
                            "refused a connection: the limit is reached and all others are in use"
                        );
                        server.closed.add("no_room");
                    }
                },
                Err(error) => note(&error).await,
            }
        }
        // Whoever comes now is refused by the system, and goes to another process.
        drop(self.tcp);
        connections.close();
        connections.wait().await;
    }
}

/// A place for a newcomer, as soon as somebody can be made to go. Those behind it wait with the
/// system.
async fn place_for(peer: SocketAddr, crowd: &Arc<Crowd>) -> Option<Place> {
    loop {
        match crowd.admit(peer.ip()) {
            Admission::Welcome(place) => return Some(place),
            Admission::Refused => return None,
            Admission::Later => time::sleep(A_MOMENT).await,
        }
    }
}

/// A caller that hung up is nothing; a system without descriptors needs a moment.
async fn note(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        return;
    }
    warn!(
        error = error as &dyn std::error::Error,
        "could not accept a connection"
    );
    time::sleep(PAUSE).await;
}
